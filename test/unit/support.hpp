#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/suite.hpp"

namespace ptests::unit {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// A directory of its own, gone at the end of the test.
class TempDir {
 public:
  TempDir() {
    std::string pattern = (fs::temp_directory_path() / "ptests_unit.XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempDir() { fs::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  fs::path operator/(const fs::path& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

  /// Names of what is in it, sorted.
  Words names() const {
    Words result;
    for (const auto& entry : fs::directory_iterator(path_)) result.push_back(entry.path().filename().string());
    std::sort(result.begin(), result.end());
    return result;
  }

 private:
  fs::path path_;
};

inline void write(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// `words` so that a failed comparison shows them: [a][b c].
inline std::string show(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += "[" + word + "]";
  return text;
}

/// The error's message, or "ok".
template <class T>
std::string message(const Result<T>& result) {
  return result ? "ok" : result.error().message;
}
template <class T>
std::string hint(const Result<T>& result) {
  return result ? "ok" : result.error().hint;
}

inline std::string lines(const Words& words) { return fmt::format("{}\n", fmt::join(words, "\n")); }

/// Pseudo-random numbers, the same in every run.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  /// 0 <= result < sides
  int roll(int sides) { return static_cast<int>(engine_() % static_cast<unsigned>(sides)); }

 private:
  std::mt19937 engine_;
};

/// A test that can be started: CTest's number, a command that exists, a working directory.
inline Test make_test(int number, std::string name) {
  Test test;
  test.number = number;
  test.name = std::move(name);
  test.suite = "s";
  test.command = {"/bin/true"};
  test.working_directory = "/";
  return test;
}

/// A suite of tests named so.
inline Suite make_suite(const Words& names) {
  Suite suite;
  suite.tree.build_directory = "/b";
  suite.suite_names = {"s"};
  for (const std::string& name : names) suite.tests.push_back(make_test(static_cast<int>(suite.tests.size()) + 1, name));
  return suite;
}

/// Every TestId of `suite`.
inline std::vector<std::size_t> all_of(const Suite& suite) {
  std::vector<std::size_t> ids(suite.tests.size());
  for (std::size_t id = 0; id < ids.size(); ++id) ids[id] = id;
  return ids;
}

}  // namespace ptests::unit
