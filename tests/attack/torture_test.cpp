#include "tests/attack/sip_senders.hpp"
#include "tests/attack/under_attack.hpp"
#include "tests/support/sip_message.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace plenary::attack::torture_test {

namespace {

using std::chrono::milliseconds;

struct torture_case {
  const char* file;
  std::set<int> right; ///< statuses that are right; empty: no answer
};

/// RFC 4475, as a server that knows no registrations, messages or the called numbers has to answer.
const std::vector<torture_case> rfc4475{
    {"badaspec", {400}},
    {"badbranch", {200, 400}},
    {"baddate", {400, 404}},
    {"baddn", {400}},
    {"badinv01", {400}},
    {"badvers", {505}},
    {"bcast", {}},
    {"bext01", {420}},
    {"bigcode", {}},
    {"clerr", {400}},
    {"cparam01", {405}},
    {"cparam02", {405}},
    {"dblreq", {405}},
    {"esc01", {404}},
    {"esc02", {405, 501}},
    {"escnull", {405}},
    {"escruri", {400}},
    {"insuf", {400}},
    {"intmeth", {405, 501}},
    {"inv2543", {404}},
    {"invut", {415}},
    {"longreq", {404}},
    {"ltgtruri", {400}},
    {"lwsdisp", {200}},
    {"lwsruri", {400}},
    {"lwsstart", {400}},
    {"mcl01", {400}},
    {"mismatch01", {400}},
    {"mismatch02", {400, 501}},
    {"mpart01", {405}},
    {"multi01", {400}},
    {"ncl", {400}},
    {"noreason", {}},
    {"novelsc", {416}},
    {"quotbal", {400}},
    {"regaut01", {405}},
    {"regbadct", {400}},
    {"regescrt", {405}},
    {"scalar02", {400}},
    {"scalarlg", {}},
    {"sdp01", {404, 406, 488}},
    {"semiuri", {200}},
    {"transports", {200}},
    {"trws", {400}},
    {"unkscm", {416}},
    {"unksm2", {405}},
    {"unreason", {}},
    {"wsinv", {404, 481}},
    {"zeromf", {200, 483}},
};

/// RFC 5118.
const std::vector<torture_case> rfc5118{
    {"ipv4-mapped-ipv6", {404}},
    {"ipv6-bad", {400}},
    {"ipv6-bug-abnf-3-colons", {200, 400}},
    {"ipv6-correct-abnf-2-colons", {200}},
    {"ipv6-good", {405}},
    {"ipv6-in-sdp", {404}},
    {"mult-ip-in-header", {481}},
    {"mult-ip-in-sdp", {404}},
    {"port-ambiguous", {400, 405}},
    {"port-unambiguous", {405}},
    {"via-received-param-no-delim", {200}},
    {"via-received-param-with-delim", {481}},
};

/// Answers to a Via without `rport` go to its port, 5060 when it names none: the sender has that port, on an
/// address of its own.
shooter sender_on_5060(const test::ip_endpoint& server) {
  for (int tries = 0; tries < 200; ++tries) {
    const auto address = fmt::format("127.0.0.{}", 10 + (::getpid() + tries) % 240);
    if (auto socket = shooter::on_port(server, address, 5060))
      return std::move(*socket);
  }
  throw std::runtime_error("no address of 127.0.0.0/24 has port 5060 free");
}

class Torture : public UnderAttack {
protected:
  void SetUp() override {
    test::plenaryd_settings settings;
    settings.callers_address = "127.0.0.0/24";
    begin(settings);
    sender = std::make_unique<shooter>(sender_on_5060(node->sip_udp()));
  }

  static std::string message_of(const std::string& folder, const std::string& name) {
    std::ifstream file(std::string(ATTACK_CASES "/") + folder + "/" + name, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    // The only ports that Via names and nobody listens on.
    for (const char* port : {":5050;", ":6050;", ":19823;"})
      if (const auto at = text.find(port); at != std::string::npos)
        text.replace(at, std::string_view(port).size(), ":5060;");
    return text;
  }

  /// What comes back until a sound request, sent afterwards, is answered; of final answers the statuses.
  std::vector<int> answers_to(const std::string& text) {
    sender->shoot(text);
    std::vector<int> statuses;
    for (int tries = 0; tries < 10; ++tries) {
      const auto sound = sound_request(*sender, "OPTIONS", test::test_number);
      const auto id = test::parse_sip(sound)->header("call-id");
      sender->shoot(sound);
      for (auto bytes = sender->receive(milliseconds(2000)); !bytes.empty();
           bytes = sender->receive(milliseconds(2000))) {
        const auto answer = test::parse_sip(bytes);
        if (answer && answer->header("call-id") == id)
          return statuses;
        if (answer && answer->status() >= 200)
          statuses.push_back(answer->status());
      }
    }
    ADD_FAILURE() << "a sound request was not answered";
    return statuses;
  }

  void expect_right(const std::string& folder, const torture_case& each, const std::string& name) {
    const auto text = message_of(folder, name);
    ASSERT_FALSE(text.empty()) << name;
    const auto statuses = answers_to(text);
    const bool right =
        each.right.empty() ? statuses.empty() : statuses.size() == 1 && each.right.contains(statuses[0]);
    EXPECT_TRUE(right) << name << ": " << testing::PrintToString(statuses) << ", right is "
                       << testing::PrintToString(each.right);
  }

  std::unique_ptr<shooter> sender;
};

TEST_F(Torture, MessagesOfRfc4475GetTheRightAnswers) {
  for (const auto& each : rfc4475)
    expect_right("rfc4475", each, std::string(each.file) + ".dat");

  expect_unharmed();
}

TEST_F(Torture, MessagesOfRfc5118GetTheRightAnswers) {
  for (const auto& each : rfc5118)
    expect_right("rfc5118", each, each.file);

  expect_unharmed();
}

/// The same request to a number that is ours: a call.
std::string to_our_number(std::string text) {
  const auto from = text.find(' ') + 1;
  return text.replace(from, text.find(' ', from) - from, fmt::format("sip:{}@127.0.0.1", test::test_number));
}

TEST_F(Torture, RequestsOfOldClientsAndOfGreatLengthBecomeCalls) {
  for (const char* name : {"inv2543", "longreq"}) {
    const auto invite = to_our_number(message_of("rfc4475", std::string(name) + ".dat"));
    sender->shoot(invite);
    std::optional<test::sip_message> answer;
    for (auto bytes = sender->receive(std::chrono::seconds(10)); !bytes.empty() && !answer;
         bytes = sender->receive(std::chrono::seconds(10)))
      if (const auto next = test::parse_sip(bytes); next && next->status() >= 200)
        answer = next;
    ASSERT_TRUE(answer) << name;
    EXPECT_EQ(answer->status(), 200) << name;
    EXPECT_EQ(answer->header("from"), test::parse_sip(invite)->header("from")) << name;

    const auto to = answer->header("to");
    const auto in_dialog = [&](const char* method, int sequence) {
      return fmt::format("{} {} SIP/2.0\r\nVia: SIP/2.0/UDP {}\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\n"
                         "CSeq: {} {}\r\nContent-Length: 0\r\n\r\n",
                         method, test::uri_of(answer->header("contact")), sender->address(),
                         answer->header("from"), to, answer->header("call-id"), sequence, method);
    };
    sender->shoot(in_dialog("ACK", answer->sequence()));
    EXPECT_EQ(answers_to(in_dialog("BYE", answer->sequence() + 1)), std::vector<int>{200}) << name;
  }

  expect_unharmed();
}

TEST_F(Torture, DamagedMessagesDisturbNobody) {
  std::mt19937 random(seed());
  SCOPED_TRACE(seed());
  const auto shots = 6000 * factor();
  for (int i = 0; i < shots; ++i) {
    const char* methods[] = {"OPTIONS", "REGISTER", "BYE", "INVITE", "ACK", "CANCEL", "UPDATE", "MESSAGE"};
    // A foreign number: what is left sound enough to be a call is refused.
    sender->shoot(damaged(sound_request(*sender, methods[random() % std::size(methods)], "+1999"), random));
  }

  expect_unharmed();
  EXPECT_GT(metric("plenary_sip_messages_malformed_total"), 100);
}

} // namespace

} // namespace plenary::attack::torture_test
