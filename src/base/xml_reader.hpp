#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace ptests {

/// Reads an XML document that arrives in pieces, cut anywhere (expat). After the first malformed byte nothing more is told.
class XmlReader {
 public:
  using Attributes = std::map<std::string, std::string, std::less<>>;
  /// Hears of the elements. Text may come in several pieces.
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void began(std::string_view element, const Attributes& attributes) = 0;
    virtual void ended(std::string_view element) = 0;
    virtual void text(std::string_view text) = 0;
  };

  /// `handler` outlives it.
  explicit XmlReader(Handler& handler);
  ~XmlReader();
  XmlReader(XmlReader&&) noexcept;
  XmlReader& operator=(XmlReader&&) noexcept;

  /// False from the first malformed byte on.
  bool read(std::string_view bytes);
  /// Whether what came was a whole document.
  bool finish();
  /// "line 3: not well-formed (invalid token)"; "" while nothing is wrong.
  const std::string& error() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace ptests
