#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>

#include "build/launch_message.hpp"
#include "build/launch_server.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// The other end of the socket, as a launcher has it.
class FakeLauncher {
 public:
  explicit FakeLauncher(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const auto address = socket_address(path);
    REQUIRE(address);
    REQUIRE(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0);
  }

  void send(std::string_view bytes) {
    REQUIRE(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  void say(const LaunchMessage& message) { send(*encode(message)); }
  void begin(std::string target = "t") {
    say(LaunchBegin{std::move(target), BuildStep::Kind::compile, "CXX", "/b", {"c++", "-o", "a.o", "-c", "a.cpp"}});
  }
  void end(int code = 0) {
    LaunchEnd end;
    end.result.exit.code = code;
    end.result.output = "words";
    say(end);
  }
  void go_away() { socket_.reset(); }

  /// What has come: [go a b] [done] [stop], [end of file].
  std::string heard() {
    std::string text;
    std::array<char, 65536> buffer{};
    ssize_t n = 0;
    while ((n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0)) > 0) reader_.add({buffer.data(), static_cast<std::size_t>(n)});
    const bool ended = n == 0 || errno == ECONNRESET;
    while (true) {
      const auto json = reader_.next();
      REQUIRE(json);
      if (!*json) break;
      const Result<LaunchMessage> message = decode_launch_message(**json);
      REQUIRE(message);
      if (const auto* go = std::get_if<LaunchGo>(&*message)) text += fmt::format("[go{}]", show(go->entrances));
      if (std::holds_alternative<LaunchDone>(*message)) text += "[done]";
      if (std::holds_alternative<LaunchStop>(*message)) text += "[stop]";
    }
    return ended ? text + "[end of file]" : text;
  }

 private:
  UniqueFd socket_;
  FrameReader reader_;
};

/// A server that writes its facts down: "wanted 1 t: c++ ...", "ended 1 exit 0", "lost 1".
struct Stage {
  Stage() {
    Result<std::unique_ptr<LaunchServer>> opened = LaunchServer::open(
        loop, [this](Fact fact) { note(std::move(fact)); }, folder.path());
    REQUIRE(message(opened) == "ok");
    server = std::move(*opened);
  }

  void note(Fact fact) {
    if (const auto* wanted = std::get_if<StepWanted>(&fact)) {
      facts.push_back(fmt::format("wanted {} {}", wanted->step, wanted->what.target));
      last_wanted = *wanted;
    }
    if (const auto* ended = std::get_if<StepEnded>(&fact)) {
      const StepResult& result = ended->result;
      facts.push_back(result.is_lost ? fmt::format("lost {}", ended->step)
                                     : fmt::format("ended {} exit {} {}", ended->step, result.exit.code, result.output));
    }
    if (on_fact) on_fact(fact);
  }

  /// All that was sent has been handled: local sockets deliver at once, and each round takes one piece of each.
  std::string settle() {
    for (int i = 0; i < 300; ++i) loop.run_nowait();
    return show(std::exchange(facts, {}));
  }

  /// A launcher that has begun; its step.
  StepId begin(FakeLauncher& launcher, const std::string& target = "t") {
    launcher.begin(target);
    const std::string got = settle();
    REQUIRE(got == fmt::format("[wanted {} {}]", last_wanted.step, target));
    return last_wanted.step;
  }

  TempDir folder;
  uv::Loop loop;
  std::unique_ptr<LaunchServer> server;
  Words facts;
  StepWanted last_wanted;
  std::function<void(const Fact&)> on_fact;
};

struct Connected : Stage {
  FakeLauncher launcher{server->socket_path()};
};

}  // namespace

TEST_CASE("a step is wanted, granted, ended, finished") {
  Connected stage;
  const StepId step = stage.begin(stage.launcher);
  CHECK(stage.last_wanted.what.command == "c++ -o a.o -c a.cpp");
  CHECK(stage.last_wanted.what.source == "a.cpp");
  CHECK(stage.server->pid(step) == ::getpid());
  CHECK(stage.server->is_waiting(step));
  CHECK(stage.launcher.heard().empty());

  CHECK(stage.server->grant(step, {"/a", "/b"}));
  CHECK_FALSE(stage.server->is_waiting(step));
  CHECK(stage.launcher.heard() == "[go[/a][/b]]");
  stage.launcher.end(3);
  CHECK(stage.settle() == fmt::format("[ended {} exit 3 words]", step));
  CHECK(stage.launcher.heard().empty());
  stage.server->finish(step);
  CHECK(stage.launcher.heard() == "[done]");
  stage.launcher.go_away();
  CHECK(stage.settle().empty());
  CHECK(stage.server->pid(step) == 0);
}

TEST_CASE("a step runs again, and ends again") {
  Connected stage;
  const StepId step = stage.begin(stage.launcher);
  CHECK_FALSE(stage.server->again(step, {}));
  REQUIRE(stage.server->grant(step, {}));
  CHECK_FALSE(stage.server->grant(step, {}));
  CHECK_FALSE(stage.server->again(step, {}));
  stage.launcher.end(1);
  CHECK(stage.settle() == fmt::format("[ended {} exit 1 words]", step));
  CHECK(stage.server->again(step, {"/x"}));
  CHECK(stage.launcher.heard() == "[go][go[/x]]");
  stage.launcher.end(0);
  CHECK(stage.settle() == fmt::format("[ended {} exit 0 words]", step));
  stage.server->finish(step);
  CHECK_FALSE(stage.server->again(step, {}));
  stage.server->finish(step);
  CHECK(stage.launcher.heard() == "[done]");
}

TEST_CASE("when the build is to end, who waits and who comes later is told so, and who runs is not") {
  Connected stage;
  const StepId runs = stage.begin(stage.launcher);
  CHECK(stage.server->grant(runs, {}));
  CHECK(stage.launcher.heard() == "[go]");
  FakeLauncher waiting(stage.server->socket_path());
  const StepId waits = stage.begin(waiting);
  FakeLauncher ended(stage.server->socket_path());
  const StepId has_ended = stage.begin(ended);
  CHECK(stage.server->grant(has_ended, {}));
  ended.end();
  CHECK(stage.settle() == fmt::format("[ended {} exit 0 words]", has_ended));
  CHECK(ended.heard() == "[go]");
  FakeLauncher greeting(stage.server->socket_path());
  stage.settle();

  stage.server->stop();
  CHECK(waiting.heard() == "[stop]");
  CHECK(ended.heard() == "[stop]");
  CHECK(greeting.heard().empty());
  greeting.begin();
  FakeLauncher late(stage.server->socket_path());
  late.begin();
  CHECK(stage.settle().empty());
  CHECK(greeting.heard() == "[stop]");
  CHECK(late.heard() == "[stop]");
  for (FakeLauncher* one : {&waiting, &ended, &greeting, &late}) one->go_away();
  CHECK(stage.settle() == fmt::format("[lost {}]", waits));

  CHECK(stage.launcher.heard().empty());
  stage.launcher.end();
  CHECK(stage.settle() == fmt::format("[ended {} exit 0 words]", runs));
  stage.server->finish(runs);
  CHECK(stage.launcher.heard() == "[done]");
}

TEST_CASE("a launcher that goes away is told once, whenever it goes") {
  Connected stage;
  SUBCASE("before it says what it wants: nobody misses it") {
    REQUIRE(stage.settle().empty());
    stage.launcher.go_away();
    CHECK(stage.settle().empty());
  }
  SUBCASE("in the middle of saying it") {
    stage.launcher.send(std::string_view("\x10\x00\x00\x00{", 5));
    stage.launcher.go_away();
    CHECK(stage.settle().empty());
  }
  SUBCASE("while it waits") {
    const StepId step = stage.begin(stage.launcher);
    stage.launcher.go_away();
    CHECK(stage.settle() == fmt::format("[lost {}]", step));
    CHECK_FALSE(stage.server->grant(step, {}));
    CHECK(stage.server->pid(step) == 0);
    CHECK(stage.settle().empty());
  }
  SUBCASE("while it waits, and that is not yet known when it is granted") {
    const StepId step = stage.begin(stage.launcher);
    stage.launcher.go_away();
    CHECK_FALSE(stage.server->grant(step, {}));
    CHECK(stage.settle() == fmt::format("[lost {}]", step));
  }
  SUBCASE("while its command runs") {
    const StepId step = stage.begin(stage.launcher);
    REQUIRE(stage.server->grant(step, {}));
    stage.launcher.go_away();
    CHECK(stage.settle() == fmt::format("[lost {}]", step));
  }
  SUBCASE("right after it said how its command ended") {
    const StepId step = stage.begin(stage.launcher);
    REQUIRE(stage.server->grant(step, {}));
    stage.launcher.end();
    stage.launcher.go_away();
    CHECK(stage.settle() == fmt::format("[ended {} exit 0 words]", step));
    CHECK_FALSE(stage.server->again(step, {}));
    stage.server->finish(step);
    CHECK(stage.settle().empty());
  }
  SUBCASE("the same, and that is not yet known when it shall run again") {
    const StepId step = stage.begin(stage.launcher);
    REQUIRE(stage.server->grant(step, {}));
    stage.launcher.end();
    stage.on_fact = [&](const Fact& fact) {
      if (std::holds_alternative<StepEnded>(fact)) CHECK_FALSE(stage.server->again(step, {}));
    };
    stage.launcher.go_away();
    CHECK(stage.settle() == fmt::format("[ended {} exit 0 words]", step));
  }
  SUBCASE("before it runs again") {
    const StepId step = stage.begin(stage.launcher);
    REQUIRE(stage.server->grant(step, {}));
    stage.launcher.end();
    REQUIRE(stage.settle() == fmt::format("[ended {} exit 0 words]", step));
    REQUIRE(stage.server->again(step, {}));
    stage.launcher.go_away();
    CHECK(stage.settle() == fmt::format("[lost {}]", step));
  }
}

TEST_CASE("who says what makes no sense is hung up on, and nobody else") {
  Connected stage;
  FakeLauncher& bad = stage.launcher;
  FakeLauncher good(stage.server->socket_path());
  const StepId step = stage.begin(good);
  std::string expected;
  SUBCASE("no JSON") { bad.send(std::string_view("\x02\x00\x00\x00no", 6)); }
  SUBCASE("too long") { bad.send("\xff\xff\xff\xff"); }
  SUBCASE("a message of another version") { bad.send(std::string_view("\x21\x00\x00\x00{\"message\":\"begin\",\"version\":99}", 37)); }
  SUBCASE("the end of what did not begin") { bad.end(); }
  SUBCASE("a server's message") { bad.say(LaunchDone{}); }
  SUBCASE("the end of what was not granted") {
    expected = fmt::format("[lost {}]", stage.begin(bad, "bad"));
    bad.end();
  }
  SUBCASE("beginning twice") {
    bad.begin("bad");
    bad.begin("bad");
    expected = fmt::format("[wanted {} bad][lost {}]", step - 1, step - 1);
  }
  CHECK(stage.settle() == expected);
  CHECK(bad.heard() == "[end of file]");
  CHECK(stage.server->grant(step, {}));
  CHECK(good.heard() == "[go]");
}

TEST_CASE("a message may come byte by byte, and several at once") {
  Connected stage;
  const std::string begin = *encode(LaunchBegin{"t", BuildStep::Kind::link, "C", "/", {"cc"}});
  for (std::size_t i = 0; i < begin.size(); ++i) {
    REQUIRE(stage.facts.empty());
    stage.launcher.send(begin.substr(i, 1));
    for (int round = 0; round < 3; ++round) stage.loop.run_nowait();
  }
  CHECK(stage.settle() == "[wanted 1 t]");
}

TEST_CASE("a sink may answer at once") {
  Connected stage;
  stage.on_fact = [&](const Fact& fact) {
    if (const auto* wanted = std::get_if<StepWanted>(&fact)) CHECK(stage.server->grant(wanted->step, {}));
    if (const auto* ended = std::get_if<StepEnded>(&fact)) stage.server->finish(ended->step);
  };
  stage.launcher.begin();
  REQUIRE(stage.settle() == "[wanted 1 t]");
  stage.launcher.end();
  REQUIRE(stage.settle() == "[ended 1 exit 0 words]");
  CHECK(stage.launcher.heard() == "[go][done]");
}

TEST_CASE("a launcher that reads nothing is given up, not waited for") {
  Connected stage;
  const StepId step = stage.begin(stage.launcher);
  // More than a socket holds: net.core.wmem_max is some hundred kilobytes, the most a frame may be are 8 MiB.
  const Words much(100, std::string(80'000, 'x'));
  CHECK_FALSE(stage.server->grant(step, much));
  CHECK(stage.settle() == fmt::format("[lost {}]", step));
}

TEST_CASE("many launchers at once") {
  Stage stage;
  std::vector<std::unique_ptr<FakeLauncher>> launchers;
  for (int i = 0; i < 100; ++i) {
    launchers.push_back(std::make_unique<FakeLauncher>(stage.server->socket_path()));
    launchers.back()->begin(fmt::format("t{}", i));
  }
  std::string expected;
  for (int i = 0; i < 100; ++i) expected += fmt::format("[wanted {} t{}]", i + 1, i);
  const auto sorted = [](Words facts) {
    std::sort(facts.begin(), facts.end(), [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; });
    return show(facts);
  };
  for (int i = 0; i < 300; ++i) stage.loop.run_nowait();
  CHECK(sorted(std::exchange(stage.facts, {})) == expected);
  for (StepId step = 100; step >= 1; --step) CHECK(stage.server->grant(step, {}));
  for (const auto& launcher : launchers) CHECK(launcher->heard() == "[go]");
}

TEST_CASE("without descriptors launchers are turned away; later ones are served") {
  Stage stage;
  stage.loop.run_nowait();
  std::vector<std::unique_ptr<FakeLauncher>> launchers;
  for (int i = 0; i < 3; ++i) launchers.push_back(std::make_unique<FakeLauncher>(stage.server->socket_path()));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const UniqueFd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  // Nothing above the highest that is open.
  const rlimit none{static_cast<rlim_t>(next.get()), before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const std::string facts = stage.settle();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(facts.empty());
  for (const auto& launcher : launchers) CHECK(launcher->heard() == "[end of file]");
  FakeLauncher later(stage.server->socket_path());
  stage.begin(later);
}

TEST_CASE("the socket is in a folder of this user's own, and both go with the server") {
  Connected stage;
  const fs::path socket = stage.server->socket_path();
  CHECK(socket.parent_path().parent_path() == stage.folder.path());
  struct stat info {};
  REQUIRE(::stat(socket.parent_path().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  stage.begin(stage.launcher);
  stage.server.reset();
  CHECK(stage.folder.names().empty());
  // It is told nothing of the step: whoever ended it knows.
  CHECK(stage.settle().empty());
  CHECK(stage.launcher.heard() == "[end of file]");
}

TEST_CASE("where the path would be too long, or no folder can be made, it is in /tmp") {
  Stage stage;
  const fs::path long_folder = stage.folder / std::string(100, 'x');
  fs::create_directory(long_folder);
  for (const fs::path& parent : {long_folder, stage.folder / "none"}) {
    const auto server = LaunchServer::open(
        stage.loop, [](const Fact&) {}, parent);
    REQUIRE(message(server) == "ok");
    CHECK((*server)->socket_path().starts_with("/tmp/ptests-build-"));
    CHECK(FakeLauncher((*server)->socket_path()).heard().empty());
  }
  CHECK(fs::is_empty(long_folder));
}

TEST_CASE("a server that goes takes its descriptors with it") {
  uv::Loop loop;
  const TempDir folder;
  const auto open_files = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()); };
  const auto before = open_files();
  {
    auto server = LaunchServer::open(
        loop, [](const Fact&) {}, folder.path());
    REQUIRE(server);
    FakeLauncher launcher((*server)->socket_path());
    launcher.begin();
    for (int i = 0; i < 5; ++i) loop.run_nowait();
  }
  loop.run_nowait();
  CHECK(open_files() == before);
}
