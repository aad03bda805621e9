// Looking for a member that may be missing.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

using nlohmann::json;
using namespace nlohmann::literals;

namespace {

const json k_config = R"({"host": "localhost", "port": 8080, "tls": {"enabled": true}})"_json;

}  // namespace

TEST_CASE("at() throws for what is missing") {
  CHECK(k_config.at("port") == 8080);
  CHECK_THROWS_AS(static_cast<void>(k_config.at("user")), json::out_of_range);
  CHECK_THROWS_AS(static_cast<void>(k_config.at("host").at("name")), json::type_error);
}

TEST_CASE("value() has a default for what is missing") {
  CHECK(k_config.value("host", "0.0.0.0") == "localhost");
  CHECK(k_config.value("user", "nobody") == "nobody");
  CHECK(k_config.value("/tls/enabled"_json_pointer, false));
}

TEST_CASE("contains() and find() only look") {
  CHECK(k_config.contains("tls"));
  CHECK(k_config.contains("/tls/enabled"_json_pointer));
  CHECK(k_config.find("user") == k_config.end());
}

TEST_CASE("operator[] makes a member of a value that may change") {
  json config = k_config;
  config["user"] = "ada";
  CHECK(config.size() == k_config.size() + 1);
}
