#include "node/sip/rejection_headers.hpp"

#include "node/sip/readable.hpp"

#include <fmt/format.h>

#include <array>

namespace plenary::sip_layer {

namespace {

struct warning_row {
  std::string_view word;
  int code;
};

/// The first word that stands in the sentence decides.
constexpr std::array warning_rows{
    warning_row{"multicast", 330},  // Multicast not available
    warning_row{"IP version", 301}, // Incompatible network address formats
    warning_row{"address", 301},
    warning_row{"encrypt", 302}, // Incompatible transport protocol: RTP/AVP against RTP/SAVP
    warning_row{"transport", 302},
    warning_row{"crypto", 306}, // Attribute not understood
    warning_row{"codec", 305},  // Incompatible media format
    warning_row{"audio", 304},  // Media type not available
};

constexpr std::size_t max_warning_bytes = 128;

std::string warning_line(std::string_view detail, std::string_view agent) {
  std::string text;
  for (const char c : readable(detail, max_warning_bytes)) {
    if (c == '"' || c == '\\')
      text += '\\';
    text += c;
  }
  return fmt::format("Warning: {} {} \"{}\"\r\n", warning_code(detail), agent, text);
}

} // namespace

int warning_code(std::string_view detail) {
  for (const auto& row : warning_rows)
    if (detail.find(row.word) != std::string_view::npos)
      return row.code;
  return 399;
}

std::string rejection_headers(const rejection& why, std::string_view agent) {
  std::string lines;
  if (why.retry_after)
    lines += fmt::format("Retry-After: {}\r\n", why.retry_after->count());
  if (why.status == 488 || why.status == 606)
    lines += warning_line(why.detail.empty() ? "this description cannot be used" : why.detail, agent);
  return lines;
}

} // namespace plenary::sip_layer
