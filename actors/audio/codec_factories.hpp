#pragma once

#include "actors/audio/codec.hpp"

namespace plenary::audio {

/// Opus (RFC 6716): mono, 48 kHz, VoIP mode, VBR. Fails with `internal`.
result<std::unique_ptr<encoder>> make_opus_encoder(const encoding& format, int complexity);
result<std::unique_ptr<decoder>> make_opus_decoder();

/// G.711, `kind` is pcmu or pcma. Fails with `internal`.
result<std::unique_ptr<encoder>> make_g711_encoder(codec_kind kind);
result<std::unique_ptr<decoder>> make_g711_decoder(codec_kind kind);

/// G.722 at 64 kbit/s. Fails with `internal`.
result<std::unique_ptr<encoder>> make_g722_encoder();
result<std::unique_ptr<decoder>> make_g722_decoder();

} // namespace plenary::audio
