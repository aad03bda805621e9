#include "roman.h"

#include <stdexcept>

int main() {
  for (const char* nonsense : {"", "IIII", "VX", "mmxx"}) {
    try {
      from_roman(nonsense);
      return 1;
    } catch (const std::invalid_argument&) {
    }
  }
  return 0;
}
