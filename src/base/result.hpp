#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace ptests {

/// What went wrong outside of us, for a person to read. `message` names the thing (a file, an option, a test);
/// `hint`, when there is one, names the cure.
struct Error {
  std::string message;
  std::string hint;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{std::move(message), std::move(hint)});
}

}  // namespace ptests
