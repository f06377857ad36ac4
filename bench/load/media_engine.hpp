#pragma once

#include "bench/load/cadence.hpp"
#include "bench/load/listening.hpp"
#include "bench/load/srtp_leg.hpp"
#include "bench/load/voices.hpp"
#include "schema/result.hpp"

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace plenary::load {

/// One caller's media as the engine needs it. The loop is the owner's and outlives the engine.
struct caller_media {
  int socket = -1; ///< connected to the server's media address; the engine closes it
  const payload_loop* loop = nullptr;
  int lane = -1;     ///< of the marks in the loop
  bool keep = false; ///< keep what is received for listening
  std::uint8_t payload_type = 111;
  std::unique_ptr<srtp_leg> srtp; ///< null: plain RTP
};

/// What one caller sent and received in a window.
struct caller_record {
  cadence_report cadence;
  std::vector<kept_packet> kept;
  std::vector<sent_mark> marks;
};

/// What the engine saw of all callers in a window.
struct window_record {
  mono_time start;
  mono_time end;
  std::vector<caller_record> callers;            ///< in order of add()
  std::chrono::nanoseconds send_lateness_p99{0}; ///< of the engine itself, against its 20 ms schedule
  std::chrono::nanoseconds send_lateness_max{0};
};

/// All callers' RTP on one thread: sends by an absolute 20 ms schedule in 40 phases, receives with the
/// kernel's time stamps, so that the engine's own wake-up time is not measured.
class media_engine {
public:
  /// Fails with `internal` when epoll is not to be had.
  static result<std::unique_ptr<media_engine>> make();
  ~media_engine();
  media_engine(const media_engine&) = delete;
  media_engine& operator=(const media_engine&) = delete;

  /// A caller starts to send and to receive, within 10 ms. Its place in the window's records. One thread
  /// adds.
  std::size_t add(caller_media caller);

  /// Callers stop to send; what arrives is still read.
  void stop_sending();

  void begin_window();
  window_record end_window();

private:
  struct caller;
  static constexpr std::size_t phases = 40;

  explicit media_engine(int epoll);
  void run(std::stop_token stop);
  void post(std::function<void()> task);
  void perform(const std::function<void()>& task);
  void perform_tasks();
  void send_phase(std::size_t phase, mono_time due);
  void send_packet(caller& from);
  void receive(mono_time until);
  void receive_from(caller& to);
  void note_received(caller& to, mono_time arrival, std::size_t size);

  int epoll_;
  std::size_t added_ = 0; // the adding thread's count
  std::vector<std::unique_ptr<caller>> callers_;
  std::array<std::vector<caller*>, phases> by_phase_;
  std::uint64_t frame_ = 0; // of the schedule
  bool sending_ = true;
  bool recording_ = false;
  mono_time window_start_{};
  std::vector<std::chrono::nanoseconds> lateness_;
  std::array<std::uint8_t, 2048> buffer_{};
  std::mutex tasks_mutex_;
  std::vector<std::function<void()>> tasks_;
  std::jthread thread_; // last: it uses the others
};

} // namespace plenary::load
