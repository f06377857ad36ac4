#include "actors/leg/leg_actor.hpp"

#include "actors/edge/customer_book.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "actors/leg/rtcp.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

constexpr std::chrono::seconds supervision_period{1};

/// Legs look after themselves on a common grid, so that many of them share a wake-up of the timer.
constexpr std::chrono::milliseconds supervision_grid{100};

/// About a period, or until after `report` when that comes before, up to the next point of the grid.
mono_time::duration time_to_supervision(mono_time now, std::optional<mono_time> report) {
  auto wait = mono_time::duration{supervision_period};
  if (report)
    wait = std::min(wait, std::max(*report - now, mono_time::duration{0}) + supervision_grid);
  return wait - (now + wait).time_since_epoch() % mono_time::duration{supervision_grid};
}

} // namespace

void leg_state::start(self_pointer self, leg_of_call made, const leg_settings& settings,
                      directory_actor directory, const node_edges& edges) {
  self_ = self;
  name_ = std::move(made.name);
  owner_ = std::move(made.owner);
  settings_ = settings;
  edges_ = &edges;
  if (edges.customers != nullptr)
    media_rules_ = edges.customers->now()->media_rules;
  ring_ = std::make_shared<audio::packet_ring>();
  ours_.opus_bitrate = settings.opus_bitrate;
  session_.id = make_session_id();
  edges.meters->add(gauge::legs_active, 1);
  self->set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  self->monitor(owner_);
  lender_.start(self, name_.call, std::move(directory), edges,
                [this](leave_reason reason) { tell(report::left_room{reason}); });
}

leg_state::~leg_state() {
  if (edges_ != nullptr)
    edges_->meters->add(gauge::legs_active, -1);
}

// -- orders and reports -------------------------------------------------------------------------------------

caf::result<result<leg_reply>> leg_state::on_order(const leg_order& what) {
  return std::visit([this](const auto& each) { return perform(each); }, what);
}

void leg_state::tell(leg_report what) {
  self_->send(owner_, leg_told{name_, std::move(what)});
}

// -- stream -------------------------------------------------------------------------------------------------

result<void> leg_state::check_addresses(const audio::endpoint& remote, const audio::endpoint& control) {
  if (!media_rules_)
    return {};
  for (const auto& address : {remote, control})
    if (auto allowed = check_media_address(address, trunk_, *media_rules_); !allowed) {
      edges_->meters->count(counter::media_addresses_refused);
      return allowed;
    }
  return {};
}

receive_settings leg_state::settings_for(const sdp::negotiated& agreed) const {
  auto settings = receive_settings_of(agreed);
  settings.signalling = signalling_;
  settings.our_ssrc = ssrc_;
  settings.offer = target_.offer();
  if (!settings_.clamp_dtmf)
    settings.tone_payloads.clear();
  if (media_rules_ && media_rules_->trunks.contains(trunk_))
    settings.media_ips = {media_rules_, &media_rules_->trunks.at(trunk_).media_ips};
  return settings;
}

/// Hears the machine that our media goes to, by any packet of it since we send there.
void leg_state::look_for_answer() {
  if (target_.offer() != 0 && media_->statistics().answered_offer == target_.offer())
    pace_.hear();
}

/// Tells the stream whether it may send at full rate, when that has changed.
void leg_state::set_pace() {
  if (!lender_.has_stream())
    return;
  const bool only_listens = agreed_ && (!sdp::receives(agreed_->way) || agreed_->held);
  const bool trickles = pace_.trickles(std::chrono::steady_clock::now(), only_listens);
  if (std::exchange(trickles_, trickles) == trickles)
    return;
  if (trickles && pace_.is_proven()) {
    edges_->meters->count(counter::media_held_back);
    edges_->log->warning("media_unheard", {{"call", name_.call.value}});
  }
  audio::stream_change what;
  what.trickle = trickles;
  lender_.change(std::move(what));
}

// -- rooms --------------------------------------------------------------------------------------------------

caf::result<result<leg_reply>> leg_state::perform(const order::enter& what) {
  auto promise = self_->make_response_promise<result<leg_reply>>();
  lender_.enter({what.room, what.how, what.epoch}, [promise](const result<room_joined>& answer) mutable {
    promise.deliver(answer.map([](const room_joined& in) {
      return leg_reply{room_place{in.node, in.epoch}};
    }));
  });
  return promise;
}

caf::result<result<leg_reply>> leg_state::perform(const order::exit&) {
  lender_.leave();
  return result<leg_reply>{order::done{}};
}

void leg_state::on_removed(const removed_from_room& message) {
  lender_.on_removed(message);
}

void leg_state::on_relocate(const relocate& message) {
  tell(report::room_moves{message.to});
}

void leg_state::on_participation_changed(const participation_changed& message) {
  tell(report::participant_changed{message.change});
}

void leg_state::on_down(const caf::down_msg& down) {
  if (down.source == owner_->address())
    return static_cast<void>(perform(order::close{}));
  lender_.on_down(down.source);
}

caf::result<result<leg_reply>> leg_state::perform(const order::close&) {
  lender_.close();
  answer_reading(fail(errc::unavailable, "the leg was closed"));
  media_.reset();
  self_->quit();
  return result<leg_reply>{order::done{}};
}

// -- media --------------------------------------------------------------------------------------------------

void leg_state::on_media(const media_noticed& message) {
  if (const auto* digit = std::get_if<digit_pressed>(&message.event)) {
    edges_->meters->count(counter::dtmf_digits);
    tell(report::digit_pressed{digit->digit});
    return;
  }
  const auto& latched = std::get<source_latched>(message.event);
  if (!agreed_ || !lender_.has_stream() || !target_.hear(latched.remote, latched.offer))
    return;
  if (latched.remote != agreed_->remote)
    edges_->log->info("media_source_latched",
                      {{"call", name_.call.value}, {"source", audio::to_string(latched.remote)}});
  lender_.change(redirect_to(latched.remote, *agreed_, media_->port()));
  pace_.hear();
  set_pace();
}

void leg_state::on_report(const stream_report& message) {
  const auto& now = message.received;
  edges_->meters->count(counter::packets_dropped_late, now.late - reported_.late);
  edges_->meters->count(counter::frames_recovered_by_fec, now.recovered - reported_.recovered);
  edges_->meters->observe(histogram::playout_delay, std::chrono::duration<double>(now.playout_delay).count());
  reported_ = now;
  if (!media_)
    return;
  send_rtcp(message.sent);
  adapt_to_loss();
}

void leg_state::send_rtcp(const audio::send_statistics& sent) {
  constexpr std::size_t srtcp_overhead =
      audio::max_srtp_overhead + 4; // index and E bit (RFC 3711 section 3.4)
  if (!pace_.is_proven() || !media_)
    return;
  auto now = edges_->wall_clock();
  rtcp::report ours{.ssrc = sent.ssrc, .sender = std::nullopt, .receptions = {}};
  if (sent.packets > 0)
    ours.sender = rtcp::sender_info{rtcp::to_ntp(now), sent.latest_timestamp, sent.packets, sent.octets};
  if (auto reception = media_->take_reception_report(now))
    ours.receptions.push_back(*reception);
  auto packet = rtcp::build(ours, edges_->node.value);
  if (agreed_ && agreed_->outbound) {
    auto size = packet.size();
    packet.resize(size + srtcp_overhead);
    packet.resize(rtcp_protection_->protect_rtcp(packet, size));
  }
  if (!packet.empty())
    media_->send_rtcp(packet);
}

void leg_state::adapt_to_loss() {
  auto lost = media_->statistics().loss_of_ours;
  bool has_fec = agreed_ && agreed_->send_as.codec == audio::codec_kind::opus && agreed_->send_as.fec;
  if (!lost || !has_fec || expected_loss_for(*lost) == expected_loss_)
    return;
  expected_loss_ = expected_loss_for(*lost);
  agreed_->send_as.expected_loss = expected_loss_;
  audio::stream_change what;
  what.format = agreed_->send_as;
  lender_.change(std::move(what));
}

/// Looks after the media from now on.
void leg_state::supervise() {
  const auto now = std::chrono::steady_clock::now();
  const bool begins = supervised_at_ == mono_time{};
  supervised_since_ = supervised_at_ = now;
  if (begins)
    self_->delayed_send(self_, time_to_supervision(now, std::nullopt), supervise_tick{});
}

/// While no room reports on the stream, the leg does so itself; gives the time of the next report.
std::optional<mono_time> leg_state::send_own_rtcp(mono_time now) {
  const auto* stream = lender_.at_home();
  if (stream == nullptr || !own_reports_)
    return std::nullopt;
  if (own_reports_->take(now))
    send_rtcp(stream->send->statistics());
  return own_reports_->next();
}

void leg_state::on_supervise() {
  const auto now = std::chrono::steady_clock::now();
  self_->delayed_send(self_, time_to_supervision(now, send_own_rtcp(now)), supervise_tick{});
  if (!media_)
    return;
  // A process that stood still has what came meanwhile still to read.
  const bool stood_still = now - std::exchange(supervised_at_, now) > 2 * supervision_period;
  look_for_answer();
  set_pace();
  const auto overflows = ring_->overflows();
  edges_->meters->count(counter::packets_dropped_overflow,
                        overflows - std::exchange(overflows_told_, overflows));
  bool expects_media = agreed_ && can_speak(*agreed_);
  if (!expects_media)
    supervised_since_ = now;
  auto heard = std::max(media_->statistics().last_packet.value_or(supervised_since_), supervised_since_);
  if (settings_.media_timeout.count() == 0 || now - heard < settings_.media_timeout || stood_still)
    return;
  edges_->meters->count(counter::media_timeouts);
  edges_->log->warning("media_timeout", {{"call", name_.call.value}});
  supervised_since_ = now;
  tell(report::media_timed_out{});
}

leg_interface::behavior_type leg(leg_state::self_pointer self, leg_of_call made, leg_settings settings,
                                 directory_actor directory, const node_edges* edges) {
  auto& state = self->state;
  state.start(self, std::move(made), settings, std::move(directory), *edges);
  return {
      [&state](const leg_order& what) { return state.on_order(what); },
      [&state](const media_noticed& message) { state.on_media(message); },
      [&state](const relocate& message) { state.on_relocate(message); },
      [&state](const participation_changed& message) { state.on_participation_changed(message); },
      [&state](const removed_from_room& message) { state.on_removed(message); },
      [&state](const join_overdue& message) { state.on_join_overdue(message); },
      [&state](const stream_report& message) { state.on_report(message); },
      [&state](const supervise_tick&) { state.on_supervise(); },
      [&state](const negotiation_ended& message) { state.on_negotiation_ended(message); },
      [&state](const negotiation_overdue& message) { state.on_negotiation_overdue(message); },
  };
}

} // namespace plenary
