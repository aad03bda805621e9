#include <doctest/doctest.h>

#include "base/json.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

const JsonDocument k_document = *parse_json(R"({
  "tests": [ {"name": "a", "timeout": "5s", "none": null}, {"list": ["x", 1]} ],
  "number": 10, "text": "10", "big": 3e9, "half": 0.5, "yes": true, "on": "ON", "maybe": "maybe",
  "list": "a;b\\;c", "array": ["a;b", "c"], "object": {"deep": {"deeper": []}} })");

}  // namespace

TEST_CASE("an error names the place, what was expected and what is there") {
  const JsonAt root(k_document);
  const JsonAt tests(root, "tests");
  const JsonAt first(tests, 0);
  const JsonAt second(tests, 1);
  const JsonAt object(root, "object");
  const JsonAt deep(object, "deep");
  CHECK(message(JsonAt(first, "timeout").cmake_number()) == R"(tests[0].timeout: expected a number, got "5s")");
  CHECK(message(JsonAt(second, "list").texts()) == "tests[1].list[1]: expected a string, got 1");
  CHECK(message(JsonAt(first, "name").array()) == R"(tests[0].name: expected an array, got "a")");
  CHECK(message(JsonAt(first, "none").text()) == "tests[0].none: expected a string, got nothing");
  CHECK(message(JsonAt(first, "absent").text()) == "tests[0].absent: expected a string, got nothing");
  CHECK(message(JsonAt(tests, 7).object()) == "tests[7]: expected an object, got nothing");
  CHECK(message(JsonAt(deep, "deeper").text()) == "object.deep.deeper: expected a string, got []");
  CHECK(message(root.array()).starts_with("expected an array, got {"));
}

TEST_CASE("a place below one that is not there is not there") {
  const JsonAt root(k_document);
  const JsonAt absent(root, "absent");
  const JsonAt below(absent, "below");
  CHECK_FALSE(JsonAt(below, 3).exists());
  CHECK_FALSE(JsonAt(JsonAt(root, "number"), "key").exists());
  CHECK(JsonAt(below, 3).path() == "absent.below[3]");
}

TEST_CASE("a long value is cut in the error") {
  const JsonDocument value = JsonDocument::of_text(std::string(1000, 'x'));
  CHECK(message(JsonAt(value).array()).size() < 150);
}

TEST_CASE("the cut in an error does not break a character") {
  for (const std::size_t before : {std::size_t{70}, std::size_t{77}, std::size_t{78}, std::size_t{79}}) {
    const JsonDocument value =
        JsonDocument::of_text(std::string(before, 'x') + "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");
    CAPTURE(before);
    CHECK(message(JsonAt(value).array()).find("\xc3.") == std::string::npos);
  }
}

TEST_CASE("a member without a name is shown as a member") {
  const JsonDocument value = *parse_json(R"({"": 1})");
  const JsonAt root(value);
  CHECK(JsonAt(root, "").path().find("[0]") == std::string::npos);
}

TEST_CASE("values in CMake's form count") {
  const JsonAt root(k_document);
  CHECK(JsonAt(root, "number").cmake_number() == 10.0);
  CHECK(JsonAt(root, "text").cmake_number() == 10.0);
  CHECK(JsonAt(root, "text").cmake_int() == 10);
  CHECK(JsonAt(root, "yes").cmake_bool() == true);
  CHECK(JsonAt(root, "on").cmake_bool() == true);
  CHECK(JsonAt(root, "maybe").cmake_bool() == false);
  CHECK(show(*JsonAt(root, "list").cmake_list()) == "[a][b;c]");
  CHECK(show(*JsonAt(root, "array").cmake_list()) == "[a;b][c]");
}

TEST_CASE("values of another kind do not") {
  const JsonAt root(k_document);
  CHECK(message(JsonAt(root, "yes").cmake_number()) == "yes: expected a number, got true");
  CHECK(message(JsonAt(root, "half").cmake_int()) == "half: expected a whole number, got 0.5");
  CHECK(message(JsonAt(root, "big").cmake_int()) == "big: expected a whole number, got 3000000000.0");
  CHECK(message(JsonAt(root, "number").cmake_bool()) == "number: expected true or false, got 10");
  CHECK(message(JsonAt(root, "number").cmake_list()) == "number: expected an array of strings, got 10");
}

TEST_CASE("JSON is written on one line and always valid UTF-8") {
  CHECK(dump_json({"a\nb", 1, true}) == R"(["a\nb",1,true])");
  CHECK(dump_json("a\xff"
                  "b") ==
        "\"a\xef\xbf\xbd"
        "b\"");
}

TEST_CASE("what was read is written as it was, its members sorted") {
  const std::string text = R"({"array":[null,true,false,-7,18446744073709551615,0.5,3000000000.0],"object":{"a":"x","b":[],"c":{}}})";
  const JsonDocument document = *parse_json(text);
  CHECK(dump_json(document.root()) == text);
  CHECK(dump_json(parse_json(R"( {"b" : 1, "a" : [ {"d":2 ,"c":"\u00e4"} ] } )")->root()) ==
        "{\"a\":[{\"c\":\"\xc3\xa4\",\"d\":2}],\"b\":1}");
}

TEST_CASE("a number is told from a text that looks like it") {
  const JsonDocument document = *parse_json(R"({"one": 1, "fraction": 1.0, "text": "1", "none": null})");
  const JsonAt root(document);
  CHECK(JsonAt(root, "one").is(1));
  CHECK(JsonAt(root, "fraction").is(1));
  CHECK_FALSE(JsonAt(root, "one").is(2));
  CHECK_FALSE(JsonAt(root, "text").is(1));
  CHECK_FALSE(JsonAt(root, "none").is(0));
  CHECK_FALSE(JsonAt(root, "absent").is(0));
}
