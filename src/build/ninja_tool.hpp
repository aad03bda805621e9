#pragma once

#include <functional>
#include <set>
#include <unordered_map>

#include "build/ninja_log.hpp"
#include "build/tool.hpp"

namespace ptests {

/// What ninja printed, cut into failed commands. Source: ninja's src/status.cc; `FAILED: [code=1] out1 out2`, the command, its
/// output, up to the next `[n/m] ` line or ninja's own last words.
class NinjaOutput {
 public:
  struct Failure {
    std::vector<std::string> outputs;
    std::string text;
  };
  void on_line(std::string_view line);
  const std::vector<Failure>& failures() const { return failures_; }
  /// "ninja: error: ..." lines: ninja could not build at all.
  const std::string& errors() const { return errors_; }
  /// Its last words: it did all that could be done.
  bool tried_everything() const { return tried_everything_; }

 private:
  std::vector<Failure> failures_;
  std::string errors_;
  bool inside_failure_ = false;
  bool tried_everything_ = false;
};

/// What `ninja -n -v` printed.
struct NinjaDryRun {
  bool has_work = true;              ///< false only when ninja said so
  int commands = 0;                  ///< the n of "[i/n] "
  std::vector<std::string> outputs;  ///< the words behind " -o " in the commands: what compilers and linkers would write
  bool all_ask = true;               ///< each command has a launcher, or takes no time
};
NinjaDryRun parse_ninja_dry_run(std::string_view text);

class NinjaTool final : public BuildTool {
 public:
  explicit NinjaTool(const BuildTree& tree);
  CommandLine regenerate() const override;
  std::optional<BuildPreview> prepare(const BuildRequest& request) override;
  CommandLine build(const BuildRequest& request) const override;
  void on_line(std::string_view line) override { output_.on_line(line); }
  bool is_progress(std::string_view line) const override;
  fs::path progress_file() const override;
  std::vector<std::string> take_built() override;
  bool came_to_its_end(int exit_code) const override { return exit_code == 0 || output_.tried_everything(); }
  std::vector<TargetFailed> failures(const BuildRequest& request) override;

 private:
  CommandLine ninja() const;
  std::string build_file() const;
  std::string preview_file() const;
  std::optional<NinjaDryRun> dry_run(const std::vector<std::string>& targets) const;
  const std::string* target_of(const std::string& output) const;
  std::optional<std::string> owner_of(const std::string& output) const;
  const BuildTree* tree_;
  std::unordered_map<std::string, std::string> target_of_file_;
  NinjaLogTail log_;
  NinjaOutput output_;
  bool all_ask_ = false;  ///< whether its commands may start: see NinjaDryRun
};

/// What `ninja -t graph` prints for those targets; nothing when ninja could not tell.
using AskGraph = std::function<std::optional<std::string>(const std::vector<std::string>& targets)>;
/// The wanted target that a file belongs to and is only made for: its executable, and its objects; nothing for any other file.
using OwnerOf = std::function<std::optional<std::string>(const std::string& output)>;

/// Those of `targets`, none of which is known to be ready, that could not be made because of `failures`. Asks once at most, and not at all
/// when each target has a failure of its own. Without an answer all of them have failed.
std::vector<TargetFailed> targets_that_failed(const std::vector<std::string>& targets, const std::vector<NinjaOutput::Failure>& failures,
                                              const OwnerOf& owner_of, const AskGraph& ask_graph);

/// Whether anything would be done for one of `targets`, for anything they need, or in an order before them.
using HasWork = std::function<bool(const std::vector<std::string>& targets)>;

/// The `targets` that nothing would be done for, as far as `most_questions` tell; a target that was not cleared is taken to have work.
std::vector<std::string> targets_without_work(const std::vector<std::string>& targets, const HasWork& has_work, int most_questions);

}  // namespace ptests
