#include "words.hpp"

bool passes() { return split("").empty(); }
