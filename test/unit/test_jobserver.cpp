// The fifo of the jobserver, what is said of it in MAKEFLAGS, and which tools understand that.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "process/jobserver.hpp"
#include "run/launch.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

JobFifo make_fifo(const TempDir& dir) {
  Result<JobFifo> fifo = JobFifo::make((dir / "fifo").string());
  REQUIRE_MESSAGE(fifo, message(fifo));
  return std::move(*fifo);
}

/// A client's descriptor, which does not block.
UniqueFd open_as_client(const TempDir& dir) { return UniqueFd(::open((dir / "fifo").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)); }

/// "" when there is none.
std::string take_token(const UniqueFd& client) {
  char byte = 0;
  return ::read(client.get(), &byte, 1) == 1 ? std::string(1, byte) : "";
}

}  // namespace

TEST_CASE("tokens that nobody took are taken out again") {
  const TempDir dir;
  const JobFifo fifo = make_fifo(dir);
  CHECK(fifo.take_all() == 0);
  CHECK(fifo.put(3) == 3);
  CHECK(fifo.put(0) == 0);
  CHECK(fifo.put(-1) == 0);
  CHECK(fifo.take_all() == 3);
  CHECK(fifo.take_all() == 0);
}

TEST_CASE("a client takes a token and gives it back") {
  const TempDir dir;
  const JobFifo fifo = make_fifo(dir);
  fifo.put(2);
  const UniqueFd client = open_as_client(dir);
  CHECK(take_token(client) == "+");
  CHECK(fifo.take_all() == 1);
  CHECK(take_token(client).empty());
  CHECK(::write(client.get(), "+", 1) == 1);
  CHECK(fifo.take_all() == 1);
}

TEST_CASE("a client that writes more than it took, as much as there is room for, holds nobody up") {
  const TempDir dir;
  const JobFifo fifo = make_fifo(dir);
  const UniqueFd client = open_as_client(dir);
  const std::string many(4096, '+');
  int written = 0;
  while (::write(client.get(), many.data(), many.size()) == 4096) written += 4096;
  CHECK(fifo.put(1) == 0);
  CHECK(fifo.take_all() == written);
}

TEST_CASE("who has it open is seen, and who has it open no more") {
  const TempDir dir;
  // We have it open ourselves, so a second one is what is looked for.
  const JobFifo fifo = make_fifo(dir);
  const pid_t self = ::getpid();
  CHECK(fifo.is_open_in(self));
  Result<JobFifo> other = JobFifo::make((dir / "other").string());
  REQUIRE(other);
  const UniqueFd client(::open((dir / "other").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  const auto moved = std::make_unique<JobFifo>(std::move(*other));
  CHECK(moved->is_open_in(self));
  CHECK_FALSE(moved->is_open_in(1 << 30));
}

TEST_CASE("fifo and folder are for this user alone, and go with their owner") {
  const TempDir dir;
  const std::string path = (dir / "jobs").string();
  {
    const Result<JobFolder> folder = JobFolder::make(path);
    REQUIRE_MESSAGE(folder, message(folder));
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
    REQUIRE(::stat(pool_path(path).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(S_ISFIFO(info.st_mode));
    CHECK(message(JobFolder::make(path)) == "making " + path + ": File exists");
    CHECK(fs::exists(pool_path(path)));
  }
  CHECK(dir.names().empty());
}

TEST_CASE("the jobserver stands in MAKEFLAGS as make would write it") {
  const std::string words = jobserver_words(4, "/tmp/x/pool");
  CHECK(words == "-j4 --jobserver-auth=fifo:/tmp/x/pool");
  struct Row {
    std::string inherited;
    std::string without;
    std::string with;  ///< after the words J
  };
  for (const Row& row : {
           Row{"", "", " J"},
           Row{" -j8 --jobserver-auth=3,4", "", " J"},
           Row{" -j8 --jobserver-auth=fifo:/tmp/GMfifo1", "", " J"},
           Row{" --jobserver-fds=3,4 -j", "", " J"},
           Row{"ks -j8 --jobserver-auth=3,4 --no-print-directory", "ks --no-print-directory", "ks --no-print-directory J"},
           Row{" -j8 --jobserver-auth=3,4 -- A=b\\ -j3", " -- A=b\\ -j3", " J -- A=b\\ -j3"},
           // What people say themselves stays theirs, unless we say how many.
           Row{"-j8", "-j8", " J"},
           Row{"-k -j 8 -l 3", "-k -j 8 -l 3", " -k -l 3 J"},
           Row{"k", "k", "k J"},
           Row{"-- A=b", "-- A=b", " J -- A=b"},
       }) {
    CAPTURE(row.inherited);
    CHECK(without_jobserver(row.inherited) == row.without);
    CHECK(with_jobserver(row.inherited, "J") == row.with);
  }
}

TEST_CASE("a fifo is named only where no make would end with an error, and somebody looks at it") {
  using Version = std::optional<std::string>;
  const auto knows = [](const Version& make, const Version& ninja) { return tools_know_fifo(make, ninja); };
  CHECK(knows("GNU Make 4.4\nBuilt for x86_64-pc-linux-gnu\n", std::nullopt));
  CHECK(knows("GNU Make 4.4.1\n", "1.11.1\n"));
  CHECK(knows("GNU Make 4.10\n", std::nullopt));
  CHECK(knows("GNU Make 5.0\n", std::nullopt));
  CHECK_FALSE(knows("GNU Make 4.3\n", "1.13.0\n"));
  CHECK_FALSE(knows("GNU Make 3.81\n", std::nullopt));
  CHECK_FALSE(knows("make, version of another kind 9.9\n", "1.13.0\n"));
  CHECK_FALSE(knows("", "1.13.0\n"));
  CHECK(knows(std::nullopt, "1.13.0\n"));
  CHECK(knows(std::nullopt, "1.14.0.git\n"));
  CHECK(knows(std::nullopt, "2.0\n"));
  CHECK_FALSE(knows(std::nullopt, "1.12.1\n"));
  CHECK_FALSE(knows(std::nullopt, "1.9\n"));
  CHECK_FALSE(knows(std::nullopt, "what?"));
  CHECK_FALSE(knows(std::nullopt, std::nullopt));
}

TEST_CASE("a test is told of the jobserver, unless it says its own MAKEFLAGS") {
  Test test = make_test(1, "a");
  const auto flags = [&](const LaunchContext& context) {
    const Result<LaunchSpec> spec = make_launch(test, context);
    REQUIRE_MESSAGE(spec, message(spec));
    std::string found = "none";
    for (const std::string& entry : spec->environment)
      if (entry.starts_with("MAKEFLAGS=")) found = entry;
    return fmt::format("{}, own {} {}", found, spec->own_tokens, spec->own_jobs);
  };
  LaunchContext context{.log = "/logs/a.log"};
  context.jobs = "/jobs/pool";
  context.most_jobs = 4;
  CHECK(flags(context) == "MAKEFLAGS= -j4 --jobserver-auth=fifo:/jobs/pool, own 0 ");
  context.jobs = "/jobs/own-1";
  context.own_tokens = 3;
  CHECK(flags(context) == "MAKEFLAGS= -j4 --jobserver-auth=fifo:/jobs/own-1, own 3 /jobs/own-1");
  test.environment = {"MAKEFLAGS=-k"};
  CHECK(flags(context) == "MAKEFLAGS=-k, own 3 /jobs/own-1");
}
