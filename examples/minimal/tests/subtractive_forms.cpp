#include "roman.h"

// A test is a program: exit code 0 is a pass.
int main() {
  const bool right = to_roman(4) == "IV" && to_roman(1994) == "MCMXCIV" && to_roman(3999) == "MMMCMXCIX";
  return right ? 0 : 1;
}
