// How a leg comes to an agreement: the work pool reads what the caller wrote, the leg does the rest.
#include "actors/edge/log.hpp"
#include "actors/edge/work_pool.hpp"
#include "actors/leg/leg_actor.hpp"

namespace plenary {

namespace {

/// Below the patience of the call that waits for the leg.
constexpr std::chrono::seconds reading_patience{4};

/// IP version of the address that our description names; 0: there is none yet.
std::uint8_t family_told(const sdp::session& ours) {
  if (ours.local.empty())
    return 0;
  return ours.local.find("\nc=IN IP6 ") == std::string::npos ? 4 : 6;
}

} // namespace

caf::result<result<leg_reply>> leg_state::perform(const order::open& what) {
  trunk_ = what.trunk;
  signalling_ = unmapped(audio::make_endpoint(what.signalling, 0).value_or(audio::endpoint{}));
  ours_.signalling = signalling_;
  pace_ = media_pace{!what.held_back, std::chrono::steady_clock::now()};
  ours_.srtp = what.srtp;
  session_ = what.continuing.value_or(session_);
  if (what.srtp != srtp_policy::off)
    ours_.keys = make_srtp_keys();
  // With an offer the port is chosen when its address is known.
  if (!what.offer)
    if (auto opened = open_media({}, family_told(session_)); !opened)
      return result<leg_reply>{tl::unexpected<error>(opened.error())};
  return perform(order::renegotiate{what.offer});
}

caf::result<result<leg_reply>> leg_state::perform(const order::renegotiate& what) {
  if (!what.offer)
    return read([ours = ours_, before = session_]() -> negotiation_ended::outcome {
      return sdp::make_offer(ours, before);
    });
  auto ours = ours_;
  ours.local = {}; // the caller may change its IP version
  return read([offer = *what.offer, ours, before = session_]() -> negotiation_ended::outcome {
    return sdp::read_offer(offer, ours, before);
  });
}

caf::result<result<leg_reply>> leg_state::perform(const order::accept_answer& what) {
  return read([answer = what.answer, ours = ours_, offered = session_]() -> negotiation_ended::outcome {
    return sdp::accept_answer(answer, ours, offered);
  });
}

caf::result<result<leg_reply>> leg_state::perform(const order::confirm&) {
  const auto now = std::chrono::steady_clock::now();
  own_reports_.emplace(ssrc_, now);
  pace_.confirm(now);
  set_pace();
  return result<leg_reply>{order::done{}};
}

/// Hands `work` to the pool; its outcome comes back as `negotiation_ended`, and the order is answered when
/// that is taken.
caf::result<result<leg_reply>> leg_state::read(std::function<negotiation_ended::outcome()> work) {
  if (reading_)
    return result<leg_reply>{fail(errc::unavailable, "another offer is being read")};
  const auto number = ++readings_;
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(self_->address());
  const bool taken = post_to(edges_->work, [weak, number, work = std::move(work)] {
    auto ended = work();
    if (auto leg = weak.lock())
      caf::anon_send(caf::actor_cast<leg_interface>(leg), negotiation_ended{number, std::move(ended)});
  });
  if (!taken)
    return result<leg_reply>{fail(errc::unavailable, "too many offers wait to be read")};
  reading_ = self_->make_response_promise<result<leg_reply>>();
  self_->delayed_send(self_, reading_patience, negotiation_overdue{number});
  return *reading_;
}

void leg_state::on_negotiation_ended(const negotiation_ended& message) {
  if (message.number != readings_ || !reading_)
    return;
  std::visit(
      [this](const auto& found) {
        if (!found)
          return answer_reading(tl::unexpected<error>(found.error()));
        if (auto taken = take(*found); !taken)
          return answer_reading(tl::unexpected<error>(taken.error()));
        const bool ours_was_answered = std::is_same_v<decltype(found), const result<sdp::negotiated>&>;
        answer_reading(ours_was_answered ? leg_reply{order::done{}} : leg_reply{session_});
      },
      message.found);
}

void leg_state::on_negotiation_overdue(const negotiation_overdue& message) {
  if (message.number != readings_ || !reading_)
    return;
  ++readings_; // what comes later is not wanted any more
  answer_reading(fail(errc::timeout, "the offer was not read in time"));
}

void leg_state::answer_reading(result<leg_reply> answer) {
  if (auto promise = std::exchange(reading_, std::nullopt))
    promise->deliver(std::move(answer));
}

/// The caller's offer fits.
result<void> leg_state::take(const sdp::fitting_offer& offer) {
  if (offer.removed && !agreed_)
    return fail(errc::not_acceptable, "SDP takes a stream away that there never was");
  const bool same_version =
      offer.removed || offer.taken.null_address || offer.taken.remote.family == ours_.local.family;
  if (!media_ || !same_version)
    return change_media(offer);
  return adopt(sdp::answer_offer(offer, ours_, session_));
}

/// The caller's media is the first, or of another IP version than before: it gets a port of that version.
result<void> leg_state::change_media(const sdp::fitting_offer& offer) {
  const auto& there = offer.taken;
  if (auto allowed = check_addresses(there.remote, there.remote_rtcp); !allowed)
    return allowed;
  auto before = std::exchange(media_, nullptr);
  const auto local_before = ours_.local;
  auto done = open_media(there.remote, 0);
  if (done && ours_.local.family != there.remote.family && !there.null_address)
    done = fail(errc::not_acceptable, "SDP names an address of the other IP version");
  if (done)
    done = adopt(sdp::answer_offer(offer, ours_, session_));
  if (!done) {
    media_ = std::move(before);
    ours_.local = local_before;
  }
  return done;
}

/// Our offer is made.
result<void> leg_state::take(const sdp::session& offered) {
  session_ = offered;
  return {};
}

/// The caller's answer to our offer fits.
result<void> leg_state::take(const sdp::negotiated& agreed) {
  return adopt(agreed);
}

result<void> leg_state::open_media(const audio::endpoint& expected, std::uint8_t family) {
  receive_settings nothing_yet;
  nothing_yet.expected_source = expected;
  nothing_yet.signalling = signalling_;
  nothing_yet.family = family;
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(self_->address());
  auto opened = edges_->media->open(std::move(nothing_yet), ring_, [weak](media_event event) {
    if (auto leg = weak.lock())
      caf::anon_send(caf::actor_cast<leg_actor>(leg), media_noticed{std::move(event)});
  });
  if (!opened)
    return tl::unexpected<error>(opened.error());
  media_ = std::move(*opened);
  ours_.local = media_->local();
  supervise();
  return {};
}

/// The agreement's stream: made, or changed from what it was.
result<void> leg_state::set_stream(const sdp::negotiated& agreed) {
  if (!lender_.has_stream()) {
    auto made = make_stream(agreed, ring_, media_->port(), settings_.jitter);
    if (!made)
      return tl::unexpected<error>(made.error());
    target_.agree(agreed.remote);
    ssrc_ = made->send->statistics().ssrc;
    lender_.take(std::move(*made));
    own_reports_.emplace(ssrc_, std::chrono::steady_clock::now());
    return {};
  }
  auto difference = change_between(*agreed_, agreed, ring_, media_->port(), settings_.jitter);
  if (!difference)
    return tl::unexpected<error>(difference.error());
  target_.agree(agreed.remote);
  if (difference->send_to)
    difference->send_to->remote = target_.address();
  lender_.change(std::move(*difference));
  return {};
}

result<void> leg_state::adopt(sdp::negotiated agreed) {
  if (agreed.removed)
    agreed = without_stream(*agreed_, std::move(agreed.next));
  if (auto allowed = check_addresses(agreed.remote, agreed.remote_rtcp); !allowed)
    return allowed;
  if (agreed.outbound && (!agreed_ || agreed_->outbound != agreed.outbound)) {
    auto protection = audio::srtp_session::make(*agreed.outbound, audio::srtp_session::direction::outbound);
    if (!protection)
      return tl::unexpected<error>(protection.error());
    rtcp_protection_ = std::move(*protection);
  }
  if (auto set = set_stream(agreed); !set)
    return set;
  const auto now = std::chrono::steady_clock::now();
  if (agreed_ && agreed_->remote != agreed.remote && !is_unspecified(agreed.remote))
    pace_.move(now);
  media_->update(settings_for(agreed));
  session_ = agreed.next;
  const bool first = !agreed_;
  agreed_ = std::move(agreed);
  if (first)
    edges_->log->info("media_agreed", {{"call", name_.call.value},
                                       {"leg", std::int64_t{name_.number}},
                                       {"codec", audio::sdp_name(agreed_->send_as.codec)},
                                       {"encrypted", agreed_->outbound.has_value()},
                                       {"remote", audio::to_string(agreed_->remote)},
                                       {"port", std::int64_t{ours_.local.port}}});
  supervised_since_ = now;
  set_pace();
  return {};
}

} // namespace plenary
