#include "cli/cli.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ptests::cli {

namespace {

constexpr std::string_view k_usage_text = R"(usage: ptests run [OPTION...] [NAME...]     build and run tests
       ptests list [OPTION...] [NAME...]    list them
       ptests history [-n N]                runs so far (of -B or --history)
       ptests stats --slowest [N]           tests by what runs so far told; or
          --worst-cpu, --worst-memory, --flakiest, --slowest-compile
       ptests quarantine add NAME --until DATE --reason TEXT
          or remove NAME, list              tests that are known to fail
       ptests merge FILE...                 one report of several events.jsonl
       ptests doctor [--format json]        what this machine can enforce

Builds what the selected tests of a CMake build directory need, runs them in
parallel, reports as CTest does. NAME is a test's name; * ? [] are wildcards.

)";

constexpr std::string_view k_rest_text = R"(
Exit codes: 0 passed, 1 tests failed, 2 usage or manifest, 3 build failed,
  4 no tests matched, 5 internal error,
  42 stopped to protect the machine or by --max-time (--resume goes on),
  128+N interrupted by signal N.

Examples:
  ptests run -B build                 everything that ctest would run
  ptests run -B build -j8 -R '^net'   tests whose name begins with net
  ptests list -B build --format json
)";

std::string help() { return fmt::format("{}{}{}", k_usage_text, describe_options(), k_rest_text); }

int usage_error(const Error& error) {
  print_error(error);
  return k_usage;
}

constexpr std::array<std::string_view, 7> k_subcommands{"run", "list", "history", "stats", "quarantine", "merge", "doctor"};

int unknown_subcommand(const std::string& command) {
  std::vector<std::string> names{"help"};
  names.insert(names.end(), k_subcommands.begin(), k_subcommands.end());
  const std::string choice = quoted_choice(nearest(command, names, 1));
  return usage_error({fmt::format("unknown subcommand \"{}\"", command),
                      choice.empty() ? "see `ptests --help`" : fmt::format("did you mean {}?", choice)});
}

/// The subcommands that have words of their own.
int run_own(const std::string& command, const std::vector<std::string>& words) {
  const bool wants_help = std::any_of(words.begin(), words.end(), [](const std::string& word) { return word == "--help" || word == "-h"; });
  if (wants_help) {
    print(help());
    return k_passed;
  }
  if (command == "quarantine") return quarantine(words);
  return command == "history" ? history(words) : stats(words);
}

}  // namespace

void print(std::string_view text) { write_all(STDOUT_FILENO, text); }

void print_warning(std::string_view text) { write_all(STDERR_FILENO, fmt::format("ptests: warning: {}\n", text)); }

void print_error(const Error& error) {
  std::string text = fmt::format("ptests: error: {}\n", error.message);
  if (!error.hint.empty()) text += fmt::format("  hint: {}\n", error.hint);
  write_all(STDERR_FILENO, text);
}

int report_error(const Error& error, ExitCode code) {
  print_error(error);
  return code;
}

// NOLINTNEXTLINE(bugprone-exception-escape): the program's main, which calls this one, catches.
int main(const std::vector<std::string>& words) {
  const std::string command = words.empty() ? "" : words.front();
  if (command == "--version") {
    print("ptests " PTESTS_VERSION "\n");
    return k_passed;
  }
  if (command == "--help" || command == "-h" || command == "help") {
    print(help());
    return k_passed;
  }
  if (command.empty()) return usage_error({"no subcommand", "ptests run -B BUILD_DIRECTORY, or see `ptests --help`"});
  if (std::find(k_subcommands.begin(), k_subcommands.end(), command) == k_subcommands.end()) return unknown_subcommand(command);
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (command == "history" || command == "stats" || command == "quarantine") return run_own(command, rest);
  Result<Options> options = parse_options(rest);
  if (!options) return usage_error(options.error());
  if (options->help) {
    print(help());
    return k_passed;
  }
  if (command == "doctor") {
    if (!options->selection.globs.empty()) return usage_error({"`ptests doctor` takes no names", ""});
    return doctor(*options);
  }
  if (command == "merge") return merge(std::move(*options));
  options->list |= command == "list";
  return run(std::move(*options));
}

}  // namespace ptests::cli
