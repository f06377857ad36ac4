#include "tests/support/http_message.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <sstream>

namespace plenary::test {

namespace {

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string word(const std::string& line, int index) {
  std::istringstream words(line);
  std::string found;
  for (int i = 0; i <= index; ++i)
    if (!(words >> found))
      return {};
  return found;
}

http_message parse_head(const std::string& head) {
  http_message message;
  std::istringstream lines(head);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.ends_with('\r'))
      line.pop_back();
    const auto colon = line.find(':');
    if (message.start_line.empty()) {
      message.start_line = line;
    } else if (colon != std::string::npos) {
      const auto value = line.find_first_not_of(' ', colon + 1);
      message.headers[lower_case(line.substr(0, colon))] =
          value == std::string::npos ? std::string{} : line.substr(value);
    }
  }
  return message;
}

/// Appends what comes next; false when the peer closed or is silent for too long.
bool receive_more(int socket, std::string& carry, std::chrono::milliseconds timeout) {
  std::array<char, 16384> buffer{};
  if (!wait_readable(socket, timeout))
    return false;
  const auto count = ::recv(socket, buffer.data(), buffer.size(), 0);
  if (count <= 0)
    return false;
  carry.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

} // namespace

std::string http_message::method() const {
  return word(start_line, 0);
}

std::string http_message::target() const {
  return word(start_line, 1);
}

int http_message::status() const {
  const auto text = word(start_line, 1);
  int status = 0;
  std::from_chars(text.data(), text.data() + text.size(), status);
  return status;
}

std::string http_message::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string{} : found->second;
}

std::optional<http_message> read_http_message(int socket, std::string& carry,
                                              std::chrono::milliseconds timeout) {
  std::size_t end = 0;
  while ((end = carry.find("\r\n\r\n")) == std::string::npos)
    if (!receive_more(socket, carry, timeout))
      return std::nullopt;
  auto message = parse_head(carry.substr(0, end + 2));
  carry.erase(0, end + 4);
  const auto length_text = message.header("content-length");
  if (length_text.empty() && message.status() != 0) { // an answer without length ends with the connection
    while (receive_more(socket, carry, timeout)) {
    }
    message.body = std::exchange(carry, {});
    return message;
  }
  std::size_t length = 0;
  std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
  while (carry.size() < length)
    if (!receive_more(socket, carry, timeout))
      return std::nullopt;
  message.body = carry.substr(0, length);
  carry.erase(0, length);
  return message;
}

std::optional<http_message> http_exchange(const ip_endpoint& server, const std::string& method,
                                          const std::string& target,
                                          const std::map<std::string, std::string>& headers,
                                          const std::string& body) {
  const auto connection = connect_to(server);
  if (connection.get() < 0)
    return std::nullopt;
  std::string request =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n", method, target,
                  to_string(server), body.size());
  for (const auto& [name, value] : headers)
    request += fmt::format("{}: {}\r\n", name, value);
  std::string carry;
  if (!send_all(connection.get(), request + "\r\n" + body))
    return std::nullopt;
  return read_http_message(connection.get(), carry, std::chrono::seconds(5));
}

std::optional<http_message> http_get(const ip_endpoint& server, const std::string& target,
                                     const std::string& api_key) {
  std::map<std::string, std::string> headers;
  if (!api_key.empty())
    headers["Authorization"] = "Bearer " + api_key;
  return http_exchange(server, "GET", target, headers);
}

} // namespace plenary::test
