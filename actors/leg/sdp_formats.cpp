#include "actors/leg/sdp_formats.hpp"

#include "actors/leg/text_cursor.hpp"

#include <algorithm>
#include <array>
#include <bitset>

namespace plenary::sdp {

namespace {

/// RFC 3551 table 4: the name of a static type that we know, in lower case; empty for any other. All have a
/// clock of 8 kHz.
std::string static_name(std::uint8_t payload_type) {
  switch (payload_type) {
  case 0:
    return "pcmu";
  case 8:
    return "pcma";
  case 9:
    return "g722";
  case 13:
    return "cn";
  default:
    return {};
  }
}

/// `opus/48000/2`; the clock of a name that we know may be missing. False when it cannot be read.
bool read_rtpmap(std::string_view value, payload_format& into) {
  into.name = to_lower(trim(take_until(value, '/')));
  const auto clock_text = trim(take_until(value, '/'));
  const std::uint32_t usual = into.name == "opus" ? 48000 : 8000;
  const auto clock = clock_text.empty() ? usual : to_leading_number<std::uint32_t>(clock_text);
  into.clock_rate = clock.value_or(0);
  into.channels = to_leading_number<int>(trim(value)).value_or(1);
  return !into.name.empty() && into.clock_rate != 0;
}

/// What the number alone says of a static type. An rtpmap that contradicts RFC 3551 counts, but for the clock
/// of G.722, which is 8000 Hz whatever some phones write.
bool fill_static(payload_format& into, bool has_map) {
  const auto name = static_name(into.payload_type);
  if (has_map && name != into.name)
    return true;
  if (name.empty())
    return has_map;
  into.name = name;
  into.clock_rate = 8000;
  if (!has_map)
    into.channels = 1;
  return true;
}

constexpr std::array<std::string_view, 5> known_parameters{"maxaveragebitrate", "maxplaybackrate",
                                                           "useinbandfec", "usedtx", "minptime"};

void read_parameters(std::string_view value, payload_format& into) {
  while (!value.empty()) {
    auto item = take_until(value, ';');
    const auto name = trim(take_until(item, '='));
    for (auto known : known_parameters)
      if (same_token(name, known))
        into.parameters.emplace(known, std::string{trim(item)});
  }
}

/// What rtpmap and fmtp lines say of each payload type, collected in one walk.
struct described_type {
  std::optional<std::string_view> map; ///< the first one
  std::vector<std::string_view> parameters;
};

std::array<described_type, 128> describe_types(const media& line) {
  std::array<described_type, 128> types;
  for (const auto& each : line.attributes) {
    const bool map = each.name == "rtpmap";
    if (!map && each.name != "fmtp")
      continue;
    std::string_view rest = each.value;
    const auto type = to_number<std::uint8_t>(take_word(rest));
    if (!type || *type >= types.size())
      continue;
    if (!map)
      types[*type].parameters.push_back(rest);
    else if (!types[*type].map)
      types[*type].map = rest;
  }
  return types;
}

int number_of(const payload_format& format, const std::string& name, int otherwise) {
  auto found = format.parameters.find(name);
  return found == format.parameters.end() ? otherwise
                                          : to_leading_number<int>(found->second).value_or(otherwise);
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
  const auto types = describe_types(line);
  std::bitset<128> seen;
  std::vector<payload_format> formats;
  for (const auto& text : line.formats) {
    const auto type = to_number<std::uint8_t>(text);
    if (!type || *type >= types.size() || seen[*type])
      continue;
    seen.set(*type);
    payload_format format;
    format.payload_type = *type;
    const bool mapped = types[*type].map && read_rtpmap(*types[*type].map, format);
    if (!fill_static(format, mapped))
      continue;
    for (auto parameters : types[*type].parameters)
      read_parameters(parameters, format);
    formats.push_back(std::move(format));
  }
  return formats;
}

const payload_format* find_codec(const std::vector<payload_format>& formats, audio::codec_kind codec) {
  const auto name = audio::sdp_name(codec);
  // RFC 7587 wants two channels in Opus's rtpmap; without them the payloads are the same.
  const int most_channels = codec == audio::codec_kind::opus ? 2 : 1;
  auto found = std::find_if(formats.begin(), formats.end(), [&](const payload_format& each) {
    return same_token(each.name, name) && each.clock_rate == audio::rtp_clock_rate(codec) &&
           each.channels >= 1 && each.channels <= most_channels;
  });
  return found == formats.end() ? nullptr : &*found;
}

const payload_format* find_comfort_noise(const std::vector<payload_format>& formats) {
  auto found = std::find_if(formats.begin(), formats.end(), [](const payload_format& each) {
    return each.name == "cn" && each.clock_rate == 8000;
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
