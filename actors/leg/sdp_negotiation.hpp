#pragma once

#include "actors/audio/receive_stream.hpp"
#include "actors/edge/signalling.hpp"
#include "actors/leg/sdp_audio.hpp"

#include <utility>

namespace plenary::sdp {

/// Our side's memory of a session: id and version of the `o=` line and the description that we sent last; the
/// version grows by one with every changed description (RFC 3264 section 8). Start with a random id; every
/// successful call below gives the next value to keep.
using session = sdp_session;

/// What our side can do.
struct capabilities {
  audio::endpoint local; ///< where we receive; RTCP comes to the same port. Family 0: not known yet
  std::vector<audio::codec_kind> codecs{audio::codec_kind::opus, audio::codec_kind::g722,
                                        audio::codec_kind::pcmu, audio::codec_kind::pcma}; ///< best first
  srtp_policy srtp = srtp_policy::optional;
  std::vector<audio::srtp_keys>
      keys; ///< ours, one per suite that may be used, best first; may be empty when off
  direction way = direction::sendrecv; ///< what we want; the other side may narrow it
  int opus_bitrate = 24000;            ///< bit/s, 6000 to 128000; a caller's maxaveragebitrate may lower it
  /// Where the signalling comes from: stands in for a media address that is named by no IP literal. Family 0:
  /// not known, such media is refused.
  audio::endpoint signalling;
};

/// The agreed payload type of RFC 4733 events.
struct telephone_event_format {
  std::uint8_t payload_type = 101;
  std::uint32_t clock_rate = 8000;

  friend bool operator==(const telephone_event_format&, const telephone_event_format&) = default;
};

/// What our own audio m-line says.
struct local_audio {
  std::string profile = "RTP/AVP";
  std::vector<std::pair<std::uint8_t, audio::codec_kind>> codecs; ///< payload types, best first
  std::optional<std::uint8_t> comfort_noise;                      ///< payload type of CN/8000
  std::optional<telephone_event_format> telephone_event;
  std::chrono::milliseconds ptime{20};
  std::optional<int> max_ptime; ///< ms; nothing: no limit is told
  std::vector<crypto_line> crypto;
  std::uint8_t level_extension = 0;
  bool rtcp_mux = false;
  direction way = direction::sendrecv;
};

/// Everything that a leg needs to know of a completed offer and answer.
struct negotiated {
  session next; ///< to keep; `next.local` is the text to send when we answered
  audio::endpoint remote;
  audio::endpoint remote_rtcp; ///< equal to `remote` with rtcp-mux
  bool rtcp_mux = false;
  audio::encoding send_as;
  std::uint8_t send_payload_type = 0;
  /// Every payload type of sound that may come; empty when only telephone events were agreed.
  std::vector<audio::receivable_payload> receivable;
  std::optional<telephone_event_format> telephone_event;
  /// The payload type of comfort noise of 8 kHz, agreed or not: gateways send 13 unasked. Nothing when no
  /// codec of that clock may come, or 13 is something else.
  std::optional<std::uint8_t> comfort_noise;
  std::uint8_t level_extension = 0;    ///< RFC 6464 id on what we receive; 0: none
  direction way = direction::sendrecv; ///< ours; sends() is false also towards a null address
  bool held = false; ///< the caller does not want to hear us: sendonly, inactive or a null address
  std::optional<audio::srtp_keys> outbound; ///< our keys; nothing: plain RTP
  std::optional<audio::srtp_keys> inbound;  ///< the caller's keys
  bool removed = false; ///< a later offer took the stream away (port 0): only `next`, `way` and `held` count
};

/// An offer that was read and fits: how it will be answered once our address is known.
struct fitting_offer {
  description offered;
  audio_media taken;                 ///< the m-line that is answered
  local_audio answer;                ///< what our m-line will say
  std::optional<crypto_line> crypto; ///< the offered line that is taken
  bool removed = false;              ///< the stream is taken away: every m-line is refused
};

/// Reads an offer and decides how to answer it. Of several audio m-lines the best for the policy is taken
/// (with a codec before events alone, encrypted before plain), every other m-line will be answered with port
/// 0 (RFC 3264 section 6). Codecs: all in common, in our order. Within a session (`before` holds a
/// description) an audio line with port 0 takes the stream away (section 8.2). Fails with `malformed` or with
/// `not_acceptable` (SIP 488): nothing in common, or `required` against RTP/AVP (with or without crypto
/// lines), or `off` against RTP/SAVP. RTP/AVP with crypto lines is plain under `optional`.
result<fitting_offer> read_offer(std::string_view offer, const capabilities& ours, const session& before);

/// Answers an offer that fits, from `ours.local`.
negotiated answer_offer(const fitting_offer& what, const capabilities& ours, const session& before);

/// Reads and answers an offer; `ours.local` is known.
result<negotiated> negotiate(std::string_view offer, const capabilities& ours, const session& before);

/// Our offer: for an INVITE without SDP, and for a re-INVITE of ours, which keeps the m-lines and payload
/// types that `before` holds. First offers are RTP/SAVP under `required`, else RTP/AVP. The text is `local`
/// of the result. Fails with `not_acceptable` when the policy asks for keys and `ours` has none.
result<session> make_offer(const capabilities& ours, const session& before);

/// Completes our offer, `offered.local`, with the other side's answer. Fails like negotiate().
result<negotiated> accept_answer(std::string_view answer, const capabilities& ours, const session& offered);

} // namespace plenary::sdp
