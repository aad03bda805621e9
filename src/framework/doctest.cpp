#include "framework/doctest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "framework/doctest_message.hpp"
#include "framework/doctest_reader.hpp"
#include "framework/doctest_xml.hpp"

namespace ptests {

namespace {

/// doctest cannot be given 0 for a number, and ignores it.
constexpr std::uint32_t k_most_number = std::numeric_limits<std::int32_t>::max();

/// The last one given of an option counts, the form without the prefix first; a program may be built to know only that with it.
void add(std::vector<std::string>& arguments, std::string_view option) {
  arguments.push_back(fmt::format("--{}", option));
  arguments.push_back(fmt::format("--dt-{}", option));
}

/// Filters, of which a lone comma is none; an empty one would let an earlier one stand.
void add_no_filters(std::vector<std::string>& arguments) {
  for (const std::string_view name : {"source-file", "sf", "source-file-exclude", "sfe", "test-suite", "ts", "test-suite-exclude", "tse",
                                      "test-case", "tc", "test-case-exclude", "tce"})
    add(arguments, fmt::format("{}=,", name));
}

void add_range(std::vector<std::string>& arguments, std::size_t first, std::size_t last, bool with_disabled) {
  add_no_filters(arguments);
  add(arguments, "order-by=file");
  add(arguments, "no-run=false");
  add(arguments, "no-path-filenames=false");
  add(arguments, "no-line-numbers=false");
  add(arguments, fmt::format("first={}", first));
  add(arguments, fmt::format("last={}", last));
  add(arguments, fmt::format("no-skip={}", with_disabled));
}

/// Both names of the option add reporters.
void add_xml(std::vector<std::string>& arguments, const CasePlaces& places) {
  add(arguments, "reporters=xml");
  add(arguments, "r=xml");
  add(arguments, "out=" + places.results);
  add(arguments, "quiet=false");
}

/// Names stand in lines.
std::string for_people(std::string_view id) {
  std::string name(id.empty() ? "(no name)" : id);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return name;
}

/// Follows the elements of a listing.
struct Listing : XmlReader::Handler {
  void began(std::string_view element, const XmlReader::Attributes& attributes) override {
    if (element == "doctest") version = attribute(attributes, "version");
    if (element == "Options") options = attributes;
    if (element == "OverallResultsTestCases") count = parse_int(attribute(attributes, "unskipped"));
    if (element == "TestCase") add_case(attributes);
  }
  void ended(std::string_view /*element*/) override {}
  void text(std::string_view /*text*/) override {}

  void add_case(const XmlReader::Attributes& attributes) {
    TestCase test_case;
    test_case.id = attribute(attributes, "name");
    const std::string_view suite = attribute(attributes, "testsuite");
    test_case.name = suite.empty() ? for_people(test_case.id) : for_people(suite) + "/" + for_people(test_case.id);
    test_case.location.file = attribute(attributes, "filename");
    test_case.location.line = parse_int(attribute(attributes, "line")).value_or(0);
    test_case.disabled = attribute(attributes, "skipped") == "true";
    tells_skipped = tells_skipped && attributes.contains("skipped");
    cases.push_back(std::move(test_case));
  }

  std::vector<TestCase> cases;
  XmlReader::Attributes options;
  std::string version;
  std::optional<int> count;
  bool tells_skipped = true;
};

/// The first option that is not as list_command() has it.
std::string overruled(const XmlReader::Attributes& options) {
  const XmlReader::Attributes ours{{"order_by", "file"}, {"first", "1"}, {"last", std::to_string(k_most_number)}, {"no_skip", "true"}};
  for (const auto& [name, value] : ours)
    if (attribute(options, name) != value) return fmt::format("{}=\"{}\"", name, attribute(options, name));
  return {};
}

class DoctestAdapter : public Adapter {
 public:
  Choice choice() const override { return Choice::range; }
  Stream stream() const override { return Stream::results; }
  CaseCommand list_command(const CasePlaces& places) const override;
  Result<std::vector<TestCase>> parse_list(std::string_view output, std::string_view results) const override;
  CaseCommand run_command(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen, const CasePlaces& places,
                          const CaseOrder& order, bool has_listener) const override;
  std::vector<LoneCase> lone_cases(const std::vector<TestCase>& cases) const override;
  std::unique_ptr<CaseReader> make_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) const override {
    return make_doctest_reader(cases, chosen);
  }
};

CaseCommand DoctestAdapter::list_command(const CasePlaces& places) const {
  CaseCommand command;
  add(command.arguments, "list-test-cases");
  add_range(command.arguments, 1, k_most_number, true);
  add_xml(command.arguments, places);
  return command;
}

Result<std::vector<TestCase>> DoctestAdapter::parse_list(std::string_view /*output*/, std::string_view results) const {
  if (results.empty())
    return fail("doctest's list of test cases is empty: the program wrote none",
                "it ended before doctest ran, or its main() does not give doctest the command line: doctest::Context context(argc, argv)");
  Listing listing;
  DoctestXml xml(listing);
  xml.read(results);
  if (!xml.finish()) return fail("doctest's list of test cases is cut short or damaged", "does the program end while it lists?");
  if (!listing.count)
    return fail("doctest's list of test cases is none: the program ran its tests", "its main() must not change the options");
  if (!listing.tells_skipped)
    return fail(fmt::format("doctest {} does not tell which test cases are skipped", listing.version), "doctest 2.4.7 or later does");
  if (const std::string option = overruled(listing.options); !option.empty())
    return fail(fmt::format("the program sets doctest's option {} itself", option),
                "in its main() options are to be set before applyCommandLine(argc, argv), not after it");
  if (static_cast<std::size_t>(std::max(*listing.count, 0)) != listing.cases.size())
    return fail(fmt::format("doctest lists {} test cases and counts {}", listing.cases.size(), *listing.count));
  make_names_unique(listing.cases);
  return std::move(listing.cases);
}

CaseCommand DoctestAdapter::run_command(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen, const CasePlaces& places,
                                        const CaseOrder& order, bool has_listener) const {
  CaseCommand command;
  const DoctestRange range = doctest_range(cases, chosen);
  add_range(command.arguments, range.first, range.last, range.with_disabled);
  // A case's end must not depend on how many failed before it.
  add(command.arguments, fmt::format("abort-after={}", k_most_number));
  add(command.arguments, "no-skipped-summary=true");
  // A program with tests inside is not to start its own work after them.
  add(command.arguments, "exit=true");
  if (const std::uint32_t seed = order.seed & k_most_number; seed != 0) add(command.arguments, fmt::format("rand-seed={}", seed));
  if (has_listener) {
    add(command.arguments, "no-colors=true");
    add(command.arguments, "minimal=true");
  } else {
    add_xml(command.arguments, places);
    add(command.arguments, "duration=true");
  }
  return command;
}

std::vector<LoneCase> DoctestAdapter::lone_cases(const std::vector<TestCase>& cases) const {
  std::vector<LoneCase> all = Adapter::lone_cases(cases);
  for (LoneCase& one : all) {
    // It would keep doctest from saying that no case ran.
    std::erase_if(one.arguments, [](const std::string& word) { return word.ends_with("-minimal=true"); });
    one.none_ran = "\\[doctest\\] test cases: +0 ";
  }
  return all;
}

}  // namespace

std::unique_ptr<Adapter> make_doctest_adapter() { return std::make_unique<DoctestAdapter>(); }

}  // namespace ptests
