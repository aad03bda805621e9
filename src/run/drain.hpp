#pragma once

#include <memory>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "base/uv.hpp"

namespace ptests {

/// Copies what a test writes into a pipe or a terminal of ours into its log, as it comes.
class Drain {
 public:
  Drain() = default;
  /// The end the test writes to; give it to the child and close it then.
  struct Ends {
    UniqueFd ours;
    UniqueFd childs;
  };
  static Result<Ends> open_pipe();
  /// A terminal of 80x24 that passes bytes through unchanged.
  static Result<Ends> open_terminal();

  /// `log` outlives it.
  Drain(uv::Loop& loop, UniqueFd source, int log);
  /// Copies what there is now; the rest comes later.
  void copy();

 private:
  struct Flow {
    UniqueFd source;
    int log = -1;
    uv::Poll poll;
    /// False when nothing more will come.
    bool copy_once() const;
  };
  std::unique_ptr<Flow> flow_;  ///< where the poll's callback finds it
};

}  // namespace ptests
