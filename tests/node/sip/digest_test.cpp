#include "node/sip/credentials.hpp"
#include "node/sip/digest.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

namespace plenary::sip_layer {

namespace {

constexpr const char* nonce_of_the_rfc = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";

/// RFC 7616 3.9.1; the response that stands in our line.
std::string response_to(digest_algorithm algorithm, bool session, digest_protection protection) {
  digest_challenge challenge;
  challenge.realm = "http-auth@example.org";
  challenge.nonce = nonce_of_the_rfc;
  challenge.algorithm = algorithm;
  challenge.session = session;
  challenge.protection = protection;
  const auto line =
      authorization_line(challenge, {"Mufasa", "Circle of Life"}, {"GET", "/dir/index.html", "v=0\r\n"},
                         {"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1});
  const auto start = line.find("response=\"") + 10;
  return line.substr(start, line.find('"', start) - start);
}

TEST(Digest, AnswersAsTheStandardsCountIt) {
  using enum digest_algorithm;
  using enum digest_protection;
  struct row {
    digest_algorithm algorithm;
    bool session;
    digest_protection protection;
    const char* response;
  };
  const row rows[] = {
      {md5, false, digest_protection::request, "8ca523f5e9506fed4657c9700eebdbec"}, // RFC 7616 3.9.1
      {sha256, false, digest_protection::request,
       "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"}, // RFC 7616 3.9.1
      {md5, false, none, "7b2cc3b30e75b4777ea31027084363fd"},
      {md5, true, digest_protection::request, "e783283f46242139c486a698fec7211d"},
      {sha256, false, request_and_body, "385d2de062660ced11876f42d9497c69cacf5caaf3d951dd424aee9f7157d563"},
      {sha256, true, digest_protection::request,
       "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7"},
      {sha512_256, false, digest_protection::request,
       "430d05014cecc49cab6fbe03176d41a1da86cbfe24a16580e22aaad928d960d0"},
  };
  for (const auto& [algorithm, session, protection, response] : rows)
    EXPECT_EQ(response_to(algorithm, session, protection), response);
}

TEST(Digest, ReadsChallengesInEveryUsualSpelling) {
  const auto one = read_challenges("digest  REALM = \"a, \\\"b\\\"\" ,nonce=abc,qop=\"auth-int , AUTH\","
                                   "Algorithm=sha-256,opaque=\"o\", Stale = TRUE, domain=\"sip:x\"",
                                   true);

  ASSERT_EQ(one.size(), 1U);
  digest_challenge expected;
  expected.proxy = true;
  expected.realm = "a, \"b\"";
  expected.nonce = "abc";
  expected.opaque = "o";
  expected.algorithm = digest_algorithm::sha256;
  expected.spelled = "sha-256";
  expected.protection = digest_protection::request;
  expected.stale = true;
  EXPECT_EQ(one[0], expected);
}

TEST(Digest, ReadsSeveralChallengesOfOneHeaderAndLeavesOutWhatItCannotAnswer) {
  const auto both = read_challenges("Basic realm=\"x\", Digest realm=\"r\", nonce=\"1\", algorithm=SHA-256, "
                                    "Digest realm=\"r\", nonce=\"2\", Digest realm=\"r\", nonce=\"3\", "
                                    "algorithm=WHIRLPOOL",
                                    false);

  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].nonce, "1");
  EXPECT_EQ(both[1].nonce, "2");
}

TEST(Digest, LeavesOutWhatIsIncompleteBrokenOrTooLong) {
  const std::string fits = "Digest realm=\"r\", nonce=\"" + std::string(max_challenge_bytes - 26, 'n') + "\"";
  ASSERT_EQ(fits.size(), max_challenge_bytes);
  EXPECT_EQ(read_challenges(fits, false).size(), 1U);
  for (const auto& text : {fits + " ", std::string("Digest realm=\"r\""), std::string("Digest nonce=\"n\""),
                           std::string(""), std::string("Digest"), std::string("realm=\"r\", nonce=\"n\""),
                           std::string("Digest realm=\"r\", nonce=\"n"),
                           std::string("Digest realm=\"r\", nonce=\"n\", qop=\"x\""),
                           std::string("Digest realm=\"r\r\nX: y\", nonce=\"n\""),
                           std::string("Digest realm=\"r\", nonce=\"n\\"), std::string("====,,,,\"\"\"")})
    EXPECT_TRUE(read_challenges(text, false).empty()) << text;
  std::string many = "Digest realm=r,nonce=n";
  for (int i = 0; i < 20; ++i)
    many += ", Digest realm=r,nonce=n";
  EXPECT_EQ(read_challenges(many, false).size(), max_challenges);
}

TEST(Digest, WritesWhatWasAskedAndNothingThatBreaksTheHeader) {
  digest_challenge challenge;
  challenge.realm = "a\"b\\";
  challenge.nonce = "n";
  challenge.opaque = "o";
  challenge.spelled = "MD5";
  challenge.protection = digest_protection::request;

  const auto line = authorization_line(challenge, {"me", "pw"}, {"BYE", "sip:x", {}}, {"c", 10});

  EXPECT_TRUE(line.starts_with("Authorization: Digest username=\"me\", realm=\"a\\\"b\\\\\", nonce=\"n\", "
                               "uri=\"sip:x\", response=\""))
      << line;
  EXPECT_TRUE(line.ends_with("\", algorithm=MD5, opaque=\"o\", cnonce=\"c\", qop=auth, nc=0000000a\r\n"))
      << line;
}

digest_challenge asking(std::string realm, std::string nonce, bool stale = false) {
  digest_challenge challenge;
  challenge.realm = std::move(realm);
  challenge.nonce = std::move(nonce);
  challenge.protection = digest_protection::request;
  challenge.stale = stale;
  return challenge;
}

sip_trunk trunk_with_password(std::string realm = {}) {
  sip_trunk trunk;
  trunk.name = "carrier";
  trunk.username = "trunk";
  trunk.password = "pw";
  trunk.realm = std::move(realm);
  return trunk;
}

TEST(Credentials, AreShownToTheTrunksRealmAlone) {
  const auto trunk = trunk_with_password("carrier.example");
  realm_pins pins;
  dialog_credentials credentials(std::make_shared<sip_trunk>(trunk), pins);
  credentials.begin_request();

  EXPECT_FALSE(credentials.take({asking("Carrier.example", "1")}));
  EXPECT_FALSE(credentials.take({asking("other", "1")}));
  EXPECT_EQ(credentials.lines({"BYE", "sip:x", {}}), "");
  EXPECT_TRUE(credentials.take({asking("other", "1"), asking("carrier.example", "2")}));
  EXPECT_NE(credentials.lines({"BYE", "sip:x", {}}).find("nonce=\"2\""), std::string::npos);
}

TEST(Credentials, WithoutARealmKeepToTheFirstThatWasOfUse) {
  const auto trunk = trunk_with_password();
  realm_pins pins;
  dialog_credentials first(std::make_shared<sip_trunk>(trunk), pins);
  first.begin_request();
  EXPECT_TRUE(first.take({asking("wrong", "1")}));
  EXPECT_FALSE(first.take({asking("right", "2")})) << "another realm while the first one's answer is open";
  first.begin_request();
  EXPECT_TRUE(first.take({asking("right", "3")})) << "the first realm was of no use";
  first.accepted();

  dialog_credentials second(std::make_shared<sip_trunk>(trunk), pins);
  second.begin_request();
  EXPECT_FALSE(second.take({asking("wrong", "4")}));
  EXPECT_TRUE(second.take({asking("right", "5")}));
  EXPECT_FALSE(second.take({asking("right", "6")})) << "the password is wrong now";
  second.begin_request();
  EXPECT_FALSE(second.take({asking("wrong", "7")})) << "a proven realm stays";
}

TEST(Credentials, AreShownAgainOnlyForAStaleNonceAndOnlyOnce) {
  const auto trunk = trunk_with_password();
  realm_pins pins;
  dialog_credentials credentials(std::make_shared<sip_trunk>(trunk), pins);
  credentials.begin_request();

  EXPECT_TRUE(credentials.take({asking("r", "1")}));
  EXPECT_FALSE(credentials.take({asking("r", "1", true)})) << "the same nonce is not fresh";
  EXPECT_TRUE(credentials.take({asking("r", "2", true)}));
  EXPECT_FALSE(credentials.take({asking("r", "3", true)}));
}

TEST(Credentials, CountEachUseOfANonceAndAnswerProxyAndServerSideBySide) {
  const auto trunk = trunk_with_password();
  realm_pins pins;
  dialog_credentials credentials(std::make_shared<sip_trunk>(trunk), pins);
  auto of_proxy = asking("r", "p");
  of_proxy.proxy = true;
  credentials.begin_request();
  EXPECT_TRUE(credentials.take({of_proxy}));
  EXPECT_NE(credentials.lines({"UPDATE", "sip:x", {}}).find("nc=00000001"), std::string::npos);
  EXPECT_TRUE(credentials.take({asking("r", "s")}));

  const auto lines = credentials.lines({"UPDATE", "sip:x", {}});

  EXPECT_NE(lines.find("Proxy-Authorization: Digest"), std::string::npos);
  EXPECT_NE(lines.find("nc=00000002"), std::string::npos);
  EXPECT_TRUE(lines.starts_with("Authorization: Digest")) << lines;
  EXPECT_NE(lines.find("nc=00000001"), std::string::npos);
}

TEST(Credentials, PreferTheBetterHashWhereverItStands) {
  const auto trunk = trunk_with_password();
  realm_pins pins;
  dialog_credentials credentials(std::make_shared<sip_trunk>(trunk), pins);
  auto better = asking("r", "sha");
  better.algorithm = digest_algorithm::sha256;
  better.spelled = "SHA-256";
  credentials.begin_request();

  EXPECT_TRUE(credentials.take({asking("r", "md5"), better, asking("r", "md5")}));

  EXPECT_NE(credentials.lines({"BYE", "sip:x", {}}).find("nonce=\"sha\""), std::string::npos);
}

TEST(Credentials, OfATrunkWithoutAUserAreNone) {
  const sip_trunk trunk;
  realm_pins pins;
  dialog_credentials credentials(std::make_shared<sip_trunk>(trunk), pins);
  credentials.begin_request();

  EXPECT_FALSE(credentials.take({asking("r", "1")}));
}

} // namespace

} // namespace plenary::sip_layer
