#include "roman.h"

#include <iostream>

int main() {
  for (int number = 1; number <= 3999; number += 37) {
    if (from_roman(to_roman(number)) != number) {
      std::cerr << number << " became " << to_roman(number) << '\n';
      return 1;
    }
  }
  return 0;
}
