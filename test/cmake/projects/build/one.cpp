#include <string>
#include <vector>

#include "found.hpp"

#ifndef FROM_LIBRARY
#error "LINK_LIBRARIES is missing"
#endif

extern "C" int run() {
  std::vector<std::string> words(FROM_INCLUDE, TEXT);
  return words[0] != "a b";
}
