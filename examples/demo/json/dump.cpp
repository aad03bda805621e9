// Writing: compact, indented, and to a stream.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <iomanip>
#include <sstream>

using nlohmann::json;
using namespace nlohmann::literals;

namespace {

const json k_value = R"({"a": [1, {"b": null}], "c": {}})"_json;

}  // namespace

TEST_CASE("compact by default") { CHECK(k_value.dump() == R"({"a":[1,{"b":null}],"c":{}})"); }

TEST_CASE("indented on request, empty containers in one line") {
  CHECK(k_value.dump(2) == "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {}\n}");
  CHECK(json{1}.dump(1, '\t') == "[\n\t1\n]");
}

TEST_CASE("a stream takes its width as the indentation") {
  std::ostringstream out;
  out << json{1} << '|' << std::setw(1) << json{2};
  CHECK(out.str() == "[1]|[\n 2\n]");
}

TEST_CASE("a stream is read value by value") {
  std::istringstream in("1 [2] \"three\"");
  json first;
  json second;
  in >> first >> second;
  CHECK(first == 1);
  CHECK(second == json{2});
}
