#include "actors/leg/sdp_formats.hpp"

#include "actors/leg/text_cursor.hpp"

#include <algorithm>
#include <array>

namespace plenary::sdp {

namespace {

std::string lower(std::string_view text) {
  std::string lowered{text};
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return lowered;
}

/// The value of `a=<name>:<payload type> <value>`.
std::optional<std::string_view> find_for(const media& line, std::string_view name,
                                         std::string_view payload_type) {
  for (const auto& each : line.attributes) {
    std::string_view rest = each.value;
    if (each.name == name && take_word(rest) == payload_type)
      return rest;
  }
  return std::nullopt;
}

/// `opus/48000/2`
bool read_rtpmap(std::string_view value, payload_format& into) {
  into.name = lower(take_until(value, '/'));
  auto clock = to_number<std::uint32_t>(take_until(value, '/'));
  auto channels = value.empty() ? std::optional{1} : to_number<int>(value);
  if (!clock || !channels)
    return false;
  into.clock_rate = *clock;
  into.channels = *channels;
  return true;
}

/// RFC 3551 table 4: the static types that we know.
bool fill_static(payload_format& into) {
  for (auto [type, codec] : {std::pair{0, audio::codec_kind::pcmu}, std::pair{8, audio::codec_kind::pcma},
                             std::pair{9, audio::codec_kind::g722}})
    if (type == into.payload_type) {
      into.name = lower(audio::sdp_name(codec));
      into.clock_rate = audio::rtp_clock_rate(codec);
      return true;
    }
  return false;
}

void read_parameters(std::string_view value, payload_format& into) {
  while (!value.empty()) {
    auto item = take_until(value, ';');
    auto name = take_until(item, '=');
    if (!item.empty())
      into.parameters.emplace(lower(take_word(name)), std::string{take_word(item)});
  }
}

int number_of(const payload_format& format, const std::string& name, int otherwise) {
  auto found = format.parameters.find(name);
  return found == format.parameters.end() ? otherwise : to_number<int>(found->second).value_or(otherwise);
}

/// The highest step that is not above `wish`, or the lowest one.
template <std::size_t N>
int step_below(const std::array<int, N>& steps, int wish) {
  auto above = std::upper_bound(steps.begin(), steps.end(), wish);
  return above == steps.begin() ? steps.front() : *std::prev(above);
}

constexpr std::array bitrates{6000, 8000, 12000, 16000, 20000, 24000, 32000, 48000, 64000, 96000, 128000};
constexpr std::array bandwidths{8000, 12000, 16000, 24000, 48000};

} // namespace

std::vector<payload_format> read_formats(const media& line) {
  std::vector<payload_format> formats;
  for (const auto& text : line.formats) {
    auto type = to_number<std::uint8_t>(text);
    if (!type || *type > 127)
      continue;
    payload_format format;
    format.payload_type = *type;
    auto map = find_for(line, "rtpmap", text);
    if (map ? !read_rtpmap(*map, format) : !fill_static(format))
      continue;
    read_parameters(find_for(line, "fmtp", text).value_or(""), format);
    formats.push_back(std::move(format));
  }
  return formats;
}

const payload_format* find_codec(const std::vector<payload_format>& formats, audio::codec_kind codec) {
  const auto name = lower(audio::sdp_name(codec));
  const int channels = codec == audio::codec_kind::opus ? 2 : 1;
  auto found = std::find_if(formats.begin(), formats.end(), [&](const payload_format& each) {
    return each.name == name && each.clock_rate == audio::rtp_clock_rate(codec) && each.channels == channels;
  });
  return found == formats.end() ? nullptr : &*found;
}

const payload_format* find_telephone_event(const std::vector<payload_format>& formats,
                                           std::uint32_t clock_rate) {
  const payload_format* first = nullptr;
  for (const auto& each : formats) {
    if (each.name != "telephone-event" || each.clock_rate == 0)
      continue;
    if (each.clock_rate == clock_rate)
      return &each;
    first = first ? first : &each;
  }
  return first;
}

audio::encoding send_encoding(const payload_format& format, audio::codec_kind codec, int bitrate) {
  if (codec != audio::codec_kind::opus)
    return {
        .codec = codec, .bitrate = 0, .bandwidth_hz = 48000, .fec = false, .expected_loss = 0, .dtx = false};
  return {.codec = codec,
          .bitrate = step_below(bitrates, std::min(bitrate, number_of(format, "maxaveragebitrate", bitrate))),
          .bandwidth_hz = step_below(bandwidths, number_of(format, "maxplaybackrate", 48000)),
          .fec = number_of(format, "useinbandfec", 0) == 1,
          .expected_loss = 0,
          .dtx = number_of(format, "usedtx", 0) == 1};
}

} // namespace plenary::sdp
