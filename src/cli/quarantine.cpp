#include "suite/quarantine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"

namespace ptests::cli {

namespace {

constexpr std::size_t k_most_names = 3;
constexpr std::string_view k_add_form = "ptests quarantine add NAME --until 2026-12-31 --reason TEXT";

/// What was typed behind `ptests quarantine`.
struct Request {
  std::string verb;
  std::string name;  ///< "" for list
  std::optional<std::string> until;
  std::optional<std::string> reason;
  Options options;
};

/// Takes the options that only this subcommand has out of `words`.
Result<std::vector<std::string>> take_own_options(Request& request, const std::vector<std::string>& words) {
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t equals = words[i].starts_with("--") ? words[i].find('=') : std::string::npos;
    const std::string name = words[i].substr(0, equals);
    if (name != "--until" && name != "--reason") {
      rest.push_back(words[i]);
      continue;
    }
    if (equals == std::string::npos && i + 1 == words.size())
      return fail(fmt::format("option {} needs a value: {}", name, name == "--until" ? "DATE" : "TEXT"));
    std::string value = equals == std::string::npos ? words[++i] : words[i].substr(equals + 1);
    (name == "--until" ? request.until : request.reason) = std::move(value);
  }
  return rest;
}

Result<Request> parse_request(const std::vector<std::string>& words) {
  const std::vector<std::string> verbs{"add", "remove", "list"};
  Request request;
  request.verb = words.empty() ? "" : words.front();
  if (request.verb.empty()) return fail("`ptests quarantine`: add, remove or list?", std::string(k_add_form));
  if (std::find(verbs.begin(), verbs.end(), request.verb) == verbs.end()) {
    const std::string choice = quoted_choice(nearest(request.verb, verbs, 1));
    return fail(fmt::format("`ptests quarantine`: expected add, remove or list, got \"{}\"", request.verb),
                choice.empty() ? std::string(k_add_form) : fmt::format("did you mean {}?", choice));
  }
  const auto rest = take_own_options(request, {words.begin() + 1, words.end()});
  if (!rest) return tl::unexpected(rest.error());
  Result<Options> options = parse_options(*rest);
  if (!options) return tl::unexpected(options.error());
  request.options = std::move(*options);
  request.options.build_directory = absolute_build_directory(request.options.build_directory);
  const std::vector<std::string>& names = request.options.selection.globs;
  const bool wants_name = request.verb != "list";
  if (names.size() != (wants_name ? 1 : 0))
    return fail(fmt::format("`ptests quarantine {}` takes {}", request.verb, wants_name ? "the name of one test" : "no names"));
  if (wants_name) request.name = names.front();
  if (request.verb != "add" && (request.until || request.reason))
    return fail(fmt::format("`ptests quarantine {}` takes no --until and no --reason", request.verb));
  return request;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& names, std::string_view otherwise) {
  const std::string choice = quoted_choice(nearest(word, names, k_most_names));
  return choice.empty() ? std::string(otherwise) : fmt::format("did you mean {}?", choice);
}

Result<Quarantine::Entry> make_entry(const Request& request, std::chrono::year_month_day today) {
  if (!request.until)
    return fail("`ptests quarantine add`: no --until", "say until which day the failure does not count: --until 2026-12-31");
  const std::optional<std::chrono::year_month_day> until = parse_date(*request.until);
  if (!until) return fail(fmt::format("--until: expected a day, got \"{}\"", *request.until), "year, month and day: 2026-12-31");
  if (*until < today)
    return fail(fmt::format("--until: {} is over", format_date(*until)), "name the last day on which the failure does not count");
  if (!request.reason || request.reason->find_first_not_of(" \t\n") == std::string::npos)
    return fail("`ptests quarantine add`: no --reason", "say why, to whoever finds it: --reason \"fails at night, issue 12\"");
  return Quarantine::Entry{request.name, *until, *request.reason};
}

bool is_test(const Suite& suite, std::string_view name) {
  return std::any_of(suite.tests.begin(), suite.tests.end(), [&](const Test& test) { return test.name == name; });
}

Result<std::string> add(const Request& request, const Suite& suite, Quarantine quarantine, std::chrono::year_month_day today) {
  Result<Quarantine::Entry> entry = make_entry(request, today);
  if (!entry) return tl::unexpected(entry.error());
  if (!is_test(suite, request.name)) {
    std::vector<std::string> names;
    for (const Test& test : suite.tests) names.push_back(test.name);
    return fail(fmt::format("no test is named \"{}\"", request.name), did_you_mean(request.name, names, "`ptests list` names them"));
  }
  std::string said = fmt::format("{} is quarantined until {}.\n", request.name, format_date(entry->until));
  quarantine.put(std::move(*entry));
  if (const Result<void> done = write_quarantine(suite.tree.source_directory, quarantine); !done) return tl::unexpected(done.error());
  return said;
}

Result<std::string> remove(const Request& request, const Suite& suite, Quarantine quarantine) {
  if (quarantine.find(request.name) == nullptr) {
    std::vector<std::string> names;
    for (const Quarantine::Entry& entry : quarantine.entries) names.push_back(entry.name);
    return fail(fmt::format("\"{}\" is not quarantined", request.name),
                did_you_mean(request.name, names, "`ptests quarantine list` names those that are"));
  }
  quarantine.remove(request.name);
  if (const Result<void> done = write_quarantine(suite.tree.source_directory, quarantine); !done) return tl::unexpected(done.error());
  return fmt::format("{} is no longer quarantined.\n", request.name);
}

std::string to_text(const Quarantine& quarantine, const Suite& suite, std::chrono::year_month_day today) {
  if (quarantine.entries.empty()) return "No test is quarantined.\n";
  std::size_t width = 0;
  for (const Quarantine::Entry& entry : quarantine.entries) width = std::max(width, entry.name.size());
  std::string text;
  for (const Quarantine::Entry& entry : quarantine.entries) {
    const std::string_view fault = entry.until < today          ? " (expired: it counts again)"
                                   : is_test(suite, entry.name) ? ""
                                                                : " (no such test)";
    text += fmt::format("{}  {:<{}}  {}{}\n", format_date(entry.until), entry.name, width, entry.reason, fault);
  }
  return text;
}

std::string to_json(const Quarantine& quarantine, const Suite& suite, std::chrono::year_month_day today) {
  Json tests = Json::array();
  for (const Quarantine::Entry& entry : quarantine.entries)
    tests.push_back({{"name", entry.name},
                     {"until", format_date(entry.until)},
                     {"reason", entry.reason},
                     {"expired", entry.until < today},
                     {"exists", is_test(suite, entry.name)}});
  const Json root{{"file", quarantine_path(suite.tree.source_directory).string()}, {"tests", std::move(tests)}};
  return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::string> answer(const Request& request) {
  const Result<Suite> suite = load_suite(request.options, list_manifests(request.options.build_directory));
  if (!suite) return tl::unexpected(suite.error());
  Result<Quarantine> quarantine = read_quarantine(suite->tree.source_directory);
  if (!quarantine) return tl::unexpected(quarantine.error());
  const std::chrono::year_month_day today = date_of(std::chrono::system_clock::now());
  if (request.verb == "add") return add(request, *suite, std::move(*quarantine), today);
  if (request.verb == "remove") return remove(request, *suite, std::move(*quarantine));
  return request.options.format == Format::json ? to_json(*quarantine, *suite, today) : to_text(*quarantine, *suite, today);
}

}  // namespace

int quarantine(const std::vector<std::string>& words) {
  const Result<Request> request = parse_request(words);
  const Result<std::string> text = request ? answer(*request) : tl::unexpected(request.error());
  if (!text) return report_error(text.error(), k_usage);
  print(*text);
  return k_passed;
}

}  // namespace ptests::cli
