// A run on a machine that another run uses too.
#include <doctest/doctest.h>

#include "stage.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// `text` with "DIR" for every `directory`.
std::string without(std::string text, const std::string& directory) {
  for (std::size_t at = 0; (at = text.find(directory, at)) != text.npos; at += 3) text.replace(at, directory.size(), "DIR");
  return text;
}

/// Another run: what it holds goes back when a test of ours ends.
class Other final : public Reporter {
 public:
  explicit Other(Recorder& recorder) : recorder_(&recorder) {}
  void take(const fs::path& directory, const SharedNeed& need) {
    share_ = std::move(*MachineShare::open(directory, 2));
    hold_ = std::get<MachineShare::Hold>(std::move(*share_->try_take(need, {})));
  }
  void on(const Event& event) override {
    recorder_->on(event);
    if (std::holds_alternative<TestFinished>(event)) const MachineShare::Hold given_back = std::move(hold_);
  }

 private:
  Recorder* recorder_;
  std::unique_ptr<MachineShare> share_;
  MachineShare::Hold hold_;
};

struct SharedStage {
  SharedStage(Suite suite, const SharedNeed& taken) : stage(std::move(suite)) {
    share = std::move(*MachineShare::open(stage.dir / "share", 2));
    other.take(stage.dir / "share", taken);
    stage.options.share = share.get();
    stage.options.explain = RunOptions::Explain::waiting;
  }
  /// What happened, without the times: who is refused asks every 50 ms.
  std::string run() {
    Result<Plan> plan = Plan::make(stage.suite, all_of(stage.suite));
    REQUIRE_MESSAGE(plan, message(plan));
    Runner runner(stage.suite, std::move(*plan), stage.executor, other, stage.clock, stage.options);
    const Result<RunSummary> result = runner.run(all_of(stage.suite));
    REQUIRE_MESSAGE(result, message(result));
    stage.summary = *result;
    std::string text = "\n";
    for (const std::string& line : stage.log) text += without(line.substr(line.find(' ') + 1), stage.dir.path().string()) + "\n";
    return text;
  }
  Stage stage;
  std::unique_ptr<MachineShare> share;
  Other other{stage.recorder};
};

}  // namespace

TEST_CASE("a test waits for a lock of another run, others do not") {
  SharedStage shared(make_suite({"a", "b"}), {0, SharedNeed::Company::others, {{"lock db", 1}}});
  shared.stage.suite.tests[0].requirements.locks = {"db"};
  CHECK(shared.run() == R"(
run 2 tests -j2
start b
notice a waits for lock db held by another ptests on this machine
end b passed
start a
end a passed
run over
)");
  CHECK(shared.stage.clock.seconds < 2.1);
}

TEST_CASE("when the machine is taken nothing starts, and the run can end all the same") {
  SharedStage shared(make_suite({"a", "b"}), {2000});
  shared.stage.options.early_end.most_time = Seconds(2);
  CHECK(shared.run() == R"(
run 2 tests -j2
notice b waits for another ptests on this machine
a waits for another ptests on this machine
run over: by --max-time (2 s are over)
)");
  CHECK(shared.stage.summary.stop == RunSummary::Stop::out_of_time);
}

TEST_CASE("a test starts when another run made room, on its retry too") {
  SharedStage shared(make_suite({"a", "b"}), {1000});
  shared.stage.executor.behaviours["a"].first_ends = {{ExitStatus::Kind::exited, 1}};
  shared.stage.options.retry.retries = Retries{1};
  CHECK(shared.run() == R"(
run 2 tests -j2
start a
notice b waits for another ptests on this machine
attempt 1 of a failed, again in 0 s
start a
end a flaky: passed at attempt 2 only
start b
end b passed
run over
)");
}

TEST_CASE("without its directory the run goes on alone") {
  SharedStage shared(make_suite({"a"}), {2000});
  fs::remove_all(shared.stage.dir / "share");
  CHECK(shared.run() == R"(
run 1 tests -j2
notice The machine is no longer shared with other runs: opening DIR/share/turn: No such file or directory
start a
end a passed
run over
)");
}
