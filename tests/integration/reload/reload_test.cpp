#include "tests/integration/live_node.hpp"

#include <csignal>
#include <fstream>

namespace plenary::test::reload_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr const char* alice_number = "+15550000001";
constexpr const char* bob_number = "+15550000002";
constexpr const char* new_number = "+15551230009";
constexpr const char* new_secret = "whsec_bmV3LXNlY3JldC1vZi1hcHAtZGVtby0wMDAwMQ==";

class Reload : public LiveNode {
protected:
  std::filesystem::path file() const { return node->directory() / "plenary.toml"; }

  std::string text() const {
    std::ifstream stream{file()};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }
  void write(const std::string& text) const { std::ofstream{file()} << text; }
  void append(const std::string& lines) const { write(text() + lines); }
  void replace(const std::string& what, const std::string& by) const {
    auto changed = text();
    ASSERT_NE(changed.find(what), std::string::npos) << what;
    write(changed.replace(changed.find(what), what.size(), by));
  }

  bool says(const std::string& words) const {
    return node->process().wait_for_text(words, seconds(10)).has_value();
  }
  /// SIGHUP; true when the log then names these changes.
  bool takes(const std::string& changes) const {
    node->process().signal(SIGHUP);
    return says(
        fmt::format("\"event\":\"config_reloaded\",\"cause\":\"SIGHUP\",\"changed\":\"{}\"", changes));
  }
  /// SIGHUP; the line that refuses, as a document.
  nlohmann::json refusal() const {
    node->process().signal(SIGHUP);
    const auto line = node->process().wait_for_text("\"event\":\"config_refused\"", seconds(10));
    return nlohmann::json::parse(line.value_or("{}"));
  }

  /// The final status that an INVITE for this number gets; 0: none.
  int status_of_call(const std::string& number) const {
    auto options = caller(0, bob_number);
    options.to = number;
    rtp_caller one(options);
    one.invite();
    const auto answer = one.wait_for_answer(seconds(3));
    return answer ? answer->status() : 0;
  }
};

TEST_F(Reload, TakesANumberThatIsNew) {
  start();
  const int before = status_of_call(new_number);

  append(fmt::format("[[did]]\nnumber = \"{}\"\napplication = \"app_demo\"\n", new_number));
  ASSERT_TRUE(takes(fmt::format("did {} added", new_number)));

  EXPECT_EQ(before, 404);
  EXPECT_EQ(status_of_call(new_number), 200);
  EXPECT_THAT(node->output(), HasSubstr("\"applications\":1,\"numbers\":2,\"trunks\":1"));
}

TEST_F(Reload, TakesAnApplicationWithItsKeysAndEventsAndLetsTheOneGoThatIsTakenOut) {
  customer_application second(new_secret, "other_room");
  start();
  const auto before = text();
  append(fmt::format("[[application]]\nid = \"app_second\"\ncustomer_id = \"cust_second\"\n"
                     "api_key = \"key_of_second\"\nanswer_url = \"{}\"\nwebhook_url = \"{}\"\n"
                     "webhook_secret = \"{}\"\n[[did]]\nnumber = \"{}\"\napplication = \"app_second\"\n",
                     second.answer_url(), second.webhook_url(), new_secret, new_number));
  ASSERT_TRUE(takes(fmt::format("application app_second added, did {} added", new_number)));
  auto options = caller(0, alice_number);
  options.to = new_number;
  rtp_caller alice(options);
  ASSERT_TRUE(alice.call());
  EXPECT_EQ(http_get(node->http(), "/v1/rooms", "key_of_second")->status(), 200);

  write(before);
  ASSERT_TRUE(takes(fmt::format("application app_second removed, did {} removed", new_number)));

  EXPECT_EQ(http_get(node->http(), "/v1/rooms", "key_of_second")->status(), 401);
  EXPECT_EQ(status_of_call(new_number), 404);
  EXPECT_EQ(alice.hang_up(), 200) << "the call went on";
  const auto told = second.wait_for_event("call.completed");
  ASSERT_TRUE(told) << "its events still go where they went";
  EXPECT_EQ(told->fault, "");
}

TEST_F(Reload, SignsWithTheNewSecretFromThenOnAlsoForCallsOfBefore) {
  customer_application moved(new_secret);
  start();
  rtp_caller alice(caller(440, alice_number));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(application.wait_for_event("call.answered"));

  replace(test_webhook_secret, new_secret);
  replace(application.webhook_url(), moved.webhook_url());
  ASSERT_TRUE(takes("application app_demo: webhook_url and webhook_secret"));
  EXPECT_EQ(alice.hang_up(), 200);

  const auto told = moved.wait_for_event("call.completed");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->fault, "");
  EXPECT_THAT(node->output(), Not(HasSubstr(new_secret)));
}

TEST_F(Reload, LetsACallGoOnWhoseTrunkIsTakenOut) {
  start();
  rtp_caller alice(caller(440, alice_number));
  rtp_caller bob(caller(700, bob_number));
  ASSERT_TRUE(alice.call() && bob.call());
  const auto before = text();

  replace("inbound_ips = [\"127.0.0.1\"]", "inbound_ips = [\"127.0.0.77\"]");
  ASSERT_TRUE(takes("trunk carrier: inbound_ips"));

  EXPECT_TRUE(alice.wait_for_tone(700));
  const auto held = alice.reinvite("sendrecv");
  EXPECT_TRUE(held && held->status() == 200) << "requests of the call still count";
  const int of_the_address = status_of_call(test_number);
  EXPECT_TRUE(of_the_address == 403 || of_the_address == 0) << of_the_address;

  write(before.substr(0, before.find("[[trunk]]")));
  ASSERT_TRUE(takes("trunk carrier removed"));

  EXPECT_TRUE(bob.wait_for_tone(440));
  EXPECT_EQ(alice.hang_up(), 200);
  EXPECT_EQ(bob.hang_up(), 200);
  EXPECT_TRUE(application.wait_for_events("call.completed", 2, seconds(10)));
  EXPECT_TRUE(eventually([&] { return status_of_call(test_number) == 0; }))
      << "without calls the address is a stranger's";
}

TEST_F(Reload, RefusesABrokenFileAsAWholeAndGoesOn) {
  start();
  const auto before = text();
  append("[[did]]\nnumber = \"+15551230009\"\napplication = \"app_demoo\"\n");

  const auto why = refusal();

  EXPECT_EQ(why["file"], file().string());
  EXPECT_EQ(why["line"], std::count(before.begin(), before.end(), '\n') + 3);
  EXPECT_EQ(why["key"], "did[1].application");
  EXPECT_EQ(why["hint"], "did you mean \"app_demo\"?");
  EXPECT_EQ(status_of_call(new_number), 404);
  EXPECT_EQ(status_of_call(test_number), 200);
  write(before);
  EXPECT_TRUE(takes("nothing"));
}

TEST_F(Reload, RefusesByNameWhatNeedsARestartAndTakesNothingOfTheFile) {
  start();
  const auto before = text();
  append(fmt::format("[[did]]\nnumber = \"{}\"\napplication = \"app_demo\"\n", new_number));
  replace("data_dir = \"data\"", "data_dir = \"elsewhere\"");

  const auto why = refusal();

  EXPECT_EQ(why["key"], "node.data_dir");
  EXPECT_EQ(why["line"], 3);
  EXPECT_EQ(why["reason"], "cannot change while the node runs");
  EXPECT_EQ(status_of_call(new_number), 404) << "all or nothing";
  write(before);
  EXPECT_TRUE(takes("nothing"));
}

TEST_F(Reload, RefusesTwoSpellingsOfOneNumber) {
  start();
  append("[[did]]\nnumber = \"15551230002\"\napplication = \"app_demo\"\n");

  const auto why = refusal();

  EXPECT_THAT(why["key"], HasSubstr("did["));
  EXPECT_EQ(status_of_call(test_number), 200);
}

TEST_F(Reload, TakesOtherLimitsAndCountsTheCallsThatThereAre) {
  plenaryd_settings settings;
  settings.lines["sip"] = "max_calls = 1";
  settings.lines["http"] = "max_requests_per_s_per_address = 100000\nmax_wrong_keys_per_minute = 1";
  start(settings);
  rtp_caller alice(caller(440, alice_number));
  ASSERT_TRUE(alice.call());
  const int above = status_of_call(test_number);

  replace("max_calls = 1", "max_calls = 2");
  ASSERT_TRUE(takes("sip.max_calls"));
  rtp_caller bob(caller(700, bob_number));
  EXPECT_TRUE(bob.call());

  EXPECT_EQ(above, 503);
  EXPECT_EQ(status_of_call(test_number), 503) << "two are there";
  const auto wrong_key = [&] { return http_get(node->http(), "/v1/rooms", "wrong_key")->status(); };
  EXPECT_EQ(wrong_key(), 401);
  EXPECT_EQ(wrong_key(), 429);
  replace("max_wrong_keys_per_minute = 1", "max_wrong_keys_per_minute = 2");
  ASSERT_TRUE(takes("http.max_wrong_keys_per_minute"));
  EXPECT_EQ(wrong_key(), 401);
  EXPECT_EQ(wrong_key(), 401);
  EXPECT_EQ(wrong_key(), 429);
}

TEST_F(Reload, TakesTheLevelOfTheLog) {
  start();
  replace("log = \"debug\"", "log = \"warning\"");
  node->process().signal(SIGHUP);
  ASSERT_TRUE(eventually([&] {
    const auto before = node->process().lines().size();
    return status_of_call(test_number) == 200 && node->process().lines().size() == before;
  }));

  replace("log = \"warning\"", "log = \"info\"");
  EXPECT_TRUE(takes("node.log"));
}

/// Common name of the certificate that the node shows to a new TLS connection.
std::string shown_name(const ip_endpoint& where) {
  child_process client({.arguments = {"openssl", "s_client", "-connect",
                                      fmt::format("127.0.0.1:{}", where.port), "-showcerts"},
                        .environment = {},
                        .directory = {},
                        .input = "\n"});
  client.wait_for_exit(seconds(10));
  const auto output = client.output();
  const auto at = output.find("CN = ");
  return at == std::string::npos ? output : output.substr(at + 5, output.find('\n', at) - at - 5);
}

void make_certificate(const std::filesystem::path& folder, const std::string& name, const std::string& kind) {
  std::vector<std::string> arguments{"openssl", "req", "-x509", "-newkey"};
  if (kind == "ec")
    arguments.insert(arguments.end(), {"ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"});
  else
    arguments.push_back("rsa:2048");
  arguments.insert(arguments.end(), {"-nodes", "-days", "2", "-subj", "/CN=" + name, "-keyout", name + ".key",
                                     "-out", name + ".pem"});
  child_process openssl({.arguments = arguments, .environment = {}, .directory = folder, .input = {}});
  ASSERT_EQ(openssl.wait_for_exit(seconds(30)), 0);
}

TEST_F(Reload, TakesACertificateWhenItsFilesChangeWithoutASignal) {
  plenaryd_settings settings;
  settings.tls = true;
  start(settings);
  rtp_caller alice(caller(440, alice_number));
  rtp_caller bob(caller(700, bob_number));
  ASSERT_TRUE(alice.call() && bob.call());
  const auto first = shown_name(node->sip_tls());
  const auto& folder = node->directory();
  make_certificate(folder, "renewed", "rsa"); // of another kind: none of the old one may be shown any more

  std::filesystem::rename(folder / "renewed.pem", folder / "certificate.pem");
  std::filesystem::rename(folder / "renewed.key", folder / "key.pem");

  EXPECT_TRUE(
      says("\"event\":\"config_reloaded\",\"cause\":\"certificate\",\"changed\":\"sip.tls_certificate "
           "(content), sip.tls_key (content)\""));
  EXPECT_EQ(first, "127.0.0.1");
  EXPECT_EQ(shown_name(node->sip_tls()), "renewed");
  EXPECT_TRUE(alice.wait_for_tone(700));
}

TEST_F(Reload, KeepsItsCertificateWhenTheNewFilesDoNotFitTogether) {
  plenaryd_settings settings;
  settings.tls = true;
  start(settings);
  const auto& folder = node->directory();
  make_certificate(folder, "other", "ec");
  std::filesystem::rename(folder / "other.pem", folder / "certificate.pem");

  ASSERT_TRUE(says("\"event\":\"config_refused\",\"cause\":\"certificate\""));

  EXPECT_THAT(node->output(), HasSubstr("sip.tls_key does not belong to sip.tls_certificate"));
  EXPECT_EQ(shown_name(node->sip_tls()), "127.0.0.1");
  std::filesystem::rename(folder / "other.key", folder / "key.pem");
  EXPECT_TRUE(says("\"event\":\"config_reloaded\",\"cause\":\"certificate\""));
  EXPECT_EQ(shown_name(node->sip_tls()), "other");
}

} // namespace

} // namespace plenary::test::reload_test
