#include "base/regex.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

namespace ptests {

namespace {

void append_literal(std::string& out, char c) {
  if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
  out += c;
}

/// Rewrites the bracket expression whose `[` stands at `i`; returns the position behind it.
std::size_t append_bracket(std::string& out, std::string_view in, std::size_t i) {
  out += in[i++];
  if (i < in.size() && in[i] == '^') out += in[i++];
  bool first = true;
  while (i < in.size() && (in[i] != ']' || first)) {
    const char c = in[i++];
    // RE2 knows escapes and [:classes:] inside brackets, CMake does not.
    if (c == '\\' || c == '[' || (c == ']' && first) || c == '^') out += '\\';
    out += c;
    first = false;
  }
  if (i < in.size()) out += in[i++];
  return i;
}

bool is_quantifier(char c) { return c == '*' || c == '+' || c == '?'; }

/// What RE2 would take for something that CMake does not know: `(?`, or a quantifier behind another. Empty when there is none.
std::string_view find_foreign_syntax(std::string_view in) {
  for (std::size_t i = 0; i < in.size();) {
    if (in[i] == '\\') {
      i += 2;
    } else if (in[i] == '[') {
      std::string ignored;
      i = append_bracket(ignored, in, i);
    } else {
      const bool quantified = in[i] == '(' || is_quantifier(in[i]);
      const bool foreign = i + 1 < in.size() && quantified && (in[i] == '(' ? in[i + 1] == '?' : is_quantifier(in[i + 1]));
      if (foreign) return in.substr(i, 2);
      ++i;
    }
  }
  return {};
}

re2::RE2::Options options() {
  re2::RE2::Options result;
  result.set_encoding(re2::RE2::Options::EncodingLatin1);
  result.set_dot_nl(true);
  result.set_never_capture(true);
  result.set_log_errors(false);
  return result;
}

}  // namespace

std::string longest_literal(std::string_view in) {
  std::string longest;
  std::string piece;
  const auto end_piece = [&] {
    if (piece.size() > longest.size()) longest = piece;
    piece.clear();
  };
  for (std::size_t i = 0; i < in.size();) {
    const char c = in[i];
    if (c == '[') {
      std::string ignored;
      i = append_bracket(ignored, in, i);
      end_piece();
      continue;
    }
    if (c == '\\' && i + 1 < in.size()) {
      piece += in[++i];
    } else if (is_quantifier(c)) {
      // What it repeats may be absent.
      if (!piece.empty()) piece.pop_back();
      end_piece();
    } else if (std::string_view("^$()|").find(c) != std::string_view::npos) {
      end_piece();
    } else {
      piece += c;
    }
    ++i;
  }
  end_piece();
  return longest;
}

std::string to_re2_syntax(std::string_view in) {
  std::string out;
  for (std::size_t i = 0; i < in.size();) {
    const char c = in[i];
    if (c == '[') {
      i = append_bracket(out, in, i);
    } else if (c == '\\' && i + 1 < in.size()) {
      append_literal(out, in[i + 1]);
      i += 2;
    } else if (c == '^') {
      out += "\\A";
      ++i;
    } else if (c == '$') {
      out += "\\z";
      ++i;
    } else if (c == '{' || c == '}') {
      append_literal(out, c);
      ++i;
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

Regex::Regex(std::string source, std::shared_ptr<const re2::RE2> program) : source_(std::move(source)), program_(std::move(program)) {}

Result<Regex> Regex::compile(std::string_view cmake_syntax) {
  if (const std::string_view odd = find_foreign_syntax(cmake_syntax); !odd.empty())
    return fail(fmt::format("invalid regular expression \"{}\": \"{}\" is not in CMake's syntax", cmake_syntax, odd));
  auto program = std::make_shared<const re2::RE2>(to_re2_syntax(cmake_syntax), options());
  if (!program->ok()) return fail(fmt::format("invalid regular expression \"{}\": {}", cmake_syntax, program->error()));
  return Regex(std::string(cmake_syntax), std::move(program));
}

bool Regex::found_in(std::string_view text) const { return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *program_); }

}  // namespace ptests
