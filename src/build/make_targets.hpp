#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/files.hpp"
#include "base/make_rules.hpp"

namespace ptests {

/// What the rules of one CMake target run.
struct MakeRecipes {
  bool only_compiles = true;      ///< before its link, and what compilers make no other compiler reads
  bool all_ask = true;            ///< only compilers run before its link, each with a launcher
  bool has_post_build = false;    ///< something follows its link
  bool ends_with_link = false;    ///< one command links, and nothing follows it
  std::vector<std::string> made;  ///< by compilers: objects, precompiled headers; as the rules name it
};

/// Of the `build.make` of a target as CMake's generator of Makefiles writes it.
MakeRecipes read_make_recipes(std::string_view build_make);

/// What the Makefiles of a build say of its targets. They are known by their folders in the build directory, as "sub/CMakeFiles/t.dir".
/// Files are read when they are asked for; what they say must not change meanwhile.
class MakeTargets {
 public:
  explicit MakeTargets(fs::path build_directory);
  /// Nothing when there is no such target.
  const std::optional<MakeRecipes>& recipes(const std::string& folder);
  /// These and all that make has to make before them, each once.
  std::vector<std::string> with_needed(const std::vector<std::string>& folders) const;
  /// Whether `executable` looks older than what it is made from, by the rules of its target and what its compilers read the last time; what
  /// its inputs are made from does not count. A guess, for the order of work.
  bool is_stale(const fs::path& executable, const std::string& folder);
  /// Whether nothing is there of what the compilers of a target make, as in a clean build; make need not know then what they read. False
  /// when that is not certain.
  bool is_clean(const std::string& folder);
  /// Whether something that make has to make before a target is clean.
  bool waits_for_clean(const std::string& folder);
  /// The objects of a target when compilers need nothing for them that the build has to make first, but what the target makes itself. Empty
  /// when that is not certain, or when one has a name that needs quotes.
  std::vector<std::string> early_objects(const std::string& folder);

 private:
  bool reads_built_files(const std::string& folder) const;
  fs::file_time_type time_of(const fs::path& file);
  bool is_older_than_inputs(const std::vector<MakeRule>& rules, fs::file_time_type time);
  fs::path directory_;
  std::unordered_map<std::string, std::vector<std::string>> needed_;  ///< directly, by folder
  std::unordered_map<std::string, std::optional<MakeRecipes>> recipes_;
  std::unordered_map<std::string, fs::file_time_type> times_;
};

/// Whether neither make nor a shell takes anything in `name` for more than a letter.
bool is_plain_name(std::string_view name);

}  // namespace ptests
