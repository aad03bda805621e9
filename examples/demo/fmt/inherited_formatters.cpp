// A formatter that inherits width, fill and alignment from the one of strings.
#include <doctest/doctest.h>
#include <fmt/format.h>

enum class Colour { red, green, blue };

template <>
struct fmt::formatter<Colour> : fmt::formatter<fmt::string_view> {
  template <typename Context>
  auto format(Colour colour, Context& context) const {
    fmt::string_view name = "unknown";
    switch (colour) {
      case Colour::red: name = "red"; break;
      case Colour::green: name = "green"; break;
      case Colour::blue: name = "blue"; break;
    }
    return fmt::formatter<fmt::string_view>::format(name, context);
  }
};

TEST_CASE("an enumerator prints its name") {
  CHECK(fmt::format("{}", Colour::green) == "green");
  CHECK(fmt::format("{}", static_cast<Colour>(7)) == "unknown");
}

TEST_CASE("the string's options apply") {
  CHECK(fmt::format("[{:>6}]", Colour::red) == "[   red]");
  CHECK(fmt::format("[{:-<6}]", Colour::blue) == "[blue--]");
}

TEST_CASE("fmt::underlying prints the number") { CHECK(fmt::format("{}", fmt::underlying(Colour::blue)) == "2"); }
