#include "base/shared_objects.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace ptests {

namespace {

/// What the dynamic section of a file says.
struct Dynamic {
  std::vector<std::string> needed;
  std::string rpath;
  std::string runpath;
};

/// A struct at `offset`; nothing when the file ends before its end.
template <class T>
std::optional<T> read_at(std::string_view file, std::uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

bool is_elf_of_ours(const ElfW(Ehdr) & header) {
  constexpr unsigned char k_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == k_class &&
         header.e_phentsize == sizeof(ElfW(Phdr));
}

std::vector<ElfW(Phdr)> segments_of(std::string_view file) {
  std::vector<ElfW(Phdr)> segments;
  const auto header = read_at<ElfW(Ehdr)>(file, 0);
  if (!header || !is_elf_of_ours(*header)) return segments;
  for (std::uint64_t i = 0; i < header->e_phnum; ++i)
    if (const auto segment = read_at<ElfW(Phdr)>(file, header->e_phoff + i * sizeof(ElfW(Phdr)))) segments.push_back(*segment);
  return segments;
}

/// Where in the file the byte is that is loaded to `address`.
std::optional<std::uint64_t> offset_of(const std::vector<ElfW(Phdr)>& segments, std::uint64_t address) {
  for (const ElfW(Phdr) & segment : segments)
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
      return segment.p_offset + (address - segment.p_vaddr);
  return std::nullopt;
}

/// A text that ends with a NUL; "" when it does not.
std::string text_at(std::string_view file, std::uint64_t offset) {
  if (offset >= file.size()) return "";
  const std::size_t end = file.find('\0', offset);
  return end == file.npos ? "" : std::string(file.substr(offset, end - offset));
}

Dynamic read_dynamic(std::string_view file) {
  Dynamic dynamic;
  const std::vector<ElfW(Phdr)> segments = segments_of(file);
  std::vector<ElfW(Dyn)> entries;
  for (const ElfW(Phdr) & segment : segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    for (std::uint64_t at = 0; at + sizeof(ElfW(Dyn)) <= segment.p_filesz; at += sizeof(ElfW(Dyn))) {
      const auto entry = read_at<ElfW(Dyn)>(file, segment.p_offset + at);
      if (!entry || entry->d_tag == DT_NULL) break;
      entries.push_back(*entry);
    }
  }
  std::optional<std::uint64_t> texts;
  for (const ElfW(Dyn) & entry : entries)
    if (entry.d_tag == DT_STRTAB) texts = offset_of(segments, entry.d_un.d_ptr);
  if (!texts) return dynamic;
  for (const ElfW(Dyn) & entry : entries) {
    if (entry.d_tag == DT_NEEDED) dynamic.needed.push_back(text_at(file, *texts + entry.d_un.d_val));
    if (entry.d_tag == DT_RPATH) dynamic.rpath = text_at(file, *texts + entry.d_un.d_val);
    if (entry.d_tag == DT_RUNPATH) dynamic.runpath = text_at(file, *texts + entry.d_un.d_val);
  }
  // ld.so ignores the one where there is the other.
  if (!dynamic.runpath.empty()) dynamic.rpath.clear();
  return dynamic;
}

/// In the order in which ld.so looks.
std::vector<std::string> directories_of(const Dynamic& dynamic, const std::string& library_path, const fs::path& origin) {
  std::vector<std::string> directories;
  for (const std::string* list : {&dynamic.rpath, &library_path, &dynamic.runpath})
    for (std::string& directory : split(*list, ':'))
      if (!directory.empty()) directories.push_back(std::move(directory));
  for (std::string& directory : directories)
    for (const std::string_view token : {"${ORIGIN}", "$ORIGIN"})
      if (const std::size_t at = directory.find(token); at != directory.npos) directory.replace(at, token.size(), origin.string());
  return directories;
}

void collect(const fs::path& path, const std::string& library_path, std::set<std::string>& found) {
  const Result<MappedFile> file = MappedFile::open(path);
  if (!file) return;
  const Dynamic dynamic = read_dynamic(file->text());
  const std::vector<std::string> directories = directories_of(dynamic, library_path, path.parent_path());
  for (const std::string& name : dynamic.needed) {
    for (const std::string& directory : directories) {
      std::error_code ignored;
      const fs::path candidate = fs::path(directory) / name;
      if (!fs::is_regular_file(candidate, ignored)) continue;
      if (found.insert(candidate.string()).second) collect(candidate, library_path, found);
      break;
    }
  }
}

}  // namespace

std::set<std::string> shared_objects_of(const fs::path& executable, const std::string& library_path) {
  std::set<std::string> found;
  collect(executable, library_path, found);
  return found;
}

}  // namespace ptests
