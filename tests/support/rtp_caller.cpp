#include "tests/support/rtp_caller.hpp"

#include "schema/result.hpp"
#include "tests/support/stamped_datagrams.hpp"
#include "tests/support/tone.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

namespace plenary::test {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick{20};

/// What is louder counts as heard; the callers' tones have -20 dBFS.
constexpr double audible_dbfs = -45;

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> number{0};
  return ++number;
}

void send_datagram(int socket, const std::string& bytes, const ip_endpoint& to) {
  const auto address = to_socket_address(to);
  ::sendto(socket, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&address),
           sizeof address);
}

} // namespace

rtp_caller::rtp_caller(rtp_caller_options options)
    : options_(std::move(options))
    , sip_socket_(open_udp(options_.local_address))
    , wake_up_(::eventfd(0, EFD_CLOEXEC))
    , call_id_(fmt::format("test-{}-{}", ::getpid(), next_number()))
    , sends_(options_.sends_media)
    , source_(next_number())
    , network_(options_.network) {
  source_.set_tone(options_.tone_hertz, options_.level_dbfs);
  source_.set_payload_type(options_.payload_type);
  if (options_.ssrc != 0)
    source_.set_ssrc(options_.ssrc);
  media_local_ = options_.media_address.empty() ? options_.local_address : options_.media_address;
  open_media();
  thread_ = std::thread([this] { run(); });
}

void rtp_caller::open_media() {
  rtp_socket_ = open_udp(media_local_);
  const int on = 1;
  ::setsockopt(rtp_socket_.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

rtp_caller::~rtp_caller() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (remote_ && !bye_ && sends_bye_at_end_)
      send_request("BYE", ++sequence_, new_branch(), {});
  }
  const std::uint64_t one = 1;
  PLENARY_ASSERT(::write(wake_up_.get(), &one, sizeof one) == sizeof one);
  thread_.join();
}

void rtp_caller::run() {
  auto next_tick = steady_clock::now() + tick;
  for (;;) {
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next_tick - steady_clock::now());
    std::array<pollfd, 3> wanted{};
    {
      const std::lock_guard lock(mutex_); // the media may move
      wanted = {pollfd{sip_socket_.get(), POLLIN, 0}, pollfd{rtp_socket_.get(), POLLIN, 0},
                pollfd{wake_up_.get(), POLLIN, 0}};
    }
    ::poll(wanted.data(), wanted.size(), std::max(0, static_cast<int>(wait.count())));
    const std::lock_guard lock(mutex_);
    if (stopping_)
      return;
    for (const auto& datagram : receive_waiting(sip_socket_.get()))
      take_sip(datagram.bytes);
    for (const auto& datagram : receive_waiting(rtp_socket_.get()))
      take_media(datagram.bytes, datagram.arrival);
    if (const auto now = steady_clock::now(); now > next_tick + tick)
      late_.push_back({next_tick, now});
    for (const auto now = steady_clock::now(); next_tick <= now; next_tick += tick)
      on_tick(now);
    changed_.notify_all();
  }
}

void rtp_caller::on_tick(steady_clock::time_point now) {
  ++ticks_;
  if (!remote_ || bye_)
    return;
  if (sends_)
    for (auto& packet : source_.next())
      network_.put(std::move(packet), now);
  for (const auto& packet : network_.take(now))
    send_datagram(rtp_socket_.get(), packet, remote_->media);
}

void rtp_caller::take_media(const std::string& datagram, steady_clock::time_point arrival) {
  const auto type = datagram.size() < 2 ? 0 : static_cast<unsigned char>(datagram[1]);
  if (type >= 200 && type <= 204) { // RFC 5761 section 4
    ++reports_;
    return;
  }
  recorder_.receive(datagram);
  if (packet_level_dbfs(datagram) > audible_dbfs)
    silence_.heard(arrival);
}

void rtp_caller::take_sip(const std::string& datagram) {
  const auto message = parse_sip(datagram);
  if (!message || message->header("call-id") != call_id_)
    return;
  if (message->is_response())
    take_response(*message);
  else
    take_request(*message);
}

void rtp_caller::take_response(const sip_message& response) {
  responses_.push_back(response);
  if (response.method() != "INVITE" || response.status() < 200)
    return;
  if (response.status() < 300) {
    to_tag_ = tag_of(response.header("to"));
    remote_target_ = uri_of(response.header("contact"));
    if (const auto audio = parse_audio(response.body))
      remote_ = audio;
    if (!options_.acknowledges)
      return;
  }
  send_ack(response);
}

void rtp_caller::take_request(const sip_message& request) {
  const auto method = request.method();
  if (method == "ACK")
    return;
  if (const auto audio = parse_audio(request.body)) {
    remote_ = audio;
    ++offers_taken_;
  }
  if (method == "BYE") {
    bye_ = request;
    if (options_.ignores_bye)
      return;
  }
  const bool wants_sdp = method == "INVITE" || (method == "UPDATE" && !request.body.empty());
  send(make_response(request, 200, contact(), wants_sdp ? sdp() : std::string{}));
}

void rtp_caller::send(const std::string& text) {
  send_datagram(sip_socket_.get(), text, options_.server);
}

std::string rtp_caller::contact() const {
  return fmt::format("sip:test@{}:{}", uri_host(options_.local_address), local_port(sip_socket_.get()));
}

std::string rtp_caller::new_branch() {
  return fmt::format("z9hG4bK{}", next_number());
}

std::string rtp_caller::sdp() {
  const auto& address = options_.sdp_address.empty() ? media_local_ : options_.sdp_address;
  auto text = make_pcmu_sdp({address, local_port(rtp_socket_.get())}, sequence_, direction_);
  if (options_.payload_type == 9) {
    text.replace(text.find("RTP/AVP 0"), 9, "RTP/AVP 9");
    text.replace(text.find("rtpmap:0 PCMU"), 13, "rtpmap:9 G722");
  }
  return text + options_.sdp_lines;
}

void rtp_caller::send_request(const std::string& method, int sequence, const std::string& branch,
                              const std::string& body) {
  const auto target = remote_target_.empty() || method == "CANCEL"
                          ? fmt::format("sip:{}@{}", options_.to, to_string(options_.server))
                          : remote_target_;
  const auto port = local_port(sip_socket_.get());
  auto text = fmt::format("{} {} SIP/2.0\r\nVia: SIP/2.0/UDP {}:{};branch={};rport\r\nMax-Forwards: 70\r\n",
                          method, target, uri_host(options_.local_address), port, branch);
  text += fmt::format("From: <sip:{}@{}>;tag=test\r\n", options_.from, uri_host(options_.local_address));
  text += fmt::format("To: <sip:{}@{}>{}\r\n", options_.to, uri_host(options_.server.address),
                      to_tag_.empty() ? "" : ";tag=" + to_tag_);
  text +=
      fmt::format("Call-ID: {}\r\nCSeq: {} {}\r\nContact: <{}>\r\n", call_id_, sequence, method, contact());
  if (!body.empty())
    text += "Content-Type: application/sdp\r\n";
  send(text + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body));
}

void rtp_caller::send_ack(const sip_message& response) {
  if (response.status() >= 300) { // within the transaction, with the response's To (RFC 3261 17.1.1.3)
    const auto tag = std::exchange(to_tag_, tag_of(response.header("to")));
    send_request("ACK", response.sequence(), invite_branch_, {});
    to_tag_ = tag;
    return;
  }
  const bool answers = !options_.offer_in_invite && response.sequence() == 1;
  send_request("ACK", response.sequence(), new_branch(), answers ? sdp() : std::string{});
}

void rtp_caller::invite() {
  const std::lock_guard lock(mutex_);
  invite_sequence_ = ++sequence_;
  invite_branch_ = new_branch();
  send_request("INVITE", invite_sequence_, invite_branch_, options_.offer_in_invite ? sdp() : std::string{});
}

std::optional<sip_message> rtp_caller::wait_for_final(int sequence, const std::string& method,
                                                      std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const auto is_final = [&](const sip_message& response) {
    return response.sequence() == sequence && response.method() == method && response.status() >= 200;
  };
  changed_.wait_for(lock, timeout, [&] { return std::ranges::any_of(responses_, is_final); });
  const auto found = std::ranges::find_if(responses_, is_final);
  return found == responses_.end() ? std::nullopt : std::optional(*found);
}

std::optional<sip_message> rtp_caller::wait_for_answer(std::chrono::milliseconds timeout) {
  return wait_for_final(invite_sequence_, "INVITE", timeout);
}

bool rtp_caller::call(std::chrono::milliseconds timeout) {
  invite();
  const auto answer = wait_for_answer(timeout);
  return answer && answer->status() == 200;
}

bool rtp_caller::wait_for_provisional(int status, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] {
    return std::ranges::any_of(responses_, [&](const sip_message& response) {
      return response.sequence() == invite_sequence_ && response.status() == status;
    });
  });
}

void rtp_caller::cancel() {
  const std::lock_guard lock(mutex_);
  send_request("CANCEL", invite_sequence_, invite_branch_, {});
}

int rtp_caller::hang_up() {
  int sequence = 0;
  {
    const std::lock_guard lock(mutex_);
    sequence = ++sequence_;
    send_request("BYE", sequence, new_branch(), {});
    sends_ = options_.talks_on;
    sends_bye_at_end_ = false;
  }
  const auto answer = wait_for_final(sequence, "BYE", std::chrono::seconds(15));
  return answer ? answer->status() : 0;
}

std::optional<sip_message> rtp_caller::reinvite(const std::string& direction) {
  {
    const std::lock_guard lock(mutex_);
    direction_ = direction;
    invite_sequence_ = ++sequence_;
    invite_branch_ = new_branch();
    send_request("INVITE", invite_sequence_, invite_branch_, sdp());
  }
  return wait_for_answer();
}

std::optional<sip_message> rtp_caller::wait_for_bye(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return bye_.has_value(); });
  return bye_;
}

void rtp_caller::set_tone(double hertz, double level) {
  const std::lock_guard lock(mutex_);
  source_.set_tone(hertz, level);
}

void rtp_caller::say(const std::vector<std::int16_t>& sound) {
  std::unique_lock lock(mutex_);
  source_.play(sound);
  changed_.wait(lock, [&] { return source_.has_played() || bye_; });
}

int rtp_caller::sound_rate() const {
  return source_.sample_rate();
}

void rtp_caller::press(char digit, bool beside) {
  const std::lock_guard lock(mutex_);
  source_.press(digit, static_cast<std::uint8_t>(remote_ ? remote_->telephone_event : 101), beside);
}

void rtp_caller::set_sending(bool sends) {
  const std::lock_guard lock(mutex_);
  sends_ = sends;
}

std::vector<std::int16_t> rtp_caller::listen(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  const auto last_tick = ticks_ + static_cast<std::uint64_t>(duration / tick);
  const auto first = static_cast<std::ptrdiff_t>(recorder_.samples().size());
  changed_.wait(lock, [&] { return ticks_ >= last_tick; });
  return {recorder_.samples().begin() + first, recorder_.samples().end()};
}

bool rtp_caller::wait_for_tone(double hertz, double level, std::chrono::milliseconds timeout) {
  constexpr std::ptrdiff_t window = 1600;
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] {
    const auto& samples = recorder_.samples();
    return std::ssize(samples) >= window &&
           tone_level_dbfs({samples.end() - window, samples.end()}, 8000, hertz) > level;
  });
}

rtp_recorder::statistics rtp_caller::received() const {
  const std::lock_guard lock(mutex_);
  return recorder_.counts();
}

void rtp_caller::watch_silence() {
  const std::lock_guard lock(mutex_);
  silence_.restart(steady_clock::now());
  late_.clear();
}

std::chrono::milliseconds rtp_caller::longest_silence() const {
  const std::lock_guard lock(mutex_);
  return silence_.longest(steady_clock::now());
}

std::vector<time_span> rtp_caller::pauses() const {
  const std::lock_guard lock(mutex_);
  return silence_.pauses(steady_clock::now());
}

std::vector<time_span> rtp_caller::late() const {
  const std::lock_guard lock(mutex_);
  return late_;
}

std::optional<sip_message> rtp_caller::move_media(const std::string& address) {
  {
    const std::lock_guard lock(mutex_);
    media_local_ = address;
    open_media();
  }
  return reinvite("sendrecv");
}

ip_endpoint rtp_caller::media_address() const {
  const std::lock_guard lock(mutex_);
  return remote_ ? remote_->media : ip_endpoint{};
}

} // namespace plenary::test
