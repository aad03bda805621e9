#include "suite/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace ptests {

namespace {

using Kind = Predicate::Kind;
using How = Matcher::How;

/// What stands between a predicate's parentheses.
enum class Argument : std::uint8_t { none, matcher, words };

struct PredicateInfo {
  std::string_view name;
  Kind kind;
  Argument argument;
  How plain = How::exact;         ///< what an argument without `= ~ /` is
  std::string_view choices = {};  ///< separated by spaces
};

constexpr std::array<PredicateInfo, 14> k_predicates{{
    {"name", Kind::name, Argument::matcher, How::contains},
    {"label", Kind::label, Argument::matcher},
    {"tag", Kind::label, Argument::matcher},
    {"suite", Kind::suite, Argument::matcher},
    {"level", Kind::level, Argument::words, How::exact, "unit integration system"},
    {"file", Kind::file, Argument::matcher, How::glob},
    {"framework", Kind::framework, Argument::matcher},
    {"status", Kind::status, Argument::words, How::exact, "failed new flaky slow quarantined passed skipped outstanding"},
    {"speed", Kind::speed, Argument::words, How::exact, "slow fast"},
    {"priority", Kind::priority, Argument::words, How::exact, "p0 p1 p2 p3"},
    {"deps", Kind::deps, Argument::matcher, How::contains},
    {"rdeps", Kind::rdeps, Argument::matcher, How::contains},
    {"all", Kind::all, Argument::none},
    {"none", Kind::none, Argument::none},
}};

/// Parentheses and `not` inside each other; deeper ones would only exhaust the stack.
constexpr int k_deepest = 200;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Without the backslashes before parentheses, or before `/` in a regular expression.
std::string unescaped(std::string_view text, std::string_view special) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && special.find(text[i + 1]) != std::string_view::npos) ++i;
    result += text[i];
  }
  return result;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& choices) {
  const std::string choice = quoted_choice(nearest(word, choices, 1));
  return choice.empty() ? "one of " + join(choices, " ") : fmt::format("did you mean {}?", choice);
}

/// For what stands between two commas: one word misspelt, or several with something else between them, as in "failed|new".
std::string hint_for_words(const std::string& text, const std::vector<std::string>& choices) {
  std::vector<std::string> several;
  std::string apart = text;
  std::replace_if(
      apart.begin(), apart.end(), [](char c) { return !is_word_char(c); }, ' ');
  for (const std::string& word : split(apart, ' '))
    if (!word.empty() && word != "or") several.push_back(word);
  const auto is_choice = [&](const std::string& word) { return std::find(choices.begin(), choices.end(), word) != choices.end(); };
  if (several.size() > 1 && std::all_of(several.begin(), several.end(), is_choice)) return "separate with commas: " + join(several, ",");
  return did_you_mean(text, choices);
}

/// Recursive descent; each level of precedence is a function.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Expression> parse() {
    Result<Expression> expression = parse_any_of();
    if (!expression) return expression;
    skip_space();
    if (at_ == text_.size()) return expression;
    if (text_[at_] == ')') return error(at_, "there is no \"(\" for this \")\"");
    return error(at_, "expected \"and\" or \"or\"", "names with spaces: name(=a b)");
  }

 private:
  tl::unexpected<Error> error(std::size_t at, std::string_view message, std::string hint = {}) const {
    return tl::unexpected(error_at(text_, at, message, std::move(hint)));
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  std::string_view word_at(std::size_t at) const {
    std::size_t end = at;
    while (end < text_.size() && is_word_char(text_[end])) ++end;
    return text_.substr(at, end - at);
  }

  /// Takes an operator, if it is the next one: its word, in any case, or its sign, once or twice.
  bool take(std::string_view word, char sign) {
    skip_space();
    if (at_ < text_.size() && text_[at_] == sign) {
      ++at_;
      if (sign != '!' && at_ < text_.size() && text_[at_] == sign) ++at_;
      return true;
    }
    const std::string_view found = word_at(at_);
    if (lower(found) != word) return false;
    at_ += found.size();
    return true;
  }

  Result<Expression> parse_any_of() { return parse_list(Expression::Kind::any_of, "or", '|', &Parser::parse_all_of); }
  Result<Expression> parse_all_of() { return parse_list(Expression::Kind::all_of, "and", '&', &Parser::parse_one); }

  Result<Expression> parse_list(Expression::Kind kind, std::string_view word, char sign, Result<Expression> (Parser::*parse_part)()) {
    Result<Expression> first = (this->*parse_part)();
    if (!first || !take(word, sign)) return first;
    Expression list{kind, {}, {}};
    list.parts.push_back(std::move(*first));
    do {
      Result<Expression> next = (this->*parse_part)();
      if (!next) return next;
      list.parts.push_back(std::move(*next));
    } while (take(word, sign));
    return list;
  }

  Result<Expression> parse_one() {
    skip_space();
    const std::size_t start = at_;
    if (depth_ == k_deepest) return error(start, fmt::format("more than {} parentheses and \"not\" inside each other", k_deepest));
    ++depth_;
    Result<Expression> one = parse_nested(start);
    --depth_;
    return one;
  }

  Result<Expression> parse_nested(std::size_t start) {
    if (take("not", '!')) {
      Result<Expression> inner = parse_one();
      if (!inner) return inner;
      Expression none{Expression::Kind::none_of, {}, {}};
      none.parts.push_back(std::move(*inner));
      return none;
    }
    if (start == text_.size() || text_[start] != '(') return parse_predicate(start);
    ++at_;
    Result<Expression> inner = parse_any_of();
    if (!inner) return inner;
    skip_space();
    if (at_ == text_.size()) return error(start, "there is no \")\" for this \"(\"");
    if (text_[at_] != ')') return error(at_, "expected \"and\", \"or\" or \")\"");
    ++at_;
    return inner;
  }

  Result<Expression> parse_predicate(std::size_t start) {
    const std::string_view name = word_at(start);
    if (name.empty()) {
      if (start == text_.size()) return error(start, text_.empty() ? "there is nothing in it" : "something is missing at the end");
      return error(start, "expected a predicate", "as in name(net) and not label(slow)");
    }
    at_ += name.size();
    skip_space();
    const bool has_argument = at_ < text_.size() && text_[at_] == '(';
    const auto* const info = std::find_if(k_predicates.begin(), k_predicates.end(), [&](const auto& p) { return p.name == lower(name); });
    if (info == k_predicates.end()) return unknown_predicate(start, name, has_argument);
    if (!has_argument) return error(at_, fmt::format("expected \"(\" after \"{}\"", name), fmt::format("{}(...)", info->name));
    const Result<std::string_view> argument = take_argument();
    if (!argument) return tl::unexpected(argument.error());
    Expression expression;
    expression.predicate.kind = info->kind;
    expression.predicate.at = start;
    if (const Result<void> done = read_argument(expression.predicate, *info, *argument); !done) return tl::unexpected(done.error());
    return expression;
  }

  tl::unexpected<Error> unknown_predicate(std::size_t start, std::string_view name, bool has_argument) const {
    std::vector<std::string> names;
    names.reserve(k_predicates.size());
    for (const PredicateInfo& info : k_predicates) names.emplace_back(info.name);
    if (!has_argument) return error(start, fmt::format("\"{}\" is no predicate", name), fmt::format("a test's name: name({})", name));
    return error(start, fmt::format("unknown predicate \"{}\"", name), did_you_mean(name, names));
  }

  /// From `(` to the `)` that belongs to it, both taken and left out. Inside `/.../` parentheses need not stand in pairs.
  Result<std::string_view> take_argument() {
    const std::size_t open = at_++;
    skip_space();
    const std::size_t start = at_;
    if (at_ < text_.size() && text_[at_] == '/' && !skip_regex()) return error(start, "there is no \"/\" that ends this", "/re/");
    int depth = 1;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '(' || text_[at_ + 1] == ')')) {
        ++at_;
      } else if (c == '(' || c == ')') {
        depth += c == '(' ? 1 : -1;
        if (depth == 0) return trimmed(text_.substr(start, at_++ - start));
      }
    }
    return error(open, "there is no \")\" for this \"(\"");
  }

  bool skip_regex() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '/') {
        ++at_;
        return true;
      }
    }
    return false;
  }

  Result<void> read_argument(Predicate& predicate, const PredicateInfo& info, std::string_view argument) const {
    const std::size_t at = argument.empty() ? at_ - 1 : static_cast<std::size_t>(argument.data() - text_.data());
    if (info.argument == Argument::none) {
      if (argument.empty()) return {};
      return error(at, fmt::format("{}() takes no argument", info.name));
    }
    if (argument.empty()) return error(at, fmt::format("{}() needs an argument", info.name), std::string(info.choices));
    return info.argument == Argument::words ? read_words(predicate, info, argument, at) : read_matcher(predicate, info, argument, at);
  }

  Result<void> read_words(Predicate& predicate, const PredicateInfo& info, std::string_view argument, std::size_t at) const {
    const std::vector<std::string> choices = split(info.choices, ' ');
    for (const std::string& part : split(argument, ',')) {
      std::string word = lower(trimmed(part));
      if (std::find(choices.begin(), choices.end(), word) == choices.end())
        return error(at, fmt::format("there is no {} \"{}\"", info.name, trimmed(part)), hint_for_words(word, choices));
      predicate.words.push_back(std::move(word));
    }
    return {};
  }

  Result<void> read_matcher(Predicate& predicate, const PredicateInfo& info, std::string_view argument, std::size_t at) const {
    Matcher& matcher = predicate.matcher;
    matcher.how = info.plain;
    const char sign = argument.front();
    if (sign == '/' && argument.size() > 1 && argument.back() == '/') {
      matcher.how = How::regex;
      matcher.text = unescaped(argument.substr(1, argument.size() - 2), "/");
      Result<Regex> regex = Regex::compile(matcher.text);
      if (!regex) return error(at, regex.error().message);
      matcher.regex = std::move(*regex);
      return {};
    }
    if (sign == '/' && predicate.kind != Kind::file) return error(at, "expected \")\" after \"/re/\"");
    if (sign == '=' || sign == '~') {
      matcher.how = sign == '=' ? How::exact : How::glob;
      argument = trimmed(argument.substr(1));
    }
    matcher.text = unescaped(argument, "()");
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

/// Characters of UTF-8, which is what a terminal shows.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

bool Matcher::matches(const std::string& candidate) const {
  switch (how) {
    case How::exact: return candidate == text;
    case How::contains: return candidate.find(text) != std::string::npos;
    case How::glob: return glob_match(text, candidate);
    case How::regex: return regex->found_in(candidate);
  }
  return false;
}

Result<Expression> Expression::parse(std::string_view text) { return Parser(text).parse(); }

Error error_at(std::string_view expression, std::size_t at, std::string_view message, std::string hint) {
  const std::size_t before = characters(expression.substr(0, at));
  // A line break or a tab would move the caret.
  std::string line(expression);
  std::replace_if(line.begin(), line.end(), is_space, ' ');
  return {fmt::format("-e, column {}: {}\n  {}\n  {:>{}}", before + 1, message, line, '^', before + 1), std::move(hint)};
}

}  // namespace ptests
