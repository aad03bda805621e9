#include "build/make_targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"
#include "build/tool.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_all = "/all";

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// Others make modules (Fortran) or headers (ISPC). `command` is what the rule prints, or has our launcher.
bool makes_only_objects(std::string_view command) {
  constexpr std::array<std::string_view, 8> k_languages{"C", "CXX", "ASM", "ASM_NASM", "OBJC", "OBJCXX", "CUDA", "HIP"};
  return std::any_of(k_languages.begin(), k_languages.end(), [&](std::string_view language) {
    return has(command, fmt::format(" \"Building {} object ", language)) || has(command, fmt::format(" --language={} ", language));
  });
}

/// Reads a build.make line by line.
class RecipeReader {
 public:
  void on_line(std::string_view line) {
    if (line.starts_with('\t'))
      on_command(line.substr(1));
    else
      begin_rule(line);
  }
  MakeRecipes take() {
    recipes_.ends_with_link = links_ == 1 && !is_link_followed_;
    return std::move(recipes_);
  }

 private:
  void begin_rule(std::string_view line) {
    // Other lines than `output: input` have no commands behind them.
    output_ = line.substr(0, line.find(": "));
    if (output_.ends_with(':')) output_.remove_suffix(1);
    // Nobody of ours asks for these: what is cleaned away, depended on, and looked at by hand.
    is_ours_ = !output_.ends_with(".dir/depend") && !output_.ends_with(".dir/clean") &&
               !((output_.ends_with(".i") || output_.ends_with(".s")) && has(line, ": cmake_force"));
    says_compile_ = false;
    has_linked_ = false;
  }

  void on_command(std::string_view command) {
    if (!is_ours_) return;
    // What a rule prints first.
    if (command.starts_with("@$(CMAKE_COMMAND) -E cmake_echo_color ")) {
      says_compile_ = has(command, " \"Building ");
      if (says_compile_) recipes_.only_compiles = recipes_.only_compiles && makes_only_objects(command);
      return;
    }
    is_link_followed_ = is_link_followed_ || has_linked_;
    if (has(command, " -E cmake_link_script ")) {
      // Whether the linker has a launcher stands in another file.
      has_linked_ = true;
      ++links_;
    } else if (has_launcher(command) || says_compile_) {
      recipes_.made.emplace_back(output_);
      recipes_.all_ask = recipes_.all_ask && has_launcher(command);
      if (!says_compile_) recipes_.only_compiles = recipes_.only_compiles && makes_only_objects(command);
      // clang-tidy and the like, which may have plugins.
      if (has(command, " -E __run_co_compile ")) recipes_.only_compiles = false;
    } else if (!has(command, "/cmake_clean_target.cmake") && !has(command, "$(CMAKE_COMMAND) -E cmake_symlink_")) {
      if (!has_linked_) recipes_.only_compiles = recipes_.all_ask = false;
      recipes_.has_post_build = recipes_.has_post_build || has_linked_;
    }
  }

  MakeRecipes recipes_;
  std::string_view output_;  ///< of the rule
  bool is_ours_ = true;
  bool says_compile_ = false;
  bool has_linked_ = false;
  bool is_link_followed_ = false;
  int links_ = 0;
};

}  // namespace

bool is_plain_name(std::string_view name) {
  constexpr std::string_view k_plain = "/._-+,@";
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || k_plain.find(c) != k_plain.npos;
  });
}

MakeRecipes read_make_recipes(std::string_view build_make) {
  RecipeReader reader;
  while (!build_make.empty()) {
    const std::size_t end = std::min(build_make.find('\n'), build_make.size());
    reader.on_line(build_make.substr(0, end));
    build_make.remove_prefix(std::min(end + 1, build_make.size()));
  }
  return reader.take();
}

MakeTargets::MakeTargets(fs::path build_directory) : directory_(std::move(build_directory)) {
  const std::vector<MakeRule> rules = read_make_rules(read_file(directory_ / "CMakeFiles/Makefile2").value_or(""));
  const auto folder = [](const std::string& name) { return name.substr(0, name.size() - k_all.size()); };
  for (const MakeRule& rule : rules)
    for (const std::string& output : rule.outputs)
      if (output.ends_with(".dir/all"))
        for (const std::string& input : rule.inputs)
          // What has another name than a target's is no folder of one, and nothing is known of it.
          needed_[folder(output)].push_back(input.ends_with(k_all) ? folder(input) : input);
}

const std::optional<MakeRecipes>& MakeTargets::recipes(const std::string& folder) {
  const auto [found, is_new] = recipes_.try_emplace(folder);
  if (is_new)
    if (const Result<std::string> text = read_file(directory_ / folder / "build.make")) found->second = read_make_recipes(*text);
  return found->second;
}

std::vector<std::string> MakeTargets::with_needed(const std::vector<std::string>& folders) const {
  std::vector<std::string> all;
  std::unordered_set<std::string_view> seen;
  const auto add = [&](const std::vector<std::string>& some) {
    for (const std::string& folder : some)
      if (seen.insert(folder).second) all.push_back(folder);
  };
  add(folders);
  std::size_t next = 0;
  while (next < all.size())
    if (const auto found = needed_.find(all[next++]); found != needed_.end()) add(found->second);
  return all;
}

/// The oldest time there is when there is no such file.
fs::file_time_type MakeTargets::time_of(const fs::path& file) {
  const auto [found, is_new] = times_.try_emplace(file.string(), fs::file_time_type::min());
  std::error_code error;
  if (is_new)
    if (const fs::file_time_type time = fs::last_write_time(directory_ / file, error); !error) found->second = time;
  return found->second;
}

bool MakeTargets::is_older_than_inputs(const std::vector<MakeRule>& rules, fs::file_time_type time) {
  return std::any_of(rules.begin(), rules.end(), [&](const MakeRule& rule) {
    return std::any_of(rule.inputs.begin(), rule.inputs.end(), [&](const std::string& input) { return time_of(input) > time; });
  });
}

bool MakeTargets::is_stale(const fs::path& executable, const std::string& folder) {
  const fs::file_time_type built = time_of(executable);
  if (built == fs::file_time_type::min()) return true;
  const std::vector<MakeRule> rules = read_make_rules(read_file(directory_ / folder / "build.make").value_or(""));
  if (is_older_than_inputs(rules, built)) return true;
  // An object has several rules.
  std::set<std::string_view> outputs;
  for (const MakeRule& rule : rules) outputs.insert(rule.outputs.begin(), rule.outputs.end());
  // What the compiler read stands beside its object.
  return std::any_of(outputs.begin(), outputs.end(), [&](std::string_view output) {
    if (!output.ends_with(".o")) return false;
    const Result<std::string> depfile = read_file(directory_ / (std::string(output) + ".d"));
    return depfile && is_older_than_inputs(read_make_rules(*depfile), built);
  });
}

bool MakeTargets::is_clean(const std::string& folder) {
  const std::optional<MakeRecipes>& known = recipes(folder);
  if (!known || !known->only_compiles || known->made.empty()) return false;
  // The name of a file is another one when something in it is escaped.
  const auto is_missing = [&](const std::string& name) { return is_plain_name(name) && time_of(name) == fs::file_time_type::min(); };
  if (!std::all_of(known->made.begin(), known->made.end(), is_missing)) return false;
  // Where CMake looks for headers itself, this has rules for headers that may be gone since.
  const Result<std::string> headers = read_file(directory_ / folder / "depend.make");
  return headers && read_make_rules(*headers).empty();
}

bool MakeTargets::waits_for_clean(const std::string& folder) {
  const std::vector<std::string> needed = with_needed({folder});
  return std::any_of(needed.begin() + 1, needed.end(), [&](const std::string& one) { return is_clean(one); });
}

/// Whether its compilers may read what the build compiles or links, as plugins and modules, by the flags they get.
bool MakeTargets::reads_built_files(const std::string& folder) const {
  const Result<std::string> flags = read_file(directory_ / folder / "flags.make");
  if (!flags) return true;
  const std::string build = directory_.string() + "/";
  const std::string own = build + folder + "/";
  for (const std::string& line : split(*flags, '\n')) {
    // A directory may lie anywhere.
    if (has(line.substr(0, line.find('=')), "_INCLUDES")) continue;
    if (has(line, "plugin") || has(line, "-fmodules")) return true;
    for (std::size_t at = 0; (at = line.find(build, at)) != line.npos; at += build.size())
      if (line.compare(at, own.size(), own) != 0) return true;
  }
  return false;
}

std::vector<std::string> MakeTargets::early_objects(const std::string& folder) {
  for (const std::string& needed : with_needed({folder})) {
    const std::optional<MakeRecipes>& known = recipes(needed);
    // What follows its own link makes nothing that its own compilers read.
    if (!known || !known->only_compiles || (known->has_post_build && needed != folder)) return {};
  }
  if (reads_built_files(folder)) return {};
  const std::vector<std::string>& made = recipes(folder)->made;
  if (!std::all_of(made.begin(), made.end(), is_plain_name)) return {};
  // Of another target may come its precompiled header, or what OBJECT_DEPENDS names.
  const std::string own = folder + "/";
  const std::string build = directory_.string() + "/";
  const auto is_there = [&](const std::string& input) {
    const bool is_of_build = !input.starts_with('/') || input.starts_with(build);
    return input.starts_with(own) || (!is_of_build && time_of(input) != fs::file_time_type::min());
  };
  const std::set<std::string_view> outputs(made.begin(), made.end());
  for (const MakeRule& rule : read_make_rules(read_file(directory_ / folder / "build.make").value_or(""))) {
    const bool is_made =
        std::any_of(rule.outputs.begin(), rule.outputs.end(), [&](const std::string& name) { return outputs.contains(name); });
    if (is_made && !std::all_of(rule.inputs.begin(), rule.inputs.end(), is_there)) return {};
  }
  return made;
}

}  // namespace ptests
