#pragma once

#include "base/files.hpp"

namespace ptests {

/// Removes `path` and all below it, also folders without rights for their owner, as tests like to leave. Links are removed, never
/// followed. False when something remains, or nothing was there.
bool remove_tree(const fs::path& path);

}  // namespace ptests
