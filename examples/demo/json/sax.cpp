// The SAX interface: events instead of a tree.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

using nlohmann::json;

namespace {

/// Writes one letter an event.
struct Trace : json::json_sax_t {
  std::string events;

  bool say(const char* event) {
    events += event;
    return true;
  }

  bool null() override { return say("n"); }
  bool boolean(bool) override { return say("b"); }
  bool number_integer(json::number_integer_t) override { return say("i"); }
  bool number_unsigned(json::number_unsigned_t) override { return say("u"); }
  bool number_float(json::number_float_t, const std::string&) override { return say("f"); }
  bool string(std::string&) override { return say("s"); }
  bool binary(json::binary_t&) override { return say("x"); }
  bool start_object(std::size_t) override { return say("{"); }
  bool key(std::string&) override { return say("k"); }
  bool end_object() override { return say("}"); }
  bool start_array(std::size_t) override { return say("["); }
  bool end_array() override { return say("]"); }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    say("!");
    return false;
  }
};

}  // namespace

TEST_CASE("events come in document order") {
  Trace trace;
  CHECK(json::sax_parse(R"({"a": [1, -1, 1.5, "s", true, null], "b": {}})", &trace));
  CHECK(trace.events == "{k[uifsbn]k{}}");
}

TEST_CASE("an error is an event too, and the last one") {
  Trace trace;
  CHECK_FALSE(json::sax_parse("[1, 2, oops, 3]", &trace));
  CHECK(trace.events == "[uu!");
}
