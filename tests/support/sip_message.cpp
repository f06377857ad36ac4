#include "tests/support/sip_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <sstream>

namespace plenary::test {

namespace {

std::string long_name(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> compact{
      {{"v", "via"},
       {"f", "from"},
       {"t", "to"},
       {"i", "call-id"},
       {"m", "contact"},
       {"l", "content-length"},
       {"c", "content-type"}}};
  for (const auto& [letter, meaning] : compact)
    if (name == letter)
      return std::string(meaning);
  return name;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  const auto last = text.find_last_not_of(" \t\r");
  return first == std::string_view::npos ? std::string{} : std::string(text.substr(first, last - first + 1));
}

} // namespace

std::string sip_message::method() const {
  if (!is_response())
    return start_line.substr(0, start_line.find(' '));
  const auto cseq = header("cseq");
  return cseq.substr(cseq.find(' ') + 1);
}

int sip_message::status() const {
  return is_response() ? std::atoi(start_line.c_str() + 8) : 0;
}

int sip_message::sequence() const {
  return std::atoi(header("cseq").c_str());
}

std::string sip_message::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string{} : found->second;
}

std::optional<sip_message> parse_sip(std::string_view datagram) {
  const auto end = datagram.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return std::nullopt;
  sip_message message;
  std::istringstream lines{std::string(datagram.substr(0, end))};
  std::string line;
  std::getline(lines, line);
  message.start_line = trimmed(line);
  while (std::getline(lines, line))
    if (const auto colon = line.find(':'); colon != std::string::npos)
      message.headers.emplace_back(long_name(trimmed(line.substr(0, colon))),
                                   trimmed(line.substr(colon + 1)));
  message.body = datagram.substr(end + 4);
  return message;
}

std::string make_response(const sip_message& request, int status, const std::string& contact,
                          const std::string& sdp) {
  std::string text = fmt::format("SIP/2.0 {} Test\r\n", status);
  for (const auto& [name, value] : request.headers)
    if (name == "via" || name == "from" || name == "to" || name == "call-id" || name == "cseq" ||
        name == "record-route")
      text += fmt::format("{}: {}\r\n", name, value);
  text += fmt::format("Contact: <{}>\r\n", contact);
  if (!sdp.empty())
    text += "Content-Type: application/sdp\r\n";
  return text + fmt::format("Content-Length: {}\r\n\r\n{}", sdp.size(), sdp);
}

std::string tag_of(const std::string& header) {
  const auto at = header.find(";tag=");
  if (at == std::string::npos)
    return {};
  return header.substr(at + 5, header.find_first_of("; ", at + 5) - (at + 5));
}

std::string uri_of(const std::string& header) {
  const auto open = header.find('<');
  const auto close = header.find('>', open);
  return open == std::string::npos ? header : header.substr(open + 1, close - open - 1);
}

std::optional<audio_description> parse_audio(const std::string& sdp) {
  audio_description found;
  std::istringstream lines(sdp);
  std::string line;
  while (std::getline(lines, line)) {
    line = trimmed(line);
    std::istringstream words(line);
    std::string word;
    if (line.starts_with("c=IN IP4 ") || line.starts_with("c=IN IP6 "))
      found.media.address = line.substr(9);
    else if (line.starts_with("m=audio "))
      words >> word >> found.media.port >> word >> found.payload_type;
    else if (line.starts_with("a=rtpmap:") && line.find("telephone-event") != std::string::npos)
      found.telephone_event = std::atoi(line.c_str() + 9);
    else if (line == "a=sendonly" || line == "a=recvonly" || line == "a=inactive" || line == "a=sendrecv")
      found.direction = line.substr(2);
  }
  if (found.media.port == 0)
    return std::nullopt;
  return found;
}

std::string make_pcmu_sdp(const ip_endpoint& media, int version, const std::string& direction) {
  const auto at =
      fmt::format("{} {}", media.address.find(':') == std::string::npos ? "IP4" : "IP6", media.address);
  return fmt::format("v=0\r\no=test 4711 {} IN {}\r\ns=-\r\nc=IN {}\r\nt=0 0\r\n"
                     "m=audio {} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
                     "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na={}\r\n",
                     version, at, at, media.port, direction);
}

} // namespace plenary::test
