#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/xml_reader.hpp"

namespace ptests {

/// Collects what doctest's XML says about one case and words it for people: at most CaseEvent::k_most_message bytes.
class DoctestMessage {
 public:
  using Attributes = XmlReader::Attributes;

  void began(std::string_view element, const Attributes& attributes);
  void ended(std::string_view element);
  void text(std::string_view text);
  /// One more line.
  void add(std::string_view line);

  /// What was collected.
  const std::string& lines() const { return lines_; }
  /// What the last element "Exception" says of a crash, and under it what was collected.
  std::string crash() const;

 private:
  enum class Weight { failure, note };

  std::string part(std::string_view element) const;
  void add_weighted(std::string_view line, Weight weight);
  void add_expression();
  void add_message();
  void add_exception();
  std::string place() const;
  std::string surroundings() const;
  std::string in_subcase() const;

  std::string where_;  ///< "file.cpp:12: " of the case
  Attributes open_;    ///< of the Expression or Message that is open
  bool is_open_ = false;
  std::map<std::string, std::string, std::less<>> parts_;  ///< texts of the elements in it
  std::string leaf_;                                       ///< the element whose text comes
  std::vector<std::string> infos_;
  std::vector<std::string> subcases_;
  std::string thrown_in_;  ///< the subcases an exception left
  std::string lines_;
  bool is_cut_ = false;
};

/// Attribute `name`, or "".
std::string_view attribute(const XmlReader::Attributes& attributes, std::string_view name);

}  // namespace ptests
