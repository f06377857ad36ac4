#pragma once

#include "actors/audio/receive_stream.hpp"
#include "actors/edge/signalling.hpp"
#include "actors/leg/sdp_audio.hpp"

namespace plenary::sdp {

/// Our side's memory of a session: id and version of the `o=` line and the description that we sent last; the
/// version grows by one with every changed description (RFC 3264 section 8). Start with a random id; every
/// successful call below gives the next value to keep.
using session = sdp_session;

/// What our side can do.
struct capabilities {
  audio::endpoint local; ///< where we receive; RTCP comes to the same port
  std::vector<audio::codec_kind> codecs{audio::codec_kind::opus, audio::codec_kind::g722,
                                        audio::codec_kind::pcmu, audio::codec_kind::pcma}; ///< best first
  srtp_policy srtp = srtp_policy::optional;
  std::vector<audio::srtp_keys>
      keys; ///< ours, one per suite that may be used, best first; may be empty when off
  direction way = direction::sendrecv; ///< what we want; the other side may narrow it
  int opus_bitrate = 24000;            ///< bit/s, 6000 to 128000; a caller's maxaveragebitrate may lower it
};

/// The agreed payload type of RFC 4733 events.
struct telephone_event_format {
  std::uint8_t payload_type = 101;
  std::uint32_t clock_rate = 8000;

  friend bool operator==(const telephone_event_format&, const telephone_event_format&) = default;
};

/// Everything that a leg needs to know of a completed offer and answer.
struct negotiated {
  session next; ///< to keep; `next.local` is the text to send when we answered
  audio::endpoint remote;
  audio::endpoint remote_rtcp; ///< equal to `remote` with rtcp-mux
  bool rtcp_mux = false;
  audio::encoding send_as;
  std::uint8_t send_payload_type = 0;
  std::vector<audio::receivable_payload> receivable; ///< every payload type that may come
  std::optional<telephone_event_format> telephone_event;
  std::uint8_t level_extension = 0;    ///< RFC 6464 id on what we receive; 0: none
  direction way = direction::sendrecv; ///< ours; sends() is false also towards a null address
  bool held = false; ///< the caller does not want to hear us: sendonly, inactive or a null address
  std::optional<audio::srtp_keys> outbound; ///< our keys; nothing: plain RTP
  std::optional<audio::srtp_keys> inbound;  ///< the caller's keys
};

/// Answers an offer. Of several audio m-lines the best for the policy is taken (encrypted before plain),
/// every other m-line is answered with port 0 (RFC 3264 section 6). Codecs: all in common, in our order.
/// Fails with `malformed` or with `not_acceptable` (SIP 488): nothing in common, or `required` against
/// RTP/AVP (with or without crypto lines), or `off` against RTP/SAVP. RTP/AVP with crypto lines is plain
/// under `optional`.
result<negotiated> negotiate(std::string_view offer, const capabilities& ours, const session& before);

/// Our offer: for an INVITE without SDP, and for a re-INVITE of ours, which keeps the m-lines and payload
/// types that `before` holds. First offers are RTP/SAVP under `required`, else RTP/AVP. The text is `local`
/// of the result. Fails with `not_acceptable` when the policy asks for keys and `ours` has none.
result<session> make_offer(const capabilities& ours, const session& before);

/// Completes our offer, `offered.local`, with the other side's answer. Fails like negotiate().
result<negotiated> accept_answer(std::string_view answer, const capabilities& ours, const session& offered);

} // namespace plenary::sdp
