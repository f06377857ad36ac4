// SIP messages as libre decodes them: what we read out of them, and what we answer.
#include "node/sip/caller_headers.hpp"
#include "node/sip/dialog_target.hpp"
#include "node/sip/digest.hpp"
#include "node/sip/message_reader.hpp"
#include "node/sip/reason_header.hpp"
#include "schema/called_number.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <array>

namespace plenary::fuzz::sip_message_target {

namespace {

using namespace std::string_view_literals;
using namespace sip_layer;

constexpr std::array pieces{
    "INVITE sip:+15551230002@192.0.2.1 SIP/2.0\r\n"sv,
    "BYE sip:x@192.0.2.1;transport=tcp SIP/2.0\r\n"sv,
    "OPTIONS sips:192.0.2.1 SIP/2.0\r\n"sv,
    "UPDATE tel:+15551230002 SIP/2.0\r\n"sv,
    "SIP/2.0 200 OK\r\n"sv,
    "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1;rport\r\n"sv,
    "v: SIP/2.0/TCP [2001:db8::9]\r\n"sv,
    "From: \"A \\\" B\" <sip:+15551230001@192.0.2.9;user=phone>;tag=1\r\n"sv,
    "f: <tel:+1-555-123-0001;phone-context=+1>;tag=1\r\n"sv,
    "From: sip:anonymous@anonymous.invalid;tag=1\r\n"sv,
    "To: <sip:+15551230002@192.0.2.1>\r\n"sv,
    "To: <sip:+15551230002@192.0.2.1>;tag=2\r\n"sv,
    "Call-ID: 1@192.0.2.9\r\n"sv,
    "i: \r\n"sv,
    "CSeq: 1 INVITE\r\n"sv,
    "CSeq: 4294967295 BYE\r\n"sv,
    "Max-Forwards: 70\r\n"sv,
    "Contact: <sip:a@192.0.2.9:5060>\r\n"sv,
    "m: *\r\n"sv,
    "Contact: <sip:a@[::1]>;expires=1, \"x,y\" <sip:b@c>\r\n"sv,
    "Record-Route: <sip:192.0.2.8;lr>, <sip:192.0.2.7;lr>\r\n"sv,
    "Require: timer\r\n"sv,
    "Require: \r\n"sv,
    "Require: 100rel, foo\r\n bar\r\n"sv,
    "Supported: timer, replaces\r\n"sv,
    "Session-Expires: 1800;Refresher=UAS\r\n"sv,
    "x: 90 ; refresher = uac\r\n"sv,
    "Min-SE: 90\r\n"sv,
    "Reason: Q.850;cause=16;text=\"bye\"\r\n"sv,
    "Reason: SIP ;cause=486, Q.850;cause=0\r\n"sv,
    "Content-Type: application/sdp\r\n"sv,
    "Content-Type: multipart/mixed;boundary=\"b\"\r\n"sv,
    "c: multipart/mixed; boundary=b\r\n"sv,
    "Content-Encoding: gzip\r\n"sv,
    "Content-Length: 0\r\n"sv,
    "l: 5\r\n"sv,
    "P-Asserted-Identity: \"A\" <sip:+15551230001@192.0.2.9>\r\n"sv,
    "Privacy: id\r\n"sv,
    "Diversion: <sip:+15551230003@192.0.2.9>;reason=user-busy\r\n"sv,
    "X-Desk: 7\r\n"sv,
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"\r\n"sv,
    ";maddr=192.0.2.9;transport=tcp"sv,
    "Diversion: <sip:+15551230003@192.0.2.9>;reason=unconditional\r\n"sv,
    "X-Customer: 42\r\n"sv,
    "\r\n"sv,
    "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"sv,
    "--b\r\n"sv,
    "--b--\r\n"sv,
    " \r\n\t"sv,
    "%00"sv,
    ","sv,
    "<"sv,
    "\""sv,
    "\0"sv,
    "\xFF"sv};

/// Lines that we write into an answer: each whole, none that ends the header section or holds a stray line
/// end. A line may go on behind a blank (RFC 3261 section 7.3.1).
void check_lines(std::string_view lines) {
  bool first = true;
  while (!lines.empty()) {
    const auto end = lines.find("\r\n");
    FUZZ_CHECK(end != std::string_view::npos && end > 0);
    const auto line = lines.substr(0, end);
    FUZZ_CHECK(line.find_first_of("\r\n") == std::string_view::npos);
    const bool folded = line[0] == ' ' || line[0] == '\t';
    FUZZ_CHECK(folded ? !first : line.find(':') != std::string_view::npos);
    lines.remove_prefix(end + 2);
    first = false;
  }
}

void check_refusal(const message_refusal& refusal) {
  FUZZ_CHECK(refusal.status >= 400 && refusal.status < 700);
  FUZZ_CHECK(!refusal.reason.empty() && refusal.reason.size() <= 128);
  FUZZ_CHECK(refusal.reason.find_first_of("\r\n") == std::string::npos);
  // No answer to a stranger is much longer than what it answers.
  FUZZ_CHECK(refusal.headers.size() <= 1024);
  check_lines(refusal.headers);
}

void check_timer(const sip_msg& message) {
  const auto offer = read_timer(message);
  const timer_policy policy;
  const auto agreed = answer_timer(offer, policy);
  if (!agreed) {
    FUZZ_CHECK(agreed.error().min_se == policy.min_se);
    return;
  }
  FUZZ_CHECK(agreed->interval >= policy.min_se && agreed->interval <= std::chrono::hours{24});
  FUZZ_CHECK(expiry_delay(agreed->interval) > refresh_delay(agreed->interval));
  check_lines(answer_headers(*agreed));
}

void check_texts(const sip_msg& message) {
  FUZZ_CHECK(read_caller(message).size() <= 256);
  const auto user = view(message.uri.user);
  FUZZ_CHECK(unescape(user).size() <= user.size());
  FUZZ_CHECK(did_key(did_key(user)) == did_key(user));
  if (const auto number = to_e164(user))
    FUZZ_CHECK(number->starts_with('+') && number->size() <= 16 && to_e164(*number) == number);
  if (const auto cause = parse_reason(header_values(message, SIP_HDR_REASON))) {
    const auto line = format_reason(*cause);
    check_lines(line);
    const auto value = std::string_view(line).substr(std::string_view("Reason: ").size());
    FUZZ_CHECK(parse_reason({value.substr(0, value.size() - 2)}) == cause);
    FUZZ_CHECK(status_for(*cause) >= 400);
  }
  const auto sdp = read_sdp(message);
  FUZZ_CHECK(!sdp || sdp->size() <= mbuf_get_left(message.mb));
}

/// What is told of the caller has its bounds, whatever the trunk sends.
void check_caller(const sip_msg& message) {
  sip_trunk trunk;
  trunk.trusted = true;
  const auto caller = read_caller_details(message, trunk, {"X-Desk", "Subject"});
  for (const auto* text : {&caller.asserted_identity, &caller.privacy, &caller.diverted_from})
    FUZZ_CHECK(text->size() <= 264);
  FUZZ_CHECK(caller.diversion_reason.size() <= 64 && caller.headers.size() <= 2);
  for (const auto& [name, value] : caller.headers)
    FUZZ_CHECK(!value.empty() && value.size() <= 256);
}

/// A challenge that is answered adds one line, and a URI that is followed names a place.
void check_dialog(const sip_msg& message) {
  for (const auto value : header_values(message, SIP_HDR_WWW_AUTHENTICATE)) {
    const auto challenges = read_challenges(value, false);
    FUZZ_CHECK(challenges.size() <= max_challenges);
    for (const auto& each : challenges)
      check_lines(authorization_line(each, {"user", "password"}, {"BYE", "sip:x", {}}, {"nonce", 1}));
  }
  if (const auto to = hop_of(view(message.from.auri)))
    FUZZ_CHECK(to->port != 0 && hop_of(uri_of(*to)) == to);
}

void run_sip_message(bytes input) {
  re_ptr<mbuf> buffer{mbuf_alloc(input.size() + 1)};
  mbuf_write_mem(buffer.get(), input.data(), input.size());
  mbuf_set_pos(buffer.get(), 0);
  re_ptr<sip_msg> message;
  if (sip_msg_decode(message.out(), buffer.get()) != 0)
    return;
  sa source{};
  sa_set_str(&source, "192.0.2.9", 5060);
  message->src = source;
  if (message->req)
    if (const auto refusal = check_request(read_request(*message)))
      check_refusal(*refusal);
  check_timer(*message);
  check_texts(*message);
  check_caller(*message);
  check_dialog(*message);
  (void)has_token(*message, SIP_HDR_SUPPORTED, "timer");
}

FUZZ_TARGET(.name = "sip_message", .run = run_sip_message, .pieces = pieces,
            .limit = {.allocated = 256 * 1024, .allocated_per_byte = 256});

} // namespace

} // namespace plenary::fuzz::sip_message_target
