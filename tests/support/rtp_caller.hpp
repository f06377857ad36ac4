#pragma once

#include "tests/support/rtp_stream.hpp"
#include "tests/support/sip_message.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace plenary::test {

/// How one test caller calls.
struct rtp_caller_options {
  ip_endpoint server;
  std::string to = "+15551230002";
  std::string from = "+15550000001";
  std::string local_address = "127.0.0.1"; ///< 127.0.0.2 is a foreign source for a trunk of 127.0.0.1
  double tone_hertz = 0;                   ///< 0: sends silence
  double level_dbfs = -20;
  bool offer_in_invite = true; ///< false: the offer comes with the 200, the answer with the ACK
  bool sends_media = true;
  bool ignores_bye = false;      ///< never answers the server's BYE
  network_conditions network;    ///< of what this caller sends
  std::string media_address;     ///< that its media is at; empty: `local_address`
  std::string sdp_address;       ///< that the SDP names instead of the local one, as from behind a NAT
  std::string sdp_lines;         ///< further lines of the SDP's audio
  std::uint32_t ssrc = 0;        ///< 0: any
  std::uint8_t payload_type = 0; ///< of the audio: 0 is PCMU, 9 is G.722 (only that is offered then)
  bool acknowledges = true;      ///< false: no ACK of a 200
  bool talks_on = false;         ///< goes on sending after it has hung up
};

/// A phone made of one thread, one SIP/UDP socket and one RTP socket: PCMU (or G.722, without ears), exact
/// tones, no retransmissions.
/// A re-INVITE of the server moves where it sends to; what it hears may come from the old and the new
/// address.
class rtp_caller {
public:
  explicit rtp_caller(rtp_caller_options options);
  /// Hangs up, without waiting, when the call still stands.
  ~rtp_caller();
  rtp_caller(const rtp_caller&) = delete;
  rtp_caller& operator=(const rtp_caller&) = delete;

  /// Sends the INVITE.
  void invite();
  /// The final response to the latest INVITE; nothing after `timeout`.
  std::optional<sip_message> wait_for_answer(std::chrono::milliseconds timeout = std::chrono::seconds(20));
  /// Sends the INVITE and waits; true when it was answered with 200.
  bool call(std::chrono::milliseconds timeout = std::chrono::seconds(20));
  /// Waits for a provisional response to the INVITE.
  bool wait_for_provisional(int status, std::chrono::milliseconds timeout = std::chrono::seconds(20));
  /// Sends CANCEL.
  void cancel();
  /// Sends BYE and waits for its answer; its status, or 0.
  int hang_up();
  /// Sends a re-INVITE with this media direction and waits for its answer.
  std::optional<sip_message> reinvite(const std::string& direction);
  /// Waits until the server ended the call; its BYE request.
  std::optional<sip_message> wait_for_bye(std::chrono::milliseconds timeout = std::chrono::seconds(20));

  void set_tone(double hertz, double level_dbfs = -20);
  /// Says this sound, of `sound_rate()` samples a second, instead of the tone, and waits until it has been
  /// sent.
  void say(const std::vector<std::int16_t>& sound);
  int sound_rate() const;
  /// A digit as telephone events: instead of the sound, or beside it.
  void press(char digit, bool beside = false);
  /// Stops or goes on sending RTP.
  void set_sending(bool sends);

  /// Waits until this much time has passed on the caller's own media clock and returns what came in
  /// meanwhile; shorter where the server sent nothing.
  std::vector<std::int16_t> listen(std::chrono::milliseconds duration);
  /// Waits until the latest 200 ms hold this tone above `level_dbfs`.
  bool wait_for_tone(double hertz, double level_dbfs = -35,
                     std::chrono::milliseconds timeout = std::chrono::seconds(15));
  rtp_recorder::statistics received() const;
  /// Measures silence from now on, for `longest_silence`.
  void watch_silence();
  /// The longest time without an audible packet since `watch_silence`.
  std::chrono::milliseconds longest_silence() const;
  /// Every time of more than 40 ms without an audible packet since `watch_silence`, by the kernel's clock of
  /// arrivals: it does not matter when this process got to read them.
  std::vector<time_span> pauses() const;
  /// When this caller's own thread was late with what it sends, since `watch_silence`.
  std::vector<time_span> late() const;
  /// Offers of the server that were answered: each moved the media or refreshed the session.
  int offers_taken() const {
    const std::lock_guard lock(mutex_);
    return offers_taken_;
  }
  /// Sends and receives at a new port of this address from now on, and says so by a re-INVITE; the old stream
  /// just ends.
  std::optional<sip_message> move_media(const std::string& address);
  /// RTCP packets that came to the audio's port, so far.
  std::uint64_t reports_received() const {
    const std::lock_guard lock(mutex_);
    return reports_;
  }
  /// Where the caller sends its audio now; empty before the answer.
  ip_endpoint media_address() const;

private:
  void open_media();
  void run();
  void take_media(const std::string& datagram, std::chrono::steady_clock::time_point arrival);
  void take_sip(const std::string& datagram);
  void take_response(const sip_message& response);
  void take_request(const sip_message& request);
  void on_tick(std::chrono::steady_clock::time_point now);
  void send(const std::string& text);
  void send_request(const std::string& method, int sequence, const std::string& branch,
                    const std::string& sdp);
  void send_ack(const sip_message& response);
  std::string new_branch();
  std::string sdp();
  std::string contact() const;
  std::optional<sip_message> wait_for_final(int sequence, const std::string& method,
                                            std::chrono::milliseconds timeout);

  const rtp_caller_options options_;
  file_descriptor sip_socket_;
  file_descriptor rtp_socket_;
  file_descriptor wake_up_;
  const std::string call_id_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool sends_;
  bool sends_bye_at_end_ = true;
  int sequence_ = 0;
  int invite_sequence_ = 0;
  std::string invite_branch_;
  std::string to_tag_;
  std::string remote_target_;
  std::string direction_ = "sendrecv";
  std::vector<sip_message> responses_;
  std::optional<sip_message> bye_;
  std::optional<audio_description> remote_;
  rtp_tone_source source_;
  impaired_network network_;
  rtp_recorder recorder_;
  silence_meter silence_;
  std::vector<time_span> late_;
  int offers_taken_ = 0;
  std::uint64_t reports_ = 0;
  std::string media_local_;
  std::uint64_t ticks_ = 0;
  std::thread thread_;
};

} // namespace plenary::test
