#pragma once

#include <chrono>
#include <string>

#include "core/event.hpp"

namespace ptests {

/// Of events.jsonl: `v` in every line.
constexpr int k_journal_version = 1;

/// Adds an event to `text` as one line of events.jsonl, its line break included (schema: share/events-v1.schema.json; members in its
/// order). Durations are seconds, sizes bytes, times UTC: "2026-11-21T04:43:27.123456Z". `now` stands for the time of an event that
/// has none of its own.
void append_event(std::string& text, const Event& event, std::chrono::system_clock::time_point now);

}  // namespace ptests
