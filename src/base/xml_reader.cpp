#include "base/xml_reader.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>

namespace ptests {

namespace {

/// expat keeps a token until it is whole and reads it again with each piece: a tag without an end must not take the memory.
constexpr std::size_t k_most_token = std::size_t{4} << 20U;
constexpr std::size_t k_piece = std::size_t{64} << 10U;
/// expat keeps every element that is open.
constexpr std::size_t k_most_depth = 1000;

}  // namespace

struct XmlReader::Parser {
  explicit Parser(Handler& hears) : handler(hears), expat(XML_ParserCreate(nullptr)) {
    if (expat == nullptr) {
      fail_with("out of memory");
      return;
    }
    XML_SetUserData(expat, this);
    XML_SetElementHandler(expat, began, ended);
    XML_SetCharacterDataHandler(expat, text);
  }
  ~Parser() {
    if (expat != nullptr) XML_ParserFree(expat);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  Parser(Parser&&) = delete;
  Parser& operator=(Parser&&) = delete;

  void fail_with(std::string_view what) {
    if (error.empty()) error = fmt::format("line {}: {}", expat == nullptr ? 1 : XML_GetCurrentLineNumber(expat), what);
  }

  void parse(std::string_view bytes, bool is_last) {
    const XML_Status status = XML_Parse(expat, bytes.data(), static_cast<int>(bytes.size()), is_last ? XML_TRUE : XML_FALSE);
    if (status != XML_STATUS_OK) return fail_with(XML_ErrorString(XML_GetErrorCode(expat)));
    taken += bytes.size();
    const auto told = static_cast<std::size_t>(std::max(XML_Index{0}, XML_GetCurrentByteIndex(expat)));
    if (!is_last && taken - std::min(taken, told) > k_most_token) fail_with("a tag or comment without an end");
  }

  static void XMLCALL began(void* data, const XML_Char* name, const XML_Char** pairs) {
    auto& parser = *static_cast<Parser*>(data);
    // expat may end an empty element after it was told to stop.
    if (!parser.error.empty()) return;
    if (++parser.depth > k_most_depth) {
      parser.fail_with("elements too deep in one another");
      XML_StopParser(parser.expat, XML_FALSE);
      return;
    }
    Attributes attributes;
    for (; *pairs != nullptr; pairs += 2) attributes.emplace(pairs[0], pairs[1]);
    parser.handler.began(name, attributes);
  }

  static void XMLCALL ended(void* data, const XML_Char* name) {
    auto& parser = *static_cast<Parser*>(data);
    if (!parser.error.empty()) return;
    --parser.depth;
    parser.handler.ended(name);
  }

  static void XMLCALL text(void* data, const XML_Char* bytes, int count) {
    auto& parser = *static_cast<Parser*>(data);
    if (parser.error.empty()) parser.handler.text({bytes, static_cast<std::size_t>(count)});
  }

  Handler& handler;
  XML_Parser expat;
  std::string error;
  std::size_t taken = 0;
  std::size_t depth = 0;
  bool is_finished = false;
};

XmlReader::XmlReader(Handler& handler) : parser_(std::make_unique<Parser>(handler)) {}
XmlReader::~XmlReader() = default;
XmlReader::XmlReader(XmlReader&&) noexcept = default;
XmlReader& XmlReader::operator=(XmlReader&&) noexcept = default;

bool XmlReader::read(std::string_view bytes) {
  while (parser_->error.empty() && !bytes.empty()) {
    const std::string_view piece = bytes.substr(0, k_piece);
    parser_->parse(piece, false);
    bytes.remove_prefix(piece.size());
  }
  return parser_->error.empty();
}

bool XmlReader::finish() {
  if (parser_->error.empty() && !parser_->is_finished) parser_->parse("", true);
  parser_->is_finished = true;
  return parser_->error.empty();
}

const std::string& XmlReader::error() const { return parser_->error; }

}  // namespace ptests
