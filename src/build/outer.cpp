#include "build/outer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ptests {

namespace {

enum class Kind { other, ninja, make };

Kind kind_of(const std::string& program) {
  const std::string name = fs::path(program).filename().string();
  if (name == "ninja" || name == "ninja-build" || name == "samu") return Kind::ninja;
  return name == "make" || name == "gmake" ? Kind::make : Kind::other;
}

/// Whether `word` is an option whose value is the next word. Source: ninja --help; make(1), "OPTIONS".
bool takes_next_word(Kind kind, const std::string& word, const std::string& next) {
  if (word.starts_with("--")) {
    constexpr std::array<std::string_view, 11> k_long{"--directory",  "--file",       "--makefile",      "--include-dir",
                                                      "--old-file",   "--assume-old", "--what-if",       "--new-file",
                                                      "--assume-new", "--eval",       "--jobserver-auth"};
    return kind == Kind::make && std::find(k_long.begin(), k_long.end(), word) != k_long.end();
  }
  const std::string_view valued = kind == Kind::ninja ? "Cfjkldtw" : "CfIoWEjl";
  // Short options may stand together; the first that takes a value takes the rest of the word, or the next word.
  const std::size_t at = word.find_first_of(valued, 1);
  if (at == std::string::npos || at + 1 < word.size()) return false;
  // make's -j and -l take a separate word only when it is a number.
  const bool optional_number = kind == Kind::make && (word[at] == 'j' || word[at] == 'l');
  return !optional_number || parse_number(next).has_value();
}

std::vector<std::string> read_command(const fs::path& process) {
  std::string text;
  // /proc files tell no size, so they are read until their end.
  if (FILE* file = std::fopen((process / "cmdline").c_str(), "re")) {
    std::array<char, 4096> buffer{};
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), file)) > 0;) text.append(buffer.data(), n);
    std::fclose(file);
  }
  if (!text.empty() && text.back() == '\0') text.pop_back();
  return split(text, '\0');
}

/// The parent of `pid`, or 0. Source: proc(5), /proc/[pid]/stat, field 4 behind the name in parentheses.
pid_t parent_of(const fs::path& process) {
  std::array<char, 1024> buffer{};
  std::size_t n = 0;
  if (FILE* file = std::fopen((process / "stat").c_str(), "re")) {
    n = std::fread(buffer.data(), 1, buffer.size(), file);
    std::fclose(file);
  }
  const std::string_view text(buffer.data(), n);
  const std::size_t name_end = text.rfind(')');
  if (name_end == text.npos) return 0;
  const std::vector<std::string> fields = split(text.substr(name_end + 1), ' ');
  return fields.size() > 2 ? parse_int(fields[2]).value_or(0) : 0;
}

}  // namespace

std::vector<std::string> goals_of(const std::vector<std::string>& command) {
  const Kind kind = command.empty() ? Kind::other : kind_of(command[0]);
  if (kind == Kind::other) return {};
  std::vector<std::string> goals;
  for (std::size_t i = 1; i < command.size(); ++i) {
    const std::string& word = command[i];
    if (word.starts_with('-')) {
      if (i + 1 < command.size() && takes_next_word(kind, word, command[i + 1])) ++i;
    } else if (kind == Kind::ninja || word.find('=') == std::string::npos) {
      goals.push_back(word);
    }
  }
  return goals;
}

Result<void> refuse_other_goals(const std::string& build_directory) {
  constexpr int k_most_ancestors = 32;
  pid_t pid = ::getppid();
  for (int i = 0; i < k_most_ancestors && pid > 1; ++i) {
    const fs::path process = fmt::format("/proc/{}", pid);
    std::error_code error;
    const bool same_directory = fs::equivalent(process / "cwd", build_directory, error);
    const std::vector<std::string> goals = same_directory ? goals_of(read_command(process)) : std::vector<std::string>{};
    if (goals.size() > 1)
      return fail(fmt::format("the build tool was asked for several targets at once: {}", join(goals, " ")),
                  "run the check target in a call of its own; it builds what its tests need");
    pid = parent_of(process);
  }
  return {};
}

}  // namespace ptests
