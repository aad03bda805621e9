#pragma once

#include <string>
#include <string_view>

#include "base/xml_reader.hpp"

namespace ptests {

/// Reads the XML of doctest's reporter, which is not always well-formed: characters XML forbids pass its escaping, and threads may write
/// into one another. What no XML reader takes is escaped; after damage it goes on with the next element that begins a case, ends one or
/// tells of a crash. That is safe: a `<` of the tests' own is always escaped.
class DoctestXml {
 public:
  /// `handler` outlives it.
  explicit DoctestXml(XmlReader::Handler& handler);

  void read(std::string_view bytes);
  /// Whether what came was a whole document, without damage.
  bool finish();

 private:
  enum class Place { text, tag, value };

  void feed(std::string_view piece);
  void look_for_element(std::string_view piece);
  void escape(std::string_view piece);
  void escape_byte(char c);
  /// Takes the character at the head of `bytes`; 0 when the rest of it is still to come.
  std::size_t escape_character(std::string_view bytes);

  XmlReader::Handler& handler_;
  XmlReader reader_;
  Place place_ = Place::text;
  std::string partial_;  ///< the begin of a character
  std::string escaped_;
  std::string head_;  ///< of the line, while it is not clear whether it goes on there
  bool is_lost_ = false;
  bool was_lost_ = false;
  bool is_line_start_ = true;
};

}  // namespace ptests
