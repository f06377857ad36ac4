#include "node/sip/header_text.hpp"

#include "node/sip/text.hpp"

#include <algorithm>
#include <charconv>

namespace plenary::sip_layer {

namespace {

constexpr std::string_view blanks = " \t";

/// Where the quoted string that starts at `from` ends, one behind its quote; npos: it does not.
std::size_t end_of_quoted(std::string_view text, std::size_t from) {
  for (auto at = from + 1; at < text.size(); ++at)
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  return std::string_view::npos;
}

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos;
}

bool has_scheme(std::string_view uri) {
  const auto colon = uri.find(':');
  return colon != std::string_view::npos && is_token(uri.substr(0, colon)) && colon + 1 < uri.size();
}

/// The address when its display name ends at `open`, where the `<` stands.
std::optional<address_text> read_bracketed(std::string_view text, std::size_t open) {
  const auto close = text.find('>', open);
  if (close == std::string_view::npos)
    return std::nullopt;
  address_text address;
  address.display = trim(text.substr(0, open));
  address.uri = text.substr(open + 1, close - open - 1);
  address.bracketed = true;
  const bool quoted = address.display.starts_with('"');
  if ((!quoted && address.display.find_first_of(",\"") != std::string_view::npos) ||
      address.uri.find_first_of(blanks) != std::string_view::npos || !has_scheme(address.uri))
    return std::nullopt;
  const auto rest = trim(text.substr(close + 1));
  auto parameters = read_parameters(rest);
  if (!parameters || (!rest.empty() && rest.front() != ';'))
    return std::nullopt;
  address.parameters = std::move(*parameters);
  return address;
}

/// `SIP / 2.0 / UDP ...`: takes the piece before the slash away.
std::optional<std::string_view> take_before_slash(std::string_view& rest) {
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos)
    return std::nullopt;
  const auto piece = trim(rest.substr(0, slash));
  rest = trim(rest.substr(slash + 1));
  return piece;
}

} // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

std::optional<std::vector<std::string_view>> split_header(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  std::size_t start = 0;
  bool bracketed = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (bracketed) {
      bracketed = c != '>';
    } else if (c == '"') {
      const auto end = end_of_quoted(text, at);
      if (end == std::string_view::npos)
        return std::nullopt;
      at = end - 1;
    } else if (c == '<') {
      bracketed = true;
    } else if (c == separator) {
      pieces.push_back(trim(text.substr(start, at - start)));
      start = at + 1;
    }
  }
  if (bracketed)
    return std::nullopt;
  pieces.push_back(trim(text.substr(start)));
  return pieces;
}

std::optional<std::vector<header_parameter>> read_parameters(std::string_view text) {
  const auto pieces = split_header(text, ';');
  if (!pieces)
    return std::nullopt;
  std::vector<header_parameter> all;
  for (const auto piece : *pieces) {
    if (piece.empty())
      continue;
    const auto equals = piece.find('=');
    all.push_back({trim(piece.substr(0, equals)),
                   equals == std::string_view::npos ? std::string_view{} : trim(piece.substr(equals + 1))});
  }
  return all;
}

const header_parameter* find_parameter(const std::vector<header_parameter>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& each) { return equal_ignoring_case(each.name, name); });
  return found == all.end() ? nullptr : &*found;
}

std::string write_parameters(const std::vector<header_parameter>& all) {
  std::string text;
  for (const auto& each : all) {
    text.append(";").append(each.name);
    if (!each.value.empty())
      text.append("=").append(each.value);
  }
  return text;
}

std::string unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"')
    return std::string(text);
  std::string plain;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    if (text[at] == '\\' && at + 2 < text.size())
      ++at;
    plain += text[at];
  }
  return plain;
}

std::optional<address_text> read_address(std::string_view text) {
  text = trim(text);
  std::size_t behind_name = 0;
  if (text.starts_with('"')) {
    behind_name = end_of_quoted(text, 0);
    if (behind_name == std::string_view::npos)
      return std::nullopt;
  }
  if (const auto open = text.find('<', behind_name); open != std::string_view::npos) {
    if (behind_name != 0 && !trim(text.substr(behind_name, open - behind_name)).empty())
      return std::nullopt;
    return read_bracketed(text, open);
  }
  address_text address;
  const auto end = text.find(';');
  address.uri = trim(text.substr(0, end));
  auto parameters = read_parameters(end == std::string_view::npos ? std::string_view{} : text.substr(end));
  if (!parameters || address.uri.find_first_of(" \t?,\">") != std::string_view::npos ||
      !has_scheme(address.uri))
    return std::nullopt;
  address.parameters = std::move(*parameters);
  return address;
}

std::optional<via_text> read_via(std::string_view text) {
  auto rest = trim(text);
  const auto protocol = take_before_slash(rest);
  const auto version = take_before_slash(rest);
  if (!protocol || !version || !equal_ignoring_case(*protocol, "SIP") || *version != "2.0")
    return std::nullopt;
  const auto blank = rest.find_first_of(blanks);
  if (blank == std::string_view::npos || !is_token(rest.substr(0, blank)))
    return std::nullopt;
  via_text via;
  for (char c : rest.substr(0, blank))
    via.transport += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  const auto pieces = split_header(rest.substr(blank), ';');
  if (!pieces || std::any_of(pieces->begin(), pieces->end(), [](auto piece) { return piece.empty(); }))
    return std::nullopt;
  via.sent_by = pieces->front();
  if (via.sent_by.find_first_of(" \t,\"<>") != std::string_view::npos || !port_of(via.sent_by))
    return std::nullopt;
  auto parameters = read_parameters(rest.substr(blank).substr(
      static_cast<std::size_t>(via.sent_by.data() + via.sent_by.size() - rest.substr(blank).data())));
  if (!parameters)
    return std::nullopt;
  via.parameters = std::move(*parameters);
  return via;
}

std::optional<std::uint16_t> port_of(std::string_view host_and_port) {
  auto from = std::size_t{0};
  if (host_and_port.starts_with('[')) {
    from = host_and_port.find(']');
    if (from == std::string_view::npos)
      return std::nullopt;
  }
  const auto colon = host_and_port.find(':', from);
  if (colon == std::string_view::npos)
    return from == 0 || from + 1 == host_and_port.size() ? std::optional<std::uint16_t>(0) : std::nullopt;
  const auto digits = host_and_port.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  return port;
}

} // namespace plenary::sip_layer
