#include "actors/leg/sdp.hpp"

#include "actors/leg/text_cursor.hpp"

#include <algorithm>

namespace plenary::sdp {

namespace {

/// `IN IP4 192.0.2.1/127` (RFC 8866 section 5.7); multicast's ttl and count are dropped.
std::optional<connection> parse_connection(std::string_view value) {
  if (take_word(value) != "IN")
    return std::nullopt;
  connection parsed;
  parsed.family = take_word(value);
  auto address = take_word(value);
  parsed.address = take_until(address, '/');
  if ((parsed.family != "IP4" && parsed.family != "IP6") || parsed.address.empty() || !value.empty())
    return std::nullopt;
  return parsed;
}

std::optional<origin> parse_origin(std::string_view value) {
  origin parsed;
  parsed.username = take_word(value);
  parsed.session_id = take_word(value);
  parsed.version = take_word(value);
  auto address = parse_connection(value);
  if (!address)
    return std::nullopt;
  parsed.address = std::move(*address);
  return parsed;
}

std::optional<media> parse_media(std::string_view value) {
  media parsed;
  parsed.kind = take_word(value);
  auto ports = take_word(value);
  auto port = to_number<std::uint16_t>(take_until(ports, '/'));
  parsed.profile = take_word(value);
  while (!value.empty())
    parsed.formats.emplace_back(take_word(value));
  if (!port || parsed.formats.empty())
    return std::nullopt;
  parsed.port = *port;
  return parsed;
}

attribute parse_attribute(std::string_view value) {
  auto name = take_until(value, ':');
  return {std::string{name}, std::string{value}};
}

bool is_text(std::string_view line) {
  return std::none_of(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

/// Collects lines into a description; every method gives false for a line that does not follow its form.
class collector {
public:
  bool take(char type, std::string_view value) {
    if (!has_version_)
      return has_version_ = type == 'v' && value == "0";
    switch (type) {
    case 'o':
      return take_origin(value);
    case 'c':
      return take_connection(value);
    case 't':
      return take_timing(value);
    case 'm':
      return take_media(value);
    case 'a':
      attributes().push_back(parse_attribute(value));
      return !attributes().back().name.empty();
    case 'v':
      return false;
    default:
      return type >= 'a' && type <= 'z';
    }
  }

  bool complete() const { return has_version_ && has_origin_; }
  description take_result() { return std::move(parsed_); }

private:
  std::vector<attribute>& attributes() {
    return parsed_.medias.empty() ? parsed_.attributes : parsed_.medias.back().attributes;
  }

  bool take_origin(std::string_view value) {
    auto from = parse_origin(value);
    if (!from || has_origin_)
      return false;
    parsed_.from = std::move(*from);
    return has_origin_ = true;
  }

  bool take_connection(std::string_view value) {
    auto at = parse_connection(value);
    auto& place = parsed_.medias.empty() ? parsed_.at : parsed_.medias.back().at;
    if (at && !place) // several c= lines of one medium are multicast layers: the first counts
      place = std::move(at);
    return place.has_value();
  }

  bool take_timing(std::string_view value) {
    if (!has_timing_)
      parsed_.timing = value;
    return has_timing_ = !value.empty();
  }

  bool take_media(std::string_view value) {
    auto line = parse_media(value);
    if (!line || parsed_.medias.size() == max_media)
      return false;
    parsed_.medias.push_back(std::move(*line));
    return true;
  }

  description parsed_;
  bool has_version_ = false;
  bool has_origin_ = false;
  bool has_timing_ = false;
};

void append(std::string& text, const std::vector<attribute>& attributes) {
  for (const auto& each : attributes)
    text += each.value.empty() ? fmt::format("a={}\r\n", each.name)
                               : fmt::format("a={}:{}\r\n", each.name, each.value);
}

void append(std::string& text, const std::optional<connection>& at) {
  if (at)
    text += fmt::format("c=IN {} {}\r\n", at->family, at->address);
}

} // namespace

result<description> parse(std::string_view text) {
  if (text.size() > max_bytes)
    return fail(errc::malformed, fmt::format("SDP of {} bytes, the limit is {}", text.size(), max_bytes));
  collector lines;
  std::size_t number = 0;
  while (!text.empty()) {
    auto line = take_until(text, '\n');
    ++number;
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (line.empty() && text.find_first_not_of("\r\n") == std::string_view::npos)
      break;
    const bool formed = line.size() >= 2 && line[1] == '=' && is_text(line);
    if (!formed || number > max_lines || !lines.take(line[0], line.substr(2)))
      return fail(errc::malformed, fmt::format("SDP line {} does not follow RFC 8866", number));
  }
  if (!lines.complete())
    return fail(errc::malformed, "SDP without v= or o= line");
  return lines.take_result();
}

std::string write(const description& what) {
  const auto& from = what.from;
  std::string text = fmt::format("v=0\r\no={} {} {} IN {} {}\r\ns=-\r\n", from.username, from.session_id,
                                 from.version, from.address.family, from.address.address);
  append(text, what.at);
  text += fmt::format("t={}\r\n", what.timing);
  append(text, what.attributes);
  for (const auto& each : what.medias) {
    text +=
        fmt::format("m={} {} {} {}\r\n", each.kind, each.port, each.profile, fmt::join(each.formats, " "));
    append(text, each.at);
    append(text, each.attributes);
  }
  return text;
}

const attribute* find(const std::vector<attribute>& attributes, std::string_view name) {
  auto found = std::find_if(attributes.begin(), attributes.end(),
                            [name](const attribute& each) { return each.name == name; });
  return found == attributes.end() ? nullptr : &*found;
}

} // namespace plenary::sdp
