#include "actors/leg/stream_ownership.hpp"

#include <algorithm>
#include <utility>

namespace plenary {

namespace {

audio::endpoint host_of(audio::endpoint where) {
  where.port = 0;
  return where;
}

bool is_within(const media_claim& claim, const audio::endpoint& from) {
  return !claim.within || claim.within->empty() ||
         std::any_of(claim.within->begin(), claim.within->end(),
                     [&from](const audio::address_block& block) { return block.contains(from); });
}

} // namespace

bool is_behind_nat(const media_claim& claim) {
  if (claim.media.family == 0 || is_unspecified(claim.media))
    return false;
  if (claim.signalling.family == 0)
    return is_private_address(claim.media);
  return !is_same_host(claim.media, claim.signalling);
}

bool is_vague(const media_claim& claim) {
  return claim.media.family == 0 || is_behind_nat(claim);
}

bool are_alike(const media_claim& a, const media_claim& b) {
  const bool same_signalling =
      a.signalling.family == 0 || b.signalling.family == 0 || is_same_host(a.signalling, b.signalling);
  return is_vague(a) && is_vague(b) && same_signalling;
}

bool may_mean_one_stream(const media_claim& a, const media_claim& b) {
  return (is_vague(a) && is_vague(b)) || is_same_host(a.media, b.media) ||
         is_same_host(a.media, b.signalling) || is_same_host(a.signalling, b.media) ||
         is_same_host(a.signalling, b.signalling);
}

// -- legs ---------------------------------------------------------------------------------------------------

void stream_ownership::add(leg_id id, const media_claim& claim, mono_time now) {
  auto [found, added] = legs_.try_emplace(id);
  if (!added)
    return renew(id, claim, now);
  auto& leg = found->second;
  leg.added_at = now;
  leg.claim = claim;
  name(id, leg);
  update_open(id, leg);
}

void stream_ownership::renew(leg_id id, const media_claim& claim, mono_time now) {
  auto found = legs_.find(id);
  if (found == legs_.end() || is_unspecified(claim.media))
    return;
  auto& leg = found->second;
  const bool changed = leg.claim.media != claim.media;
  unname(id, leg, now);
  leg.claim = claim;
  name(id, leg);
  leg.renewed_at = now;
  leg.changed = changed || (leg.changed && leg.now == phase::renewed);
  leg.run = 0;
  if (const auto source = leg.source) {
    leg.now = phase::renewed;
    leg.by = evidence_of(leg, *source);
    assign(*source);
  }
  update_open(id, leg);
}

void stream_ownership::remove(leg_id id, mono_time now) {
  auto found = legs_.find(id);
  if (found == legs_.end())
    return;
  auto& leg = found->second;
  unname(id, leg, now);
  if (leg.source)
    let_go(id, leg);
  legs_.erase(found);
  std::erase(open_, id);
}

/// The SDP's address leads to the leg: at once, or to be tried first when its packets have to prove it.
void stream_ownership::name(leg_id id, owner& leg) {
  const auto& [media, control, signalling, proves, within, offer] = leg.claim;
  if (control.family != 0 && control != media)
    controls_.try_emplace(control, id);
  if (media.family == 0 || is_unspecified(media))
    return;
  if (proves)
    proving_.try_emplace(media, id);
  else
    assign(media);
}

/// The SDP's address leads to nobody, or to another leg that names it; what still comes from there is old.
void stream_ownership::unname(leg_id id, owner& leg, mono_time now) {
  const auto erase = [id](auto& index, const audio::endpoint& where) {
    if (auto found = index.find(where); found != index.end() && found->second == id)
      index.erase(found);
  };
  const auto claimed = leg.claim.media;
  erase(controls_, leg.claim.control);
  erase(proving_, claimed);
  leg.claim.media = {};
  leg.named = false;
  assign(claimed);
  if (claimed.family != 0 && !owners_.contains(claimed))
    memory_.keep(claimed, leg.heard == mono_time{} ? std::nullopt : std::optional{leg.ssrc}, now);
}

/// Who has an endpoint: whose source it is by better than a guess, else whose SDP names it, the first that
/// did, else whose guess it was. The others have it no more.
void stream_ownership::assign(const audio::endpoint& where) {
  const auto right_of = [&where](leg_id id, const owner& leg) {
    const bool source = leg.source == where;
    const bool names = leg.claim.media == where && !leg.claim.proves;
    const int rank = source && leg.by > evidence::guess ? 4
                     : names && leg.named               ? 3
                     : names                            ? 2
                     : source                           ? 1
                                                        : 0;
    return std::pair{rank, ~id};
  };
  auto best = std::pair{0, leg_id{0}};
  for (const auto& [id, leg] : legs_)
    best = std::max(best, right_of(id, leg));
  if (best.first == 0) {
    owners_.erase(where);
    return;
  }
  const auto winner = ~best.second;
  owners_[where] = winner;
  for (auto& [id, leg] : legs_) {
    const bool names = leg.claim.media == where && !leg.claim.proves;
    if (names)
      leg.named = id == winner;
    if (id == winner || leg.source != where)
      continue;
    leave_source(id, leg);
    leg.now = phase::waiting;
    update_open(id, leg);
  }
  memory_.forget(where);
}

/// Forgets the source; gives what it was.
audio::endpoint stream_ownership::leave_source(leg_id id, owner& leg) {
  const auto source = *std::exchange(leg.source, std::nullopt);
  auto here = hosts_.find(host_of(source));
  std::erase(here->second, id);
  if (here->second.empty())
    hosts_.erase(here);
  leg.by = evidence::none;
  return source;
}

/// The source becomes nobody's stream, unless an SDP names it.
void stream_ownership::let_go(leg_id id, owner& leg) {
  const auto source = leave_source(id, leg);
  memory_.keep(source, leg.ssrc, leg.heard);
  assign(source);
}

void stream_ownership::update_open(leg_id id, const owner& leg) {
  const bool open = leg.now != phase::owned || leg.by == evidence::guess;
  const auto at = std::find(open_.begin(), open_.end(), id);
  if (open && at == open_.end())
    open_.push_back(id);
  else if (!open && at != open_.end())
    open_.erase(at);
}

// -- packets ------------------------------------------------------------------------------------------------

evidence stream_ownership::evidence_of(const owner& leg, const audio::endpoint& from) {
  const auto& claim = leg.claim;
  if (!is_within(claim, from))
    return evidence::none;
  if (from == claim.media && (leg.named || claim.proves))
    return evidence::named;
  if (is_same_host(from, claim.media) || is_same_host(from, claim.signalling))
    return evidence::host;
  return claim.proves || is_behind_nat(claim) ? evidence::guess : evidence::none;
}

/// The least evidence by which a stream may become the source of an open leg now.
evidence stream_ownership::least_that_counts(const owner& leg, mono_time now) {
  if (leg.now == phase::waiting || (leg.now == phase::renewed && leg.changed))
    return evidence::guess;
  // Who repeats its offer may have moved behind its NAT, or may just be on hold and silent.
  const bool repeated =
      leg.now == phase::renewed && now - std::max(leg.heard, leg.renewed_at) >= renewal_grace;
  return repeated || leg.by == evidence::guess ? evidence::host : evidence::named;
}

stream_ownership::claimants stream_ownership::who(const packet& seen, mono_time now) {
  claimants found;
  const auto known = owners_.find(seen.from);
  const auto* owned = known == owners_.end() ? nullptr : &legs_.at(known->second);
  const bool certain = owned != nullptr && owned->source == seen.from && owned->by > evidence::guess;
  if (const auto proving = proving_.find(seen.from); !certain && proving != proving_.end())
    found.add(proving->second);
  if (owned != nullptr) {
    found.add(known->second);
    return found;
  }
  const auto began = memory_.see(seen.from, seen.ssrc, now);
  if (!add_waiting(seen, began, now, found))
    add_moved(seen, began, now, found);
  return found;
}

/// Finds the open leg that the stream is for; true when any is waiting for one like it.
bool stream_ownership::add_waiting(const packet& seen, mono_time began, mono_time now,
                                   claimants& found) const {
  bool awaited = false;
  leg_id best = 0;
  auto best_evidence = evidence::none;
  int rivals = 0; // with as good a claim
  for (auto id : open_) {
    const auto& leg = legs_.at(id);
    const auto how = evidence_of(leg, seen.from);
    const auto least = least_that_counts(leg, now);
    if (how == evidence::none || how == evidence::named || how < least)
      continue;
    if (how == evidence::guess && is_host_of_another(id, seen.from))
      continue; // never guessed away from a machine that is known
    awaited = true;
    if (leg.claim.media.family == 0)
      continue; // its SDP is still to come
    if (leg.claim.proves) {
      found.add(id);
      continue;
    }
    if (began < leg.added_at || memory_.was_sent_elsewhere(seen.ssrc, seen.from, leg.added_at, now))
      continue;
    if (how < best_evidence)
      continue;
    rivals = how == best_evidence ? rivals + 1 : 0;
    best = id;
    best_evidence = how;
  }
  if (best_evidence != evidence::none && rivals == 0) // where two legs may mean it nobody has it
    found.add(best);
  return awaited;
}

/// The one leg whose stream of this host ended when this one began.
void stream_ownership::add_moved(const packet& seen, mono_time began, mono_time now, claimants& found) const {
  const auto here = hosts_.find(host_of(seen.from));
  if (here == hosts_.end())
    return;
  std::optional<leg_id> silent, twin;
  int silent_count = 0, twin_count = 0;
  for (auto id : here->second) {
    const auto& leg = legs_.at(id);
    if (leg.heard >= began || leg.source == seen.from)
      continue;
    ++silent_count;
    silent = id;
    if (leg.ssrc != seen.ssrc)
      continue;
    ++twin_count;
    twin = id;
  }
  const auto moved = silent_count == 1 ? silent : twin_count == 1 ? twin : std::nullopt;
  if (!moved)
    return;
  const auto& leg = legs_.at(*moved);
  const bool others =
      leg.ssrc != seen.ssrc && memory_.was_sent_elsewhere(seen.ssrc, seen.from, leg.heard, now);
  if (!others && evidence_of(leg, seen.from) != evidence::none && now - leg.heard >= stopped)
    found.add(*moved);
}

/// True when another leg's media comes from this machine.
bool stream_ownership::is_host_of_another(leg_id id, const audio::endpoint& from) const {
  const auto here = hosts_.find(host_of(from));
  return here != hosts_.end() &&
         std::any_of(here->second.begin(), here->second.end(), [id](leg_id other) { return other != id; });
}

stream_ownership::verdict stream_ownership::take(leg_id id, const packet& seen, mono_time now) {
  auto found = legs_.find(id);
  if (found == legs_.end())
    return verdict::refused;
  auto& leg = found->second;
  if (leg.source == seen.from)
    return go_on(id, leg, seen, now);
  const auto how = evidence_of(leg, seen.from);
  const int needed = how == evidence::named || leg.claim.proves         ? 1
                     : how == evidence::host && leg.now != phase::owned ? host_run
                                                                        : guess_run;
  if (!count(leg, seen, needed))
    return verdict::refused;
  move(id, leg, seen, now);
  return verdict::settled;
}

/// The leg's own stream speaks. After an offer it is confirmed, unless the new address excludes it.
stream_ownership::verdict stream_ownership::go_on(leg_id id, owner& leg, const packet& seen, mono_time now) {
  const bool pending = leg.now == phase::renewed && leg.changed && leg.by != evidence::named &&
                       now - leg.renewed_at < renewal_grace;
  leg.heard = now; // who is given up is still there, and so is no new stream to others
  if (!pending && leg.by == evidence::none) {
    let_go(id, leg);
    leg.now = phase::waiting;
    update_open(id, leg);
    return verdict::refused;
  }
  leg.ssrc = seen.ssrc;
  if (leg.now != phase::renewed || pending)
    return verdict::accepted;
  leg.now = phase::owned;
  leg.run = 0;
  update_open(id, leg);
  return verdict::settled;
}

/// True when this is the last packet of a run of consecutive sequence numbers of one stream.
bool stream_ownership::count(owner& leg, const packet& seen, int needed) {
  const bool follows = leg.run > 0 && seen.from == leg.candidate.from && seen.ssrc == leg.candidate.ssrc &&
                       seen.sequence_number == static_cast<std::uint16_t>(leg.candidate.sequence_number + 1);
  leg.run = follows ? leg.run + 1 : 1;
  leg.candidate = seen;
  return leg.run >= needed;
}

void stream_ownership::move(leg_id id, owner& leg, const packet& seen, mono_time now) {
  const auto by = evidence_of(leg, seen.from);
  if (leg.source)
    let_go(id, leg);
  leg.source = seen.from;
  leg.by = by;
  leg.ssrc = seen.ssrc;
  leg.heard = now;
  leg.now = phase::owned;
  leg.run = 0;
  hosts_[host_of(seen.from)].push_back(id);
  assign(seen.from);
  update_open(id, leg);
}

// -- questions ----------------------------------------------------------------------------------------------

std::optional<stream_ownership::leg_id> stream_ownership::controller(const audio::endpoint& from) const {
  auto before = from;
  --before.port; // RTCP comes from the port after RTP's (RFC 3550 section 11)
  for (const auto& where : {from, before})
    if (auto known = owners_.find(where); known != owners_.end())
      return known->second;
  if (auto known = controls_.find(from); known != controls_.end())
    return known->second;
  auto here = hosts_.find(host_of(from));
  if (here == hosts_.end() || here->second.size() != 1)
    return std::nullopt;
  return here->second.front();
}

std::optional<stream_ownership::leg_id> stream_ownership::owner_of(const audio::endpoint& from) const {
  auto known = owners_.find(from);
  return known == owners_.end() ? std::nullopt : std::optional{known->second};
}

std::optional<audio::endpoint> stream_ownership::source_of(leg_id id) const {
  auto found = legs_.find(id);
  return found == legs_.end() ? std::nullopt : found->second.source;
}

bool stream_ownership::is_open(leg_id id) const {
  auto found = legs_.find(id);
  return found != legs_.end() && found->second.now != phase::owned;
}

} // namespace plenary
