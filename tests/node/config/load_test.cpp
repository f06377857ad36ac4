#include "node/config/load.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::string_view minimal = R"([[application]]
id = "app_demo"
customer_id = "cust_demo"
api_key = "mv_test_key"
answer_url = "http://127.0.0.1:9000/answer"
webhook_url = "http://127.0.0.1:9000/webhooks"
webhook_secret = "hush-hush"
[[did]]
number = "+15551230002"
application = "app_demo"
)";

load_result parse(std::string text) {
  return parse_configuration(text, "plenary.toml");
}

std::string all_problems(const load_result& loaded) {
  std::string text;
  if (!loaded)
    for (const auto& trouble : loaded.error())
      text += to_string(trouble) + "\n";
  return text;
}

/// A folder that is removed at the end of the test.
class temporary_folder {
public:
  temporary_folder() { std::filesystem::create_directories(path); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() { std::filesystem::remove_all(path); }

  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("plenary_config_" + std::to_string(::getpid()));
};

TEST(Configuration, KeepsDefaultsOfWhatIsLeftOut) {
  auto loaded = parse(std::string{minimal});

  ASSERT_TRUE(loaded) << all_problems(loaded);
  EXPECT_EQ(loaded->sip.max_calls, 5000);
  EXPECT_EQ(loaded->media.ports, (port_range{20000, 29999}));
  EXPECT_EQ(loaded->applications.at(0).fallback_actions, "[]");
}

TEST(Configuration, ReadsEveryKindOfValue) {
  auto loaded = parse(R"(
[node]
name = "node-b"
log = "debug"
real_time = false
[sip]
listen = ["udp:[::1]:0", "tcp:127.0.0.1:0"]
[media]
ports = "30000-30099"
max_delay_ms = 120
timeout_s = 7
[[trunk]]
name = "carrier"
inbound_ips = ["192.0.2.0/24", "2001:db8::1"]
srtp = "required"
)" + std::string{minimal});

  ASSERT_TRUE(loaded) << all_problems(loaded);
  EXPECT_EQ(loaded->node.name.value, "node-b");
  EXPECT_EQ(loaded->node.log, log_level::debug);
  EXPECT_FALSE(loaded->node.real_time);
  EXPECT_EQ(loaded->sip.listen.at(0), (sip_listen_address{sip_transport::udp, {"::1", 0}}));
  EXPECT_EQ(loaded->media.max_delay, 120ms);
  EXPECT_EQ(loaded->media.timeout, 7s);
  EXPECT_EQ(loaded->trunks.at(0).srtp, srtp_policy::required);
  EXPECT_TRUE(loaded->trunks.at(0).inbound_ips.at(0).contains("192.0.2.77"));
  EXPECT_FALSE(loaded->trunks.at(0).inbound_ips.at(0).contains("192.0.3.1"));
}

TEST(Configuration, TakesOneMediaAddressOrOneOfEachIpVersion) {
  auto one = parse("[media]\naddress = \"::ffff:192.0.2.1\"\n" + std::string{minimal});
  auto listed = parse("[media]\naddress = [\"192.0.2.1\"]\n" + std::string{minimal});
  auto both = parse("[media]\naddress = [\"2001:db8::1\", \"10.0.0.1\"]\n"
                    "advertise = [\"203.0.113.7\"]\n" +
                    std::string{minimal});

  ASSERT_TRUE(one && listed && both) << all_problems(one) << all_problems(listed) << all_problems(both);
  EXPECT_EQ(one->media.address.texts, std::vector<std::string>{"192.0.2.1"}) << "IPv4 in another spelling";
  EXPECT_EQ(listed->media.address, one->media.address);
  EXPECT_EQ(both->media.address.of_family(4), "10.0.0.1");
  EXPECT_EQ(both->media.address.of_family(6), "2001:db8::1");
  EXPECT_EQ(both->media.advertise.of_family(4), "203.0.113.7");
  EXPECT_EQ(both->media.advertise.of_family(6), "");
}

struct wrong_text {
  std::string text;
  std::string expected; ///< part of what is reported
};

class ConfigurationProblem : public ::testing::TestWithParam<wrong_text> {};

TEST_P(ConfigurationProblem, IsReportedWithFileLineKeyAndHint) {
  auto loaded = parse(GetParam().text + "\n" + std::string{minimal});

  ASSERT_FALSE(loaded);
  EXPECT_THAT(all_problems(loaded), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Options, ConfigurationProblem,
    ::testing::Values(
        wrong_text{"[media]\nmin_delay = 20",
                   "plenary.toml:2: media.min_delay is unknown (hint: did you mean \"min_delay_ms\"?)"},
        wrong_text{"[medai]", "plenary.toml:1: medai is unknown (hint: did you mean \"media\"?)"},
        wrong_text{"[room]\ncolour = 1",
                   "room.colour is unknown (hint: known here: max_participants, loudest"},
        wrong_text{"[sip]\nmax_calls = \"many\"", ":2: sip.max_calls is of type string, must be integer"},
        wrong_text{"[sip]\nmax_calls = 1.5", "sip.max_calls is of type float, must be integer"},
        wrong_text{"[sip]\nlisten = \"udp:127.0.0.1:5060\"",
                   "sip.listen is of type string, must be list of strings"},
        wrong_text{"[sip]\nlisten = [5060]", "sip.listen is of type list of other things"},
        wrong_text{"[node]\nreal_time = 1", "node.real_time is of type integer, must be boolean"},
        wrong_text{"[room]\n\nloudest = 17", ":3: room.loudest is 17, must be 1 to 16"},
        wrong_text{"[node]\nlog = \"loud\"",
                   "node.log is \"loud\", must be one of debug, info, warning, error"},
        wrong_text{"[node]\nname = \"Node A\"", "node.name must be 1 to 63 of a-z 0-9 -"},
        wrong_text{"[node]\nname = \"\"", "node.name is missing or empty"},
        wrong_text{"sip = 5", "sip is no table (hint: write [sip])"},
        wrong_text{"[trunk]\nname = \"a\"", "trunk is no list of tables (hint: write [[trunk]])"},
        wrong_text{"[http]\nlisten = \"localhost:8080\"",
                   "\"localhost:8080\" does not start with an IP address"},
        wrong_text{"[http]\nlisten = \"127.0.0.1:70000\"", "does not end with a port from 0 to 65535"},
        wrong_text{"[http]\nlisten = \"127.0.0.1\"", "has no port"},
        wrong_text{"[sip]\nlisten = [\"sctp:127.0.0.1:5060\"]", "does not start with udp: or tcp:"},
        wrong_text{"[media]\nports = \"29999-20000\"", "\"29999-20000\" is not a range of ports"},
        wrong_text{"[media]\nports = \"80-90\"", "holds ports below 1024"},
        wrong_text{"[media]\naddress = \"example.org\"", "media.address must be an IP address"},
        wrong_text{"[media]\naddress = []", "media.address is missing or empty"},
        wrong_text{"[media]\naddress = 5",
                   "media.address is of type integer, must be string or list of strings"},
        wrong_text{"[media]\naddress = [\"::1\", \"\"]", "media.address holds an empty text"},
        wrong_text{"[media]\naddress = [\"127.0.0.1\", \"x\"]", "media.address must be an IP address"},
        wrong_text{"[media]\naddress = [\"10.0.0.1\", \"::ffff:10.0.0.2\"]",
                   "media.address holds two IPv4 addresses, must hold one IPv4 and one IPv6 address at most"},
        wrong_text{"[media]\nadvertise = [\"2001:db8::1\", \"2001:db8::2\"]",
                   "media.advertise holds two IPv6 addresses"}));

INSTANTIATE_TEST_SUITE_P(
    Consistency, ConfigurationProblem,
    ::testing::Values(
        wrong_text{"[http]\nlisten = \"127.0.0.1:5060\"",
                   ":2: http.listen uses tcp port 5060, which sip.listen uses"},
        wrong_text{"[sip]\nlisten = [\"udp:0.0.0.0:5060\", \"udp:127.0.0.1:5060\"]",
                   "sip.listen uses udp port 5060"},
        wrong_text{"[sip]\nlisten = []", "sip.listen and sip.tls_listen are both empty"},
        wrong_text{"[media]\nports = \"5000-5999\"",
                   "media.ports 5000-5999 holds port 5060, which sip.listen uses"},
        wrong_text{"[media]\naddress = \"0.0.0.0\"", "media.address is the wildcard address"},
        wrong_text{"[media]\nadvertise = \"0.0.0.0\"",
                   "media.advertise must be an IP address that callers can send to"},
        wrong_text{"[media]\naddress = [\"127.0.0.1\", \"::\"]\nadvertise = \"192.0.2.1\"",
                   "media.address is the wildcard address"},
        wrong_text{"[media]\nadvertise = \"2001:db8::1\"",
                   "media.advertise holds an IPv6 address, but media.address has none"},
        wrong_text{"[media]\naddress = [\"127.0.0.1\", \"::1\"]\nports = \"5000-5999\"\n[sip]\n"
                   "listen = [\"udp:[::1]:5060\"]",
                   "media.ports 5000-5999 holds port 5060, which sip.listen uses"},
        wrong_text{"[media]\nadvertise = \"gateway\"", "media.advertise must be an IP address"},
        wrong_text{"[sip]\nadvertise = \"1.2.3\"", "sip.advertise must be a host name or an IP address"},
        wrong_text{"[sip]\nadvertise = \"gateway:5060\"",
                   "sip.advertise must be a host name or an IP address"},
        wrong_text{"[media]\nmin_delay_ms = 300", "media.min_delay_ms is 300, more than media.max_delay_ms"},
        wrong_text{"[sip]\ntls_listen = [\"127.0.0.1:5061\"]", "sip.tls_certificate is missing"},
        wrong_text{"[sip]\ntls_listen = [\"127.0.0.1:5061\"]\ntls_certificate = \"absent.pem\"",
                   ":3: sip.tls_certificate names a file that cannot be read: absent.pem"},
        wrong_text{
            "[[did]]\nnumber = \"1\"\napplication = \"app_dem\"",
            ":3: did[0].application names no application: \"app_dem\" (hint: did you mean \"app_demo\"?)"},
        wrong_text{"[[did]]\nnumber = \"+15551230002\"\napplication = \"app_demo\"",
                   "did[1].number is the same as did[0] in line 2"},
        wrong_text{"[[did]]\nnumber = \"+4930123456\"\napplication = \"app_demo\"\n[[did]]\nnumber = "
                   "\"004930123456\"\napplication = \"app_demo\"",
                   ":5: did[1].number is another spelling of did[0] in line 2"},
        wrong_text{"[[did]]\nnumber = \"+4930123456\"\napplication = \"app_demo\"\n[[did]]\nnumber = "
                   "\"49-30-123456\"\napplication = \"app_demo\"",
                   ":5: did[1].number is another spelling of did[0] in line 2"},
        wrong_text{"[[did]]\nnumber = \"1001\"\napplication = \"app_demo\"\n[[did]]\nnumber = "
                   "\"10%301\"\napplication = \"app_demo\"",
                   ":5: did[1].number is another spelling of did[0] in line 2"},
        wrong_text{"[[did]]\nnumber = \"tel:+49-30-123456\"\napplication = \"app_demo\"",
                   ":2: did[0].number is \"tel:+49-30-123456\", which no call names"},
        wrong_text{"[[did]]\nnumber = \"SIP:alice\"\napplication = \"app_demo\"",
                   ":2: did[0].number is \"SIP:alice\", which"},
        wrong_text{"[[trunk]]\nname=\"a\"\ninbound_ips=[\"10.0.0.0/"
                   "8\"]\n[[trunk]]\nname=\"b\"\ninbound_ips=[\"10.1.2.3\"]",
                   ":6: trunk[1].inbound_ips 10.1.2.3 overlaps 10.0.0.0/8 of trunk \"a\""},
        wrong_text{"[[trunk]]\nname=\"a\"\ninbound_ips=[\"10.0.0.1/8\"]",
                   "has address bits after its prefix"},
        wrong_text{"[[trunk]]\nname=\"a\"\ninbound_ips=[\"10.0.0.0/33\"]",
                   "has a prefix length outside 0 to 32"},
        wrong_text{"[[trunk]]\nname=\"a\"\nproxy=\"127.0.0.1\"",
                   "trunk[0].proxy must be a sip: or sips: URI"},
        wrong_text{"[[trunk]]\nname=\"a\"\nsrtp=\"maybe\"", "must be one of off, optional, required"},
        wrong_text{"[[trunk]]\nname=\"a\"\nusername=\"u\"",
                   "trunk[0].password is missing or empty (hint: give trunk[0].password or "
                   "trunk[0].password_file)"},
        wrong_text{"[[trunk]]\nname=\"a\"\npassword=\"p\"\npassword_file=\"x\"",
                   ":4: trunk[0].password_file stands beside trunk[0].password"},
        wrong_text{"[[trunk]]\nname=\"a\"\npassword_file=\"absent\"",
                   "trunk[0].password_file names a file that cannot be read: absent"},
        wrong_text{"[[trunk]]\nname=\"a\"\nrealm=\"a\\\"b\"", "trunk[0].realm must be 1 to 128 printable"},
        wrong_text{"[[trunk]]\nname=\"a\"\nrealm=\"" + std::string(129, 'r') + "\"",
                   "trunk[0].realm must be 1 to 128 printable"},
        wrong_text{"[[trunk]]\nname=\"a\"\ntrusted=\"yes\"", "must be boolean"}));

INSTANTIATE_TEST_SUITE_P(
    Applications, ConfigurationProblem,
    ::testing::Values(
        wrong_text{"[[application]]\nid=\"x\"", ":1: application[0].answer_url is missing or empty"},
        wrong_text{"[[application]]\nid=\"x\"",
                   "application[0].api_key is missing or empty (hint: give application[0].api_key or "
                   "application[0].api_key_file)"},
        wrong_text{"[[application]]\nid=\"app_demo\"",
                   "application[1].id is the same as application[0] in line 2"},
        wrong_text{"[[application]]\napi_key=\"mv_test_key\"",
                   "application[1].api_key is the same as application[0].api_key in line 2"},
        wrong_text{"[[application]]\napi_key=\"a b\"", "application[0].api_key must be 8 to 256 of"},
        wrong_text{"[[application]]\napi_key=\"long-enough\"\napi_key_file=\"x\"",
                   ":3: application[0].api_key_file stands beside application[0].api_key"},
        wrong_text{"[[application]]\nwebhook_secret_file=\"absent\"",
                   "application[0].webhook_secret_file names a file that cannot be read: absent"},
        wrong_text{"[[application]]\nanswer_url=\"ftp://a/\"",
                   "answer_url must be an http:// or https:// URL"},
        wrong_text{"[[application]]\nanswer_url=\"http://u:p@a/\"", "without user"},
        wrong_text{"[[application]]\nanswer_method=\"PUT\"", "must be one of POST, GET"},
        wrong_text{"[[application]]\nheaders=[\"Subject\"]", "holds \"Subject\", which is no X- header"},
        wrong_text{"[[application]]\nheaders=[\"X-\"]", "holds \"X-\", which is no X- header"},
        wrong_text{"[[application]]\nheaders=[\"X-A: b\"]", "which is no X- header"},
        wrong_text{"[[application]]\nheaders=[\"X-" + std::string(63, 'a') + "\"]", "which is no X- header"},
        wrong_text{
            "[[application]]\nheaders=[\"X-1\",\"X-2\",\"X-3\",\"X-4\",\"X-5\",\"X-6\",\"X-7\",\"X-8\","
            "\"X-9\",\"X-10\",\"X-11\",\"X-12\",\"X-13\",\"X-14\",\"X-15\",\"X-16\",\"X-17\"]",
            "application[0].headers holds 17 entries, must hold 16 at most"},
        wrong_text{"[[application]]\nfallback_actions='{}'", "fallback_actions must be a JSON array"},
        wrong_text{"[[application]]\nfallback_actions='[,]'", "fallback_actions is no valid JSON"}));

TEST(Configuration, ReportsAllProblemsInTheOrderOfTheFile) {
  auto loaded = parse("[sip]\nmax_calls = 0\nlisen = []\n[room]\nloudest = true\n" + std::string{minimal});

  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 3u) << all_problems(loaded);
  EXPECT_EQ(loaded.error()[0].line, 2);
  EXPECT_EQ(loaded.error()[1].line, 3);
  EXPECT_EQ(loaded.error()[2].line, 5);
}

TEST(Configuration, ReportsOneWrongValueOnce) {
  auto loaded =
      parse("[[application]]\nid=\"b\"\ncustomer_id=\"c\"\napi_key=\"short\"\nanswer_url=\"http://a/\"\n"
            "webhook_url=\"nonsense\"\nwebhook_secret=\"long-enough\"\n" +
            std::string{minimal});

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().size(), 2u) << all_problems(loaded);
}

TEST(Configuration, NeverRepeatsASecretInAProblem) {
  auto loaded = parse("[[application]]\napi_key=\"top secret\"\nwebhook_secret=\"topsecr\"\n"
                      "[[trunk]]\nname=\"a\"\npassword=[\"topsecret\"]\n" +
                      std::string{minimal});

  ASSERT_FALSE(loaded);
  EXPECT_THAT(all_problems(loaded), ::testing::Not(HasSubstr("secr\"")));
  EXPECT_THAT(all_problems(loaded), ::testing::Not(HasSubstr("top")));
}

TEST(Configuration, ReportsTheLineOfInvalidToml) {
  auto loaded = parse("[node]\nname = \"node-a\nlog = 1\n");

  ASSERT_FALSE(loaded);
  EXPECT_THAT(all_problems(loaded), HasSubstr("plenary.toml:2: is no valid TOML: "));
}

TEST(Configuration, ReportsAFileThatCannotBeRead) {
  for (const auto& [path, why] : {std::pair{"/nonexistent/plenary.toml", "No such file or directory"},
                                  {"/tmp", "it is no regular file"}}) {
    auto loaded = load_configuration(path);

    ASSERT_FALSE(loaded);
    EXPECT_EQ(to_string(loaded.error().at(0)),
              fmt::format("{}: cannot be read: {} (hint: check the path and the permissions)", path, why));
  }
}

TEST(Configuration, ReadsSecretsFromFilesBesideIt) {
  temporary_folder folder;
  std::ofstream{folder.path / "demo.key"} << "mv_test_from_file\n";
  std::ofstream{folder.path / "demo.secret"} << "secret from file";
  std::ofstream{folder.path / "plenary.toml"} << R"([[application]]
id = "app_demo"
customer_id = "cust_demo"
api_key_file = "demo.key"
answer_url = "http://127.0.0.1:9000/answer"
webhook_url = "http://127.0.0.1:9000/webhooks"
webhook_secret_file = "demo.secret"
)";

  auto loaded = load_configuration(folder.path / "plenary.toml");

  ASSERT_TRUE(loaded) << all_problems(loaded);
  EXPECT_EQ(loaded->applications.at(0).api_key, "mv_test_from_file");
  EXPECT_EQ(loaded->applications.at(0).webhook_secret, "secret from file");
  EXPECT_EQ(loaded->node.data_dir, folder.path / "data");
}

TEST(Configuration, ReadsATrunksPasswordFromAFileAndWhatItIsTrustedWith) {
  temporary_folder folder;
  std::ofstream{folder.path / "carrier.password"} << "pass word\n";
  const std::string longest_header = "X-" + std::string(62, 'a');

  auto loaded = parse_configuration(fmt::format(R"(
[[trunk]]
name = "carrier"
username = "plenary"
password_file = "carrier.password"
realm = "sip.example.com"
trusted = true
{}headers = ["X-Desk", "x-lower", "{}"]
)",
                                                minimal.substr(0, minimal.find("[[did]]")), longest_header),
                                    folder.path / "plenary.toml");

  ASSERT_TRUE(loaded) << all_problems(loaded);
  EXPECT_EQ(loaded->trunks.at(0).password, "pass word");
  EXPECT_EQ(loaded->trunks.at(0).realm, "sip.example.com");
  EXPECT_TRUE(loaded->trunks.at(0).trusted);
  ASSERT_EQ(loaded->applications.at(0).headers.size(), 3U);
  EXPECT_EQ(loaded->applications.at(0).headers[2].text, longest_header);
}

TEST(Configuration, NeverWaitsForWhatAFileOfASecretIsAndNamesTheOption) {
  temporary_folder folder;
  ASSERT_EQ(mkfifo((folder.path / "pipe").c_str(), 0600), 0);
  std::ofstream{folder.path / "long"} << std::string(4097, 'x');

  for (const auto& [file, why] : {std::pair{"pipe", "it is no regular file"},
                                  {".", "it is no regular file"},
                                  {"/dev/zero", "it is no regular file"},
                                  {"long", "it is larger than 4 KiB"}}) {
    auto of_application = parse_configuration(fmt::format("[[application]]\napi_key_file = \"{}\"\n", file),
                                              folder.path / "plenary.toml");
    auto of_trunk =
        parse_configuration(fmt::format("[[trunk]]\nusername = \"u\"\npassword_file = \"{}\"\n", file),
                            folder.path / "plenary.toml");
    EXPECT_THAT(all_problems(of_application), HasSubstr("application[0].api_key_file names a file that"))
        << file;
    EXPECT_THAT(all_problems(of_application), HasSubstr(why)) << file;
    EXPECT_THAT(all_problems(of_trunk), HasSubstr("trunk[0].password_file names a file that")) << file;
  }
}

TEST(Configuration, IsARegularFileItself) {
  temporary_folder folder;
  ASSERT_EQ(mkfifo((folder.path / "pipe").c_str(), 0600), 0);

  EXPECT_THAT(all_problems(load_configuration(folder.path / "pipe")), HasSubstr("it is no regular file"));
  EXPECT_THAT(all_problems(load_configuration("/dev/zero")), HasSubstr("it is no regular file"));
}

TEST(Configuration, RefusesAnEmptyFileOfASecret) {
  temporary_folder folder;
  std::ofstream{folder.path / "empty"} << "\n";

  auto loaded =
      parse_configuration("[[application]]\napi_key_file = \"empty\"\n", folder.path / "plenary.toml");

  EXPECT_THAT(all_problems(loaded),
              HasSubstr("names a file whose content is unusable (hint: the content must not be"));
}

} // namespace
} // namespace plenary
