#pragma once

#include "actors/edge/http_client.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace plenary {

/// Collects an answer as it comes, within limits, and knows whether its head came to its end (RFC 9112
/// section 8: a head that was cut is no answer).
class answer_reader {
public:
  /// Limits of all heads of one answer together, interim ones (1xx) included.
  static constexpr std::size_t max_header_bytes = 32 * 1024;
  static constexpr std::size_t max_header_lines = 128;

  answer_reader(std::size_t max_body_bytes, bool keep_body)
      : max_body_bytes_(max_body_bytes)
      , keep_body_(keep_body) {}

  /// A whole line of a head; false: no more of this answer is wanted.
  bool header_line(std::string_view line);

  /// The next bytes of the body; false: no more of this answer is wanted.
  bool body(std::string_view bytes);

  /// True when the blank line after the head of a final answer has come.
  bool head_complete() const { return head_complete_; }

  /// Which limit the answer broke, as a sentence; empty: none.
  const std::string& fault() const { return fault_; }

  /// What was collected.
  http_response& response() { return response_; }

private:
  bool stop(std::string fault);
  bool field(std::string_view line);

  std::size_t max_body_bytes_;
  bool keep_body_;
  http_response response_;
  std::size_t header_bytes_ = 0;
  std::size_t header_lines_ = 0;
  std::size_t body_bytes_ = 0;
  bool interim_ = false;
  bool head_complete_ = false;
  std::string fault_;
};

} // namespace plenary
