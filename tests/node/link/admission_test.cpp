#include "node/link/admission.hpp"

#include <gtest/gtest.h>

namespace plenary::link {

namespace {

introduction facts_of(const std::string& own, const std::string& peer, bool peer_dialled) {
  introduction facts;
  facts.own.name.value = own;
  facts.own.incarnation = 10;
  facts.peer.name.value = peer;
  facts.peer.incarnation = 20;
  facts.peer_dialled = peer_dialled;
  return facts;
}

} // namespace

TEST(LinkAdmission, KeepsExactlyTheConnectionThatTheSmallerNameDialled) {
  for (bool smaller_dialled : {true, false}) {
    auto seen_by_smaller = judge(facts_of("node-a", "node-b", !smaller_dialled)).what;
    auto seen_by_larger = judge(facts_of("node-b", "node-a", smaller_dialled)).what;

    auto expected = smaller_dialled ? verdict::accept : verdict::dial_back;
    EXPECT_EQ(seen_by_smaller, expected);
    EXPECT_EQ(seen_by_larger, expected);
  }
}

TEST(LinkAdmission, KnowsItselfByNameAndIncarnation) {
  auto facts = facts_of("node-a", "node-a", true);
  facts.peer.incarnation = facts.own.incarnation;

  EXPECT_EQ(judge(facts).what, verdict::self);
}

TEST(LinkAdmission, RefusesAnotherNodeOfTheOwnName) {
  auto given = judge(facts_of("node-a", "node-a", true));

  EXPECT_EQ(given.what, verdict::refuse);
  EXPECT_EQ(hint_for(given.reason), "give every node its own node.name");
}

TEST(LinkAdmission, RefusesACertificateOfAnotherNameAndTakesOneOfThis) {
  auto facts = facts_of("node-b", "node-a", true);

  facts.certificate_name = "node-x";
  EXPECT_EQ(judge(facts).reason.code, errc::unauthorized);
  facts.certificate_name = "node-a";
  EXPECT_EQ(judge(facts).what, verdict::accept);
}

TEST(LinkAdmission, RefusesANameThatIsNone) {
  EXPECT_EQ(judge(facts_of("node-b", "", true)).reason.code, errc::malformed);
  EXPECT_EQ(judge(facts_of("node-b", "Node A", true)).reason.code, errc::malformed);
}

TEST(LinkAdmission, RefusesAnotherConfiguration) {
  auto facts = facts_of("node-b", "node-a", true);
  facts.peer.configuration = 1;

  EXPECT_EQ(judge(facts).reason.code, errc::unsupported);
}

TEST(LinkAdmission, ComparesWhatOlderVersionsCompareOnlyWithThem) {
  auto facts = facts_of("node-b", "node-a", true);
  facts.own.configuration = 7;
  facts.peer.configuration = 8; // other applications
  facts.own.shared = facts.peer.shared = 3;

  EXPECT_EQ(judge(facts).what, verdict::accept);
  facts.peer.shared = 4;
  EXPECT_EQ(judge(facts).reason.code, errc::unsupported);
  facts.peer.shared = 0; // a version that tells none
  EXPECT_EQ(judge(facts).reason.code, errc::unsupported);
  facts.peer.configuration = 7;
  EXPECT_EQ(judge(facts).what, verdict::accept);
}

TEST(LinkAdmission, RefusesAnEarlierIncarnationOfAPeer) {
  auto facts = facts_of("node-b", "node-a", true);

  facts.linked_incarnation = 21;
  EXPECT_EQ(judge(facts).what, verdict::refuse);
  facts.linked_incarnation = 19;
  EXPECT_EQ(judge(facts).what, verdict::accept);
  facts.newest_incarnation = 21;
  EXPECT_EQ(judge(facts).what, verdict::refuse);
}

TEST(LinkAdmission, ASecondConnectionToALinkedPeerIsADuplicateForTheDiallerAlone) {
  auto seen_by_dialler = facts_of("node-a", "node-b", false);
  seen_by_dialler.linked_incarnation = 20;
  auto seen_by_acceptor = facts_of("node-b", "node-a", true);
  seen_by_acceptor.linked_incarnation = 20;

  EXPECT_EQ(judge(seen_by_dialler).what, verdict::duplicate);
  EXPECT_EQ(judge(seen_by_acceptor).what, verdict::accept) << "the dialler knows that its old one is gone";
}

TEST(LinkAdmission, APausePassesByItself) {
  auto facts = facts_of("node-b", "node-a", true);
  facts.paused = true;

  auto given = judge(facts);

  EXPECT_EQ(given.what, verdict::refuse);
  EXPECT_EQ(given.reason.code, errc::unavailable);
  EXPECT_EQ(hint_for(given.reason), "");
}

} // namespace plenary::link
