#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::sip_layer {

/// What a message may measure; more is refused before anything else looks at it.
struct wire_limits {
  static constexpr std::size_t head_bytes = 16 * 1024; ///< start line and headers
  static constexpr std::size_t body_bytes = 32 * 1024;
  static constexpr std::size_t header_bytes = 4 * 1024; ///< one header with its folded lines
  static constexpr std::size_t headers = 256;
};

/// One header; compact names are spelt out, folded lines put into one, the value trimmed.
struct wire_header {
  std::string name;
  std::string value;
};

/// A SIP message as its sender wrote it, read with as little judgement as possible.
struct wire_message {
  std::string start_line;
  bool is_response = false;
  std::string_view method; ///< of a request whose start line has three parts; empty otherwise
  std::string_view uri;
  std::string_view version;
  std::vector<wire_header> headers;
  std::string_view body;              ///< what follows the empty line
  std::optional<std::string> problem; ///< what is wrong with the lines themselves, for a 400

  wire_message() = default;
  wire_message(const wire_message&) = delete; // the views point into the start line
  wire_message& operator=(const wire_message&) = delete;

  /// The first header of this name, whatever its case; null: none.
  const std::string* header(std::string_view name) const;
  std::size_t count(std::string_view name) const;
};

/// Where the head ends, one behind its empty line; npos: not within `bytes`. Looks from `from` on.
std::size_t end_of_head(std::string_view bytes, std::size_t from = 0);

/// Reads what stands in `bytes`, empty lines before the start line skipped; `message` keeps views into
/// `bytes`. False when it is no SIP message at all: there is nothing to answer then.
bool read_wire(std::string_view bytes, wire_message& message);

} // namespace plenary::sip_layer
