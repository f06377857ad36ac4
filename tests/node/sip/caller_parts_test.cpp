#include "node/sip/caller_headers.hpp"
#include "node/sip/dialog_target.hpp"
#include "node/sip/party.hpp"
#include "node/sip/readable.hpp"
#include "node/sip/rejection_headers.hpp"

#include <gtest/gtest.h>

namespace plenary::sip_layer {

namespace {

TEST(Party, IsANumberWhereItIsOneInWhateverUri) {
  struct row {
    const char* header;
    const char* party;
  };
  const row rows[] = {
      {"<tel:+15551230001>;tag=x", "+15551230001"},
      {"<TEL:+1-555-(123).0001>;tag=x", "+15551230001"},
      {"tel:+15551230001;tag=x", "+15551230001"},
      {"<tel:+15551230001;isub=1411>", "+15551230001"},
      {"<tel:5550100;phone-context=+1>", "+15550100"},
      {"<tel:555-0100;PHONE-CONTEXT=+1-212>", "+12125550100"},
      {"<tel:+15551230001;phone-context=+49>", "+15551230001"},
      {"<tel:7042;phone-context=example.com>", "tel:7042;phone-context=example.com"},
      {"<tel:*31#;phone-context=+1>", "tel:*31#;phone-context=+1"},
      {"<tel:5550100;phone-context=+123456789012>", "tel:5550100;phone-context=+123456789012"},
      {"\"A <b> \\\" c\" <sip:+15551230001@x;user=phone>;tag=1", "+15551230001"},
      {"<sip:+1-555-123-0001@x;user=PHONE>", "+15551230001"},
      {"<sip:+15551230001;npdi@x>", "+15551230001"},
      {"<sip:5550100;phone-context=+1@x;user=phone>", "+15550100"},
      {"<sip:+15551230001:secret@x>", "+15551230001"},
      {"<sips:alice:secret@x:5061;transport=tls?a=b>;tag=1", "sips:alice@x:5061"},
      {"sip:alice@[2001:db8::1]:5060;tag=1", "sip:alice@[2001:db8::1]:5060"},
      {"<sip:example.com>", "sip:example.com"},
      {"Anonymous <sip:anonymous@anonymous.invalid>;tag=1", "anonymous"},
      {"<sip:Anonymous@carrier.example>", "anonymous"},
      {"<sip:thisis@ANONYMOUS.invalid:5060>", "anonymous"},
      {"<urn:service:sos>", "urn:service:sos"},
      {"<mailto:a@b>", "mailto:a@b"},
      {"", ""},
      {"<", ""},
      {"\"never closed", "\"never closed"},
  };
  for (const auto& [header, party] : rows)
    EXPECT_EQ(party_of(header), party) << header;
  EXPECT_EQ(party_of("<sip:" + std::string(500, 'a') + "@x>").size(), 256U);
}

TEST(Party, HasParametersBehindItsUri) {
  const std::string header = "\"a;reason=x\" <sip:b@c;reason=y>;counter=1; Reason = \"user-busy\", <sip:d@e>";

  EXPECT_EQ(header_parameter(header, "reason"), "user-busy");
  EXPECT_EQ(header_parameter(header, "privacy"), "");
  EXPECT_EQ(header_parameter("<sip:b@c>;reason=" + std::string(80, 'r'), "reason"), std::string(64, 'r'));
}

TEST(Privacy, IsAListOfTokens) {
  EXPECT_EQ(privacy_of({"ID"}), "id");
  EXPECT_EQ(privacy_of({"header;session; id", "critical"}), "header;session;id;critical");
  EXPECT_EQ(privacy_of({"id,user"}), "id;user");
  EXPECT_EQ(privacy_of({"; ;<x>;1;"}), "");
  EXPECT_EQ(privacy_of({"a;b;c;d;e;f;g;h;i"}), "a;b;c;d;e;f;g;h");
}

TEST(Readable, CutsBetweenCharactersAndKeepsNoControlCharacter) {
  EXPECT_EQ(readable("r\xC3\xA9union", 2), "r");
  EXPECT_EQ(readable("r\xC3\xA9union", 3), "r\xC3\xA9");
  EXPECT_EQ(readable(" a\r\n b\x01\x7F ", 256), "a b");
  EXPECT_EQ(readable("a\xFF", 256), "a\xEF\xBF\xBD");
  EXPECT_EQ(readable(std::string(256, 'x')).size(), 256U);
  EXPECT_EQ(readable(std::string(257, 'x')).size(), 256U);
}

TEST(Warning, SaysWhatDidNotFitInOneSafeLine) {
  EXPECT_EQ(warning_code("SDP offers no codec of ours"), 305);
  EXPECT_EQ(warning_code("SDP offers no audio"), 304);
  EXPECT_EQ(warning_code("SDP offers unencrypted media, encryption is required"), 302);
  EXPECT_EQ(warning_code("SDP names an address of the other IP version"), 301);
  EXPECT_EQ(warning_code("SDP names a multicast address"), 330);
  EXPECT_EQ(warning_code("whatever"), 399);
  rejection why{488, "", std::nullopt, "a \"b\" \\ c\r\nX: y" + std::string(200, 'z')};

  const auto lines = rejection_headers(why, "192.0.2.1:5060");

  EXPECT_TRUE(lines.starts_with("Warning: 399 192.0.2.1:5060 \"a \\\"b\\\" \\\\ c X: yzzz")) << lines;
  EXPECT_EQ(lines.find("\r\n"), lines.size() - 2);
  EXPECT_LT(lines.size(), 180U);
  EXPECT_EQ(rejection_headers({503, "", std::chrono::seconds(10), "detail"}, "x"), "Retry-After: 10\r\n");
}

TEST(Hop, IsReadFromEveryUriThatNamesOne) {
  using enum signalling_transport;
  struct row {
    const char* uri;
    std::optional<hop> to;
  };
  const row rows[] = {
      {"sip:192.0.2.1", hop{udp, "192.0.2.1", 5060}},
      {"SIP:a@192.0.2.1:5080", hop{udp, "192.0.2.1", 5080}},
      {"sip:a;b?c:d@192.0.2.1:5080;lr", hop{udp, "192.0.2.1", 5080}},
      {"sip:192.0.2.1;Transport=TCP", hop{tcp, "192.0.2.1", 5060}},
      {"sip:192.0.2.1;transport=tls", hop{tls, "192.0.2.1", 5061}},
      {"sips:192.0.2.1;transport=tcp", hop{tls, "192.0.2.1", 5061}},
      {"sips:[2001:db8::1]:5071?x=y", hop{tls, "2001:db8::1", 5071}},
      {"sip:[::1]", hop{udp, "::1", 5060}},
      {"sip:192.0.2.1:5070;maddr=198.51.100.7", hop{udp, "198.51.100.7", 5070}},
      {"sip:example.com;maddr=[2001:db8::2]", hop{udp, "2001:db8::2", 5060}},
      {"sip:192.0.2.1;maddr=example.com", std::nullopt},
      {"sip:example.com", std::nullopt},
      {"sip:192.0.2.1:0", std::nullopt},
      {"sip:192.0.2.1:65535", hop{udp, "192.0.2.1", 65535}},
      {"sip:192.0.2.1:65536", std::nullopt},
      {"sip:192.0.2.1:99999", std::nullopt},
      {"sip:192.0.2.1:", std::nullopt},
      {"sip:192.0.2.1:-1", std::nullopt},
      {"sip:192.0.2.1;transport=sctp", std::nullopt},
      {"sip:192.0.2.1;transport=ws", std::nullopt},
      {"sip:a@", std::nullopt},
      {"sip:[::1", std::nullopt},
      {"tel:+15551230001", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& [uri, to] : rows)
    EXPECT_EQ(hop_of(uri), to) << uri;
  EXPECT_EQ(uri_of({tcp, "::1", 5070}, "a"), "sip:a@[::1]:5070;transport=tcp");
}

TEST(Hop, IsReachedOnlyInsideTheTrunksNetworks) {
  const auto network = ip_network::parse("192.0.2.0/24");
  const auto inside = [&](const ip_address& address) { return network->contains(address); };

  EXPECT_TRUE(reachable_hop("sip:a@192.0.2.9", inside));
  EXPECT_FALSE(reachable_hop("sip:a@203.0.113.1", inside));
  EXPECT_FALSE(reachable_hop("sip:a@192.0.2.9;maddr=203.0.113.1", inside));
  EXPECT_FALSE(reachable_hop("sip:a@carrier.example", inside));
}

} // namespace

} // namespace plenary::sip_layer
