#include "report/multi.hpp"

#include <algorithm>
#include <variant>

#include "base/aside.hpp"

namespace ptests {

namespace {

/// One process may tell the ends of thousands of cases at once.
constexpr std::size_t k_most_late = 64;

bool may_be_late(const Event& event) { return std::holds_alternative<TestStarted>(event) || std::holds_alternative<TestFinished>(event); }

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
