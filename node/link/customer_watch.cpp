#include "node/link/customer_watch.hpp"

namespace plenary::link {

namespace {

std::string kinds_of(const customer_digests& own, const customer_digests& theirs) {
  if (theirs == customer_digests{})
    return {};
  std::string kinds;
  if (own.applications != theirs.applications)
    kinds = "applications";
  if (own.numbers != theirs.numbers)
    kinds += kinds.empty() ? "numbers" : " and numbers";
  return kinds;
}

} // namespace

std::optional<std::string> customer_watch::note(const node_name& peer, const customer_digests& own,
                                                const customer_digests& theirs, mono_time now) {
  auto& known = peers_[peer];
  auto kinds = kinds_of(own, theirs);
  if (kinds != known.kinds) {
    known.kinds = kinds;
    known.since = now;
  }
  const bool is_due = kinds.empty() || now - known.since >= differing_patience;
  if (!is_due || kinds == known.told)
    return std::nullopt;
  known.told = kinds;
  return kinds;
}

} // namespace plenary::link
