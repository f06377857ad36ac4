#include "bench/load/session.hpp"

#include "bench/load/server_process.hpp"
#include "bench/load/udp_socket.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>

namespace plenary::load {

namespace {

using clock = std::chrono::steady_clock;
constexpr std::size_t listeners_to_check = 8;
constexpr std::size_t talkers_to_check = 40;
constexpr std::size_t noise_variants = 4;
constexpr std::size_t callers_per_address = 1000; // ephemeral ports of one address are few
constexpr std::chrono::seconds settling{3};
constexpr std::chrono::seconds answer_deadline{34};
constexpr std::chrono::milliseconds hang_up_pause{3};

} // namespace

result<std::unique_ptr<session>> session::start(const crowd& plan, const sockaddr_in& server) {
  std::unique_ptr<session> made(new session(plan));
  if (auto loops = made->make_loops(); !loops)
    return tl::unexpected(loops.error());
  auto sip = sip_caller::make(server);
  if (!sip)
    return tl::unexpected(sip.error());
  made->sip_ = std::move(*sip);
  auto media = media_engine::make();
  if (!media)
    return tl::unexpected(media.error());
  made->media_ = std::move(*media);
  return made;
}

result<void> session::make_loops() {
  for (std::size_t number = 0; number < plan_.rooms * plan_.talkers; ++number) {
    const auto place = number % plan_.talkers;
    auto loop = make_talker_loop({number, place < 2 ? static_cast<int>(place) : -1});
    if (!loop)
      return tl::unexpected(loop.error());
    talker_loops_.push_back(std::move(*loop));
  }
  const auto variants = plan_.silent == silence::noise ? noise_variants : 1;
  for (std::uint32_t seed = 0; seed < variants; ++seed) {
    auto loop = plan_.silent == silence::noise ? make_noise_loop(seed + 1) : make_dtx_loop();
    if (!loop)
      return tl::unexpected(loop.error());
    silent_loops_.push_back(std::move(*loop));
  }
  return {};
}

participant session::cast(std::size_t index) const {
  const auto member = index / plan_.rooms;
  participant cast{.room = index % plan_.rooms};
  cast.talks = member < plan_.talkers;
  if (cast.talks) {
    cast.number = cast.room * plan_.talkers + member;
    cast.lane = member < 2 ? static_cast<int>(member) : -1;
    cast.kept = cast.number < talkers_to_check;
  } else {
    // Listeners of the first placing are checked, spread over the whole crowd.
    const auto listeners = plan_.rooms * (plan_.callers_per_room - plan_.talkers);
    const auto stride = std::max<std::size_t>(1, listeners / listeners_to_check);
    const auto listener = index - plan_.rooms * plan_.talkers;
    cast.kept = listener % stride == 0 && kept_listeners_ < listeners_to_check;
  }
  return cast;
}

const payload_loop& session::loop_of(std::size_t index) const {
  const auto& who = participants_[index];
  return who.talks ? talker_loops_[who.number] : silent_loops_[index % silent_loops_.size()];
}

result<void> session::call(std::size_t index) {
  const auto host = INADDR_LOOPBACK + 0x100U + static_cast<std::uint32_t>(index / callers_per_address);
  const auto opened = open_udp(make_address(host, 0), udp_buffers::small);
  if (!opened)
    return tl::unexpected(opened.error());
  sockets_.push_back(opened->descriptor);
  participants_.push_back(cast(index));
  if (!participants_.back().talks && participants_.back().kept)
    ++kept_listeners_;
  sip_->place({fmt::format("+1666{:07}", index), room_number(participants_.back().room), opened->local,
               plan_.srtp ? make_inline_key() : std::string()});
  return {};
}

result<void> session::place(std::size_t count) {
  const auto first = participants_.size();
  const auto start = clock::now();
  for (std::size_t placed = 0; placed < count; ++placed) {
    const auto due = start + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(
                                 static_cast<double>(placed) / plan_.calls_per_second));
    while (clock::now() < due) {
      if (auto served = serve(std::chrono::milliseconds(1)); !served)
        return served;
    }
    if (auto called = call(first + placed); !called)
      return called;
  }
  const auto is_up = [](const participant& who) { return who.up; };
  for (const auto deadline = clock::now() + answer_deadline; clock::now() < deadline;) {
    if (std::all_of(participants_.begin(), participants_.end(), is_up)) {
      idle(settling);
      return {};
    }
    if (auto served = serve(std::chrono::milliseconds(10)); !served)
      return served;
  }
  return fail(errc::unavailable, "calls were neither answered nor refused");
}

result<void> session::serve(std::chrono::milliseconds wait) {
  for (const auto index : sip_->poll(wait)) {
    const auto& call = sip_->calls()[index];
    if (call.phase == call_phase::up) {
      if (auto joined = answered(index); !joined)
        return joined;
    } else if (call.phase == call_phase::refused || call.phase == call_phase::lost) {
      return fail(errc::unavailable,
                  fmt::format("call {} was {} (status {})", index,
                              call.phase == call_phase::refused ? "refused" : "lost", call.status));
    }
  }
  return {};
}

result<void> session::answered(std::size_t index) {
  const auto& call = sip_->calls()[index];
  const auto& to = call.answer.address;
  if (connect(sockets_[index], reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    return fail(errc::network, fmt::format("cannot reach media address {}", host_port(to)));
  auto& who = participants_[index];
  caller_media media;
  media.socket = sockets_[index];
  media.loop = &loop_of(index);
  media.lane = who.lane;
  media.keep = who.kept;
  media.payload_type = static_cast<std::uint8_t>(call.answer.payload_type);
  if (plan_.srtp) {
    auto leg = srtp_leg::make(call.request.inline_key, call.answer.inline_key);
    if (!leg)
      return tl::unexpected(leg.error());
    media.srtp = std::move(*leg);
  }
  who.media = media_->add(std::move(media));
  who.up = true;
  return {};
}

void session::idle(std::chrono::milliseconds duration) {
  for (const auto end = clock::now() + duration; clock::now() < end;)
    sip_->poll(std::chrono::milliseconds(10));
}

std::size_t session::hang_up() {
  for (std::size_t call = 0; call < sip_->calls().size(); ++call) {
    sip_->hang_up(call);
    idle(hang_up_pause);
  }
  const auto is_open = [](const placed_call& call) { return call.phase == call_phase::ending; };
  for (const auto deadline = clock::now() + answer_deadline; clock::now() < deadline;) {
    if (std::none_of(sip_->calls().begin(), sip_->calls().end(), is_open))
      break;
    idle(std::chrono::milliseconds(10));
  }
  media_->stop_sending();
  return static_cast<std::size_t>(
      std::count_if(sip_->calls().begin(), sip_->calls().end(),
                    [](const auto& call) { return call.phase == call_phase::ended; }));
}

} // namespace plenary::load
