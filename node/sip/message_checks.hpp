#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::sip_layer {

/// Methods that this server carries out, as they stand in the Allow header.
inline constexpr std::string_view allowed_methods = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE";

/// Longest Call-ID that is taken.
inline constexpr std::size_t max_call_id_bytes = 256;

/// A URI in a header, as far as it could be read.
struct uri_view {
  std::string_view scheme; ///< empty when the header holds no URI
  std::string_view host;
};

/// What the checks look at; the texts live as long as the message.
struct request_view {
  std::string_view method;
  std::string_view scheme; ///< of the request URI
  std::string_view cseq_method;
  std::uint32_t cseq_number = 0;
  std::string_view call_id;
  std::string_view from_tag;
  bool in_dialog = false; ///< To has a tag
  std::size_t from_headers = 0, to_headers = 0, cseq_headers = 0, call_id_headers = 0;
  std::vector<std::string_view> content_lengths;
  std::size_t body_bytes = 0;
  std::string_view content_type;     ///< `type/subtype`; empty without header
  std::string_view content_encoding; ///< empty without header
  std::optional<std::string_view> max_forwards;
  std::vector<std::string_view> require;
  std::vector<uri_view> contacts;
  std::vector<uri_view> record_routes;
};

/// A final answer to a request that is not carried out.
struct message_refusal {
  int status = 400;
  std::string reason;  ///< reason phrase
  std::string headers; ///< lines with line ends

  friend bool operator==(const message_refusal&, const message_refusal&) = default;
};

/// What is wrong with a request, or nothing; run before anything else looks at it. An ACK that is wrong is
/// dropped by the caller, since it is never answered.
std::optional<message_refusal> check_request(const request_view& request);

} // namespace plenary::sip_layer
