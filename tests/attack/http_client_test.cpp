#include "tests/attack/under_attack.hpp"
#include "tests/support/scripted_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

namespace plenary::attack::http_client_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using test::http_message;
using test::json_reply;
using test::scripted_server;

constexpr const char* other_number = "+15559990000";

/// A second customer beside that of the witnesses, as lines of the section [[application]].
std::string second_customer(const std::string& answer_url, const std::string& webhook_url) {
  return fmt::format("[[application]]\nid = \"app_other\"\ncustomer_id = \"cust_other\"\n"
                     "api_key = \"mv_test_key_of_cust_other\"\nanswer_url = \"{}\"\nwebhook_url = \"{}\"\n"
                     "webhook_secret = \"whsec_b3RoZXItY3VzdG9tZXI=\"\nmax_setups_per_s = 1000\n"
                     "[[did]]\nnumber = \"{}\"\napplication = \"app_other\"\n",
                     answer_url, webhook_url, other_number);
}

class HttpClientUnderAttack : public UnderAttack {
protected:
  test::plenaryd_settings with_second_customer(const std::string& answer_url,
                                               const std::string& webhook_url) const {
    test::plenaryd_settings settings;
    settings.lines["application"] = second_customer(answer_url, webhook_url);
    settings.lines["http_client"] = "allow_networks = [\"127.0.0.0/8\"]";
    return settings;
  }

  test::rtp_caller_options caller_of_the_other() const {
    auto options = caller(0, "+15550007007");
    options.to = other_number;
    options.sends_media = false;
    return options;
  }

  /// How long a call of the witnesses' customer takes until it is answered.
  milliseconds time_to_answer() const {
    const auto began = steady_clock::now();
    test::rtp_caller phone(caller(0, "+15550006006"));
    EXPECT_TRUE(phone.call(seconds(9)));
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
  }

  void TearDown() override {
    talkers.reset();
    UnderAttack::TearDown();
  }
};

/// What a server may do to one connection after it has read the request's head.
scripted_server::script misbehaviour(int kind) {
  return [kind](scripted_server& server, int connection) {
    if (!server.read_head(connection))
      return;
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    switch (kind) {
    case 0: // headers without end
      test::send_all(connection, ok);
      server.drip(connection, "X-More: and more\r\n", milliseconds(0));
      return;
    case 1: // a body without end
      test::send_all(connection, ok + "\r\n");
      server.drip(connection, std::string(16384, '['), milliseconds(0));
      return;
    case 2: // a byte now and then
      test::send_all(connection, ok + "Content-Length: 60000\r\n\r\n");
      server.drip(connection, "{", milliseconds(200));
      return;
    case 3: // silence
      server.hold(connection);
      return;
    case 4: // a reset within the headers
      test::send_all(connection, ok + "Content-Le");
      scripted_server::reset(connection);
      return;
    case 5: // a reset within the body
      test::send_all(connection, ok + "Content-Length: 99\r\n\r\n{\"actions\"");
      scripted_server::reset(connection);
      return;
    case 6: // no HTTP
      test::send_all(connection, std::string("\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", 11));
      return;
    case 7: // a document that is none, as long as can be
      test::send_all(connection, ok + "Content-Length: 65000\r\n\r\n{\"a\":\"" + std::string(64994, '\xff'));
      return;
    case 8: // moved for ever
      test::send_all(connection, "HTTP/1.1 307 Again\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
      return;
    default: // ask later, much later
      test::send_all(
          connection,
          "HTTP/1.1 429 Busy\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n");
    }
  };
}

TEST_F(HttpClientUnderAttack, OutlivesEveryAnswerThatAServerCanThinkOf) {
  std::atomic<int> next = 0;
  constexpr int kinds = 10;
  scripted_server hostile{
      [&next](scripted_server& server, int connection) { misbehaviour(next++ % kinds)(server, connection); }};
  begin(with_second_customer(hostile.url(), hostile.url()));

  for (int round = 0; round < 3 * factor(); ++round) {
    std::list<test::rtp_caller> phones;
    for (int i = 0; i < kinds; ++i)
      phones.emplace_back(caller_of_the_other()).invite();
    for (auto& phone : phones) {
      const auto answer = phone.wait_for_answer(seconds(12));
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->status(), 503);
    }
  }

  EXPECT_LT(time_to_answer(), seconds(2));
  expect_unharmed(seconds(25));
}

TEST_F(HttpClientUnderAttack, KeepsTheEventsOfOthersMovingWhenAReceiverNeverAnswers) {
  scripted_server silent{[](scripted_server& server, int connection) { server.hold(connection); }};
  scripted_server refusing{test::says("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")};
  begin(with_second_customer(refusing.url(), silent.url()));
  std::list<test::rtp_caller> phones;
  for (int i = 0; i < 60; ++i)
    phones.emplace_back(caller_of_the_other()).invite();

  const auto began = steady_clock::now();
  EXPECT_LT(time_to_answer(), seconds(2));
  EXPECT_TRUE(application.wait_for_event("call.completed", {}, seconds(5)));
  EXPECT_LT(steady_clock::now() - began, seconds(7));

  phones.clear();
  expect_unharmed(seconds(25));
}

TEST_F(HttpClientUnderAttack, AnswersOthersWhileHundredsOfCallsWaitForSilentHosts) {
  std::list<scripted_server> silent;
  for (int i = 0; i < 20; ++i)
    silent.emplace_back([](scripted_server& server, int connection) { server.hold(connection); });
  std::vector<std::string> targets;
  for (const auto& each : silent)
    targets.push_back(each.url());
  test::http_server redirecting{
      [&targets, n = std::make_shared<std::atomic<std::size_t>>(0)](const http_message&) {
        const auto& target = targets[(*n)++ % targets.size()];
        return json_reply({{"actions", {{{"redirect", {{"url", target}}}}}}});
      }};
  begin(with_second_customer(redirecting.url("/"), application.webhook_url()));
  std::list<test::rtp_caller> phones;
  for (int i = 0; i < 320; ++i)
    phones.emplace_back(caller_of_the_other()).invite();
  ASSERT_TRUE(eventually([&] {
    int open = 0;
    for (const auto& each : silent)
      open += each.connections();
    return open >= 100;
  }));

  const auto took = time_to_answer();

  fmt::print("answered after {} ms beside 320 calls that wait for 20 silent hosts\n", took.count());
  EXPECT_LT(took, seconds(2));
}

TEST_F(HttpClientUnderAttack, AnswersOthersWhileANameServerIsSilent) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "a resolv.conf of the node's own needs a mount namespace";
  test::temporary_directory folder;
  sockaddr_in where = test::to_sockaddr({"127.0.0.77", 53});
  const test::file_descriptor silent(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (::bind(silent.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
    GTEST_SKIP() << "port 53 of 127.0.0.77 is not free";
  std::ofstream(folder.path() / "resolv.conf") << "nameserver 127.0.0.77\n";
  auto settings = with_second_customer("http://answers.silent-customer.com/", application.webhook_url());
  settings.launcher = {"unshare",
                       "-m",
                       "sh",
                       "-c",
                       fmt::format("mount --bind {} /etc/resolv.conf && exec \"$@\"",
                                   (folder.path() / "resolv.conf").string()),
                       "plenaryd"};
  settings.answer_url = application.answer_url();
  settings.answer_url.replace(settings.answer_url.find("127.0.0.1"), 9, "localhost"); // a name that is known
  begin(settings);
  std::list<test::rtp_caller> phones;
  for (int i = 0; i < 100; ++i)
    phones.emplace_back(caller_of_the_other()).invite();
  ASSERT_TRUE(test::wait_readable(silent.get(), seconds(5))) << "nobody asks the name server";

  const auto took = time_to_answer();

  fmt::print("answered after {} ms beside 100 calls that wait for a silent name server\n", took.count());
  EXPECT_LT(took, seconds(2));
  const auto stop = steady_clock::now();
  talkers.reset();
  EXPECT_EQ(node->terminate(), 0);
  EXPECT_LT(steady_clock::now() - stop, seconds(7)) << "nobody waits for a look-up";
  node.reset();
}

} // namespace

} // namespace plenary::attack::http_client_test
