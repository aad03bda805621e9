#include "base/file_tail.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace ptests {

void FileTail::read(const std::function<void(std::string_view)>& take) {
  constexpr std::size_t k_piece = std::size_t{64} * 1024;
  if (!fd_) fd_ = UniqueFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd_) return;
  std::vector<char> buffer(k_piece);
  while (true) {
    const ssize_t got = ::pread(fd_.get(), buffer.data(), buffer.size(), static_cast<off_t>(read_));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    read_ += static_cast<std::uint64_t>(got);
    take({buffer.data(), static_cast<std::size_t>(got)});
    if (static_cast<std::size_t>(got) < buffer.size()) return;
  }
}

}  // namespace ptests
