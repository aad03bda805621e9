#include "store/history_writer.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "base/blocked_signals.hpp"
#include "store/executables.hpp"
#include "store/run_recorder.hpp"

namespace ptests {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

/// So many results make a transaction of their own: when cases end by the hundred, they are written while others still come.
constexpr std::size_t k_enough = 512;

/// An attempt's end, as far as it is kept: the rest of a TestResult is of no use here, and not worth the copy.
struct Attempt {
  TestResult result;
  AttemptKind kind = AttemptKind::final;
};

Attempt copy_of(const TestResult& result, AttemptKind kind) {
  Attempt attempt;
  attempt.kind = kind;
  attempt.result.test = result.test;
  attempt.result.outcome = result.outcome;
  attempt.result.exit = result.exit;
  attempt.result.usage = result.usage;
  attempt.result.started = result.started;
  attempt.result.duration = result.duration;
  attempt.result.attempt = result.attempt;
  attempt.result.slot = result.slot;
  return attempt;
}

/// A compiler's or linker's end. The event's own BuildStep is gone when this is written.
struct Step {
  BuildStep what;
  StepResult result;
  std::chrono::system_clock::time_point started;
};

Step copy_of(const StepFinished& event) {
  Step step;
  step.what.target = event.what->target;
  step.what.kind = event.what->kind;
  step.what.language = event.what->language;
  step.what.output = event.what->output;
  step.what.source = event.what->source;
  step.result.exit = event.result.exit;
  step.result.usage = event.result.usage;
  step.result.duration = event.result.duration;
  step.result.warnings = event.result.warnings;
  step.result.is_lost = event.result.is_lost;
  step.started = event.started;
  return step;
}

using Work = std::variant<Attempt, Step, CasesListed, RunFinished>;

RunRecord record_of(const RunStarted& event, const std::string& host) {
  RunRecord run;
  run.run_id = event.run_id;
  run.started = event.time;
  run.jobs = event.jobs;
  run.host = host;
  if (event.tree != nullptr) {
    run.build_directory = event.tree->build_directory;
    run.configuration = event.tree->configuration;
  }
  run.version = PTESTS_VERSION;
  run.resumes = event.resumes;
  return run;
}

}  // namespace

/// The thread and its queue. What stands behind `mutex_` is shared; the rest is the thread's while there is one.
class HistoryWriter::Worker {
 public:
  Worker(History history, HistoryWriterOptions options) : options_(std::move(options)), history_(std::move(history)) {}
  ~Worker() { static_cast<void>(stop()); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void begin(const RunStarted& event) {
    if (thread_.joinable()) return;
    run_ = record_of(event, options_.host);
    tests_ = event.tests;
    // Tests that end at once are not noted as outstanding first.
    due_ = std::chrono::steady_clock::now() + options_.batch;
    outstanding_due_ = std::chrono::steady_clock::now() + options_.outstanding;
    try {
      // Signals are the main thread's.
      const BlockedSignals blocked;
      thread_ = std::thread([this] { work(); });
    } catch (const std::system_error& error) {
      error_ = Error{fmt::format("{}: no thread to write it: {}", history_->path().string(), error.what()), "raise `ulimit -u`"};
    }
  }

  void add(Work work) {
    if (!thread_.joinable()) return;
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    if (queue_.size() == 1 && has_begun_)
      due_ = std::chrono::steady_clock::now() + options_.batch;
    else if (queue_.size() == k_enough)
      due_ = {};
    else
      return;
    wake_.notify_one();
  }

  void write_now() {
    if (!thread_.joinable()) return;
    std::unique_lock lock(mutex_);
    const std::uint64_t wanted = ++asked_;
    wake_.notify_one();
    answered_changed_.wait(lock, [&] { return answered_ >= wanted; });
  }

  /// Nothing more comes.
  void begin_stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }

  /// Everything was tried; the error that remains.
  Result<void> stop() {
    if (thread_.joinable()) {
      begin_stop();
      thread_.join();
    }
    const std::optional<Error>& error = error_ ? error_ : retention_error_;
    return error ? Result<void>(tl::unexpected(*error)) : Result<void>();
  }

 private:
  void work();
  bool has_to_write(SteadyTime now) const;
  void wait(std::unique_lock<std::mutex>& lock);
  void write(RunRecorder::Outstanding outstanding);
  void record(const Work& work);
  void finish_hashing();

  const HistoryWriterOptions options_;
  std::optional<History> history_;  ///< until the thread has it
  struct Tables {
    explicit Tables(History opened) : history(std::move(opened)), recorder(history), executables(history) {}
    History history;
    RunRecorder recorder;
    Executables executables;
  };
  std::unique_ptr<Tables> tables_;  ///< made by the thread, and nothing when all is done: both takes as long as a hundred results
  RunRecord run_;
  std::vector<const Test*> tests_;
  std::vector<Work> pending_;   ///< taken from the queue, not in the database
  std::optional<Error> error_;  ///< of the last attempt to write
  std::optional<Error> retention_error_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable answered_changed_;
  std::vector<Work> queue_;
  SteadyTime due_;  ///< of the first in the queue; of the run's beginning before that
  SteadyTime outstanding_due_;
  bool has_begun_ = false;   ///< the beginning was written, or tried to be
  std::uint64_t asked_ = 0;  ///< how often somebody wanted all to be written
  std::uint64_t answered_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

bool HistoryWriter::Worker::has_to_write(SteadyTime now) const {
  if (stopping_ || asked_ > answered_) return true;
  if ((!queue_.empty() || !has_begun_) && now >= due_) return true;
  return tables_->recorder.owes_outstanding() && now >= outstanding_due_;
}

/// Until there is something to write, or time to hash.
void HistoryWriter::Worker::wait(std::unique_lock<std::mutex>& lock) {
  while (!has_to_write(std::chrono::steady_clock::now())) {
    if (tables_->executables.has_work()) return;
    const bool has_queue = !queue_.empty() || !has_begun_;
    if (!has_queue && !tables_->recorder.owes_outstanding()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, has_queue ? due_ : outstanding_due_);
    }
  }
}

void HistoryWriter::Worker::work() {
  tables_ = std::make_unique<Tables>(std::move(*history_));
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    wait(lock);
    if (!has_to_write(std::chrono::steady_clock::now())) {
      lock.unlock();
      tables_->executables.work();
      lock.lock();
      continue;
    }
    last = stopping_;
    has_begun_ = true;
    const std::uint64_t wanted = asked_;
    pending_.insert(pending_.end(), std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
    queue_.clear();
    const SteadyTime now = std::chrono::steady_clock::now();
    const bool is_all = last || wanted > answered_ || now >= outstanding_due_;
    if (now >= outstanding_due_) outstanding_due_ = now + options_.outstanding;
    lock.unlock();
    write(is_all ? RunRecorder::Outstanding::is_written : RunRecorder::Outstanding::may_wait);
    lock.lock();
    answered_ = wanted;
    answered_changed_.notify_all();
  }
  lock.unlock();
  finish_hashing();
  tables_.reset();
}

/// One transaction of everything that is not in the database.
void HistoryWriter::Worker::write(RunRecorder::Outstanding outstanding) {
  const bool owes = outstanding == RunRecorder::Outstanding::is_written && tables_->recorder.owes_outstanding();
  if (pending_.empty() && tables_->recorder.run() != 0 && !owes) return;
  Transaction transaction(tables_->history.database());
  tables_->recorder.begin();
  const bool begins = tables_->recorder.run() == 0;
  if (begins) {
    // Who dropped the run dropped its executables.
    tables_->executables.forget();
    std::vector<std::string_view> names;
    names.reserve(tests_.size());
    for (const Test* test : tests_) names.push_back(test->name);
    tables_->recorder.begin_run(run_, names);
  }
  for (const Work& work : pending_) {
    if (tables_->history.database().has_failed()) break;
    record(work);
  }
  tables_->recorder.end(outstanding);
  if (const Result<void> done = transaction.commit(); !done) {
    error_ = done.error();
    tables_->recorder.forget();
    tables_->executables.forget();
    return;
  }
  error_.reset();
  pending_.clear();
  // Not at the end, which somebody waits for. What cannot be dropped stays until the next run.
  if (begins)
    if (const Result<void> done = tables_->history.retain(options_.retention, run_.started, tables_->recorder.run()); !done)
      retention_error_ = done.error();
}

void HistoryWriter::Worker::record(const Work& work) {
  if (const auto* attempt = std::get_if<Attempt>(&work)) {
    const Test& test = *attempt->result.test;
    std::optional<std::int64_t> executable;
    if (attempt->result.exit && !test.command.empty() && test.command.front().starts_with('/'))
      executable = tables_->executables.note(test.command.front(), tables_->recorder.run());
    tables_->recorder.add_attempt(test.name, attempt->result, attempt->kind, executable);
  } else if (const auto* step = std::get_if<Step>(&work)) {
    tables_->recorder.add_step(step->what, step->result, step->started);
  } else if (const auto* listed = std::get_if<CasesListed>(&work)) {
    std::vector<std::string_view> names;
    names.reserve(listed->cases.size());
    for (const Test* test : listed->cases) names.push_back(test->name);
    tables_->recorder.add_cases(listed->parent->name, names, listed->run);
  } else if (const auto* finished = std::get_if<RunFinished>(&work)) {
    tables_->recorder.end_run({finished->duration, finished->signal, finished->stopped_by});
  }
}

void HistoryWriter::Worker::finish_hashing() {
  const SteadyTime enough = std::chrono::steady_clock::now() + options_.hashing_at_end;
  while (tables_->executables.has_work() && std::chrono::steady_clock::now() < enough) tables_->executables.work();
}

HistoryWriter::HistoryWriter(History history, HistoryWriterOptions options)
    : worker_(std::make_unique<Worker>(std::move(history), std::move(options))) {}

HistoryWriter::~HistoryWriter() = default;

void HistoryWriter::on(const Event& event) {
  std::visit(Overloaded{
                 [&](const RunStarted& e) { worker_->begin(e); },
                 [&](const CasesListed& e) { worker_->add(e); },
                 [&](const AttemptFinished& e) { worker_->add(copy_of(e.result, AttemptKind::retried)); },
                 [&](const TestFinished& e) { worker_->add(copy_of(e.result, AttemptKind::final)); },
                 [&](const StepFinished& e) { worker_->add(copy_of(e)); },
                 [&](const RunFinished& e) {
                   worker_->add(e);
                   // Other reports are written meanwhile.
                   worker_->begin_stop();
                 },
                 [](const auto&) {},
             },
             event);
}

Result<void> HistoryWriter::finish() {
  if (worker_ == nullptr) return {};
  Result<void> done = worker_->stop();
  worker_.reset();
  return done;
}

void HistoryWriter::write_now() { worker_->write_now(); }

}  // namespace ptests
