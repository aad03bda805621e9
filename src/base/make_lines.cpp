#include "base/make_lines.hpp"

#include "base/text.hpp"

namespace ptests {

std::optional<std::string> make_rule_output(std::string_view line) {
  const std::string plain = without_escapes(line);
  std::string_view rest = plain;
  if (const std::size_t end = rest.find("%] "); rest.starts_with('[') && end != rest.npos) rest.remove_prefix(end + 3);
  const bool compiles = rest.starts_with("Building ");
  if (!compiles && !rest.starts_with("Linking ")) return std::nullopt;
  const std::string_view before = compiles ? " object " : " executable ";
  const std::size_t at = rest.find(before);
  if (at == rest.npos) return std::nullopt;
  return std::string(rest.substr(at + before.size()));
}

bool is_from_make(std::string_view line) {
  const std::size_t colon = line.find(": ");
  if (colon == line.npos) return false;
  std::string_view who = line.substr(0, colon);
  if (const std::size_t bracket = who.find('['); bracket != who.npos && who.ends_with(']')) who = who.substr(0, bracket);
  return who.ends_with("make");
}

bool is_make_error(std::string_view line) { return is_from_make(line) && line.find(": *** [") != line.npos; }

}  // namespace ptests
