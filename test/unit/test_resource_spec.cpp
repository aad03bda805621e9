#include <doctest/doctest.h>

#include "schedule/resource_spec.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

std::string with_local(std::string_view local) { return fmt::format(R"({{"version": {{"major": 1, "minor": 0}}, "local": {}}})", local); }
std::string with_gpus(std::string_view gpus) { return with_local(fmt::format(R"([{{"gpus": {}}}])", gpus)); }

/// "gpus=0:4,1:1 licences="
std::string show(const Result<ResourceSpec>& spec) {
  if (!spec) return spec.error().message;
  Words types;
  for (const auto& [type, resources] : spec->types) {
    Words parts;
    for (const Resource& resource : resources) parts.push_back(fmt::format("{}:{}", resource.id, resource.slots));
    types.push_back(fmt::format("{}={}", type, fmt::join(parts, ",")));
  }
  return fmt::format("{}", fmt::join(types, " "));
}

}  // namespace

// Each of these was given to ctest 3.25, which takes the same and refuses the same.

TEST_CASE("resources of all types are read, in the order of the file") {
  CHECK(show(parse_resource_spec(
            with_local(R"([{"gpus": [{"id": "9", "slots": 4}, {"id": "1"}], "crypto_chips": [{"id": "card0", "slots": 4}]}])"))) ==
        "crypto_chips=card0:4 gpus=9:4,1:1");
  CHECK(show(parse_resource_spec(with_local("[]"))) == "");
  CHECK(show(parse_resource_spec(with_local("[{}]"))) == "");
  CHECK(show(parse_resource_spec(with_gpus("[]"))) == "gpus=");
  CHECK(show(parse_resource_spec(with_gpus(R"([{"id": "a", "slots": 0}])"))) == "gpus=a:0");
  CHECK(show(parse_resource_spec(with_gpus(R"([{"id": "a", "slots": 4.0}])"))) == "gpus=a:4");
}

TEST_CASE("what ctest keeps for later versions is passed over") {
  CHECK(show(parse_resource_spec(with_local(R"([{"GPUS": 1, "GPU x": 2, "1st": 3, "": 4, "_a1": [{"id": "0", "more": 5}]}])"))) ==
        "_a1=0:1");
  CHECK(show(parse_resource_spec(R"({"version": {"major": 1, "minor": 0, "patch": 9}, "local": [], "remote": 6})")) == "");
}

TEST_CASE("of two resources with the same id the last counts") {
  CHECK(show(parse_resource_spec(with_gpus(R"([{"id": "a", "slots": 1}, {"id": "b"}, {"id": "a", "slots": 4}])"))) == "gpus=a:4,b:1");
}

TEST_CASE("a broken file is an error that names the place and the form") {
  const auto fault = [](std::string_view text) { return message(parse_resource_spec(text)); };
  CHECK(fault("{").find("line 1, column 2") != std::string::npos);
  CHECK(fault("[]") == "expected an object, got []");
  CHECK(fault(R"({"local": []})") == "version: there is none");
  CHECK(fault(R"({"version": 1, "local": []})") == "version.major: expected a number, got nothing");
  CHECK(fault(R"({"version": {"major": 1}, "local": []})") == "version.minor: expected a number, got nothing");
  CHECK(fault(R"({"version": {"major": 1, "minor": 1}, "local": []})") == R"(version: expected version 1.0, got {"major":1,"minor":1})");
  CHECK(fault(R"({"version": {"major": 1, "minor": 0}})") == "local: expected an array, got nothing");
  CHECK(fault(with_local("{}")) == "local: expected an array, got {}");
  CHECK(fault(with_local("[{}, {}]")) == "local: expected one element, got [{},{}]");
  CHECK(fault(with_local("[1]")) == "local[0]: expected an object, got 1");
  CHECK(fault(with_gpus("{}")) == "local[0].gpus: expected an array, got {}");
  CHECK(fault(with_gpus("[1]")) == "local[0].gpus[0]: expected an object, got 1");
  CHECK(fault(with_gpus(R"([{"slots": 1}])")) == "local[0].gpus[0].id: expected a string, got nothing");
  CHECK(fault(with_gpus(R"([{"id": 1}])")) == "local[0].gpus[0].id: expected a string, got 1");
  for (const char* id : {"A", "a-b", ""})
    CHECK(fault(with_gpus(fmt::format(R"([{{"id": "{}"}}])", id))) ==
          fmt::format("local[0].gpus[0].id: expected lower-case letters, digits and _, got \"{}\"", id));
  for (const char* slots : {"-1", "1.5", "\"4\"", "99999999999", "true"})
    CHECK(fault(with_gpus(fmt::format(R"([{{"id": "a"}}, {{"id": "b", "slots": {}}}])", slots)))
              .starts_with("local[0].gpus[1].slots: expected a whole number of at least 0, got "));
  CHECK(hint(parse_resource_spec("[]")).find("\"local\"") != std::string::npos);
}

TEST_CASE("an error of a file names it") {
  const TempDir folder;
  write(folder / "spec.json", with_gpus("[1]"));
  CHECK(message(read_resource_spec(folder / "spec.json")) ==
        (folder / "spec.json").string() + ": local[0].gpus[0]: expected an object, got 1");
  CHECK(message(read_resource_spec(folder / "none.json")).find("none.json") != std::string::npos);
  write(folder / "spec.json", with_gpus(R"([{"id": "0"}])"));
  CHECK(show(read_resource_spec(folder / "spec.json")) == "gpus=0:1");
}
