#pragma once

#include <set>
#include <string>

#include "base/files.hpp"

namespace ptests {

/// The shared libraries that the ELF file `executable` loads from directories its builder or the environment names: DT_NEEDED looked up in
/// DT_RPATH, LD_LIBRARY_PATH (`library_path`) and DT_RUNPATH, and those that these load. Absolute paths. Libraries of the system are not
/// among them. Empty for a file that is no ELF file of this machine's kind, or is broken.
/// Source: ld.so(8), "Rpath token expansion" for $ORIGIN.
std::set<std::string> shared_objects_of(const fs::path& executable, const std::string& library_path);

}  // namespace ptests
