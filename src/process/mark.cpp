#include "process/mark.hpp"

#include <sys/resource.h>

#include <charconv>

namespace ptests {

namespace {

constexpr std::uint64_t k_base = std::uint64_t{1} << 62;
constexpr unsigned k_serial_bits = 24;
constexpr std::uint32_t k_serial_mask = (1U << k_serial_bits) - 1;

}  // namespace

std::uint32_t run_mark(const std::string& identity) {
  // FNV-1a: the same in every process that looks, unlike std::hash.
  std::uint32_t hash = 2166136261U;
  for (const char byte : identity) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
  return hash;
}

std::optional<ProcessLimit> mark_limit(Mark mark) {
  static const rlim_t k_hard = [] {
    rlimit own{};
    return ::getrlimit(RLIMIT_RTTIME, &own) == 0 ? own.rlim_max : 0;
  }();
  const std::uint64_t value = k_base | (std::uint64_t{mark.run} << k_serial_bits) | (mark.serial & k_serial_mask);
  return k_hard >= value ? std::optional(ProcessLimit{RLIMIT_RTTIME, value, k_hard}) : std::nullopt;
}

std::optional<Mark> parse_mark(std::string_view limits) {
  // Source: fs/proc/base.c, lnames: "Max realtime timeout      <soft>  <hard>  us".
  constexpr std::string_view k_name = "Max realtime timeout";
  const std::size_t line = limits.find(k_name);
  if (line == std::string_view::npos) return std::nullopt;
  const std::size_t digits = limits.find_first_not_of(' ', line + k_name.size());
  if (digits == std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(limits.data() + digits, limits.data() + limits.size(), value);
  if (parsed.ec != std::errc{} || value < k_base || value >> 63 != 0) return std::nullopt;
  const std::uint64_t rest = value - k_base;
  if (rest >> (32 + k_serial_bits) != 0) return std::nullopt;
  return Mark{static_cast<std::uint32_t>(rest >> k_serial_bits), static_cast<std::uint32_t>(rest) & k_serial_mask};
}

}  // namespace ptests
