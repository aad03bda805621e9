#include "report/multi.hpp"

#include <algorithm>
#include <cstdint>
#include <variant>

#include "base/aside.hpp"
#include "report/end_details.hpp"

namespace ptests {

namespace {

/// One process may tell the ends of thousands of cases at once.
constexpr std::size_t k_most_late = 64;

/// Bytes of output that are soon read.
constexpr std::uint64_t k_little_output = std::uint64_t{16} * 1024;

/// What takes its time to tell is told before the next test starts, and so is no part of the time that it takes.
bool may_be_late(const Event& event) {
  if (std::holds_alternative<TestStarted>(event)) return true;
  const auto* const end = std::get_if<TestFinished>(&event);
  if (end == nullptr || is_failure(end->result.outcome.status)) return false;
  return end->result.log_size <= k_little_output && error_log_size(end->result) <= k_little_output;
}

}  // namespace

void MultiReporter::on(const Event& event) {
  if (prompt_ != nullptr) prompt_->on(event);
  if (prompt_ != nullptr && may_be_late(event)) {
    late_.push_back(event);
    if (late_.size() >= k_most_late) tell_late();
    return;
  }
  tell_late();
  tell_others(event);
  if (std::holds_alternative<RunFinished>(event)) begin_ends();
}

void MultiReporter::flush() {
  if (prompt_ != nullptr) prompt_->flush();
  tell_late();
  for (const auto& reporter : reporters_)
    if (reporter.get() != prompt_) reporter->flush();
}

/// All but the prompt one.
void MultiReporter::tell_others(const Event& event) {
  for (const auto& reporter : reporters_)
    if (reporter.get() != prompt_) reporter->on(event);
}

void MultiReporter::tell_late() {
  for (const Event& event : late_) tell_others(event);
  late_.clear();
}

Result<void> MultiReporter::finish() {
  tell_late();
  begin_ends();
  Error all;
  const auto add_error = [&all](const Result<void>& done) {
    if (done) return;
    all.message += (all.message.empty() ? "" : "\n") + done.error().message;
    if (all.hint.empty()) all.hint = done.error().hint;
  };
  for (const auto& reporter : reporters_) {
    if (reporter.get() == optional_) continue;
    const auto end = std::find_if(beside_.begin(), beside_.end(), [&](const auto& one) { return one.first == reporter.get(); });
    if (end == beside_.end()) add_error(reporter->finish());
  }
  for (auto& [reporter, end] : beside_) add_error(end.get());
  if (optional_ != nullptr)
    if (const Result<void> done = optional_->finish(); !done) warning_ = done.error();
  return all.message.empty() ? Result<void>{} : tl::unexpected(std::move(all));
}

void MultiReporter::begin_ends() {
  for (auto& [reporter, end] : beside_)
    if (!end.valid()) end = std::async(k_aside, [one = reporter] { return one->finish(); });
}

}  // namespace ptests
