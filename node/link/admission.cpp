#include "node/link/admission.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary::link {

namespace {

judgement refuse(errc code, std::string message) {
  return {verdict::refuse, {code, std::move(message)}};
}

/// The reason to refuse a peer for what it is, or nothing.
std::optional<judgement> objection(const introduction& facts) {
  const auto& own = facts.own;
  const auto& peer = facts.peer;
  if (!is_node_name(peer.name.value))
    return refuse(errc::malformed, "the peer's name is no node name");
  if (facts.certificate_name && *facts.certificate_name != peer.name.value)
    return refuse(errc::unauthorized,
                  fmt::format("the peer says that it is node \"{}\", its certificate says \"{}\"",
                              peer.name.value, *facts.certificate_name));
  if (own.name == peer.name)
    return refuse(errc::not_acceptable, fmt::format("two nodes have the name \"{}\": one at {}, one at {}",
                                                    own.name.value, own.address, peer.address));
  // An older version tells one digest only, which the applications are part of, and compares it itself.
  const bool is_older = own.shared == 0 || peer.shared == 0;
  const auto ours = is_older ? own.configuration : own.shared;
  const auto theirs = is_older ? peer.configuration : peer.shared;
  if (ours != theirs)
    return refuse(errc::unsupported,
                  fmt::format("node \"{}\" ({:016x}) and node \"{}\" ({:016x}) are configured differently",
                              own.name.value, ours, peer.name.value, theirs));
  if (peer.incarnation < std::max(facts.newest_incarnation, facts.linked_incarnation.value_or(0)))
    return refuse(errc::not_acceptable,
                  fmt::format("a node of the name \"{}\" that was started later is known", peer.name.value));
  if (facts.paused)
    return refuse(errc::unavailable, fmt::format("node \"{}\" takes no link from node \"{}\" for a while",
                                                 own.name.value, peer.name.value));
  return std::nullopt;
}

} // namespace

judgement judge(const introduction& facts) {
  const auto& own = facts.own;
  const auto& peer = facts.peer;
  if (own.name == peer.name && own.incarnation == peer.incarnation)
    return {verdict::self, {}};
  if (auto refused = objection(facts))
    return *refused;
  const auto& dialler = facts.peer_dialled ? peer.name : own.name;
  const auto& acceptor = facts.peer_dialled ? own.name : peer.name;
  if (acceptor < dialler)
    return {verdict::dial_back, {}};
  if (!facts.peer_dialled && facts.linked_incarnation == peer.incarnation)
    return {verdict::duplicate, {}};
  return {verdict::accept, {}};
}

std::string_view hint_for(const error& refusal) {
  switch (refusal.code) {
  case errc::not_acceptable:
    return "give every node its own node.name";
  case errc::unsupported:
    return "make room limits and cluster.on_partition equal on all nodes, beside nodes of version 0.1 "
           "applications too";
  case errc::unauthorized:
    return "use a certificate whose common name is the node's name (scripts/plenary-ca)";
  default:
    return "";
  }
}

} // namespace plenary::link
