#include "bench/load/media_engine.hpp"

#include "bench/load/udp_socket.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>

namespace plenary::load {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr std::chrono::microseconds phase_time{500};
constexpr std::size_t header_size = 12; // RFC 3550 section 5.1

void put16(std::uint8_t* at, std::uint32_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}

void put32(std::uint8_t* at, std::uint32_t value) {
  put16(at, value >> 16);
  put16(at + 2, value & 0xffff);
}

std::uint32_t get32(const std::uint8_t* at) {
  return (std::uint32_t{at[0]} << 24) | (std::uint32_t{at[1]} << 16) | (std::uint32_t{at[2]} << 8) | at[3];
}

} // namespace

struct media_engine::caller {
  caller_media media;
  std::vector<loop_mark> marks;
  std::uint32_t ssrc = 0;
  std::uint16_t sequence = 0;
  std::uint64_t send_offset = 0; // frames; spreads the packets of loops that send seldom
  cadence_meter meter;
  std::vector<kept_packet> kept;
  std::vector<sent_mark> sent_marks;
};

result<std::unique_ptr<media_engine>> media_engine::make() {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0)
    return fail(errc::internal, fmt::format("epoll: {}", std::strerror(errno)));
  return std::unique_ptr<media_engine>(new media_engine(epoll));
}

media_engine::media_engine(int epoll)
    : epoll_(epoll)
    , thread_([this](std::stop_token stop) { run(std::move(stop)); }) {
  // Where the right is given, the schedule holds on a busy machine too; without it the lateness is reported.
  const sched_param priority{.sched_priority = 20};
  pthread_setschedparam(thread_.native_handle(), SCHED_FIFO, &priority);
}

media_engine::~media_engine() {
  thread_.request_stop();
  thread_.join();
  for (const auto& one : callers_)
    close(one->media.socket);
  close(epoll_);
}

std::size_t media_engine::add(caller_media media) {
  stamp_arrivals(media.socket);
  auto entering = std::make_shared<caller_media>(std::move(media));
  post([this, entering] {
    const auto number = callers_.size();
    auto& made = *callers_.emplace_back(std::make_unique<caller>());
    made.media = std::move(*entering);
    made.marks = marks_of_lane(made.media.lane);
    made.ssrc = 0x10000000U + static_cast<std::uint32_t>(number);
    made.send_offset = number * 7;
    by_phase_[number * 17 % phases].push_back(&made);
    epoll_event interest{EPOLLIN, {.ptr = &made}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, made.media.socket, &interest);
  });
  return added_++;
}

void media_engine::stop_sending() {
  perform([this] { sending_ = false; });
}

void media_engine::begin_window() {
  perform([this] {
    window_start_ = clock::now();
    recording_ = true;
    lateness_.clear();
    for (const auto& one : callers_) {
      one->meter.begin_window(window_start_);
      one->kept.clear();
      one->sent_marks.clear();
    }
  });
}

window_record media_engine::end_window() {
  window_record record;
  perform([this, &record] {
    record.start = window_start_;
    record.end = clock::now();
    recording_ = false;
    for (const auto& one : callers_)
      record.callers.push_back(
          {one->meter.report(record.end), std::move(one->kept), std::move(one->sent_marks)});
    std::sort(lateness_.begin(), lateness_.end());
    if (!lateness_.empty()) {
      record.send_lateness_p99 = lateness_[lateness_.size() * 99 / 100];
      record.send_lateness_max = lateness_.back();
    }
  });
  return record;
}

void media_engine::post(std::function<void()> task) {
  const std::lock_guard lock(tasks_mutex_);
  tasks_.push_back(std::move(task));
}

void media_engine::perform(const std::function<void()>& task) {
  std::promise<void> done;
  post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

void media_engine::perform_tasks() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(tasks_mutex_);
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks)
    task();
}

void media_engine::run(std::stop_token stop) {
  const auto start = clock::now();
  for (std::uint64_t slot = 0; !stop.stop_requested(); ++slot) {
    const auto due = start + slot * phase_time;
    const auto phase = slot % phases;
    frame_ = slot / phases;
    if (phase == 0 || phase == phases / 2)
      perform_tasks();
    if (by_phase_[phase].empty() && phase != 0)
      continue;
    receive(due);
    if (sending_)
      send_phase(phase, due);
  }
}

void media_engine::send_phase(std::size_t phase, mono_time due) {
  if (by_phase_[phase].empty())
    return;
  lateness_.push_back(clock::now() - due);
  for (auto* one : by_phase_[phase])
    send_packet(*one);
}

void media_engine::send_packet(caller& from) {
  const auto& loop = *from.media.loop;
  const auto frame = loop.frames_per_packet == 1 ? frame_ : frame_ + from.send_offset;
  if (frame % loop.frames_per_packet != 0)
    return;
  const auto place = frame / loop.frames_per_packet % loop.packets.size();
  const auto& payload = loop.packets[place];
  buffer_[0] = 0x80; // version 2
  buffer_[1] = from.media.payload_type;
  put16(&buffer_[2], from.sequence++);
  put32(&buffer_[4], static_cast<std::uint32_t>(frame_ * frame_samples));
  put32(&buffer_[8], from.ssrc);
  std::copy(payload.begin(), payload.end(), buffer_.begin() + header_size);
  auto size = header_size + payload.size();
  if (from.media.srtp)
    size = from.media.srtp->protect(buffer_, size);
  for (const auto& mark : from.marks) {
    if (mark.frame == place && recording_)
      from.sent_marks.push_back({mark.shape, clock::now()});
  }
  send(from.media.socket, buffer_.data(), size, 0);
}

void media_engine::receive(mono_time until) {
  std::array<epoll_event, 256> events;
  for (;;) {
    const auto left = std::max(nanoseconds(0), nanoseconds(until - clock::now()));
    const timespec wait{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
    for (int i = 0; i < count; ++i)
      receive_from(*static_cast<caller*>(events[static_cast<std::size_t>(i)].data.ptr));
    if (clock::now() >= until)
      return;
  }
}

void media_engine::receive_from(caller& to) {
  // One packet per event: a caller gets one in 20 ms, and epoll tells again while there are more.
  if (const auto packet =
          receive_stamped(to.media.socket, buffer_)) // a refused port shows as missing packets
    note_received(to, packet->arrival, packet->size);
}

void media_engine::note_received(caller& to, mono_time arrival, std::size_t size) {
  const auto type = buffer_[1] & 0x7fU;
  if (size < header_size || (buffer_[1] >= 192 && buffer_[1] <= 223)) // RTCP: RFC 5761 section 4
    return;
  if (type != to.media.payload_type)
    return;
  const auto timestamp = get32(&buffer_[4]);
  to.meter.on_packet(arrival, get32(&buffer_[8]), static_cast<std::uint16_t>(get32(&buffer_[0])), timestamp);
  if (!to.media.keep || !recording_)
    return;
  if (to.media.srtp)
    size = to.media.srtp->unprotect(std::span(buffer_).first(size));
  const auto from = header_size + 4U * (buffer_[0] & 0x0fU);
  if (size > from)
    to.kept.push_back({arrival,
                       timestamp,
                       {buffer_.begin() + static_cast<std::ptrdiff_t>(from),
                        buffer_.begin() + static_cast<std::ptrdiff_t>(size)}});
}

} // namespace plenary::load
