#include "tests/integration/live_node.hpp"

#include <sys/socket.h>

namespace plenary::test::dialog_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A SIP socket on an address of loopback, without any behaviour of its own.
class bare_phone {
public:
  bare_phone(ip_endpoint server, const std::string& address)
      : server_(std::move(server))
      , address_(address)
      , socket_(open_udp(address)) {}

  std::string place() const { return fmt::format("{}:{}", address_, local_port(socket_.get())); }

  void send(const std::string& text) const {
    const auto to = to_sockaddr(server_);
    sendto(socket_.get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }

  /// The next message, or nothing.
  std::optional<sip_message> receive(milliseconds timeout = seconds(5)) const {
    if (!wait_readable(socket_.get(), timeout))
      return std::nullopt;
    std::string datagram(65536, '\0');
    const auto size = recv(socket_.get(), datagram.data(), datagram.size(), 0);
    datagram.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return parse_sip(datagram);
  }

  /// The next message of this kind, others skipped: a status from 200 on, or a request.
  std::optional<sip_message> receive_final() const {
    for (;;) {
      auto message = receive();
      if (!message || !message->is_response() || message->status() >= 200)
        return message;
    }
  }

  bool is_silent() const { return !receive(milliseconds(300)); }

private:
  ip_endpoint server_;
  std::string address_;
  file_descriptor socket_;
};

/// One call that a test writes by hand.
struct written_call {
  std::string call_id;
  std::string contact; ///< host and port
  std::string to_tag{};
  int sequence = 0;

  std::string text(const bare_phone& from, const std::string& method, const std::string& headers = {},
                   const std::string& sdp = {}) {
    static int branches = 0;
    if (method != "ACK" && method != "CANCEL")
      ++sequence;
    return fmt::format(
        "{} sip:{}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {};rport;branch=z9hG4bKw{}\r\nMax-Forwards: 70\r\n"
        "From: <sip:+15550000001@127.0.0.1>;tag=w\r\nTo: <sip:{}@127.0.0.1>{}\r\nCall-ID: {}\r\n"
        "CSeq: {} {}\r\nContact: <sip:w@{}>\r\n{}{}Content-Length: {}\r\n\r\n{}",
        method, test_number, from.place(), ++branches, test_number, to_tag.empty() ? "" : ";tag=" + to_tag,
        call_id, sequence, method, contact, headers, sdp.empty() ? "" : "Content-Type: application/sdp\r\n",
        sdp.size(), sdp);
  }
};

class Dialogs : public LiveNode {
protected:
  void start_with(const std::string& trunk_lines, const std::string& application_lines = {}) {
    plenaryd_settings settings;
    settings.lines["trunk"] = trunk_lines;
    settings.lines["application"] = application_lines;
    start(settings);
  }

  static std::string offer() { return make_pcmu_sdp({"127.0.0.1", 4000}, 1, "sendrecv"); }

  /// Answered and acknowledged; its id.
  std::string establish(const bare_phone& phone, written_call& call, const std::string& headers = {}) {
    phone.send(call.text(phone, "INVITE", headers, offer()));
    const auto ok = phone.receive_final();
    EXPECT_TRUE(ok && ok->status() == 200);
    if (!ok)
      return {};
    call.to_tag = tag_of(ok->header("to"));
    phone.send(call.text(phone, "ACK"));
    const auto answered = application.wait_for_event("call.answered");
    EXPECT_TRUE(answered);
    return answered ? answered->call : std::string{};
  }

  nlohmann::json ended(const std::string& id) {
    EXPECT_TRUE(eventually(
        [&] { return node->get_json("/v1/calls/" + id).value("ended_at", nlohmann::json()) != nullptr; }));
    return node->get_json("/v1/calls/" + id);
  }
};

constexpr const char* md5_and_sha =
    "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"m\", qop=\"auth\"\r\n"
    "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"s\", "
    "algorithm=SHA-256, qop=\"auth\"\r\n";

/// The answer to a request, with further header lines.
std::string challenge_of(const sip_message& request) {
  auto text = make_response(request, 401, "sip:w@127.0.0.1");
  return text.insert(text.find("Content-Length"), md5_and_sha);
}

TEST_F(Dialogs, WithAForgedContactGiveTheStrangerNeitherRequestNorHash) {
  start_with("username = \"trunk\"\npassword = \"pw\"\nrealm = \"carrier\"");
  const bare_phone trunk(node->sip_udp(), "127.0.0.1");
  const bare_phone stranger(node->sip_udp(), "127.0.0.2");
  written_call call{"forged@contact", stranger.place()};
  const auto id = establish(trunk, call);

  ASSERT_TRUE(node->post("/v1/calls/" + id + "/hangup"));
  const auto bye = trunk.receive_final();
  ASSERT_TRUE(bye && bye->method() == "BYE");
  stranger.send(challenge_of(*bye));
  EXPECT_TRUE(stranger.is_silent());

  // The BYE may come once more, when nobody took the challenge for an answer.
  for (int i = 0; i < 2; ++i) {
    if (const auto next = trunk.receive(milliseconds(700))) {
      EXPECT_EQ(next->header("authorization"), "");
    }
  }
  EXPECT_EQ(ended(id).value("ended_by", ""), "api");
}

TEST_F(Dialogs, AnswerTheTrunksChallengeWithTheBetterHash) {
  start_with("username = \"trunk\"\npassword = \"pw\"");
  const bare_phone trunk(node->sip_udp(), "127.0.0.1");
  written_call call{"challenged@bye", trunk.place()};
  const auto id = establish(trunk, call);
  ASSERT_TRUE(node->post("/v1/calls/" + id + "/hangup"));
  const auto bye = trunk.receive_final();
  ASSERT_TRUE(bye);

  trunk.send(challenge_of(*bye));
  const auto again = trunk.receive_final();

  ASSERT_TRUE(again && again->method() == "BYE");
  const auto credentials = again->header("authorization");
  EXPECT_NE(credentials.find("algorithm=SHA-256"), std::string::npos) << credentials;
  EXPECT_NE(credentials.find("nc=00000001"), std::string::npos) << credentials;
  trunk.send(make_response(*again, 200, "sip:w@127.0.0.1"));
}

TEST_F(Dialogs, AreEndedByNobodyFromOutsideTheTrunk) {
  start_with("");
  const bare_phone trunk(node->sip_udp(), "127.0.0.1");
  const bare_phone stranger(node->sip_udp(), "127.0.0.2");
  written_call call{"overheard@tags", trunk.place()};
  const auto id = establish(trunk, call);

  auto overheard = call;
  for (const char* method : {"UPDATE", "INVITE", "BYE"})
    stranger.send(overheard.text(stranger, method));
  trunk.send(call.text(trunk, "OPTIONS")); // behind them
  const auto alive = trunk.receive_final();

  ASSERT_TRUE(alive);
  EXPECT_EQ(alive->method(), "OPTIONS");
  EXPECT_EQ(node->get_json("/v1/calls/" + id).value("status", ""), "in_progress");
  call.sequence = overheard.sequence;
  trunk.send(call.text(trunk, "BYE"));
  EXPECT_EQ(ended(id).value("ended_by", ""), "caller");
}

TEST_F(Dialogs, TellTheApplicationWhoCallsAndKeepIt) {
  start_with("trusted = true", "headers = [\"X-Desk\"]");
  const bare_phone trunk(node->sip_udp(), "127.0.0.1");
  written_call call{"told@application", trunk.place()};

  const auto id =
      establish(trunk, call,
                "P-Asserted-Identity: <tel:+15550000007>\r\nPrivacy: id\r\nX-Desk: 7\r\nX-Other: 8\r\n"
                "Diversion: <sip:+15550000008@x>;reason=no-answer\r\n");
  trunk.send(call.text(trunk, "BYE"));
  const auto record = ended(id);
  const auto completed = application.wait_for_event("call.completed", id);

  ASSERT_TRUE(completed);
  const auto asked = nlohmann::json::parse(application.requests().at(0).body)["call"];
  for (const auto& told : {asked, completed->document["call"], record}) {
    EXPECT_EQ(told["sip_call_id"], "told@application");
    EXPECT_EQ(told["asserted_identity"], "+15550000007");
    EXPECT_EQ(told["privacy"], "id");
    EXPECT_EQ(told["diversion"], nlohmann::json({{"from", "+15550000008"}, {"reason", "no-answer"}}));
    EXPECT_EQ(told["headers"], nlohmann::json({{"X-Desk", "7"}}));
  }
  EXPECT_EQ(record["error"], nullptr);
  EXPECT_NE(node->output().find("\"sip_call_id\":\"told@application\""), std::string::npos);
}

constexpr const char* offer_of_g729 =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n";

TEST_F(Dialogs, ThatAreRefusedSayWhy) {
  start_with("");
  const bare_phone trunk(node->sip_udp(), "127.0.0.1");
  written_call call{"no@codec", trunk.place()};

  trunk.send(call.text(trunk, "INVITE", {}, offer_of_g729));
  const auto refused = trunk.receive_final();
  const auto failed = application.wait_for_event("call.failed");

  ASSERT_TRUE(refused && failed);
  EXPECT_EQ(refused->status(), 488);
  EXPECT_TRUE(refused->header("warning").starts_with("305 127.0.0.1:")) << refused->header("warning");
  const auto record = ended(failed->call);
  EXPECT_EQ(record["ended_by"], "node");
  EXPECT_EQ(record["error"]["code"], "not_acceptable");
  EXPECT_EQ(record["error"], failed->document["data"]["error"]);
}

TEST_F(Dialogs, ThatAreRefusedAreCountedOnce) {
  start_with("");
  const bare_phone trunk(node->sip_udp(), "127.0.0.1");
  written_call call{"one@codec", trunk.place()};

  trunk.send(call.text(trunk, "INVITE", {}, offer_of_g729));
  const auto refused = trunk.receive_final();

  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status(), 488);
  EXPECT_EQ(metric("plenary_sip_invites_refused_total{reason=\"not_acceptable\"}"), 1);
  EXPECT_EQ(metric("plenary_sip_invites_refused_total{reason=\"by_call\"}"), 0);
}

TEST_F(Dialogs, EndWithTheirRoom) {
  start();
  rtp_caller alice(caller(440, "+15550000001"));
  ASSERT_TRUE(alice.call());
  const auto answered = application.wait_for_event("call.answered");
  ASSERT_TRUE(answered);

  ASSERT_TRUE(node->post("/v1/rooms/daily_support_room/end"));

  EXPECT_EQ(ended(answered->call).value("ended_by", ""), "room");
}

} // namespace

} // namespace plenary::test::dialog_test
