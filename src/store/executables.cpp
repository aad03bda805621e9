#include "store/executables.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <utility>
#include <vector>

namespace ptests {

namespace {

constexpr std::size_t k_piece = std::size_t{1} << 20;

std::optional<FileStamp> stamp_of(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return FileStamp{static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec,
                   status.st_ino};
}

std::optional<FileStamp> stamp_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? stamp_of(status) : std::nullopt;
}

std::optional<FileStamp> stamp_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? stamp_of(status) : std::nullopt;
}

}  // namespace

/// One file on its way. It is read, not mapped: a linker that truncates it would kill us.
class Executables::Hashing {
 public:
  explicit Hashing(Job job) : job_(std::move(job)), fd_(::open(job_.path.c_str(), O_RDONLY | O_CLOEXEC)), piece_(k_piece) {
    ::XXH3_64bits_reset(state_.get());
  }

  const Job& job() const { return job_; }
  bool is_the_same() const { return fd_ && stamp_of(fd_.get()) == job_.stamp; }
  /// How many bytes were added; 0 at the end, and after an error.
  std::size_t add_piece() {
    const ssize_t length = ::read(fd_.get(), piece_.data(), piece_.size());
    if (length <= 0) return 0;
    ::XXH3_64bits_update(state_.get(), piece_.data(), static_cast<std::size_t>(length));
    size_ += static_cast<std::uint64_t>(length);
    return static_cast<std::size_t>(length);
  }
  bool is_whole() const { return size_ == job_.stamp.size; }
  std::string hash() const { return fmt::format("{:016x}", ::XXH3_64bits_digest(state_.get())); }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { ::XXH3_freeState(state); }
  };
  Job job_;
  UniqueFd fd_;
  std::vector<char> piece_;
  std::unique_ptr<XXH3_state_t, Free> state_{::XXH3_createState()};
  std::uint64_t size_ = 0;
};

Executables::Executables(History& history)
    : database_(&history.database()),
      insert_(database_->prepare("INSERT INTO executables (path, size, mtime_ns, inode, last_run) VALUES (?1, ?2, ?3, ?4, ?5)"
                                 " ON CONFLICT DO UPDATE SET last_run = max(last_run, excluded.last_run) RETURNING id, hash")),
      store_(database_->prepare("UPDATE executables SET hash = ?2 WHERE id = ?1")) {}

Executables::~Executables() = default;

std::optional<std::int64_t> Executables::note(const std::string& path, std::int64_t run) {
  const auto [place, is_new] = known_.emplace(path, std::nullopt);
  if (!is_new) return place->second;
  const std::optional<FileStamp> stamp = stamp_of(path);
  if (!stamp) return std::nullopt;
  if (!insert_.bind(path, stamp->size, stamp->mtime_ns, stamp->inode, run).next()) return std::nullopt;
  place->second = insert_.integer(0);
  if (insert_.is_null(1)) waiting_.push_back({*place->second, path, *stamp});
  insert_.reset();
  return place->second;
}

void Executables::forget() {
  known_.clear();
  waiting_.clear();
  hashing_.reset();
}

void Executables::begin() {
  if (hashing_ != nullptr || waiting_.empty()) return;
  hashing_ = std::make_unique<Hashing>(std::move(waiting_.front()));
  waiting_.pop_front();
  if (!hashing_->is_the_same()) hashing_.reset();
}

void Executables::work() {
  begin();
  if (hashing_ == nullptr || hashing_->add_piece() > 0) return;
  const std::unique_ptr<Hashing> done = std::exchange(hashing_, nullptr);
  if (!done->is_whole() || !done->is_the_same()) return;
  store_.bind(done->job().id, done->hash()).run();
  // Without it the next run hashes the file again.
  static_cast<void>(database_->result());
}

}  // namespace ptests
