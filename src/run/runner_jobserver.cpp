// Processors that no test and no compiler of ours can use are lent to the builds in tests, by a GNU jobserver.
#include <fmt/format.h>

#include <algorithm>

#include "process/jobserver.hpp"
#include "run/runner.hpp"

namespace ptests {

void Runner::open_jobserver() {
  if (!options_.steps.serve_jobs) return;
  Result<std::string> folder = executor_->open_jobserver();
  if (folder)
    job_folder_ = std::move(*folder);
  else
    reporter_->on(Notice{fmt::format("Builds in tests find no jobserver: {}", folder.error().message)});
}

/// A test that takes several processors has a jobserver of its own with the rest of them, since nobody can reserve what lies in the one
/// for all: a build in it has as many as the test.
void Runner::name_jobserver(TestId id, LaunchContext& context) const {
  if (job_folder_.empty()) return;
  const int own = (resources_.millicpus_for(plan_.claim(id).demand) + 999) / 1000;
  context.own_tokens = std::max(0, own - 1);
  context.jobs = own > 1 ? fmt::format("{}/own-{}", job_folder_, id) : pool_path(job_folder_);
  context.most_jobs = own > 1 ? own : options_.budget.processors;
}

/// Before anything starts: what is parked is ours again, what is not there is held by builds.
void Runner::withdraw_tokens() {
  if (tokens_out_ == 0) return;
  // A build that was killed gives nothing back, and one that was taken for dead may give back more than we know of.
  int held = std::max(0, tokens_out_ - executor_->unpark_tokens());
  const bool nothing_runs = resources_.idle() && !build_started_;
  if (held > 0 && (nothing_runs || (doubt_ == Doubt::fresh && !executor_->has_token_clients()))) held = 0;
  if (held == 0)
    doubt_ = Doubt::none;
  else if (doubt_ == Doubt::fresh)
    doubt_ = Doubt::old;
  tokens_out_ = held;
  resources_.lend(held);
}

/// After all has started that can: what is left nobody else can use.
void Runner::park_tokens() {
  if (job_folder_.empty()) return;
  if (wants_processors()) {
    if (tokens_out_ > 0) executor_->await_token();
    return;
  }
  // Another run may want what we do not use. The machine is in need. There is nobody to use it.
  const bool parks = options_.share == nullptr && !is_holding_ && (!resources_.idle() || build_started_);
  const int count = parks ? resources_.lendable() : 0;
  if (count == 0) return;
  executor_->park_tokens(count);
  tokens_out_ += count;
}

/// Whether something waits that is given the next processor.
bool Runner::wants_processors() const {
  if (is_ending()) return false;
  if (!lone_steps_.empty() || step_queue_.next_link() || step_queue_.next_compile()) return true;
  return plan_.any_waits_for_room(resources_) && !resources_.exhausted_for_tests();
}

/// A build that did not end by itself may have taken tokens with it. Whether any are missing is known when all builds have ended; until
/// then each end is a reason to look.
void Runner::doubt_tokens(const Attempt& attempt) {
  const ExitStatus& status = attempt.exit->status;
  const bool is_good = attempt.ended.by == Ended::By::itself && status.kind == ExitStatus::Kind::exited && status.code == 0;
  if (doubt_ != Doubt::none || (tokens_out_ > 0 && !is_good)) doubt_ = Doubt::fresh;
}

}  // namespace ptests
