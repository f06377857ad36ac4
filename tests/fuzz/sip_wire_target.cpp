// SIP as it comes from the wire, before libre sees it: cut into messages, read, judged, written anew.
#include "node/sip/libre.hpp"
#include "node/sip/stream_framer.hpp"
#include "node/sip/wire_checks.hpp"
#include "node/sip/wire_text.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <array>

namespace plenary::fuzz::sip_wire_target {

namespace {

using namespace std::string_view_literals;
using namespace sip_layer;

constexpr std::array wire_pieces{
    "INVITE sip:+15551230002@192.0.2.1 SIP/2.0\r\n"sv,
    "OPTIONS sip:a@b SIP/2.0\r\n"sv,
    "BYE sip:x@192.0.2.1;transport=tcp SIP/2.0\n"sv,
    "SIP/2.0 200 OK\r\n"sv,
    "SIP/7.0 200\r\n"sv,
    "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1;rport\r\n"sv,
    "v: SIP / 2.0 / TCP [2001:db8::9] ; ttl=1, SIP/2.0/UDP x\r\n"sv,
    "From: \"A \\\" B\" <sip:+15551230001@192.0.2.9;user=phone>;tag=1\r\n"sv,
    "f: sip:a@b;tag=1\r\n"sv,
    "t :\r\n  <sip:+15551230002@192.0.2.1>\r\n"sv,
    "To: <sip:b@192.0.2.1>;tag=2\r\n"sv,
    "Call-ID: 1@192.0.2.9\r\n"sv,
    "i: x\r\n"sv,
    "CSeq: 0001 INVITE\r\n"sv,
    "CSeq: 4294967296 BYE\r\n"sv,
    "Max-Forwards: 70\r\n"sv,
    "Contact: <sip:a@192.0.2.9:5060>, \"x,y\" <sip:b@c>\r\n"sv,
    "m: *\r\n"sv,
    "Record-Route: <sip:192.0.2.8;lr>, <sip:192.0.2.7;lr>\r\n"sv,
    "Require: 100rel, foo\r\n bar\r\n"sv,
    "Content-Type: application/sdp\r\n"sv,
    "c: multipart/mixed;boundary=\"b\"\r\n"sv,
    "Content-Length: 0\r\n"sv,
    "Content-Length: 99999999999999999999\r\n"sv,
    "l: 5\r\n"sv,
    "Subject: \xC3\xA9\xFF\r\n"sv,
    "\r\n"sv,
    "\r\n\r\n"sv,
    "\n"sv,
    "\r"sv,
    "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"sv,
    "--b\r\nContent-Type: application/sdp\r\n\r\n"sv,
    "--b--\r\n"sv,
    " \t"sv,
    "\0"sv,
    "\"<>;,"sv};

const wire_source fuzz_source{"192.0.2.9", 5060};
const stream_framer::time_point framer_start{std::chrono::hours{1}};

/// What a framer cuts, `step` bytes at a time.
std::vector<stream_framer::unit> units_of(std::string_view text, std::size_t step) {
  stream_framer framer{framer_start};
  std::vector<stream_framer::unit> all;
  for (std::size_t at = 0; at < text.size(); at += step) {
    framer.take(text.substr(at, step), framer_start);
    while (auto unit = framer.next(framer_start)) {
      const bool broken = unit->what == stream_framer::kind::broken;
      all.push_back(std::move(*unit));
      if (broken)
        return all;
    }
  }
  return all;
}

/// However the bytes come, the same units come out of them, none larger than a message may be.
void check_framing(std::string_view text) {
  const auto whole = units_of(text, std::max<std::size_t>(text.size(), 1));
  const auto pieces = units_of(text, 7);
  FUZZ_CHECK(whole.size() == pieces.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    FUZZ_CHECK(whole[i].what == pieces[i].what);
    if (whole[i].what == stream_framer::kind::broken) {
      FUZZ_CHECK(whole[i].answer.status == pieces[i].answer.status);
      continue;
    }
    FUZZ_CHECK(whole[i].bytes == pieces[i].bytes);
    FUZZ_CHECK(whole[i].bytes.size() <= wire_limits::head_bytes + wire_limits::body_bytes + 4);
  }
}

/// A zero may only stand behind a backslash, as in a quoted string (RFC 3261 25.1, quoted-pair).
bool zeros_are_escaped(std::string_view head) {
  for (auto at = head.find('\0'); at != std::string_view::npos; at = head.find('\0', at + 1))
    if (at == 0 || head[at - 1] != '\\')
      return false;
  return true;
}

void check_answer(const wire_message& request, const message_refusal& refusal) {
  FUZZ_CHECK(refusal.status >= 400 && refusal.status < 700);
  const auto text = write_answer(request, refusal, fuzz_source, "plenary");
  FUZZ_CHECK(text.starts_with("SIP/2.0 ") && text.ends_with("\r\n\r\n"));
  FUZZ_CHECK(zeros_are_escaped(text));
  wire_message again;
  if (!read_wire(text, again)) { // the request said nothing of whose it is
    FUZZ_CHECK(request.count("CSeq") == 0 || text.size() > wire_limits::header_bytes);
    return;
  }
  FUZZ_CHECK(again.is_response);
  FUZZ_CHECK(!again.problem || text.size() > wire_limits::header_bytes);
  FUZZ_CHECK(again.body.empty() && again.count("Call-ID") <= 1 && again.count("CSeq") <= 1);
}

/// What libre gets is a message to it too, and the same once more when it is read and written again.
void check_rewriting(const wire_message& message, std::size_t size) {
  auto written = write_wire(message, fuzz_source);
  if (!written) {
    FUZZ_CHECK(written.error().status >= 400 && written.error().status < 700);
    return;
  }
  FUZZ_CHECK(written->size() <= size * 3 + 1024);
  FUZZ_CHECK(zeros_are_escaped(std::string_view(*written).substr(0, written->find("\r\n\r\n"))));
  wire_message again;
  FUZZ_CHECK(read_wire(*written, again) && !again.problem && again.is_response == message.is_response);
  re_ptr<mbuf> buffer{mbuf_alloc(written->size() + 1)};
  mbuf_write_mem(buffer.get(), reinterpret_cast<const std::uint8_t*>(written->data()), written->size());
  mbuf_set_pos(buffer.get(), 0);
  re_ptr<sip_msg> decoded;
  if (sip_msg_decode(decoded.out(), buffer.get()) == 0)
    FUZZ_CHECK((decoded->req == 0) == message.is_response);
  const auto left = strip_marks(written->data(), written->size());
  FUZZ_CHECK(left <= written->size());
}

void run_sip_wire(bytes input) {
  const auto text = text_of(input);
  check_framing(text);
  wire_message message;
  if (!read_wire(text, message))
    return;
  FUZZ_CHECK(message.headers.size() <= wire_limits::headers + 1);
  (void)called_user(message);
  (void)answer_port(message, fuzz_source);
  if (const auto refusal = check_wire(message)) {
    if (!message.is_response)
      check_answer(message, *refusal);
    return;
  }
  FUZZ_CHECK(declared_body(message).size() <= message.body.size());
  check_rewriting(message, text.size());
}

FUZZ_TARGET(.name = "sip_wire", .run = run_sip_wire, .pieces = wire_pieces,
            .limit = {.allocated = 1024 * 1024, .allocated_per_byte = 512});

} // namespace

} // namespace plenary::fuzz::sip_wire_target
