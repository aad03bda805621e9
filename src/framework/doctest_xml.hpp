#pragma once

#include <string>
#include <string_view>

#include "base/xml_reader.hpp"

namespace ptests {

/// Reads the XML of doctest's reporter, which is not always well-formed: characters XML forbids pass its escaping, and threads may write
/// into one another. What no XML reader takes is escaped; after damage it goes on with the next element that begins a case, ends one or
/// tells of a crash. That is safe: a `<` of the tests' own is always escaped. What no doctest writes is damage too: comments, values in
/// single quotes, a tag of more than a MiB.
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
  std::size_t escape(std::string_view piece);
  void escape_byte(char c);
  bool is_damage(char c) const;
  /// Where the next character belongs.
  std::string& out() { return place_ == Place::text ? escaped_ : tag_; }
  /// Takes the character at the head of `bytes`; 0 when the rest of it is still to come.
  std::size_t escape_character(std::string_view bytes);

  XmlReader::Handler& handler_;
  XmlReader reader_;
  Place place_ = Place::text;
  std::string partial_;  ///< the begin of a character
  std::string escaped_;  ///< texts and whole tags
  std::string tag_;      ///< the one that is open: expat would read its begin again with every line
  std::string head_;     ///< of the line, while it is not clear whether it goes on there
  bool is_lost_ = false;
  bool was_lost_ = false;
  bool is_line_start_ = true;  ///< only spaces stand before what comes
};

}  // namespace ptests
