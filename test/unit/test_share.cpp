#include <doctest/doctest.h>
#include <sys/stat.h>

#include <map>
#include <random>

#include "process/share.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

using Hold = MachineShare::Hold;
using Denied = MachineShare::Denied;
constexpr auto k_none = SharedNeed::Company::none;
constexpr auto k_others = SharedNeed::Company::others;

MachineShare::Time at(double seconds) {
  return MachineShare::Time() + std::chrono::milliseconds(static_cast<std::int64_t>(1000 * seconds));
}

/// One of several runs on a machine.
struct Run {
  Run(const TempDir& dir, int processors) {
    auto opened = MachineShare::open(dir / "share", processors);
    REQUIRE_MESSAGE(opened, message(opened));
    share = std::move(*opened);
  }

  /// "" = taken, "machine", or the name of the group.
  std::string take(const SharedNeed& need, double seconds = 0) {
    auto answer = share->try_take(need, at(seconds));
    REQUIRE_MESSAGE(answer, message(answer));
    if (auto* hold = std::get_if<Hold>(&*answer)) {
      holds.push_back(std::move(*hold));
      return "";
    }
    const auto& denied = std::get<Denied>(*answer);
    return denied.kind == Denied::Kind::machine ? "machine" : denied.name;
  }
  void end_first() { holds.erase(holds.begin()); }

  std::unique_ptr<MachineShare> share;
  std::vector<Hold> holds;
};

}  // namespace

TEST_CASE("all runs together use no more processors than there are") {
  const TempDir dir;
  Run a(dir, 3);
  Run b(dir, 3);
  CHECK(a.take({2000}) == "");
  CHECK(b.take({2000}) == "machine");
  CHECK(b.take({1000}) == "");
  CHECK(a.take({1000}) == "machine");
  CHECK(a.take({0}) == "");
  a.end_first();
  CHECK(b.take({2000}) == "");
  b.holds.clear();
  CHECK(a.take({100000}) == "");
  CHECK(b.take({1}) == "machine");
}

TEST_CASE("a run that is gone holds nothing") {
  const TempDir dir;
  Run a(dir, 1);
  {
    Run b(dir, 1);
    CHECK(b.take({1000, k_others, {{"lock db", 1}}}) == "");
    CHECK(a.take({1000}) == "machine");
    b.holds.clear();
  }
  CHECK(a.take({1000, k_others, {{"lock db", 1}}}) == "");
}

TEST_CASE("parts of processors add up within a run, a tenth of each is overlooked") {
  const TempDir dir;
  Run a(dir, 2);
  Run b(dir, 2);
  for (int i = 0; i < 3; ++i) CHECK(a.take({350}) == "");
  CHECK(b.take({1000}) == "");
  CHECK(a.take({100}) == "machine");
  b.holds.clear();
  CHECK(a.take({100}) == "");
  CHECK(b.take({1}) == "machine");
  a.holds.pop_back();
  CHECK(b.take({1}) == "");
}

TEST_CASE("locks and groups are those of the machine") {
  const TempDir dir;
  Run a(dir, 8);
  Run b(dir, 8);
  const SharedNeed database{1000, k_others, {{"lock database", 1}}};
  const SharedNeed both{1000, k_others, {{"group net", 2}, {"lock database", 1}}};
  const SharedNeed net{0, k_others, {{"group net", 2}}};
  CHECK(a.take(database) == "");
  CHECK(b.take(both) == "lock database");
  CHECK(b.take(net) == "");
  CHECK(a.take(net) == "");
  CHECK(b.take(net) == "group net");
  a.holds.clear();
  CHECK(b.take(both) == "");
  CHECK(a.take(database) == "lock database");
  CHECK(a.take({1000, k_others, {{"lock a/b \n", 1}}}) == "");
}

TEST_CASE("all or nothing: who lacks one thing keeps no other") {
  const TempDir dir;
  Run a(dir, 2);
  Run b(dir, 2);
  CHECK(a.take({1000}) == "");
  CHECK(b.take({2000, k_others, {{"lock db", 1}}}) == "machine");
  CHECK(a.take({1000, k_others, {{"lock db", 1}}}) == "");
  a.holds.clear();
  CHECK(a.take({1000, k_others, {{"lock db", 1}}}) == "");
  CHECK(b.take({2000, k_others, {{"lock x", 1}, {"lock db", 1}}}) == "lock db");
  CHECK(a.take({1000, k_others, {{"lock x", 1}}}) == "");
}

TEST_CASE("a test that tolerates no other has the machine for itself") {
  const TempDir dir;
  Run a(dir, 2);
  Run b(dir, 2);
  CHECK(a.take({0}) == "");
  CHECK(b.take({1000, k_none}) == "machine");
  CHECK(b.take({0}) == "");
  CHECK(b.take({1000, k_none}) == "machine");
  a.holds.clear();
  CHECK(b.take({1000, k_none}) == "machine");
  b.holds.clear();
  CHECK(b.take({1000, k_none}) == "");
  CHECK(a.take({0}) == "machine");
  CHECK(b.take({0}) == "machine");
  b.holds.clear();
  CHECK(a.take({0}) == "");
}

TEST_CASE("after half a second of waiting the others make room") {
  const TempDir dir;
  Run a(dir, 2);
  Run b(dir, 2);
  CHECK(a.take({1000}) == "");
  CHECK(b.take({2000}, 1) == "machine");
  CHECK(b.share->ask_again_in() == std::chrono::milliseconds(50));
  CHECK(b.take({2000}, 1.49) == "machine");
  CHECK(a.take({0}, 1.49) == "");
  CHECK(b.take({2000}, 1.5) == "machine");
  CHECK(b.share->ask_again_in() == std::chrono::milliseconds(10));
  CHECK(a.take({1000}, 1.5) == "machine");
  CHECK(a.take({0}, 1.5) == "machine");
  a.holds.clear();
  CHECK(a.take({1000}, 1.6) == "machine");
  CHECK(b.take({2000}, 1.6) == "");
  CHECK(b.share->ask_again_in() == std::chrono::milliseconds(50));
  CHECK(a.take({0}, 1.6) == "");
}

TEST_CASE("nobody keeps the others waiting for nothing") {
  const TempDir dir;
  Run a(dir, 1);
  Run b(dir, 1);
  CHECK(a.take({1000, k_others, {{"lock db", 1}}}) == "");
  for (const double now : {0.0, 1.0}) CHECK(b.take({1000}, now) == "machine");
  CHECK(a.take({0}, 1) == "machine");
  SUBCASE("it does not start anything for now") { b.share->stop_waiting(); }
  SUBCASE("it waits for a lock") { CHECK(b.take({1000, k_others, {{"lock db", 1}}}, 1) == "lock db"); }
  SUBCASE("it started something else") { CHECK(b.take({0}, 1) == ""); }
  SUBCASE("it is gone") { b.share.reset(); }
  CHECK(a.take({0}, 1) == "");
}

TEST_CASE("a wait for a lock does not make others wait longer for the machine") {
  const TempDir dir;
  Run a(dir, 1);
  Run b(dir, 1);
  CHECK(a.take({1000, k_others, {{"lock db", 1}}}) == "");
  for (const double now : {0.0, 0.3, 0.6}) {
    CHECK(b.take({1000, k_others, {{"lock db", 1}}}, now) == "lock db");
    CHECK(b.take({1000}, now) == "machine");
  }
  CHECK(a.take({0}, 0.6) == "machine");
}

TEST_CASE("the directory must be ours alone") {
  const TempDir dir;
  const auto error_of = [&](const char* name) {
    const auto opened = MachineShare::open(dir / name, 1);
    return opened ? "" : opened.error().message.substr(0, opened.error().message.find(dir.path().string()));
  };
  CHECK(error_of("new") == "");
  CHECK(fs::status(dir / "new").permissions() == fs::perms::owner_all);
  CHECK(error_of("new") == "");
  fs::create_directory_symlink(dir / "new", dir / "link");
  CHECK(error_of("link") == "--share: opening ");
  write(dir / "file", "");
  CHECK(error_of("file") == "--share: opening ");
  CHECK(error_of("no/parent") == "--share: making ");
  fs::permissions(dir / "new", fs::perms::group_write, fs::perm_options::add);
  CHECK(error_of("new") == "--share: ");
}

TEST_CASE("a directory that is gone is an error, and no endless wait") {
  const TempDir dir;
  Run a(dir, 1);
  fs::remove_all(dir / "share");
  CHECK_FALSE(a.share->try_take({1000}, at(0)));
}

TEST_CASE("a file in the directory that is a link is not followed") {
  const TempDir dir;
  Run a(dir, 1);
  fs::create_symlink(dir / "elsewhere", dir / "share" / "slot.0");
  CHECK_FALSE(a.share->try_take({1000}, at(0)));
  CHECK_FALSE(fs::exists(dir / "elsewhere"));
}

namespace {

/// Runs that start tests of random needs, which last for random times; in steps of 10 ms.
struct Crowd {
  struct Running {
    SharedNeed need;
    Hold hold;
    int ends = 0;
  };
  struct Member {
    Run run;
    std::vector<SharedNeed> waiting;
    std::vector<Running> running;
  };

  Crowd(const TempDir& dir, unsigned seed) : random(seed) {
    for (int i = 0; i < 3; ++i) {
      Member& member = members.emplace_back(Member{Run(dir, k_processors), {}, {}});
      for (int test = 0; test < 25; ++test) member.waiting.push_back(make_need());
    }
  }
  int pick(int most) { return std::uniform_int_distribution<int>(0, most)(random); }
  SharedNeed make_need() {
    SharedNeed need{500 * pick(6), pick(9) == 0 ? k_none : k_others, {}};
    if (pick(2) == 0) need.uses.push_back({"lock a", 1});
    if (pick(2) == 0) need.uses.push_back({"group b", 2});
    return need;
  }
  void step(int now) {
    for (Member& member : members) {
      std::erase_if(member.running, [now](const Running& test) { return test.ends <= now; });
      for (std::size_t i = 0; i < member.waiting.size();) {
        const SharedNeed need = member.waiting[i];
        if (need.company == k_none && !member.running.empty()) break;
        auto answer = member.run.share->try_take(need, at(0.01 * now));
        REQUIRE(answer);
        auto* hold = std::get_if<Hold>(&*answer);
        if (hold == nullptr && std::get<Denied>(*answer).kind == Denied::Kind::machine) break;
        if (hold != nullptr) {
          member.running.push_back({need, std::move(*hold), now + 1 + pick(40)});
          member.waiting.erase(member.waiting.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
          ++i;
        }
        check();
      }
    }
  }
  void check() const {
    std::map<std::string, int> used;
    int slots = 0;
    int tests = 0;
    int alone = 0;
    for (const Member& member : members) {
      int millicpus = 0;
      for (const Running& test : member.running) {
        millicpus += std::min(test.need.millicpus, 1000 * k_processors);
        ++tests;
        alone += test.need.company == k_none ? 1 : 0;
        for (const GroupUse& use : test.need.uses) ++used[use.name];
      }
      slots += (millicpus + 999) / 1000;
    }
    CHECK(slots <= k_processors);
    CHECK(used["lock a"] <= 1);
    CHECK(used["group b"] <= 2);
    CHECK((alone == 0 || tests == 1));
  }
  bool done() const {
    return std::all_of(members.begin(), members.end(), [](const Member& one) { return one.waiting.empty() && one.running.empty(); });
  }

  static constexpr int k_processors = 4;
  std::mt19937 random;
  std::vector<Member> members;
};

}  // namespace

TEST_CASE("whatever runs want of a machine: never more than there is, and everything starts in the end") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const TempDir dir;
    Crowd crowd(dir, seed);
    int now = 0;
    // One after the other they would need at most so long, with half a second until a run has its turn.
    constexpr int k_most = 75 * (41 + 60);
    while (!crowd.done() && now < k_most) crowd.step(now++);
    CHECK(crowd.done());
  }
}
