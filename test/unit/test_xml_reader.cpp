#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/xml_reader.hpp"

namespace {

/// Writes down what it hears; neighbouring texts become one.
struct Heard : ptests::XmlReader::Handler {
  void began(std::string_view element, const ptests::XmlReader::Attributes& attributes) override {
    all += "<" + std::string(element);
    for (const auto& [name, value] : attributes) all += " " + name + "='" + value + "'";
    all += ">";
  }
  void ended(std::string_view element) override { all += "</" + std::string(element) + ">"; }
  void text(std::string_view text) override { all += text; }
  std::string all;
};

constexpr std::string_view k_document =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!-- a comment --><a one=\"1\" b:two='&lt;&quot;&#228;'><b/>x &amp; y<![CDATA[<c>]]>\xc3\xa4</a>\n";
constexpr std::string_view k_heard = "<a b:two='<\"\xc3\xa4' one='1'><b></b>x & y<c>\xc3\xa4</a>";

}  // namespace

TEST_CASE("An XML reader tells elements, attributes and text") {
  Heard heard;
  ptests::XmlReader reader(heard);
  CHECK(reader.read(k_document));
  CHECK(reader.finish());
  CHECK(reader.finish());
  CHECK(heard.all == k_heard);
  CHECK(reader.error().empty());
}

TEST_CASE("An XML document may be cut anywhere") {
  for (std::size_t cut = 0; cut <= k_document.size(); ++cut) {
    Heard heard;
    ptests::XmlReader reader(heard);
    CHECK(reader.read(k_document.substr(0, cut)));
    CHECK(reader.read(k_document.substr(cut)));
    CHECK(reader.finish());
    CHECK(heard.all == k_heard);
  }
  Heard heard;
  ptests::XmlReader reader(heard);
  for (const char c : k_document) CHECK(reader.read({&c, 1}));
  CHECK(reader.finish());
  CHECK(heard.all == k_heard);
}

TEST_CASE("An XML element is told as soon as its tag is whole") {
  Heard heard;
  ptests::XmlReader reader(heard);
  CHECK(reader.read("<a><b c='"));
  CHECK(heard.all == "<a>");
  CHECK(reader.read("d'>"));
  CHECK(heard.all == "<a><b c='d'>");
  CHECK(reader.read("text"));
  CHECK(heard.all == "<a><b c='d'>text");
}

TEST_CASE("An XML reader tells nothing after the first malformed byte") {
  Heard heard;
  ptests::XmlReader reader(heard);
  CHECK(reader.read("<a>\n<b/>\n"));
  CHECK_FALSE(reader.read("<c></d><e/>"));
  CHECK_FALSE(reader.read("<f/>"));
  CHECK_FALSE(reader.finish());
  CHECK(heard.all == "<a>\n<b></b>\n<c>");
  CHECK(reader.error() == "line 3: mismatched tag");
}

TEST_CASE("An XML document without its end is not whole") {
  for (const std::string_view text : {"", "<a>", "<a><b/>", "<a", "<a></a><!--"}) {
    Heard heard;
    ptests::XmlReader reader(heard);
    CHECK(reader.read(text));
    CHECK_FALSE(reader.finish());
    CHECK_FALSE(reader.error().empty());
  }
}

TEST_CASE("An XML reader refuses what follows the end") {
  Heard heard;
  ptests::XmlReader reader(heard);
  CHECK(reader.read("<a/>"));
  CHECK(reader.finish());
  CHECK_FALSE(reader.read("<b/>"));
  CHECK(heard.all == "<a></a>");
}

TEST_CASE("An XML reader can be moved while it reads") {
  Heard heard;
  ptests::XmlReader first(heard);
  CHECK(first.read("<a><b"));
  ptests::XmlReader second(std::move(first));
  CHECK(second.read("/>"));
  Heard other;
  ptests::XmlReader third(other);
  third = std::move(second);
  CHECK(third.read("</a>"));
  CHECK(third.finish());
  CHECK(heard.all == "<a><b></b></a>");
  CHECK(other.all.empty());
}

TEST_CASE("An XML reader fetches no external entities") {
  Heard heard;
  ptests::XmlReader reader(heard);
  reader.read("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><a>1&x;2</a>");
  reader.finish();
  CHECK(heard.all == "<a>12</a>");
}

TEST_CASE("An XML reader stops when entities grow too much") {
  std::string document = "<!DOCTYPE a [<!ENTITY x0 \"0123456789\">";
  for (int i = 1; i <= 9; ++i) {
    document += "<!ENTITY x" + std::to_string(i) + " \"";
    for (int j = 0; j < 10; ++j) document += "&x" + std::to_string(i - 1) + ";";
    document += "\">";
  }
  document += "]><a>&x9;</a>";
  Heard heard;
  ptests::XmlReader reader(heard);
  CHECK_FALSE(reader.read(document));
  CHECK(reader.error().find("amplification") != std::string::npos);
  CHECK(heard.all.size() < 100'000'000);
}

TEST_CASE("An XML reader keeps no endless tag and no endless nesting") {
  Heard heard;
  ptests::XmlReader tag(heard);
  CHECK(tag.read("<a b='"));
  bool is_good = true;
  for (int i = 0; i < 100 && is_good; ++i) is_good = tag.read(std::string(100'000, 'x'));
  CHECK_FALSE(is_good);
  CHECK(tag.error() == "line 1: a tag or comment without an end");

  ptests::XmlReader nesting(heard);
  is_good = true;
  for (int i = 0; i < 10'000 && is_good; ++i) is_good = nesting.read("<a>");
  CHECK_FALSE(is_good);
  CHECK(nesting.error() == "line 1: elements too deep in one another");
}

TEST_CASE("A long text in an XML document is told in pieces") {
  Heard heard;
  ptests::XmlReader reader(heard);
  CHECK(reader.read("<a>" + std::string(20'000'000, 'x')));
  CHECK(reader.read("</a>"));
  CHECK(reader.finish());
  CHECK(heard.all.size() == 20'000'007);
}
