#include <doctest/doctest.h>
#include <unistd.h>

#include "base/uv.hpp"
#include "build/ninja_log.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

constexpr std::string_view k_header = "# ninja log v5\n";

std::string line(int start, int end, std::string_view output, std::string_view hash = "1b3bd33e2dff3b2f",
                 long long mtime = 1795271077210072007) {
  return fmt::format("{}\t{}\t{}\t{}\t{}\n", start, end, mtime, output, hash);
}

void append(const fs::path& path, std::string_view bytes) { std::ofstream(path, std::ios::binary | std::ios::app) << bytes; }

/// As ninja does it: written beside it, then moved into its place.
void replace(const fs::path& path, std::string_view bytes) {
  const fs::path beside = path.string() + ".recompact";
  write(beside, bytes);
  fs::rename(beside, path);
}

std::string outputs(const std::vector<NinjaLogEntry>& entries) {
  Words words;
  for (const NinjaLogEntry& entry : entries) words.push_back(entry.output);
  return show(words);
}

}  // namespace

TEST_CASE("ninja's log: a line has times, an output and the hash of its command") {
  const auto entry = parse_ninja_log_line("162\t2521\t1795271078613896890\tsub dir/t1\t691e0dd462");
  REQUIRE(entry);
  CHECK(entry->start.count() == 162);
  CHECK(entry->end.count() == 2521);
  CHECK(entry->output == "sub dir/t1");
  CHECK(entry->command_hash == "691e0dd462");
  CHECK(parse_ninja_log_line("0\t1\t-1\tx\tf"));
  CHECK(parse_ninja_log_line("0\t1\t0\ta\tb\tf")->output == "a\tb");
}

TEST_CASE("ninja's log: what is no entry is none") {
  for (const std::string_view text :
       {"", "\t\t\t\t", "# ninja log v5", "1\t2\t3\tout", "1\t2\t3\t\thash", "1\t2\t3\tout\t", "x\t2\t3\tout\th", "1\t2x\t3\tout\th",
        "1\t2\t\tout\th", "1\t2\t-\tout\th", "-1\t2\t3\tout\th", "1 2 3 out h", "99999999999999999999\t2\t3\tout\th"})
    CHECK_MESSAGE(!parse_ninja_log_line(text), text);
}

TEST_CASE("ninja's log: versions 4 to 7 are alike") {
  for (const char* header : {"# ninja log v4", "# ninja log v5", "# ninja log v6", "# ninja log v7"}) CHECK(is_ninja_log_header(header));
  for (const char* header : {"# ninja log v3", "# ninja log v8", "# ninja log v", "# ninja log v5x", "ninja log v5", ""})
    CHECK_FALSE(is_ninja_log_header(header));
}

TEST_CASE("ninja's log: lines that are appended are new, those that stood there are not") {
  const TempDir directory;
  const fs::path path = directory / ".ninja_log";
  write(path, std::string(k_header) + line(0, 5, "old"));
  NinjaLogTail tail(path);
  tail.remember();
  CHECK(tail.read_new().empty());
  append(path, line(1, 2, "a") + line(1, 2, "b"));
  CHECK(outputs(tail.read_new()) == "[a][b]");
  CHECK(tail.read_new().empty());
  // The same output again, in the same time.
  append(path, line(0, 5, "old"));
  CHECK(outputs(tail.read_new()) == "[old]");
}

TEST_CASE("ninja's log: a log that is not there at first") {
  const TempDir directory;
  NinjaLogTail tail(directory / ".ninja_log");
  tail.remember();
  CHECK(tail.read_new().empty());
  write(directory / ".ninja_log", "");
  CHECK(tail.read_new().empty());
  append(directory / ".ninja_log", std::string(k_header) + line(1, 2, "a"));
  CHECK(outputs(tail.read_new()) == "[a]");
}

TEST_CASE("ninja's log: cut at any place, each line comes once and whole") {
  const std::string text = std::string(k_header) + line(1, 2, "a") + line(1, 3, "b") + line(4, 5, "c");
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const TempDir directory;
    const fs::path path = directory / ".ninja_log";
    NinjaLogTail tail(path);
    tail.remember();
    write(path, std::string_view(text).substr(0, cut));
    std::string seen = outputs(tail.read_new());
    append(path, std::string_view(text).substr(cut));
    seen += outputs(tail.read_new());
    CHECK_MESSAGE(seen == "[a][b][c]", cut);
  }
}

TEST_CASE("ninja's log: a torn last line is remembered as not yet there") {
  const TempDir directory;
  const fs::path path = directory / ".ninja_log";
  const std::string last = line(1, 2, "a");
  write(path, std::string(k_header) + last.substr(0, last.size() - 1));
  NinjaLogTail tail(path);
  tail.remember();
  append(path, "\n");
  CHECK(outputs(tail.read_new()) == "[a]");
}

TEST_CASE("ninja's log: a log that was written anew has the old lines in another order, and the new ones") {
  const TempDir directory;
  const fs::path path = directory / ".ninja_log";
  write(path, std::string(k_header) + line(0, 5, "a", "1") + line(0, 9, "a", "2") + line(2, 7, "b", "3"));
  NinjaLogTail tail(path);
  tail.remember();
  append(path, line(1, 4, "c", "4"));
  CHECK(outputs(tail.read_new()) == "[c]");
  replace(path, std::string(k_header) + line(1, 4, "c", "4") + line(2, 7, "b", "3") + line(0, 9, "a", "2") + line(1, 6, "d", "5"));
  CHECK(outputs(tail.read_new()) == "[d]");
  append(path, line(2, 8, "a", "2"));
  CHECK(outputs(tail.read_new()) == "[a]");
}

TEST_CASE("ninja's log: other times of the files, as -t restat writes them, are no news") {
  const TempDir directory;
  const fs::path path = directory / ".ninja_log";
  write(path, std::string(k_header) + line(0, 5, "a", "1", 100) + line(0, 5, "b", "2", 100));
  NinjaLogTail tail(path);
  tail.remember();
  replace(path, std::string(k_header) + line(0, 5, "a", "1", 200) + line(0, 5, "b", "2", 0));
  CHECK(tail.read_new().empty());
}

TEST_CASE("ninja's log: a file that shrank is read from its start") {
  const TempDir directory;
  const fs::path path = directory / ".ninja_log";
  write(path, std::string(k_header) + line(0, 5, "a", "1") + line(0, 5, "b", "2") + line(0, 5, "c", "3"));
  NinjaLogTail tail(path);
  tail.remember();
  write(path, std::string(k_header) + line(0, 5, "c", "3") + line(1, 5, "d", "4"));
  CHECK(outputs(tail.read_new()) == "[d]");
}

TEST_CASE("ninja's log: removed for a while") {
  const TempDir directory;
  const fs::path path = directory / ".ninja_log";
  write(path, std::string(k_header) + line(0, 5, "a"));
  NinjaLogTail tail(path);
  tail.remember();
  fs::remove(path);
  CHECK(tail.read_new().empty());
  write(path, std::string(k_header) + line(0, 6, "a"));
  CHECK(outputs(tail.read_new()) == "[a]");
}

TEST_CASE("ninja's log: of a version we do not know nothing is read") {
  const TempDir directory;
  const fs::path path = directory / ".ninja_log";
  NinjaLogTail tail(path);
  tail.remember();
  write(path, "# ninja log v99\n" + line(0, 5, "a"));
  CHECK(tail.read_new().empty());
  append(path, line(0, 6, "b"));
  CHECK(tail.read_new().empty());
  replace(path, std::string(k_header) + line(0, 7, "c"));
  CHECK(outputs(tail.read_new()) == "[c]");
}

TEST_CASE("ninja's log: many lines between two looks") {
  const TempDir directory;
  const fs::path path = directory / ".ninja_log";
  std::string text(k_header);
  for (int i = 0; i < 20000; ++i) text += line(i, i + 1, fmt::format("dir/t{}.cpp.o", i));
  write(path, text);
  NinjaLogTail tail(path);
  tail.remember();
  append(path, line(1, 2, "new"));
  CHECK(outputs(tail.read_new()) == "[new]");
  replace(path, text + line(3, 4, "newer"));
  CHECK(outputs(tail.read_new()) == "[newer]");
}

TEST_CASE("a file that is watched calls back when it is made, appended to and replaced") {
  const TempDir directory;
  uv::Loop loop;
  int calls = 0;
  const auto wait_for_call = [&] {
    while (calls == 0) loop.run_once();
    calls = 0;
  };
  const uv::FsEvent watch(loop, directory.path().string(), "log", [&] { ++calls; });
  REQUIRE(watch);
  write(directory / "log", "");
  wait_for_call();
  append(directory / "log", "x");
  wait_for_call();
  replace(directory / "log", "y");
  wait_for_call();
}

TEST_CASE("a file that is watched does not call back for its neighbours") {
  const TempDir directory;
  uv::Loop loop;
  int calls = 0;
  int last = 0;
  const uv::FsEvent watch(loop, directory.path().string(), "log", [&] { ++calls; });
  const uv::FsEvent last_watch(loop, directory.path().string(), "last", [&] { ++last; });
  write(directory / "log2", "x");
  write(directory / ".log", "x");
  write(directory / "last", "x");
  while (last == 0) loop.run_once();
  CHECK(calls == 0);
}

TEST_CASE("a directory that is not there cannot be watched") {
  uv::Loop loop;
  const TempDir directory;
  const uv::FsEvent watch(loop, (directory / "none").string(), "log", [] {});
  CHECK_FALSE(watch);
}
