// Pointers print as addresses, and only when asked to.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdint>
#include <memory>

TEST_CASE("a void pointer prints as a hexadecimal address") {
  const auto* address = reinterpret_cast<const void*>(std::uintptr_t{0xbeef});
  CHECK(fmt::format("{}", address) == "0xbeef");
  CHECK(fmt::format("[{:>10}]", address) == "[    0xbeef]");
  CHECK(fmt::format("{}", nullptr) == "0x0");
}

TEST_CASE("fmt::ptr admits typed and smart pointers") {
  const auto owner = std::make_unique<int>(1);
  CHECK(fmt::format("{}", fmt::ptr(owner)) == fmt::format("{}", fmt::ptr(owner.get())));
}
