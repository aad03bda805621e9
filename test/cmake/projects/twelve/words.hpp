#pragma once
#include <string>
#include <vector>

std::vector<std::string> split(const std::string& text);
std::string join(const std::vector<std::string>& words);
std::string trim(const std::string& text);
