// Walking over arrays and objects.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

using nlohmann::json;

TEST_CASE("an array iterates like a container") {
  const json numbers = {3, 1, 2};
  int sum = 0;
  for (const json& number : numbers) {
    sum += number.get<int>();
  }
  CHECK(sum == 6);

  json sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  CHECK(sorted == json{1, 2, 3});
}

TEST_CASE("items() gives keys and values") {
  const json ages = {{"grace", 85}, {"ada", 36}};
  std::vector<std::string> lines;
  for (const auto& [name, age] : ages.items()) {
    lines.push_back(name + "=" + age.dump());
  }
  CHECK(lines == std::vector<std::string>{"ada=36", "grace=85"});
}

TEST_CASE("the keys of an array are its indices") {
  const json letters = {"a", "b", "c"};
  std::string keys;
  for (const auto& item : letters.items()) {
    keys += item.key();
  }
  CHECK(keys == "012");
}

TEST_CASE("a value that is no container is a range of one") {
  const json value = 42;
  CHECK(std::distance(value.begin(), value.end()) == 1);
  const json nothing;
  CHECK(nothing.begin() == nothing.end());
}
