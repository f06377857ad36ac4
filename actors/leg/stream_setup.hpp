#pragma once

#include "actors/audio/duplex_stream.hpp"
#include "actors/edge/media_transport.hpp"
#include "actors/leg/sdp_negotiation.hpp"
#include "schema/result.hpp"

#include <memory>
#include <vector>

namespace plenary {

/// Fresh random keys for every suite, best first. Secrets.
std::vector<audio::srtp_keys> make_srtp_keys();

/// A random SDP session id (RFC 8866 section 5.2), below 2^62.
std::uint64_t make_session_id();

/// What the receive thread needs of an agreement.
receive_settings receive_settings_of(const sdp::negotiated& agreed);

/// The stream of a fresh agreement that sends from `port`. Fails with `internal` or `malformed` (keys).
result<audio::duplex_stream> make_stream(const sdp::negotiated& agreed,
                                         std::shared_ptr<audio::packet_ring> ring, audio::port_index port,
                                         const audio::jitter_limits& limits);

/// What a later agreement changes of a stream that was made for `before`. Fails like make_stream().
result<audio::stream_change> change_between(const sdp::negotiated& before, const sdp::negotiated& after,
                                            std::shared_ptr<audio::packet_ring> ring, audio::port_index port,
                                            const audio::jitter_limits& limits);

/// Whether the room hears the caller: sound was agreed, and it is not music for one who is on hold.
bool can_speak(const sdp::negotiated& agreed);

/// The agreement once the caller has taken the stream away: everything stays, but nobody hears and nobody
/// speaks.
sdp::negotiated without_stream(sdp::negotiated before, sdp::session next);

/// The loss that our encoder should prepare for, in per cent: 0, 10, 20 or 30. `fraction_lost` is what the
/// caller's latest report says of our packets, in 1/256. Coarse, so that a room's listeners share few
/// encoders. The steps are a guess.
int expected_loss_for(std::uint8_t fraction_lost);

/// Media goes to the address that it comes from, not to the one that the SDP named.
audio::stream_change redirect_to(const audio::endpoint& remote, const sdp::negotiated& agreed,
                                 audio::port_index port);

} // namespace plenary
