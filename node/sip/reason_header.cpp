#include "node/sip/reason_header.hpp"

#include "node/sip/text.hpp"
#include "schema/hangup_causes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace plenary::sip_layer {

namespace {

struct refused_row {
  int q850;
  int status; ///< of a refused INVITE
};

constexpr std::array refused{
    refused_row{1, 404},  refused_row{3, 404},   refused_row{16, 487},  refused_row{17, 486},
    refused_row{18, 480}, refused_row{19, 480},  refused_row{20, 480},  refused_row{21, 603},
    refused_row{22, 410}, refused_row{27, 502},  refused_row{28, 484},  refused_row{29, 501},
    refused_row{31, 480}, refused_row{34, 503},  refused_row{38, 503},  refused_row{41, 503},
    refused_row{42, 503}, refused_row{44, 503},  refused_row{47, 503},  refused_row{55, 403},
    refused_row{57, 403}, refused_row{58, 503},  refused_row{65, 488},  refused_row{79, 501},
    refused_row{88, 488}, refused_row{102, 504}, refused_row{111, 500}, refused_row{127, 500},
};

struct status_row {
  int status;
  std::string_view phrase;
  int q850; ///< of `Reason: SIP;cause=<status>`
};

constexpr std::array statuses{
    status_row{200, "OK", 16},
    status_row{400, "Bad Request", 41},
    status_row{401, "Unauthorized", 21},
    status_row{403, "Forbidden", 21},
    status_row{404, "Not Found", 1},
    status_row{405, "Method Not Allowed", 63},
    status_row{408, "Request Timeout", 102},
    status_row{410, "Gone", 22},
    status_row{415, "Unsupported Media Type", 79},
    status_row{416, "Unsupported URI Scheme", 127},
    status_row{420, "Bad Extension", 127},
    status_row{422, "Session Interval Too Small", 127},
    status_row{480, "Temporarily Unavailable", 18},
    status_row{481, "Call/Transaction Does Not Exist", 41},
    status_row{482, "Loop Detected", 25},
    status_row{484, "Address Incomplete", 28},
    status_row{486, "Busy Here", 17},
    status_row{487, "Request Terminated", 16},
    status_row{488, "Not Acceptable Here", 88},
    status_row{491, "Request Pending", 41},
    status_row{500, "Server Internal Error", 41},
    status_row{501, "Not Implemented", 79},
    status_row{502, "Bad Gateway", 38},
    status_row{503, "Service Unavailable", 41},
    status_row{504, "Server Time-out", 102},
    status_row{600, "Busy Everywhere", 17},
    status_row{603, "Decline", 21},
    status_row{604, "Does Not Exist Anywhere", 1},
    status_row{606, "Not Acceptable", 88},
};

struct reason_value {
  std::string_view protocol;
  int cause = 0;
};

/// Reads `Q.850 ;cause=16 ;text="..."`; the text is not needed and may hold anything.
std::optional<reason_value> read_value(std::string_view value) {
  auto end = find_unquoted(value, ";");
  reason_value read{trim(value.substr(0, end))};
  while (end != std::string_view::npos) {
    value.remove_prefix(end + 1);
    end = find_unquoted(value, ";");
    const auto parameter = trim(value.substr(0, end));
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos || !equal_ignoring_case(trim(parameter.substr(0, equals)), "cause"))
      continue;
    const auto digits = trim(parameter.substr(equals + 1));
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), read.cause);
    if (error == std::errc{} && stop == digits.data() + digits.size())
      return read;
    return std::nullopt;
  }
  return std::nullopt;
}

} // namespace

hangup_cause normal_clearing() {
  return {16, "normal_clearing"};
}

std::string format_reason(const hangup_cause& cause) {
  std::string text;
  for (char c : cause.name)
    if (c >= ' ' && c < 0x7f && c != '"' && c != '\\')
      text += c;
  return fmt::format("Reason: Q.850;cause={};text=\"{}\"\r\n", cause.q850, text);
}

std::optional<hangup_cause> parse_reason(const std::vector<std::string_view>& values) {
  std::optional<hangup_cause> by_status;
  for (auto value : values) {
    const auto read = read_value(value);
    if (!read)
      continue;
    if (equal_ignoring_case(read->protocol, "Q.850") && read->cause >= 1 && read->cause <= 127)
      return hangup_cause{read->cause, q850_name(read->cause)};
    if (!equal_ignoring_case(read->protocol, "SIP") || by_status)
      continue;
    const auto* row = std::find_if(statuses.begin(), statuses.end(),
                                   [&](const auto& s) { return s.status == read->cause; });
    if (row != statuses.end())
      by_status = hangup_cause{row->q850, q850_name(row->q850)};
  }
  return by_status;
}

int status_for(const hangup_cause& cause) {
  const auto* row =
      std::find_if(refused.begin(), refused.end(), [&](const auto& c) { return c.q850 == cause.q850; });
  return row != refused.end() ? row->status : 503;
}

std::string_view reason_phrase(int status) {
  const auto* row =
      std::find_if(statuses.begin(), statuses.end(), [&](const auto& s) { return s.status == status; });
  return row != statuses.end() ? row->phrase : "Refused";
}

} // namespace plenary::sip_layer
