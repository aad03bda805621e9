#pragma once

#include <string>
#include <string_view>

namespace ptests {

/// `bytes` as XML 1.0 character data in UTF-8, whatever they are: markup is escaped, invalid UTF-8 becomes
/// U+FFFD byte by byte, and characters XML 1.0 forbids (section 2.2: most controls, surrogates, U+FFFE, U+FFFF) become
/// their visible name, as `\x1b`. `]]>` cannot appear since `>` is escaped.
std::string xml_escaped(std::string_view bytes);

/// The same for an attribute's value, where a parser would turn line breaks and tabs into spaces.
std::string xml_attribute(std::string_view bytes);

}  // namespace ptests
