#include "node/sip/ip_network.hpp"
#include "node/sip/message_checks.hpp"
#include "node/sip/reason_header.hpp"
#include "node/sip/refusal_log.hpp"
#include "node/sip/session_timer.hpp"
#include "node/sip/sip_settings.hpp"
#include "schema/called_number.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>

namespace plenary::sip_layer {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(IpNetwork, ContainsExactlyItsAddresses) {
  struct row {
    const char* network;
    const char* address;
    bool inside;
  };
  const row rows[] = {
      {"192.0.2.1", "192.0.2.1", true},         {"192.0.2.1", "192.0.2.2", false},
      {"10.0.0.0/8", "10.255.0.1", true},       {"10.0.0.0/8", "11.0.0.1", false},
      {"10.1.2.3/8", "10.9.9.9", true},         {"192.0.2.128/25", "192.0.2.129", true},
      {"192.0.2.128/25", "192.0.2.127", false}, {"0.0.0.0/0", "203.0.113.9", true},
      {"0.0.0.0/0", "2001:db8::1", false},      {"2001:db8::/32", "2001:db8:1::1", true},
      {"2001:db8::/32", "2001:db9::1", false},  {"10.0.0.0/8", "::ffff:10.0.0.1", true},
  };
  for (const auto& [network, address, inside] : rows)
    EXPECT_EQ(ip_network::parse(network)->contains(*parse_ip(address)), inside) << network << " " << address;
}

TEST(IpNetwork, RefusesWhatIsNone) {
  for (const char* text : {"", "localhost", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1",
                           "10.0.0.0/8x", "2001:db8::/129", "[::1]"})
    EXPECT_FALSE(ip_network::parse(text)) << text;
}

TEST(SipAddress, IsWrittenWithItsTransport) {
  EXPECT_EQ(to_string({signalling_transport::udp, "127.0.0.1", 5060}), "udp:127.0.0.1:5060");
  EXPECT_EQ(to_string({signalling_transport::tcp, "::1", 5060}), "tcp:[::1]:5060");
  EXPECT_EQ(to_string({signalling_transport::tls, "::1", 5061}), "tls:[::1]:5061");
}

TEST(Numbers, BecomeE164WhereTheyAreNumbers) {
  struct row {
    const char* user;
    std::optional<std::string> number;
  };
  const row rows[] = {
      {"+15551230002", "+15551230002"},
      {"15551230002", "+15551230002"},
      {"0015551230002", "+15551230002"},
      {"+1-555-123.0002", "+15551230002"},
      {"%2B15551230002", "+15551230002"},
      {"+15551230002;npdi", "+15551230002"},
      {"0301234567", std::nullopt},
      {"1001", std::nullopt},
      {"alice", std::nullopt},
      {"", std::nullopt},
      {"+", std::nullopt},
      {"1234567890123456", std::nullopt},
      {"%zz15551230", std::nullopt},
      {"%2", std::nullopt},
  };
  for (const auto& [user, number] : rows)
    EXPECT_EQ(to_e164(user), number) << user;
}

TEST(ReasonHeader, IsWrittenWithoutBreakingTheHeader) {
  EXPECT_EQ(format_reason({16, "normal_clearing"}), "Reason: Q.850;cause=16;text=\"normal_clearing\"\r\n");
  EXPECT_EQ(format_reason({1, "a\"b\r\nX: y\\"}), "Reason: Q.850;cause=1;text=\"abX: y\"\r\n");
}

TEST(ReasonHeader, IsReadFromEveryUsualSpelling) {
  struct row {
    std::vector<std::string_view> values;
    std::optional<int> q850;
  };
  const row rows[] = {
      {{"Q.850;cause=16;text=\"Terminated\""}, 16},
      {{"q.850 ; cause = 31"}, 31},
      {{"SIP;cause=486", "Q.850;cause=34"}, 34},
      {{"SIP;cause=486;text=\"Busy\""}, 17},
      {{"Q.850;text=\"a;cause=5\""}, std::nullopt},
      {{"Q.850;text=\"a;cause=5 \\\" ;\";cause=16"}, 16},
      {{"Q.850;text=\"open;cause=5"}, std::nullopt},
      {{"Q.850;CAUSE=17"}, 17},
      {{"Q.850;cause=999"}, std::nullopt},
      {{"Q.850;cause=abc"}, std::nullopt},
      {{"Q.850"}, std::nullopt},
      {{""}, std::nullopt},
      {{}, std::nullopt},
  };
  for (const auto& [values, q850] : rows) {
    const auto cause = parse_reason(values);
    EXPECT_EQ(cause ? std::optional(cause->q850) : std::nullopt, q850) << (values.empty() ? "" : values[0]);
  }
}

TEST(ReasonHeader, MapsCausesToTheStatusOfARefusedInvite) {
  for (const auto& [q850, status] : std::initializer_list<std::pair<int, int>>{
           {16, 487}, {17, 486}, {21, 603}, {88, 488}, {41, 503}, {99, 503}})
    EXPECT_EQ(status_for({q850, {}}), status) << q850;
}

TEST(SessionTimer, ReadsItsHeaders) {
  EXPECT_EQ(parse_session_expires("1800;refresher=uac")->refresher, refresher_role::uac);
  EXPECT_EQ(parse_session_expires(" 90 ; x=y ;refresher=uas")->refresher, refresher_role::uas);
  EXPECT_EQ(parse_session_expires("1800;Refresher=UAS")->refresher, refresher_role::uas);
  EXPECT_EQ(parse_session_expires("1800 ; REFRESHER = Uac ;x")->refresher, refresher_role::uac);
  EXPECT_EQ(parse_session_expires("1800;refresher=both")->refresher, std::nullopt);
  EXPECT_EQ(parse_session_expires("1800;refresher;;=;")->refresher, std::nullopt);
  EXPECT_EQ(parse_session_expires("90")->interval, seconds(90));
  EXPECT_FALSE(parse_session_expires("soon"));
  EXPECT_FALSE(parse_session_expires(""));
  EXPECT_FALSE(parse_session_expires("99999999999"));
  EXPECT_EQ(parse_min_se("120;x=y"), seconds(120));
}

TEST(SessionTimer, AnswersByTheTableOfTheStandard) {
  const auto uac = refresher_role::uac;
  const auto uas = refresher_role::uas;
  struct row {
    timer_offer offer;
    timer_agreement agreed;
  };
  const row rows[] = {
      {{std::nullopt, std::nullopt, false}, {seconds(1800), true, false}},
      {{std::nullopt, std::nullopt, true}, {seconds(1800), false, true}},
      {{session_expires{seconds(600), uac}, std::nullopt, true}, {seconds(600), false, true}},
      {{session_expires{seconds(600), uas}, std::nullopt, true}, {seconds(600), true, true}},
      {{session_expires{seconds(600), std::nullopt}, std::nullopt, true}, {seconds(600), false, true}},
      {{session_expires{seconds(7200), uac}, std::nullopt, true}, {seconds(1800), false, true}},
      {{session_expires{seconds(7200), uac}, seconds(3600), true}, {seconds(3600), false, true}},
      {{session_expires{seconds(30), std::nullopt}, std::nullopt, false}, {seconds(90), true, false}},
  };
  for (const auto& [offer, agreed] : rows)
    EXPECT_EQ(*answer_timer(offer, {}), agreed) << agreed.interval.count();
  const auto refused = answer_timer({session_expires{seconds(30), uac}, std::nullopt, true}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().min_se, seconds(90));
}

TEST(SessionTimer, SettlesOnWhatTheAnswerSays) {
  const timer_agreement asked{seconds(1800), true, true};
  const auto settle = [&](std::optional<session_expires> answered) {
    return settle_timer(asked, seconds(90), answered);
  };

  EXPECT_EQ(settle(std::nullopt), (timer_agreement{seconds(1800), true, false}));
  EXPECT_EQ(settle(session_expires{seconds(600), refresher_role::uas}),
            (timer_agreement{seconds(600), false, true}));
  EXPECT_EQ(settle(session_expires{seconds(0), refresher_role::uac}),
            (timer_agreement{seconds(90), true, true}));
  EXPECT_EQ(settle(session_expires{seconds(9000), std::nullopt}),
            (timer_agreement{seconds(1800), true, true}));
}

TEST(SessionTimer, ActsAtHalfAndGivesUpBeforeTheEnd) {
  EXPECT_EQ(refresh_delay(seconds(1800)), milliseconds(900'000));
  EXPECT_EQ(expiry_delay(seconds(1800)), milliseconds(1'768'000));
  EXPECT_EQ(expiry_delay(seconds(90)), milliseconds(60'000));
}

request_view good_invite() {
  request_view request;
  request.method = request.cseq_method = "INVITE";
  request.scheme = "sip";
  request.cseq_number = 1;
  request.call_id = "x@y";
  request.from_tag = "t";
  request.from_headers = request.to_headers = request.cseq_headers = request.call_id_headers = 1;
  request.content_lengths = {"3"};
  request.body_bytes = 3;
  request.content_type = "application/sdp";
  request.max_forwards = "70";
  request.contacts = {{"sip", "192.0.2.1"}};
  return request;
}

TEST(MessageChecks, FindEveryKindOfWrongRequest) {
  static const std::string long_id(257, 'x');
  struct row {
    const char* what;
    std::function<void(request_view&)> change;
    int status; ///< 0: nothing is wrong
  };
  const row rows[] = {
      {"nothing", [](auto&) {}, 0},
      {"sips", [](auto& r) { r.scheme = "SIPS"; }, 0},
      {"tel", [](auto& r) { r.scheme = "tel"; }, 0},
      {"urn", [](auto& r) { r.scheme = "urn"; }, 416},
      {"cseq method", [](auto& r) { r.cseq_method = "BYE"; }, 400},
      {"cseq number", [](auto& r) { r.cseq_number = 0x80000000U; }, 400},
      {"no from", [](auto& r) { r.from_headers = 0; }, 400},
      {"two to", [](auto& r) { r.to_headers = 2; }, 400},
      {"two call ids", [](auto& r) { r.call_id_headers = 2; }, 400},
      {"two cseq", [](auto& r) { r.cseq_headers = 2; }, 400},
      {"no from tag", [](auto& r) { r.from_tag = {}; }, 400},
      {"no call id", [](auto& r) { r.call_id = {}; }, 400},
      {"long call id", [](auto& r) { r.call_id = long_id; }, 400},
      {"two lengths",
       [](auto& r) {
         r.content_lengths = {"3", "3"};
       },
       400},
      {"wrong length", [](auto& r) { r.content_lengths = {"4"}; }, 400},
      {"negative length", [](auto& r) { r.content_lengths = {"-3"}; }, 400},
      {"no length", [](auto& r) { r.content_lengths = {}; }, 0},
      {"many hops", [](auto& r) { r.max_forwards = "256"; }, 400},
      {"hops no number", [](auto& r) { r.max_forwards = "x"; }, 400},
      {"hops used up", [](auto& r) { r.max_forwards = "0"; }, 0},
      {"require timer", [](auto& r) { r.require = {"timer"}; }, 0},
      {"require other",
       [](auto& r) {
         r.require = {"timer", "100rel"};
       },
       420},
      {"no contact", [](auto& r) { r.contacts = {}; }, 400},
      {"no contact in a dialog",
       [](auto& r) {
         r.contacts = {};
         r.in_dialog = true;
       },
       0},
      {"require nothing", [](auto& r) { r.require = {""}; }, 0},
      {"two contacts", [](auto& r) { r.contacts.push_back(r.contacts[0]); }, 400},
      {"star contact", [](auto& r) { r.contacts = {{}}; }, 400},
      {"tel contact",
       [](auto& r) {
         r.contacts = {{"tel", {}}};
       },
       400},
      {"tel route",
       [](auto& r) {
         r.record_routes = {{"sip", "a"}, {"tel", {}}};
       },
       400},
      {"other body", [](auto& r) { r.content_type = "text/plain"; }, 415},
      {"no type", [](auto& r) { r.content_type = {}; }, 415},
      {"packed body", [](auto& r) { r.content_encoding = "gzip"; }, 415},
      {"bye without contact", [](auto& r) { r.method = r.cseq_method = "BYE", r.contacts = {}; }, 0},
      {"update without contact", [](auto& r) { r.method = r.cseq_method = "UPDATE", r.contacts = {}; }, 0},
      {"update with two contacts",
       [](auto& r) {
         r.method = r.cseq_method = "UPDATE";
         r.contacts.push_back(r.contacts[0]);
       },
       400},
      {"register", [](auto& r) { r.method = r.cseq_method = "REGISTER"; }, 405},
      {"lower case", [](auto& r) { r.method = r.cseq_method = "invite"; }, 501},
  };
  for (const auto& [what, change, status] : rows) {
    auto request = good_invite();
    change(request);
    const auto wrong = check_request(request);
    EXPECT_EQ(wrong ? wrong->status : 0, status) << what;
  }
}

/// The answer to an INVITE that requires these.
message_refusal refusal_of(const std::vector<std::string>& required) {
  auto request = good_invite();
  request.require.assign(required.begin(), required.end());
  return check_request(request).value_or(message_refusal{});
}

std::size_t lines_of(const std::string& headers) {
  return static_cast<std::size_t>(std::count(headers.begin(), headers.end(), '\n'));
}

TEST(MessageChecks, RepeatAnUnknownExtensionUpTo64BytesOfIt) {
  const std::string longest(64, 'x');

  EXPECT_EQ(refusal_of({longest}).headers, "Unsupported: " + longest + "\r\n");
  EXPECT_EQ(refusal_of({longest + "y"}).headers, "Unsupported: " + longest + "\r\n");
  EXPECT_EQ(refusal_of({"foo \r\n bar"}).headers, "Unsupported: foo\r\n");
}

TEST(MessageChecks, RepeatUnknownExtensionsUntilTheyFill512Bytes) {
  constexpr std::size_t line = std::string_view("Unsupported: 0123456789abcdef0\r\n").size(); // 32 bytes
  const std::string token = "0123456789abcdef0";

  const auto at_the_limit = refusal_of(std::vector<std::string>(512 / line, token));
  const auto above = refusal_of(std::vector<std::string>(512 / line + 1, token));

  EXPECT_EQ(at_the_limit.status, 420);
  EXPECT_EQ(lines_of(at_the_limit.headers), 512 / line);
  EXPECT_EQ(above.headers, at_the_limit.headers);
}

/// Every option that an operator is told to change is one.
TEST(RefusalLog, AdvisesOptionsThatThereAre) {
  std::ifstream file{std::string{PLENARY_SOURCE_DIR} + "/docs/configuration.md"};
  const std::string options{std::istreambuf_iterator<char>{file}, {}};
  ASSERT_FALSE(options.empty());
  const std::regex name{"[a-z]+\\.[a-z_]+|[a-z]+(_[a-z]+)+"};
  int found = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(counter::count_); ++i) {
    const std::string advice{advice_for(reason_of(static_cast<counter>(i)))};
    for (std::sregex_iterator at{advice.begin(), advice.end(), name}, end; at != end; ++at, ++found)
      EXPECT_TRUE(options.find("." + at->str() + "`") != std::string::npos ||
                  options.find("`" + at->str() + "`") != std::string::npos || at->str() == "answer_url")
          << advice;
  }
  EXPECT_GT(found, 5);
}

} // namespace

} // namespace plenary::sip_layer
