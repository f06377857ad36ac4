#include "actors/leg/sdp.hpp"

#include "actors/leg/text_cursor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace plenary::sdp {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view line_ends = "\r\n\0"sv;
constexpr std::size_t longest_word = 64;

/// `IN IP4 192.0.2.1/127` (RFC 8866 section 5.7), also without its first words; multicast's ttl and count are
/// dropped. Nothing when there is no address.
std::optional<connection> parse_connection(std::string_view value) {
  connection parsed;
  auto word = take_word(value);
  if (same_token(word, "IN"))
    word = take_word(value);
  for (auto family : {"IP4"sv, "IP6"sv})
    if (same_token(word, family)) {
      parsed.family = family;
      word = take_word(value);
    }
  parsed.address = take_until(word, '/');
  if (parsed.address.empty())
    return std::nullopt;
  return parsed;
}

/// `user id version IN IP4 address`, read from its end: phones put their names into the user, blanks and all.
std::optional<origin> parse_origin(std::string_view value) {
  std::array<std::string_view, 5> last{}; // the oldest first
  auto user_end = value.data();
  std::size_t words = 0;
  for (auto rest = value; !rest.empty(); ++words) {
    if (words >= last.size())
      user_end = last.front().data() + last.front().size();
    std::rotate(last.begin(), last.begin() + 1, last.end());
    last.back() = take_word(rest);
  }
  if (words <= last.size())
    return std::nullopt;
  origin parsed;
  parsed.username = value.substr(0, static_cast<std::size_t>(user_end - value.data()));
  parsed.session_id = last[0];
  parsed.version = last[1];
  auto address = parse_connection(value.substr(static_cast<std::size_t>(last[2].data() - value.data())));
  if (!address || address->family.empty())
    return std::nullopt;
  parsed.address = std::move(*address);
  return parsed;
}

/// Words go back to their author in an answer: only what may stand in a description does.
std::string word_or_dash(std::string_view word) {
  const bool visible = std::all_of(word.begin(), word.end(), [](char c) { return c > ' ' && c < 0x7F; });
  return visible && !word.empty() && word.size() <= longest_word ? std::string{word} : "-";
}

/// Two numbers, or nothing.
std::optional<std::string> parse_timing(std::string_view value) {
  const auto start = take_word(value);
  const auto end = take_word(value);
  if (!to_number<std::uint64_t>(start) || !to_number<std::uint64_t>(end) || !value.empty())
    return std::nullopt;
  return fmt::format("{} {}", start, end);
}

/// Collects lines into a description.
class collector {
public:
  explicit collector(const reading_limits& limits)
      : limits_(limits) {}

  /// Fails for another version, and for more than the limits.
  result<void> take(std::string_view line) {
    const auto type = trim(take_until(line, '='));
    if (type.size() != 1)
      return {};
    line = trim(line);
    switch (type.front()) {
    case 'v':
      return take_version(line);
    case 'o':
      if (auto from = parse_origin(line); from && !std::exchange(has_origin_, true))
        parsed_.from = std::move(*from);
      return {};
    case 'c':
      take_connection(line);
      return {};
    case 't':
      if (auto timing = parse_timing(line); timing && !std::exchange(has_timing_, true))
        parsed_.timing = std::move(*timing);
      return {};
    case 'm':
      return take_media(line);
    case 'a':
      return take_attribute(line);
    default:
      return {};
    }
  }

  bool is_description() const { return has_version_ || !parsed_.medias.empty(); }
  description take_result() { return std::move(parsed_); }

private:
  result<void> take_version(std::string_view value) {
    has_version_ = true;
    if (value != "0")
      return fail(errc::malformed, "SDP of another version than 0");
    return {};
  }

  /// Several c= lines of one medium are multicast layers: the first counts.
  void take_connection(std::string_view value) {
    auto& place = parsed_.medias.empty() ? parsed_.at : parsed_.medias.back().at;
    if (!place)
      place = parse_connection(value);
  }

  result<void> take_media(std::string_view value) {
    if (parsed_.medias.size() == limits_.medias)
      return fail(errc::malformed, fmt::format("SDP with more than {} m-lines", limits_.medias));
    media line;
    line.kind = to_lower(word_or_dash(take_word(value)));
    auto ports = take_word(value);
    const auto port = to_number<std::uint16_t>(take_until(ports, '/'));
    line.readable = port.has_value();
    line.port = port.value_or(0);
    line.profile = word_or_dash(take_word(value));
    for (; !value.empty(); ++formats_) {
      if (formats_ == limits_.formats)
        return fail(errc::malformed, fmt::format("SDP with more than {} formats", limits_.formats));
      line.formats.push_back(word_or_dash(take_word(value)));
    }
    parsed_.medias.push_back(std::move(line));
    return {};
  }

  result<void> take_attribute(std::string_view value) {
    auto& attributes = parsed_.medias.empty() ? parsed_.attributes : parsed_.medias.back().attributes;
    if (attributes.size() == limits_.attributes)
      return fail(errc::malformed,
                  fmt::format("SDP with more than {} attributes of one medium", limits_.attributes));
    auto name = trim(take_until(value, ':'));
    attributes.push_back({to_lower(name), std::string{trim(value)}});
    return {};
  }

  reading_limits limits_;
  description parsed_;
  std::size_t formats_ = 0;
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

result<description> parse(std::string_view text, const reading_limits& limits) {
  if (text.size() > limits.bytes)
    return fail(errc::malformed, fmt::format("SDP of {} bytes, the limit is {}", text.size(), limits.bytes));
  if (text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  collector lines{limits};
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(line_ends), text.size());
    if (auto taken = lines.take(text.substr(0, end)); !taken)
      return tl::unexpected(taken.error());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!lines.is_description())
    return fail(errc::malformed, "the text is no SDP: it has neither a v= nor an m= line");
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

} // namespace plenary::sdp
