#include "cli/surroundings.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <thread>

#include "process/proc.hpp"
#include "run/temp_folders.hpp"

namespace ptests::cli {

RunRemains name_run() {
  // Times and process numbers of several containers are often the same.
  const std::string identity = own_identity();
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const unsigned random = std::random_device{}() & 0xffffffU;
  return {fmt::format("{:%Y%m%dT%H%M%SZ}-{}-{:06x}", now, ::getpid(), random), identity, temporary_root(identity)};
}

int processors(const Options& options) {
  return options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace ptests::cli
