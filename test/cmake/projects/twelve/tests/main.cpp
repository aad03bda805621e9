#include <cstdlib>
#include <iostream>

bool passes();

int main() {
  const bool passed = passes() && !std::getenv("FAIL");
  std::cout << (passed ? "good" : "the words differ") << '\n';
  return passed ? 0 : 1;
}
