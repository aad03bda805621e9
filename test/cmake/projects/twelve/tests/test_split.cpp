#include "words.hpp"

bool passes() { return split("a b").size() == 2; }
