#include "node/sip/caller_headers.hpp"

#include "node/sip/message_reader.hpp"
#include "node/sip/party.hpp"
#include "node/sip/readable.hpp"
#include "node/sip/text.hpp"

#include <algorithm>

namespace plenary::sip_layer {

namespace {

constexpr std::size_t max_privacy_tokens = 8;
constexpr std::size_t max_identities = 4;

bool take_value(const sip_hdr* header, const sip_msg*, void* values) {
  static_cast<std::vector<std::string>*>(values)->emplace_back(view(header->val));
  return false;
}

/// The values of all headers of this name, in any case.
std::vector<std::string> values_of(const sip_msg& message, const char* name) {
  std::vector<std::string> values;
  sip_msg_xhdr_apply(&message, true, name, take_value, &values);
  return values;
}

/// One `tel` and one `sip` URI may stand side by side (RFC 3325 9.1): the number counts.
std::string asserted_identity(const sip_msg& invite) {
  std::string first;
  auto values = values_of(invite, "P-Asserted-Identity");
  values.resize(std::min(values.size(), max_identities));
  for (std::string_view rest : values)
    while (!rest.empty()) {
      auto party = party_of(rest);
      if (party.starts_with('+'))
        return party;
      if (first.empty())
        first = party;
      const auto end = rest.find('>'); // a list divides its name-addrs by commas
      const auto comma = end == std::string_view::npos ? end : rest.find(',', end);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  return first;
}

bool is_token(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

} // namespace

std::string privacy_of(const std::vector<std::string>& values) {
  std::string tokens;
  std::size_t count = 0;
  for (std::string_view rest : values)
    while (!rest.empty()) {
      auto one = trim(rest.substr(0, rest.find_first_of(";,")));
      rest.remove_prefix(std::min(rest.find_first_of(";,"), rest.size() - 1) + 1);
      std::string token(one.substr(0, 32));
      std::transform(token.begin(), token.end(), token.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      if (token.empty() || !is_token(token) || count++ >= max_privacy_tokens)
        continue;
      tokens += (tokens.empty() ? "" : ";") + token;
    }
  return tokens;
}

std::string read_caller(const sip_msg& message) {
  return party_of(view(message.from.val));
}

caller_details read_caller_details(const sip_msg& invite, const sip_trunk& trunk,
                                   const std::vector<std::string>& wanted) {
  caller_details details;
  if (trunk.trusted)
    details.asserted_identity = asserted_identity(invite);
  details.privacy = privacy_of(values_of(invite, "Privacy"));
  if (const auto diversions = values_of(invite, "Diversion"); !diversions.empty()) {
    details.diverted_from = party_of(diversions.front());
    details.diversion_reason = header_parameter(diversions.front(), "reason");
  }
  for (const auto& name : wanted) {
    std::string joined;
    for (const auto& value : values_of(invite, name.c_str()))
      joined += (joined.empty() ? "" : ", ") + value;
    if (auto text = readable(joined); !text.empty())
      details.headers[name] = std::move(text);
  }
  return details;
}

} // namespace plenary::sip_layer
