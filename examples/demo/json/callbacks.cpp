// A callback filters values while they are parsed.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;

TEST_CASE("a member is dropped by its key") {
  const auto without_secrets = [](int, json::parse_event_t event, json& parsed) {
    return event != json::parse_event_t::key || parsed != "password";
  };
  const json user = json::parse(R"({"name": "ada", "password": "1815"})", without_secrets);
  CHECK(user == json{{"name", "ada"}});
}

TEST_CASE("a value is dropped by its depth") {
  const auto shallow = [](int depth, json::parse_event_t event, json&) { return event != json::parse_event_t::object_start || depth < 1; };
  CHECK(json::parse(R"([1, {"a": 2}, 3])", shallow) == json{1, 3});
}

TEST_CASE("the callback sees every event") {
  int events = 0;
  const auto count = [&events](int, json::parse_event_t, json&) {
    ++events;
    return true;
  };
  CHECK(json::parse(R"({"a": [1]})", count) == json{{"a", {1}}});
  CHECK(events == 6);  // object start, key, array start, value, array end, object end
}
