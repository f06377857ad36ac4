#include "node/sip/wire_message.hpp"

#include "node/sip/header_text.hpp"
#include "node/sip/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace plenary::sip_layer {

namespace {

/// RFC 3261 7.3.3 and the registrations that came later.
constexpr std::array<std::pair<char, std::string_view>, 20> compact_names{{
    {'a', "Accept-Contact"},
    {'b', "Referred-By"},
    {'c', "Content-Type"},
    {'d', "Request-Disposition"},
    {'e', "Content-Encoding"},
    {'f', "From"},
    {'i', "Call-ID"},
    {'j', "Reject-Contact"},
    {'k', "Supported"},
    {'l', "Content-Length"},
    {'m', "Contact"},
    {'n', "Identity-Info"},
    {'o', "Event"},
    {'r', "Refer-To"},
    {'s', "Subject"},
    {'t', "To"},
    {'u', "Allow-Events"},
    {'v', "Via"},
    {'x', "Session-Expires"},
    {'y', "Identity"},
}};

std::string spelt_out(std::string_view name) {
  if (name.size() == 1)
    for (const auto& [letter, whole] : compact_names)
      if (equal_ignoring_case(name, std::string_view(&letter, 1)))
        return std::string(whole);
  return std::string(name);
}

/// The next line without its end; `rest` begins behind it.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

/// A zero may stand behind a backslash in a quoted string (RFC 3261 25.1, quoted-pair).
bool has_control_character(std::string_view line) {
  if (line.find('\r') != std::string_view::npos)
    return true;
  for (auto at = line.find('\0'); at != std::string_view::npos; at = line.find('\0', at + 1))
    if (at == 0 || line[at - 1] != '\\')
      return true;
  return false;
}

void note(wire_message& message, std::string problem) {
  if (!message.problem)
    message.problem = std::move(problem);
}

void read_start_line(wire_message& message) {
  const std::string_view line = message.start_line;
  message.is_response = line.size() > 4 && equal_ignoring_case(line.substr(0, 4), "SIP/");
  if (message.is_response)
    return;
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || first == 0 || last + 1 == line.size() ||
      line.substr(first + 1, last - first - 1).find_first_of(" \t") != std::string_view::npos ||
      first + 1 == last) {
    message.method = line.substr(0, std::min(first, line.size()));
    note(message, "Bad Request Line");
    return;
  }
  message.method = line.substr(0, first);
  message.uri = line.substr(first + 1, last - first - 1);
  message.version = line.substr(last + 1);
}

void add_header(wire_message& message, std::string_view line) {
  const auto colon = line.find(':');
  const auto name = trim(line.substr(0, std::min(colon, line.size())));
  if (colon == std::string_view::npos || !is_token(name)) {
    note(message, "Bad Header Line");
    return;
  }
  if (message.headers.size() >= wire_limits::headers) {
    note(message, "Too Many Headers");
    return;
  }
  message.headers.push_back({spelt_out(name), std::string(trim(line.substr(colon + 1)))});
}

/// A line that begins with a blank goes on with the header before it (RFC 3261 7.3.1).
void add_folded(wire_message& message, std::string_view line) {
  if (message.headers.empty()) {
    note(message, "Bad Header Line");
    return;
  }
  const auto more = trim(line);
  auto& value = message.headers.back().value;
  if (!value.empty() && !more.empty())
    value += ' ';
  value += more;
  if (value.size() > wire_limits::header_bytes) {
    value.resize(wire_limits::header_bytes);
    note(message, "Header Too Long");
  }
}

} // namespace

const std::string* wire_message::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const auto& each) { return equal_ignoring_case(each.name, name); });
  return found == headers.end() ? nullptr : &found->value;
}

std::size_t wire_message::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(headers.begin(), headers.end(), [&](const auto& each) {
    return equal_ignoring_case(each.name, name);
  }));
}

std::size_t end_of_head(std::string_view bytes, std::size_t from) {
  for (auto at = bytes.find('\n', from); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (at + 1 < bytes.size() && bytes[at + 1] == '\n')
      return at + 2;
    if (at + 2 < bytes.size() && bytes[at + 1] == '\r' && bytes[at + 2] == '\n')
      return at + 3;
  }
  return std::string_view::npos;
}

bool read_wire(std::string_view bytes, wire_message& message) {
  bytes.remove_prefix(std::min(bytes.find_first_not_of("\r\n"), bytes.size()));
  const auto end = end_of_head(bytes);
  auto head = bytes.substr(0, std::min({end, bytes.size(), wire_limits::head_bytes}));
  if (end == std::string_view::npos)
    note(message, "Headers Do Not End");
  else if (end > wire_limits::head_bytes)
    note(message, "Headers Too Long");
  else
    message.body = bytes.substr(end);
  message.start_line = std::string(take_line(head).substr(0, wire_limits::header_bytes));
  if (has_control_character(message.start_line))
    return false;
  while (!head.empty()) {
    const auto line = take_line(head);
    if (line.empty())
      break;
    if (has_control_character(line) || line.size() > wire_limits::header_bytes)
      note(message, line.size() > wire_limits::header_bytes ? "Header Too Long" : "Bad Header Line");
    else if (line.front() == ' ' || line.front() == '\t')
      add_folded(message, line);
    else
      add_header(message, line);
  }
  read_start_line(message);
  return message.is_response ? message.count("CSeq") != 0 : message.count("Via") != 0;
}

} // namespace plenary::sip_layer
