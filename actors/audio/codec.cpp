#include "actors/audio/codec.hpp"

#include "actors/audio/codec_factories.hpp"

#include <fmt/format.h>

namespace plenary::audio {

std::string_view sdp_name(codec_kind kind) {
  switch (kind) {
  case codec_kind::opus:
    return "opus";
  case codec_kind::g722:
    return "G722";
  case codec_kind::pcmu:
    return "PCMU";
  case codec_kind::pcma:
    return "PCMA";
  }
  return {};
}

std::uint32_t rtp_clock_rate(codec_kind kind) {
  return kind == codec_kind::opus ? 48000 : 8000;
}

result<std::unique_ptr<encoder>> make_encoder(const encoding& format, int complexity) {
  switch (format.codec) {
  case codec_kind::opus:
    return make_opus_encoder(format, complexity);
  case codec_kind::g722:
    return make_g722_encoder();
  case codec_kind::pcmu:
  case codec_kind::pcma:
    return make_g711_encoder(format.codec);
  }
  return fail(errc::internal, fmt::format("no encoder of kind {}", static_cast<int>(format.codec)));
}

result<std::unique_ptr<decoder>> make_decoder(codec_kind kind) {
  switch (kind) {
  case codec_kind::opus:
    return make_opus_decoder();
  case codec_kind::g722:
    return make_g722_decoder();
  case codec_kind::pcmu:
  case codec_kind::pcma:
    return make_g711_decoder(kind);
  }
  return fail(errc::internal, fmt::format("no decoder of kind {}", static_cast<int>(kind)));
}

} // namespace plenary::audio
