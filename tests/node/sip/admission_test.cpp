#include "node/sip/admission.hpp"

#include <gtest/gtest.h>

namespace plenary::sip_layer {

namespace {

sip_settings two_trunks() {
  sip_settings settings;
  sip_trunk listed;
  listed.name = "listed";
  listed.inbound_ips = {"10.0.0.0/8"};
  sip_trunk by_proxy;
  by_proxy.name = "by-proxy";
  by_proxy.proxy = "sip:192.0.2.9:5080;transport=udp";
  settings.trunks = {listed, by_proxy};
  settings.dids = {{"+15551230002", {{"a"}, {"c"}}}, {"1001", {{"b"}, {"c"}}}};
  return settings;
}

TEST(Admission, DecidesBySourceAndThenByNumber) {
  const auto gate = admission::make(two_trunks());
  struct row {
    const char* source;
    const char* user;
    const char* outcome; ///< the trunk, or why not
  };
  const row rows[] = {
      {"10.1.1.1", "+15551230002", "listed"}, {"10.1.1.1", "15551230002", "listed"},
      {"10.1.1.1", "1001", "listed"},         {"192.0.2.9", "1001", "by-proxy"},
      {"192.0.2.8", "1001", "source"},        {"203.0.113.1", "unknown", "source"},
      {"10.1.1.1", "unknown", "number"},      {"10.1.1.1", "", "number"},
  };
  for (const auto& [source, user, outcome] : rows) {
    const auto call = gate->admit(*parse_ip(source), user);
    const std::string got = call                                                ? call->trunk->name
                            : call.error() == admission_refusal::unknown_source ? "source"
                                                                                : "number";
    EXPECT_EQ(got, outcome) << source << " " << user;
  }
}

TEST(Admission, LetsCallsGoOnFromWhereTheyCameUntilTheLastHasEnded) {
  auto gate = *admission::make(two_trunks());
  auto running = gate.admit(*parse_ip("10.1.1.1"), "1001")->trunk;
  auto other = two_trunks();
  other.trunks[0].inbound_ips = {"172.16.0.0/12"};
  other.trunks[0].password = "new";
  ASSERT_TRUE(gate.replace(other));

  EXPECT_EQ(running->password, "new");
  EXPECT_TRUE(running->owns(*parse_ip("10.1.1.1")));
  EXPECT_TRUE(running->owns(*parse_ip("172.16.0.1")));
  EXPECT_TRUE(gate.knows(*parse_ip("10.1.1.1")));
  EXPECT_EQ(gate.trunk_of(*parse_ip("10.1.1.1")), nullptr) << "no new call comes from there";
  other.trunks.clear();
  ASSERT_TRUE(gate.replace(other));

  EXPECT_TRUE(running->owns(*parse_ip("172.16.0.1")));
  EXPECT_TRUE(gate.knows(*parse_ip("10.1.1.1")));
  EXPECT_TRUE(gate.knows(*parse_ip("172.16.0.1")));
  EXPECT_FALSE(gate.knows(*parse_ip("192.0.2.9"))) << "it had no call";
  running.reset();
  EXPECT_FALSE(gate.knows(*parse_ip("10.1.1.1")));
  EXPECT_FALSE(gate.knows(*parse_ip("172.16.0.1")));
}

TEST(Admission, FindsATrunkAgainThatWasTakenOutWhileItsCallsWentOn) {
  auto gate = *admission::make(two_trunks());
  const auto running = gate.admit(*parse_ip("10.1.1.1"), "1001")->trunk;
  auto without = two_trunks();
  without.trunks.clear();
  ASSERT_TRUE(gate.replace(without));
  EXPECT_FALSE(gate.admit(*parse_ip("10.1.1.1"), "1001"));

  ASSERT_TRUE(gate.replace(two_trunks()));

  EXPECT_EQ(gate.admit(*parse_ip("10.1.1.1"), "1001")->trunk, running);
}

TEST(Admission, KeepsWhatItHasWhenTheNewSettingsAreWrong) {
  auto gate = *admission::make(two_trunks());
  auto wrong = two_trunks();
  wrong.trunks[0].inbound_ips = {"no address"};
  wrong.dids.clear();

  EXPECT_FALSE(gate.replace(wrong));
  EXPECT_TRUE(gate.admit(*parse_ip("10.1.1.1"), "1001"));
}

TEST(Admission, RefusesTwoSpellingsOfOneNumber) {
  auto settings = two_trunks();
  settings.dids["15551230002"] = {{"x"}, {"c"}};

  EXPECT_FALSE(admission::make(settings));
}

} // namespace

} // namespace plenary::sip_layer
