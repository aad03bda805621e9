#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "base/unique_fd.hpp"

namespace ptests {

/// A file that somebody else appends to, read as it grows. One that is not there yet is empty.
class FileTail {
 public:
  explicit FileTail(std::filesystem::path path) : path_(std::move(path)) {}
  /// Hands what came since the last time to `take`, in pieces of at most 64 KiB.
  void read(const std::function<void(std::string_view)>& take);

 private:
  std::filesystem::path path_;
  UniqueFd fd_;
  std::uint64_t read_ = 0;  ///< bytes
};

}  // namespace ptests
