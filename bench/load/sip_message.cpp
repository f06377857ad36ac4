#include "bench/load/sip_message.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace plenary::load {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r')
    line.remove_suffix(1);
  return line;
}

template <class Number>
Number number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string uri_of(std::string_view value) {
  const auto open = value.find('<');
  if (open == std::string_view::npos)
    return std::string(trim(value.substr(0, value.find(';'))));
  return std::string(value.substr(open + 1, value.find('>') - open - 1));
}

void read_header(sip_message& message, std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return;
  const auto name = lower(trim(line.substr(0, colon)));
  const auto value = trim(line.substr(colon + 1));
  if (name == "call-id" || name == "i")
    message.call_id = value;
  else if (name == "to" || name == "t")
    message.to = value;
  else if (name == "from" || name == "f")
    message.from = value;
  else if (name == "contact" || name == "m")
    message.contact_uri = uri_of(value);
  else if (name == "via" || name == "v")
    message.vias += fmt::format("Via: {}\r\n", value);
  else if (name == "cseq") {
    message.cseq = number<std::uint32_t>(value);
    message.cseq_method = value.substr(value.find(' ') + 1);
  }
}

} // namespace

std::optional<sip_message> parse_sip(std::string_view text) {
  sip_message message;
  const auto start = next_line(text);
  if (start.starts_with("SIP/2.0 "))
    message.status = number<int>(start.substr(8));
  else if (start.ends_with(" SIP/2.0"))
    message.method = start.substr(0, start.find(' '));
  else
    return std::nullopt;
  while (!text.empty()) {
    const auto line = next_line(text);
    if (line.empty())
      break;
    read_header(message, line);
  }
  message.body = text;
  if (message.call_id.empty() || message.cseq_method.empty())
    return std::nullopt;
  return message;
}

std::string host_port(const sockaddr_in& address) {
  std::array<char, INET_ADDRSTRLEN> host{};
  inet_ntop(AF_INET, &address.sin_addr, host.data(), host.size());
  return fmt::format("{}:{}", host.data(), ntohs(address.sin_port));
}

sockaddr_in make_address(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  return address;
}

std::optional<sdp_audio> parse_sdp(std::string_view body) {
  sdp_audio audio;
  audio.address.sin_family = AF_INET;
  std::uint16_t port = 0;
  while (!body.empty()) {
    const auto line = next_line(body);
    if (line.starts_with("c=IN IP4 ")) {
      const auto host = std::string(trim(line.substr(9)));
      if (inet_pton(AF_INET, host.c_str(), &audio.address.sin_addr) != 1)
        return std::nullopt;
    } else if (line.starts_with("m=audio ")) {
      const auto rest = line.substr(8);
      port = number<std::uint16_t>(rest);
      const auto formats = rest.find("AVP ");
      if (formats != std::string_view::npos)
        audio.payload_type = number<int>(rest.substr(formats + 4));
    } else if (line.starts_with("a=crypto:") && audio.inline_key.empty()) {
      const auto key = line.find("inline:");
      if (key != std::string_view::npos)
        audio.inline_key = line.substr(key + 7, line.find_first_of("| ", key) - key - 7);
    }
  }
  audio.address.sin_port = htons(port);
  return port == 0 ? std::nullopt : std::optional(audio);
}

std::string write_sdp(const sockaddr_in& media, const std::string& inline_key) {
  const auto address = host_port(media);
  const auto host = address.substr(0, address.find(':'));
  const auto crypto = inline_key.empty()
                          ? std::string()
                          : fmt::format("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{}\r\n", inline_key);
  return fmt::format("v=0\r\no=- 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\n"
                     "m=audio {1} RTP/{2} 111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 usedtx=1\r\n"
                     "a=ptime:20\r\na=sendrecv\r\n{3}",
                     host, ntohs(media.sin_port), inline_key.empty() ? "AVP" : "SAVP", crypto);
}

} // namespace plenary::load
