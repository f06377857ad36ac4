#include "node/sip/stream_framer.hpp"

#include "node/sip/wire_message.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace plenary::sip_layer {

void stream_framer::take(std::string_view bytes, time_point now) {
  if (broken_)
    return;
  if (!begun_ && buffer_.empty())
    begun_at_ = now;
  buffer_ += bytes;
}

void stream_framer::rest(time_point now) {
  begun_ = false;
  proven_ = true;
  begun_at_ = now;
  rested_since_ = now;
}

bool stream_framer::skip_line_ends(time_point now) {
  constexpr std::string_view ping = "\r\n\r\n";
  if (begun_)
    return false;
  std::string_view left = buffer_;
  // One by one: what comes out must not depend on how much has come yet.
  while (!left.starts_with(ping) && !ping.starts_with(left) && (left[0] == '\r' || left[0] == '\n'))
    left.remove_prefix(1);
  const bool pinged = left.starts_with(ping);
  begun_ = !pinged && !ping.starts_with(left); // else perhaps the begin of a ping
  buffer_.erase(0, buffer_.size() - left.size() + (pinged ? ping.size() : 0));
  if (pinged)
    rest(now);
  return pinged;
}

std::optional<stream_framer::unit> stream_framer::measure() {
  const auto give_up = [this](message_refusal why, std::size_t head) {
    broken_ = true;
    unit last{kind::broken, buffer_.substr(0, head), std::move(why)};
    buffer_.clear();
    return last;
  };
  const auto end = end_of_head(buffer_, searched_ > 2 ? searched_ - 3 : 0);
  searched_ = buffer_.size();
  if (std::min(end, buffer_.size()) > wire_limits::head_bytes)
    return give_up({400, "Headers Too Long", {}}, wire_limits::head_bytes);
  if (end == std::string::npos)
    return std::nullopt;
  wire_message head;
  const bool is_sip = read_wire(std::string_view(buffer_).substr(0, end), head);
  const auto* length = head.header("Content-Length");
  std::size_t body = std::string::npos; // stays when the number does not fit
  const auto* digits = length != nullptr ? length->data() : nullptr;
  // Without a length nobody knows where the next message starts (RFC 3261 20.14).
  if (!is_sip || head.count("Content-Length") != 1 || length->empty() ||
      std::from_chars(digits, digits + length->size(), body).ptr != digits + length->size())
    return give_up({400, "Bad Content-Length", {}}, end);
  if (body > wire_limits::body_bytes)
    return give_up({513, "Message Too Large", {}}, end);
  wanted_ = end + body;
  return std::nullopt;
}

stream_framer::unit stream_framer::cut(std::size_t size, time_point now) {
  unit whole{kind::message, buffer_.substr(0, size), {}};
  buffer_.erase(0, size);
  searched_ = 0;
  wanted_ = 0;
  rest(now);
  return whole;
}

std::optional<stream_framer::unit> stream_framer::next(time_point now) {
  if (broken_ || buffer_.empty())
    return std::nullopt;
  if (skip_line_ends(now))
    return unit{kind::ping, {}, {}};
  if (!begun_)
    return std::nullopt;
  if (wanted_ == 0)
    if (auto broken = measure())
      return broken;
  if (wanted_ == 0 || buffer_.size() < wanted_)
    return std::nullopt;
  return cut(wanted_, now);
}

stream_framer::lateness stream_framer::overdue(time_point now, const stream_patience& patience) const {
  const bool waits_for_first = !proven_ && now - rested_since_ >= patience.message;
  if (waits_for_first || (begun_ && now - begun_at_ >= patience.message))
    return lateness::slow;
  return now - rested_since_ >= patience.idle ? lateness::idle : lateness::none;
}

} // namespace plenary::sip_layer
