// A type of one's own, converted by to_json and from_json.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using nlohmann::json;

namespace shop {

struct Item {
  std::string name;
  double price = 0;
};

bool operator==(const Item& a, const Item& b) { return a.name == b.name && a.price == b.price; }

void to_json(json& value, const Item& item) { value = {{"name", item.name}, {"price", item.price}}; }

void from_json(const json& value, Item& item) {
  value.at("name").get_to(item.name);
  value.at("price").get_to(item.price);
}

}  // namespace shop

TEST_CASE("there and back again") {
  const shop::Item item{"tea", 3.5};
  CHECK(json(item).dump() == R"({"name":"tea","price":3.5})");
  CHECK(json(item).get<shop::Item>() == item);
}

TEST_CASE("containers of the type convert as well") {
  const std::vector<shop::Item> items{{"tea", 3.5}, {"cake", 4.25}};
  CHECK(json(items).get<std::vector<shop::Item>>() == items);
}

TEST_CASE("a missing member is an error") {
  CHECK_THROWS_AS(static_cast<void>(json{{"name", "tea"}}.get<shop::Item>()), json::out_of_range);
}
