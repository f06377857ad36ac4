#include "node/config/address.hpp"
#include "node/ctl/ctl_program.hpp"
#include "node/ctl/doctor.hpp"
#include "tests/support/temporary_directory.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using grade = finding::grade;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr wall_time noon{std::chrono::seconds{1790000000}};

configuration behind_nat() {
  configuration config;
  config.media.address.texts = {"10.0.0.5"};
  config.sip.listen = {{sip_transport::udp, {"10.0.0.5", 5060}}};
  trunk_options carrier;
  carrier.inbound_ips = {*parse_ip_network("198.51.100.0/24")};
  config.trunks = {carrier};
  return config;
}

/// A TCP port of 127.0.0.1 that somebody listens on until the end of the test.
class taken_port {
public:
  taken_port()
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    socklen_t length = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    number_ = ntohs(address.sin_port);
  }
  ~taken_port() { close(socket_); }
  taken_port(const taken_port&) = delete;
  taken_port& operator=(const taken_port&) = delete;

  std::uint16_t number() const { return number_; }

private:
  int socket_;
  std::uint16_t number_ = 0;
};

TEST(Doctor, SaysWhenACertificateEnds) {
  EXPECT_EQ(judge_certificate("c", noon + std::chrono::days{31}, noon).how, grade::fine);
  EXPECT_EQ(judge_certificate("c", noon + std::chrono::days{30}, noon).how, grade::fine);
  EXPECT_EQ(judge_certificate("c", noon + std::chrono::days{30} - 1s, noon).how, grade::advice);
  EXPECT_EQ(judge_certificate("c", noon + 1s, noon).how, grade::advice);
  EXPECT_EQ(judge_certificate("c", noon, noon).how, grade::fault);
}

TEST(Doctor, AdvisesLargerLimits) {
  EXPECT_EQ(judge_socket_buffer("net.core.rmem_max", 8 * 1024 * 1024).how, grade::fine);
  EXPECT_EQ(judge_socket_buffer("net.core.rmem_max", 212992).how, grade::advice);
  EXPECT_EQ(judge_descriptors(21000, 5000).how, grade::fine);
  EXPECT_EQ(judge_descriptors(20999, 5000).how, grade::advice);
}

TEST(Doctor, GuessesThatANodeIsBehindNat) {
  auto config = behind_nat();
  const auto found = guess_nat(config);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].subject, "media.advertise");
  EXPECT_EQ(found[1].subject, "sip.advertise");

  config.media.advertise.texts = {"203.0.113.7"};
  config.sip.advertise = "203.0.113.7";
  EXPECT_TRUE(guess_nat(config).empty());
}

TEST(Doctor, GuessesNoNatWhereCarriersAreInsideOrTheAddressIsOutside) {
  auto inside = behind_nat();
  inside.trunks[0].inbound_ips = {*parse_ip_network("10.0.0.0/24"), *parse_ip_network("fd00::/16")};
  auto outside = behind_nat();
  outside.media.address.texts = {"203.0.113.7"};
  outside.sip.listen[0].address.host = "203.0.113.7";

  EXPECT_TRUE(guess_nat(inside).empty());
  EXPECT_TRUE(guess_nat(outside).empty());
}

class DoctorVisit : public ::testing::Test {
protected:
  /// What the command says of a configuration that is this text.
  ctl_status visit(const std::string& text) {
    const auto file = (folder.path() / "plenary.toml").string();
    std::ofstream(file) << text;
    const char* words[]{"doctor", "--config", file.c_str()};
    std::ostringstream out;
    const auto status = run_ctl(words, {}, out, out);
    said = out.str();
    return status;
  }

  test::temporary_directory folder;
  std::string said;
};

TEST_F(DoctorVisit, NamesPortsThatAreTakenUrlsThatNobodyAnswersAndAddressesOfOthers) {
  const taken_port http;
  auto nobody = std::make_unique<taken_port>();
  const auto closed = nobody->number();
  nobody.reset();

  const auto status = visit(fmt::format(
      "[node]\ndata_dir = \"{}\"\n[http]\nlisten = \"127.0.0.1:{}\"\n[sip]\nlisten = [\"udp:127.0.0.1:0\", "
      "\"udp:192.0.2.77:5060\"]\n"
      "[[application]]\nid = \"a\"\ncustomer_id = \"c\"\napi_key = \"mv_live_a_key_of_the_test\"\n"
      "answer_url = \"http://127.0.0.1:{}/answer?token=hidden\"\nwebhook_url = "
      "\"http://127.0.0.1:{}/hook\"\n",
      folder.path().string(), http.number(), closed, http.number()));

  EXPECT_EQ(status, ctl_status::failed);
  EXPECT_THAT(said, HasSubstr(fmt::format("advice  http 127.0.0.1:{}: is taken", http.number())));
  EXPECT_THAT(said, HasSubstr("FAULT   sip udp 192.0.2.77:5060: is no address of this machine"));
  EXPECT_THAT(said, HasSubstr("ok      sip udp 127.0.0.1:0: is free"));
  EXPECT_THAT(said, HasSubstr(fmt::format(
                        "FAULT   answer_url of http://127.0.0.1:{}/answer: cannot be reached", closed)));
  EXPECT_THAT(said, HasSubstr(fmt::format("ok      webhook_url of http://127.0.0.1:{}/hook: can be reached",
                                          http.number())));
  EXPECT_THAT(said, HasSubstr("ok      node.data_dir"));
  EXPECT_THAT(said, Not(HasSubstr("hidden")));
}

TEST_F(DoctorVisit, ReadsTheDatesOfCertificates) {
  const auto pem = (folder.path() / "node.pem").string();
  const auto made =
      std::system(fmt::format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                              "-subj /CN=node -days 3 -keyout {0}.key -out {0} 2>/dev/null",
                              pem)
                      .c_str());
  ASSERT_EQ(made, 0);
  std::ofstream(folder.path() / "broken.pem") << "no certificate\n";

  configuration config;
  config.node.data_dir = folder.path();
  config.sip.tls_certificate = pem;
  config.cluster.ca_file = folder.path() / "broken.pem";
  config.cluster.certificate_file = folder.path() / "missing.pem";
  std::map<std::string, grade> grades;
  for (const auto& each :
       examine(config, std::chrono::time_point_cast<wall_time::duration>(std::chrono::system_clock::now())))
    grades[each.subject.substr(0, each.subject.find(' '))] = each.how;

  EXPECT_EQ(grades.at("sip.tls_certificate"), grade::advice);
  EXPECT_EQ(grades.at("cluster.ca_file"), grade::fault);
  EXPECT_EQ(grades.at("cluster.certificate_file"), grade::fault);
}

TEST_F(DoctorVisit, SaysWhatIsWrongWithAFileThatANodeWouldRefuse) {
  EXPECT_EQ(visit("[media]\nports = \"1-2\"\n"), ctl_status::failed);
  EXPECT_THAT(said, HasSubstr("media.ports"));
}

} // namespace
} // namespace plenary
