// docs/operations.md, The CA of the nodes: new certificates, and a new CA, while the nodes run and calls go
// on.

#include "tests/integration/services/services_cluster.hpp"
#include "tests/support/node_certificates.hpp"

#include <csignal>
#include <fstream>

namespace plenary::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream{file};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

class CertificateRenewal : public ServicesCluster {
protected:
  void configure(std::size_t index, plenaryd_settings& settings) override {
    const auto folder = folders[index].path().string();
    settings.lines["cluster"] += fmt::format("ca_file = \"{0}/ca.pem\"\ncertificate_file = \"{0}/node.pem\"\n"
                                             "key_file = \"{0}/node.key\"\n",
                                             folder);
    put(index, "ca.pem", text_of(first.file("ca.pem")));
    put_certificate(index, first);
  }

  void put(std::size_t index, const std::string& name, const std::string& text) const {
    const auto place = folders[index].path() / name;
    std::ofstream{place.string() + ".new"} << text;
    std::filesystem::rename(place.string() + ".new", place);
  }
  void put_certificate(std::size_t index, const node_certificates& made) const {
    const auto name = fmt::format("node-{}", static_cast<char>('a' + index));
    put(index, "node.pem", text_of(made.file(name + ".pem")));
    put(index, "node.key", text_of(made.file(name + ".key")));
  }

  /// SIGHUP of every node; true when each says that it was taken.
  bool reload_all() {
    bool taken = true;
    for (std::size_t index = 0; index < node_count; ++index) {
      const auto reloads = count(index, "\"event\":\"config_reloaded\",\"cause\":\"SIGHUP\"");
      node(index).process().signal(SIGHUP);
      taken = taken && eventually([&] {
                return count(index, "\"event\":\"config_reloaded\",\"cause\":\"SIGHUP\"") > reloads;
              });
    }
    return taken;
  }
  std::size_t count(std::size_t index, const std::string& words) {
    const auto output = node(index).output();
    std::size_t found = 0;
    for (auto at = output.find(words); at != std::string::npos; at = output.find(words, at + 1))
      ++found;
    return found;
  }

  /// The serial of the certificate that this node shows to who comes now with this identity.
  std::string shown_to(std::size_t index, const node_certificates& identity) const {
    child_process_options options;
    options.arguments = {"sh", "-c",
                         fmt::format("openssl s_client -connect {} -CAfile {} -cert {} -key {} </dev/null | "
                                     "openssl x509 -noout -serial",
                                     link_address(index), identity.file("ca.pem"),
                                     identity.file("node-d.pem"), identity.file("node-d.key"))};
    child_process client(options);
    client.wait_for_exit(seconds(20));
    return client.wait_for_text("serial=", seconds(1)).value_or("none");
  }
  static std::string serial_of(const node_certificates& made, std::size_t index) {
    child_process_options options;
    options.arguments = {"openssl", "x509",
                         "-noout",  "-serial",
                         "-in",     made.file(fmt::format("node-{}.pem", static_cast<char>('a' + index)))};
    child_process program(options);
    program.wait_for_exit(seconds(20));
    return program.wait_for_text("serial=", seconds(1)).value_or("unknown");
  }

  /// A node is killed and comes again: its links are new on both sides.
  void come_again(std::size_t index) {
    node(index).kill_at_once();
    ASSERT_TRUE(node(index).start()) << node(index).output();
    ASSERT_TRUE(eventually([&] { return sees_members({0, 1, 2}, node_count); }));
  }

  const std::vector<std::string> names{"node-a", "node-b", "node-c", "node-d"};
  const node_certificates first{names};
  const node_certificates second{names}; ///< of another CA
  std::array<temporary_directory, node_count> folders;
};

TEST_F(CertificateRenewal, LeavesLinksAndCallsAndGivesNewLinksWhatIsNew) {
  ASSERT_NO_FATAL_FAILURE(start());
  rtp_caller alice(caller(0, 440, number_of(1)));
  rtp_caller bob(caller(1, 700, number_of(2)));
  ASSERT_TRUE(alice.call() && bob.call());
  ASSERT_TRUE(meet(alice, 440, bob, 700));
  for (std::size_t index = 0; index < node_count; ++index)
    EXPECT_EQ(shown_to(index, first), serial_of(first, index)) << index;
  alice.watch_silence();
  bob.watch_silence();

  const auto both = text_of(first.file("ca.pem")) + text_of(second.file("ca.pem"));
  for (std::size_t index = 0; index < node_count; ++index)
    put(index, "ca.pem", both);
  ASSERT_TRUE(reload_all());
  for (std::size_t index = 0; index < node_count; ++index)
    put_certificate(index, second);
  ASSERT_TRUE(reload_all());
  for (std::size_t index = 0; index < node_count; ++index)
    EXPECT_EQ(shown_to(index, second), serial_of(second, index)) << index;
  for (std::size_t index = 0; index < node_count; ++index)
    put(index, "ca.pem", text_of(second.file("ca.pem")));
  ASSERT_TRUE(reload_all());

  EXPECT_LT(alice.longest_silence(), undisturbed);
  EXPECT_LT(bob.longest_silence(), undisturbed);
  EXPECT_EQ(lost_links(), 0) << "no link was closed for it";
  const auto refused = metric(0, "plenary_cluster_link_handshakes_refused_total");
  shown_to(0, first);
  EXPECT_TRUE(eventually([&] {
    return metric(0, "plenary_cluster_link_handshakes_refused_total") > refused;
  })) << "who has a certificate of the old CA is a stranger";
  EXPECT_TRUE(meet(alice, 440, bob, 700)) << "calls are those of before";
  EXPECT_EQ(alice.hang_up(), 200);
  EXPECT_EQ(bob.hang_up(), 200);
  ASSERT_NO_FATAL_FAILURE(come_again(2));
  EXPECT_EQ(short_call(2, number_of(3)), 200);
}

} // namespace

} // namespace plenary::test
