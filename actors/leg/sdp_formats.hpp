#pragma once

#include "actors/audio/codec.hpp"
#include "actors/leg/sdp.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace plenary::sdp {

/// One payload type of an m-line with its rtpmap and fmtp; static types without rtpmap are filled in (RFC
/// 3551).
struct payload_format {
  std::uint8_t payload_type = 0;
  std::string name; ///< lower case, for example `opus`
  std::uint32_t clock_rate = 0;
  int channels = 1;
  std::map<std::string, std::string> parameters; ///< fmtp's `name=value` that we know, names in lower case
};

/// The payload types of an m-line, in its order and each once; those that cannot be read are left out.
std::vector<payload_format> read_formats(const media& line);

/// The format of a codec in a list, or null: name and clock compared.
const payload_format* find_codec(const std::vector<payload_format>& formats, audio::codec_kind codec);

/// The comfort noise format of 8 kHz, which belongs to G.711 and G.722, or null (RFC 3389).
const payload_format* find_comfort_noise(const std::vector<payload_format>& formats);

/// The telephone-event format with that clock, else the first one, or null (RFC 4733).
const payload_format* find_telephone_event(const std::vector<payload_format>& formats,
                                           std::uint32_t clock_rate);

/// How to send to a receiver that described this format: its Opus parameters are wishes that are kept
/// (RFC 7587 section 6.1). `bitrate` is our own limit; it is lowered to one of eleven steps, so that encoders
/// are shared.
audio::encoding send_encoding(const payload_format& format, audio::codec_kind codec, int bitrate);

} // namespace plenary::sdp
