#include <doctest/doctest.h>

#include <random>

#include "framework/catch2.hpp"

using namespace ptests;

namespace {

const CasePlaces k_places{"/t/input", "/t/results"};

/// Catch2 2.13.10, as it was printed.
constexpr std::string_view k_plain = R"(printed before main
Matching test cases:
  plain
    cases.cpp:7
    (NO DESCRIPTION)
      [a b][fast]
  hidden
    cases.cpp:9
    (NO DESCRIPTION)
      [!hide][.]
  should fail
    cases.cpp:13
    (NO DESCRIPTION)
      [!shouldfail]
  templated - int
    cases.cpp:25
    (NO DESCRIPTION)
  templated - std::pair<int, char>
    cases.cpp:25
    (NO DESCRIPTION)
  Twin
    cases.cpp:30
    (NO DESCRIPTION)
      [one][x]
  twin
    cases.cpp:31
    (NO DESCRIPTION)
      [x]
  a, b; c [d] \ "e" / : *
    cases.cpp:37
    (NO DESCRIPTION)
6 matching test cases

)";

constexpr std::string_view k_wrapped = R"(Matching test cases:
  a very long name that goes on and on and on and on and on and on and on and
    on and on and on and on beyond eighty columns and more
    /home/somebody/a-rather-long-folder.name/with_more/and-more/of_it/so-
    that/the/path/is/longer/than/80/columns/nasty.cpp:7
    (NO DESCRIPTION)
  0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789,
    123456789
    /home/somebody/nasty.cpp:8
    (NO DESCRIPTION)
  wrap before path 0123456789 0123456789 0123456789 0123456789 0123456789
    0123456 /usr/bin/x
    /home/somebody/nasty.cpp:9
    (NO DESCRIPTION)
  0123456789012345678901234567890123456789012345678901234567890123456789012345-
    678901234567890123456789
    /home/somebody/nasty.cpp:10
    (NO DESCRIPTION)
  described
    /home/somebody/nasty.cpp:12
    a description  
      [tag1][tag2]
  blank description
    /home/somebody/nasty.cpp:13
     
      [tag1][tag2]
      [x]
    /home/somebody/nasty.cpp:14
    (NO DESCRIPTION)
      [y]
         deep
    /home/somebody/nasty.cpp:15
    (NO DESCRIPTION)
  ends in:12
    /home/somebody/nasty.cpp:16
    (NO DESCRIPTION)
    /lead/slash
    /home/somebody/nasty.cpp:17
    (NO DESCRIPTION)
  many tags
    /home/somebody/nasty.cpp:18
    (NO DESCRIPTION)
      [a0123456789][b0123456789][c0123456789][d0123456789][e0123456789]
      [f0123456789][g with spaces][h,i]
  two
      lines
    /home/somebody/nasty.cpp:19
    (NO DESCRIPTION)
12 matching test cases

)";

/// Catch2 3, as its reporter writes it.
constexpr std::string_view k_xml = R"(<?xml version="1.0" encoding="UTF-8"?>
<MatchingTests>
  <TestCase>
    <Name>plain &lt;T> &amp; "x"</Name>
    <ClassName/>
    <Tags>[fast]</Tags>
    <SourceInfo>
      <File>/home/somebody/a.cpp</File>
      <Line>7</Line>
    </SourceInfo>
  </TestCase>
  <TestCase>
    <Name>method</Name>
    <ClassName>F1</ClassName>
    <Tags>[.][crash]</Tags>
    <SourceInfo>
      <File>/home/somebody/a.cpp</File>
      <Line>8</Line>
    </SourceInfo>
  </TestCase>
  <TestCase>
    <Name>method</Name>
    <ClassName>F2</ClassName>
    <Tags/>
    <SourceInfo>
      <File>/home/somebody/a.cpp</File>
      <Line>9</Line>
    </SourceInfo>
  </TestCase>
</MatchingTests>
printed at exit
)";

/// Catch2 2.13.10.
constexpr std::string_view k_run = R"(<?xml version="1.0" encoding="UTF-8"?>
<Catch name="cases" filters="&quot;plain&quot;,">
  <Group name="cases">
    <TestCase name="plain" tags="[a b][fast]" filename="cases.cpp" line="7">
      <Info>
        some info
      </Info>
      <Section name="two" filename="cases.cpp" line="23">
        <Expression success="false" type="CHECK" filename="cases.cpp" line="8">
          <Original>
            i == 2
          </Original>
          <Expanded>
            1 == 2
          </Expanded>
        </Expression>
        <OverallResults successes="0" failures="1" expectedFailures="0" durationInSeconds="4e-05"/>
      </Section>
      <Exception filename="cases.cpp" line="16">
        boom "x" &lt;y>
      </Exception>
      <OverallResult success="false" durationInSeconds="0.5">
        <StdOut>
&lt;OverallResult success="true"/>
        </StdOut>
      </OverallResult>
    </TestCase>
    <TestCase name="should fail" tags="[!shouldfail]" filename="cases.cpp" line="13">
      <OverallResult success="false" durationInSeconds="1.9e-05"/>
    </TestCase>
    <TestCase name="templated - std::pair&lt;int, char>" filename="cases.cpp" line="25">
      <Expression success="false" type="REQUIRE" filename="cases.cpp" line="18">
        <Original>
          f()
        </Original>
        <Expanded>
          f()
        </Expanded>
        <Exception filename="cases.cpp" line="18">
          expr
        </Exception>
      </Expression>
      <Failure filename="cases.cpp" line="19">
        a message
of two lines
      </Failure>
      <OverallResult success="false"/>
    </TestCase>
    <TestCase name="Twin" tags="[one][x]" filename="cases.cpp" line="30">
      <OverallResult success="true" durationInSeconds="1e-05"/>
    </TestCase>
    <TestCase name="twin" tags="[x]" filename="cases.cpp" line="31">
      <OverallResult success="true" durationInSeconds="2e-05"/>
    </TestCase>
    <TestCase name="a, b; c [d] \ &quot;e&quot; / : *" filename="cases.cpp" line="37">
      <Section name="s" filename="cases.cpp" line="61">
        <Expression success="false" filename="cases.cpp" line="61">
          <Original>
            {Unknown expression after the reported line}
          </Original>
          <Expanded>
            {Unknown expression after the reported line}
          </Expanded>
          <FatalErrorCondition filename="cases.cpp" line="61">
            SIGABRT - Abort (abnormal termination) signal
          </FatalErrorCondition>
        </Expression>
        <OverallResults successes="0" failures="1" expectedFailures="0" durationInSeconds="0"/>
      </Section>
      <OverallResult success="false" durationInSeconds="0.00013"/>
    </TestCase>
    <OverallResults successes="1" failures="2" expectedFailures="0"/>
  </Group>
</Catch>)";

std::string with_count(std::string_view list, std::string_view from, std::string_view to) {
  std::string text(list);
  text.replace(text.find(from), from.size(), to);
  return text;
}

std::vector<TestCase> listed(std::string_view output) {
  const Result<std::vector<TestCase>> cases = make_catch2_adapter()->parse_list(output, "");
  if (!cases) FAIL(cases.error().message);
  return *cases;
}

std::vector<TestCase> plain_cases() { return listed(with_count(k_plain, "6 matching", "8 matching")); }

TestCase named(std::string id, std::vector<std::string> tags = {}) {
  TestCase made;
  made.name = made.id = std::move(id);
  made.labels = std::move(tags);
  return made;
}

std::string input_for(const std::vector<TestCase>& cases, std::vector<std::size_t> chosen) {
  return make_catch2_adapter()->run_command(cases, chosen, k_places, {}, false).input;
}

std::string told(const CaseEvent& event) {
  std::string line = std::to_string(event.index);
  line += event.kind == CaseEvent::Kind::started ? " started" : event.kind == CaseEvent::Kind::noted ? " noted" : " ended";
  if (event.kind == CaseEvent::Kind::ended)
    line += event.status == Status::passed ? " passed" : event.status == Status::skipped ? " skipped" : " failed";
  return event.message.empty() ? line : line + ": " + event.message;
}

std::vector<std::string> read_in_pieces(const std::vector<TestCase>& cases, const std::vector<std::size_t>& chosen, std::string_view stream,
                                        const std::vector<std::size_t>& cuts) {
  const std::unique_ptr<CaseReader> reader = make_catch2_adapter()->make_reader(cases, chosen);
  std::vector<CaseEvent> events;
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    reader->read(stream.substr(from, cut - from), events);
    from = cut;
  }
  reader->read(stream.substr(from), events);
  reader->finish(events);
  std::vector<std::string> lines;
  for (const CaseEvent& event : events) lines.push_back(told(event));
  return lines;
}

std::vector<std::string> read_all(const std::vector<TestCase>& cases, const std::vector<std::size_t>& chosen, std::string_view stream) {
  return read_in_pieces(cases, chosen, stream, {});
}

}  // namespace

TEST_CASE("Catch2 2.13 lists names, places, tags and hidden cases") {
  const std::vector<TestCase> cases = plain_cases();
  REQUIRE(cases.size() == 8);
  CHECK(cases[0].name == "plain");
  CHECK(cases[0].location.file == "cases.cpp");
  CHECK(cases[0].location.line == 7);
  CHECK(cases[0].labels == std::vector<std::string>{"a b", "fast"});
  CHECK_FALSE(cases[0].disabled);
  CHECK(cases[1].disabled);
  CHECK_FALSE(cases[2].disabled);
  CHECK(cases[4].name == "templated - std::pair<int, char>");
  CHECK(cases[7].id == R"(a, b; c [d] \ "e" / : *)");
}

TEST_CASE("Catch2 2.13 wraps names, paths and tags, and they are put together again") {
  const std::vector<TestCase> cases = listed(k_wrapped);
  REQUIRE(cases.size() == 12);
  CHECK(
      cases[0].id ==
      "a very long name that goes on and on and on and on and on and on and on and on and on and on and on beyond eighty columns and more");
  CHECK(cases[0].location.file ==
        "/home/somebody/a-rather-long-folder.name/with_more/and-more/of_it/so-that/the/path/is/longer/than/80/columns/nasty.cpp");
  CHECK(cases[1].id.ends_with("0123456789,\n123456789"));
  CHECK(cases[1].name.ends_with("0123456789, 123456789"));
  CHECK(cases[2].id == "wrap before path 0123456789 0123456789 0123456789 0123456789 0123456789 0123456 /usr/bin/x");
  CHECK(cases[3].id.size() == 100);
  CHECK(cases[4].labels == std::vector<std::string>{"tag1", "tag2"});
  CHECK(cases[5].labels == std::vector<std::string>{"tag1", "tag2"});
  CHECK(cases[6].name == "[x]");
  CHECK(cases[6].labels == std::vector<std::string>{"y"});
  CHECK(cases[7].name == "deep");
  CHECK(cases[8].name == "ends in:12");
  CHECK(cases[8].location.line == 16);
  CHECK(cases[9].name == "/lead/slash");
  CHECK(cases[10].labels.size() == 8);
  CHECK(cases[11].id == "two\n  lines");
}

TEST_CASE("Catch2 3 lists in XML; cases of the same name get different ones") {
  const std::vector<TestCase> cases = listed(k_xml);
  REQUIRE(cases.size() == 3);
  CHECK(cases[0].name == "plain <T> & \"x\"");
  CHECK(cases[0].location.line == 7);
  CHECK(cases[1].disabled);
  CHECK(cases[2].name == "method#2");
  CHECK(cases[2].id == "method");
  CHECK(listed("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<MatchingTests/>\n").empty());
}

TEST_CASE("a listing of Catch2 that is cut, miscounted or something else is an error") {
  const auto adapter = make_catch2_adapter();
  for (std::size_t cut = 0; cut + 32 < k_plain.size(); ++cut) CHECK_FALSE(adapter->parse_list(k_plain.substr(0, cut), "").has_value());
  for (std::size_t cut = 0; cut < k_xml.find("</MatchingTests>"); ++cut)
    CHECK_FALSE(adapter->parse_list(k_xml.substr(0, cut), "").has_value());
  const auto miscounted = adapter->parse_list(k_plain, "");
  REQUIRE_FALSE(miscounted.has_value());
  CHECK(miscounted.error().message == "Catch2 lists 6 cases, and 8 can be told apart in its list");
  const auto duplicate = adapter->parse_list("error: TEST_CASE( \"method\" ) already defined.\n", "");
  REQUIRE_FALSE(duplicate.has_value());
  CHECK(duplicate.error().message.find("already defined") != std::string::npos);
}

TEST_CASE("any mangled listing of Catch2 is read without harm") {
  std::mt19937 random(1);
  for (const std::string_view whole : {k_plain, k_wrapped, k_xml})
    for (int round = 0; round < 500; ++round) {
      std::string text(whole);
      for (int i = 0; i < 8; ++i) text[random() % text.size()] = " \n[]:/1-<"[random() % 9];
      text.erase(random() % text.size(), random() % 60);
      (void)make_catch2_adapter()->parse_list(text, "");
    }
}

TEST_CASE("the list command asks either Catch2 for all, hidden cases too") {
  const CaseCommand command = make_catch2_adapter()->list_command(k_places);
  CHECK(command.arguments == std::vector<std::string>{"*", "--list-tests", "--reporter", "xml", "--verbosity", "high", "--order", "decl"});
}

TEST_CASE("the run command of Catch2 writes results into the file, unless our listener tells of them") {
  const std::vector<TestCase> cases{named("a"), named("b")};
  const std::vector<std::size_t> chosen{0, 1};
  const auto adapter = make_catch2_adapter();
  const CaseCommand command = adapter->run_command(cases, chosen, k_places, {.seed = 7}, false);
  CHECK(command.arguments == std::vector<std::string>{"--order", "decl", "--reporter", "xml", "--out", "/t/results", "--durations", "yes",
                                                      "--rng-seed", "7", "--input-file", "/t/input"});
  CHECK(command.input == "\"a\"\n\"b\"\n");
  CHECK(adapter->run_command(cases, chosen, k_places, {}, true).arguments ==
        std::vector<std::string>{"--order", "decl", "--input-file", "/t/input"});
}

TEST_CASE("Catch2's test specs select names that look like specs") {
  const auto one = [](const char* id) { return input_for({named(id)}, {0}); };
  CHECK(one(R"(a, b; c [d] \ "e" / :)") == R"("a\, b; c [d] \\ \"e\" / :")"
                                           "\n");
  CHECK(one("*") == "\"***\"\n");
  CHECK(one("*star") == "\"**star\"\n");
  CHECK(one("star*") == "\"star**\"\n");
  CHECK(one("exclude:this") == "\" exclude:this\"\n");
  CHECK(one(" # space ") == "\"# space\"\n");
  CHECK(one("[@alias]") == "\"[\\@alias]\"\n");
  CHECK(one("gr\xc3\xbc\xc3\x9f"
            "e") ==
        "\"gr\xc3\xbc\xc3\x9f"
        "e\"\n");
  // As Catch2 3 lists a control byte.
  CHECK(one("c\\x01x") == "\"c\\\\x01x\"\n\"c\x01x\"\n");
}

TEST_CASE("Catch2's test specs leave out other cases that they would select") {
  const std::vector<TestCase> cases{named("x*"), named("x*y"), named("x*z"), named("Twin", {"one", "x"}), named("twin", {"X"})};
  CHECK(input_for(cases, {0}).starts_with("\"x**\" ~"));
  CHECK(input_for(cases, {0}).find(" ~\"x*y\"") != std::string::npos);
  CHECK(input_for(cases, {0, 1}) == "\"x**\" ~\"x*z\"\n\"x*y\"\n");
  CHECK(input_for(cases, {3}) == "\"Twin\" [one]\n");
  CHECK(input_for(cases, {4}) == "\"twin\" ~[one]\n");
  CHECK(input_for(cases, {3, 4}) == "\"Twin\"\n\"twin\"\n");
}

TEST_CASE("a line break in a name of Catch2 is selected as a space, as nothing and as itself") {
  const std::vector<TestCase> cases{named("a,\nb")};
  const std::vector<std::size_t> chosen{0};
  const CaseCommand command = make_catch2_adapter()->run_command(cases, chosen, k_places, {}, true);
  CHECK(command.input == "\"a\\, b\"\n\"a\\,b\"\n");
  CHECK(command.arguments.back() == ",\"a\\,\nb\"");
}

TEST_CASE("Catch2's XML is told case by case, with what failed; the case that crashes does not end") {
  const std::vector<TestCase> cases = plain_cases();
  const std::vector<std::string> expected{
      "0 started",
      "0 ended failed: cases.cpp:8: CHECK( i == 2 ) with expansion: 1 == 2\nsome info\nin section: two\n"
      "cases.cpp:16: exception: boom \"x\" <y>\nstd::cout:\n<OverallResult success=\"true\"/>",
      "2 started",
      "2 ended failed: It is tagged [!shouldfail], and it did not fail.",
      "4 started",
      "4 ended failed: cases.cpp:18: REQUIRE( f() ) threw: expr\ncases.cpp:19: FAIL: a message\nof two lines",
      "6 started",
      "6 ended passed",
      "7 started",
      "7 noted: cases.cpp:61: SIGABRT - Abort (abnormal termination) signal\nin section: s",
  };
  // 5, "Twin", ran though it was not asked for.
  const std::vector<std::size_t> chosen{0, 2, 4, 6, 7};
  CHECK(read_all(cases, chosen, k_run) == expected);

  std::vector<std::size_t> each_byte;
  for (std::size_t i = 1; i < k_run.size(); ++i) each_byte.push_back(i);
  CHECK(read_in_pieces(cases, chosen, k_run, each_byte) == expected);
  for (std::size_t cut = 0; cut <= k_run.size(); ++cut) {
    REQUIRE(read_in_pieces(cases, chosen, k_run, {cut}) == expected);
    // The process dies there: what is told so far is a beginning of it all.
    const std::vector<std::string> some = read_all(cases, chosen, k_run.substr(0, cut));
    REQUIRE(some.size() <= expected.size());
    REQUIRE(std::equal(some.begin(), some.end(), expected.begin()));
  }
}

TEST_CASE("a case of Catch2 is told as started before anything else of it is there") {
  const std::vector<TestCase> cases = plain_cases();
  const std::size_t end = k_run.find("<TestCase name=\"plain\"");
  const std::size_t line = k_run.find('\n', end);
  CHECK(read_all(cases, {0}, k_run.substr(0, line)) == std::vector<std::string>{"0 started"});
}

TEST_CASE("Catch2 3: a skipped case, and cases of the same name") {
  constexpr std::string_view k_stream = R"(<?xml version="1.0" encoding="UTF-8"?>
<Catch2TestRun name="cases" rng-seed="1" xml-format-version="3" catch2-version="3.7.1" filters="&quot;method&quot;">
  <TestCase name="method" tags="[.][crash]" filename="/home/somebody/a.cpp" line="8">
    <OverallResult success="true" skips="0" durationInSeconds="1e-05"/>
  </TestCase>
  <TestCase name="method" filename="/home/somebody/a.cpp" line="9">
    <Skip filename="/home/somebody/a.cpp" line="10">
      not here
    </Skip>
    <OverallResult success="true" skips="1" durationInSeconds="1e-05"/>
  </TestCase>
</Catch2TestRun>
)";
  const std::vector<TestCase> cases = listed(k_xml);
  CHECK(read_all(cases, {2}, k_stream) ==
        std::vector<std::string>{"2 started", "2 ended skipped: /home/somebody/a.cpp:10: SKIP: not here"});
  CHECK(read_all(cases, {1, 2}, k_stream).size() == 4);
}

TEST_CASE("bytes in Catch2's XML that no XML may have do not end the reading") {
  const std::vector<TestCase> cases{named("feed \f\v"), named("tab\there"), named("bad \xfc")};
  const std::string stream =
      "<Catch>\n<TestCase name=\"feed \f\v\">\n<Info>\n\f\v \xed\xa0\x80 \xef\xbf\xbf \xfc\n</Info>\n"
      "<Failure>\nno\n</Failure><OverallResult success=\"false\"/></TestCase>\n"
      "<TestCase name=\"tab\there\"><OverallResult success=\"true\"/></TestCase>"
      "<TestCase name=\"bad \\xFC\"><OverallResult success=\"true\"/></TestCase>";
  const std::vector<std::string> whole = read_all(cases, {0, 1, 2}, stream);
  REQUIRE(whole.size() == 6);
  CHECK(whole[1].starts_with("0 ended failed: FAIL: no\n"));
  CHECK(whole[5] == "2 ended passed");
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) REQUIRE(read_in_pieces(cases, {0, 1, 2}, stream, {cut}) == whole);
}

TEST_CASE("a giant message of Catch2 is cut, and its case still ends") {
  const std::vector<TestCase> cases{named("big")};
  std::string stream = "<Catch><TestCase name=\"big\">";
  for (int i = 0; i < 1000; ++i) stream += "<Failure>" + std::string(5000, 'x') + "</Failure>";
  stream += "<OverallResult success=\"false\"><StdOut>" + std::string(1000000, 'y') + "</StdOut></OverallResult></TestCase>";
  const std::unique_ptr<CaseReader> reader = make_catch2_adapter()->make_reader(cases, std::vector<std::size_t>{0});
  std::vector<CaseEvent> events;
  reader->read(stream, events);
  REQUIRE(events.size() == 2);
  CHECK(events[1].kind == CaseEvent::Kind::ended);
  CHECK(events[1].message.size() <= CaseEvent::k_most_message);
}

TEST_CASE("where a giant text of Catch2 is cut makes no difference, and no character is broken") {
  const std::vector<TestCase> cases{named("big")};
  // Catch2 indents texts, which does not count in the end.
  const std::string indent(20, ' ');
  const std::string whole = std::string(CaseEvent::k_most_message - indent.size() - 1, 'x');
  const std::string stream =
      "<Catch><TestCase name=\"big\"><Failure>" + indent + whole + "\xc3\xa4yz</Failure><OverallResult success=\"false\"/></TestCase>";
  const std::vector<std::string> told_whole = read_all(cases, {0}, stream);
  CHECK(told_whole == std::vector<std::string>{"0 started", "0 ended failed: FAIL: " + whole});
  const std::size_t letter = stream.find('\xc3');
  for (std::size_t cut = letter - 2; cut <= letter + 4; ++cut) {
    CAPTURE(cut);
    CHECK(read_in_pieces(cases, {0}, stream, {cut}) == told_whole);
  }
}

TEST_CASE("any mangled stream of Catch2 is read without harm") {
  const std::vector<TestCase> cases = plain_cases();
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::string text(k_run);
    for (int i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random() % 256);
    text.erase(random() % text.size(), random() % 60);
    (void)read_all(cases, {0, 2, 4, 6, 7}, text);
  }
}
