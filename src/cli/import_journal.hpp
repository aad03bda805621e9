#pragma once

#include "base/files.hpp"
#include "base/result.hpp"
#include "store/history.hpp"

namespace ptests::cli {

/// Reads the journal of the last run (events.jsonl) into the history, unless that knows how the run ended: so nothing is lost of one that
/// was killed. Returns how many attempts were new; 0 when there is no journal. The journal's run must be over: whoever calls this holds
/// the lock of the build directory. What the history knows is not parsed. The hashes of executables stay unknown: a journal has none, and
/// what stands there now may have been built since.
Result<int> import_journal(History& history, const fs::path& events_jsonl);

}  // namespace ptests::cli
