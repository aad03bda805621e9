#pragma once

#include <string>

/// Roman numeral of a number from 1 to 3999; throws std::out_of_range for any other.
std::string to_roman(int number);

/// Number of a well-formed Roman numeral; throws std::invalid_argument for any other text.
int from_roman(const std::string& numeral);
