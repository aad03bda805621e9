#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "core/outcome.hpp"
#include "core/suite.hpp"

namespace ptests {

/// What the run does, as every Reporter hears it. Pointers live as long as the Suite.
struct RunStarted {
  const BuildTree* tree = nullptr;
  std::vector<const Test*> tests;  ///< the selected ones, in CTest's order
  int jobs = 1;
  std::chrono::system_clock::time_point time;
};
struct BuildStarted {
  std::string command;
};
struct BuildOutput {
  std::string line;
};
struct BuildFinished {
  bool ok = true;
  Seconds duration{};
  std::string error;
};
struct TestStarted {
  const Test* test = nullptr;
};
struct TestFinished {
  TestResult result;
};
/// `signal` is the one that interrupted the run, else 0.
struct RunFinished {
  Seconds duration{};
  std::chrono::system_clock::time_point time;
  int signal = 0;
};

using Event = std::variant<RunStarted, BuildStarted, BuildOutput, BuildFinished, TestStarted, TestFinished, RunFinished>;

/// `std::visit` with lambdas; a reporter ends its list with one that takes any other event.
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace ptests
