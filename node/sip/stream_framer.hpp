#pragma once

#include "node/sip/message_checks.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace plenary::sip_layer {

/// How long a connection may take and rest.
struct stream_patience {
  std::chrono::seconds message{10}; ///< for the first message since its start, for each since its first byte
  std::chrono::seconds idle{900};   ///< since the last message or ping
};

/// Cuts the bytes of a connection into messages (RFC 3261 18.3) and pings (RFC 5626 3.5.1); keeps no more
/// than one message of the greatest size.
class stream_framer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class kind {
    message,
    ping,  ///< CRLF CRLF: wants CRLF back
    broken ///< nothing can be cut any more; `bytes` is the head, to be answered with `answer`
  };
  struct unit {
    kind what = kind::message;
    std::string bytes;
    message_refusal answer;
  };
  enum class lateness { none, slow, idle };

  /// `proven`: no first message is waited for, as on a connection that we made.
  explicit stream_framer(time_point now, bool proven = false)
      : proven_(proven)
      , rested_since_(now) {}

  /// Takes what came in; nothing after a broken unit.
  void take(std::string_view bytes, time_point now);
  /// The next unit that is complete.
  std::optional<unit> next(time_point now);
  /// Whether the connection's time is up.
  lateness overdue(time_point now, const stream_patience& patience) const;

private:
  bool skip_line_ends(time_point now);
  std::optional<unit> measure();
  unit cut(std::size_t size, time_point now);
  void rest(time_point now);

  std::string buffer_;
  std::size_t searched_ = 0; ///< bytes that hold no end of a head
  std::size_t wanted_ = 0;   ///< size of the message at the front; 0: not known
  bool begun_ = false;
  bool proven_ = false; ///< a message or ping came
  bool broken_ = false;
  time_point begun_at_{};
  time_point rested_since_;
};

} // namespace plenary::sip_layer
