#include "roman.h"

#include <stdexcept>
#include <utility>

namespace {

constexpr std::pair<int, const char*> k_digits[] = {
    {1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
    {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"},
};

}  // namespace

std::string to_roman(int number) {
  if (number < 1 || number > 3999) {
    throw std::out_of_range("no Roman numeral for " + std::to_string(number));
  }
  std::string numeral;
  for (const auto& [value, digits] : k_digits) {
    for (; number >= value; number -= value) {
      numeral += digits;
    }
  }
  return numeral;
}

int from_roman(const std::string& numeral) {
  for (int number = 1; number <= 3999; ++number) {
    if (to_roman(number) == numeral) {
      return number;
    }
  }
  throw std::invalid_argument("not a Roman numeral: " + numeral);
}
