#include "tests/node/link/link_world.hpp"
#include "tests/support/node_certificates.hpp"

#include <openssl/ssl.h>

#include <atomic>
#include <thread>

namespace plenary::test {

namespace {

std::atomic<int> living_contexts{0};

/// How many TLS contexts live in this process, of those made since the first question.
int contexts() {
  static const int registered = CRYPTO_get_ex_new_index(
      CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr,
      [](void*, void*, CRYPTO_EX_DATA*, int, long, void*) { ++living_contexts; }, nullptr,
      [](void*, void*, CRYPTO_EX_DATA*, int, long, void*) { --living_contexts; });
  EXPECT_GE(registered, 0);
  return living_contexts;
}

bool come_to(int wanted) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (contexts() != wanted && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  return contexts() == wanted;
}

link_tls_files files_of(const node_certificates& made, const std::string& name) {
  return {made.file("ca.pem"), made.file(name + ".pem"), made.file(name + ".key")};
}

link_settings renewed_settings(const node_certificates& made, const std::string& name,
                               std::vector<std::string> seeds = {}) {
  auto settings = node_settings(name, std::move(seeds));
  settings.tls = files_of(made, name);
  return settings;
}

TEST(LinkRenewal, KeepsNoCertificateThatNoLinkUses) {
  const int none = contexts();
  const node_certificates made{{"node-a", "node-b"}};
  linked_node b{renewed_settings(made, "node-b")};
  linked_node a{renewed_settings(made, "node-a", {b.address()})};
  ASSERT_TRUE(a.listener.wait_for_link("node-b") && b.listener.wait_for_link("node-a"));
  ASSERT_EQ(contexts(), none + 2);

  for (int renewal = 0; renewal < 20; ++renewal) {
    ASSERT_TRUE(a.network->load_tls(files_of(made, "node-a")));
    a.network->use_loaded_tls();
  }

  EXPECT_TRUE(come_to(none + 3)) << contexts() - none
                                 << ": that of the link, the latest, and the other node's";
  EXPECT_EQ(a.listener.story(), std::vector<std::string>{"up node-b"}) << "the link stays";
  a.network->cut({"node-b"}, 1ms);
  ASSERT_TRUE(a.listener.wait_for_story("up node-b", 2));
  EXPECT_TRUE(come_to(none + 2)) << contexts() - none << ": the link of before has gone, its context too";
}

TEST(LinkRenewal, GivesNewLinksTheNewCertificateAndLeavesOldOnes) {
  const node_certificates before{{"node-a", "node-b"}};
  const node_certificates after{{"node-a", "node-b"}}; // of another CA
  linked_node b{renewed_settings(before, "node-b")};
  linked_node a{renewed_settings(before, "node-a", {b.address()})};
  ASSERT_TRUE(a.listener.wait_for_link("node-b") && b.listener.wait_for_link("node-a"));

  ASSERT_TRUE(a.network->load_tls(files_of(after, "node-a")));
  a.network->use_loaded_tls();

  EXPECT_TRUE(a.ask("node-b", peer::drain_node{})) << "the link of before goes on";
  a.network->cut({"node-b"}, 1ms);
  ASSERT_TRUE(a.listener.wait_for_story("down node-b closed"));
  EXPECT_TRUE(a.log.wait_for("link_dial_failed")) << "its CA and the other's differ";
  ASSERT_TRUE(b.network->load_tls(files_of(after, "node-b")));
  b.network->use_loaded_tls();
  EXPECT_TRUE(a.listener.wait_for_story("up node-b", 2));
}

} // namespace

} // namespace plenary::test
