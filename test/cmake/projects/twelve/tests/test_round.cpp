#include "words.hpp"

bool passes() { return join(split("x y")) == "x y"; }
