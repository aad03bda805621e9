#include "words.hpp"

bool passes() { return join({"a", "b"}) == "a b"; }
