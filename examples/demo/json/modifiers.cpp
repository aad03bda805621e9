// Changing arrays and objects in place.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;

TEST_CASE("an array grows and shrinks") {
  json list;
  list.push_back(1);
  list.emplace_back("two");
  list += 3.0;
  list.insert(list.begin(), nullptr);
  CHECK(list.dump() == R"([null,1,"two",3.0])");
  list.erase(2);
  CHECK(list.dump() == "[null,1,3.0]");
}

TEST_CASE("emplace keeps a member that is there, update replaces it") {
  json object = {{"a", 1}};
  CHECK_FALSE(object.emplace("a", 2).second);
  CHECK(object.emplace("b", 2).second);
  object.update({{"a", 10}, {"c", 3}});
  CHECK(object == json{{"a", 10}, {"b", 2}, {"c", 3}});
  CHECK(object.erase("b") == 1);
  CHECK(object.erase("b") == 0);
}

TEST_CASE("update can merge nested objects") {
  json object = {{"log", {{"level", "info"}, {"file", "a.log"}}}};
  object.update({{"log", {{"level", "debug"}}}}, true);
  CHECK(object["log"] == json{{"level", "debug"}, {"file", "a.log"}});
}

TEST_CASE("a push into what is no array is an error") {
  json number = 1;
  CHECK_THROWS_AS(number.push_back(2), json::type_error);
}
