#pragma once

#include "actors/audio/media_address.hpp"
#include "actors/leg/stream_memory.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace plenary {

/// What a leg's signalling says about where its media comes from.
struct media_claim {
  audio::endpoint media;      ///< of the SDP; family 0: not known yet
  audio::endpoint control;    ///< where the SDP has RTCP; equal to `media` with rtcp-mux
  audio::endpoint signalling; ///< where the INVITE came from, its port means nothing; family 0: not known
  bool proves = false;        ///< packets prove whose they are (SRTP), wherever they come from
  std::shared_ptr<const audio::address_blocks> within; ///< where media may come from; null or empty: anywhere
  std::uint32_t offer = 0; ///< its number; what was found under an earlier one is no news of this one

  friend bool operator==(const media_claim&, const media_claim&) = default;
};

/// True when the SDP's address is not the one that the caller is seen at, so that its media may come from
/// anywhere.
bool is_behind_nat(const media_claim& claim);

/// True when no packet can tell two waiting legs apart, other than one from the SDP's own address.
bool are_alike(const media_claim& a, const media_claim& b);

/// True when there may be a stream that either leg could be waiting for.
bool may_mean_one_stream(const media_claim& a, const media_claim& b);

/// True when nothing but the signalling says where the media may come from.
bool is_vague(const media_claim& claim);

/// How an address speaks for a leg; the greater wins.
enum class evidence : std::uint8_t {
  none,
  guess, ///< the caller is behind a NAT: it may be anybody
  host,  ///< the machine that signals, or another port of the one that the SDP names
  named  ///< the very address of the SDP
};

/// Who the streams of one media port belong to: every leg of the port, and nothing but values.
///
///               from the SDP's address: at once, always
///      +---------------------------------------------------------+
///      |                                                         v
///  [waiting] --a stream that began after the leg was added---> [owned] <--+ another port of its host, 2 s
///      ^       from the signalling's host: 3 packets; from        |   |   | after the old stream's end,
///      |       anywhere behind a NAT: 5; proven: 1;               |   +---+ when nobody waits for it
///      |       and no other waiting leg could mean it             |
///      |                                                          | ^
///      +-- its source was a guess, another leg's SDP names it ----+ | its source goes on; or as [waiting]
///                                                                 | | where the address changed; else,
///                                     offer repeated or changed   v | 1 s without its source, its host
///                                                             [renewed]
///
/// A guess gives way to the signalling host, and both to the SDP's address. An endpoint has one owner. A
/// stream that was there before the leg, or that another leg has let go of, is nobody's until it has been
/// silent for stream_memory::quiet. An SSRC alone never speaks for anybody; it only chooses among the silent
/// legs of one host. Whoever takes a packet to a leg asks who() for the legs that may have it, best first,
/// checks SRTP, and tells take() of the first that it was right for.
class stream_ownership {
public:
  using leg_id = std::uint64_t;

  static constexpr int guess_run = 5; ///< consecutive packets of one stream
  static constexpr int host_run = 3;
  static constexpr std::chrono::milliseconds stopped{2000};
  static constexpr std::chrono::milliseconds renewal_grace{1000};
  static constexpr std::size_t max_claimants = 4;

  /// What is known of an RTP packet before it is opened.
  struct packet {
    audio::endpoint from;
    std::uint32_t ssrc = 0;
    std::uint16_t sequence_number = 0;
  };

  /// Legs to try, best first.
  struct claimants {
    std::array<leg_id, max_claimants> ids{};
    std::size_t count = 0;

    void add(leg_id id) {
      if (count < max_claimants)
        ids[count++] = id;
    }
    std::span<const leg_id> all() const& { return {ids.data(), count}; }
    std::span<const leg_id> all() const&& = delete; ///< it would look at what is gone
  };

  enum class verdict {
    refused,
    accepted,
    settled ///< accepted, and the leg's media goes to this source from now on
  };

  /// The leg waits for its media; a leg that is known is renewed.
  void add(leg_id id, const media_claim& claim, mono_time now);
  /// A repeated or changed offer. An unspecified address (hold) changes nothing.
  void renew(leg_id id, const media_claim& claim, mono_time now);
  /// The leg ended; its streams are nobody's.
  void remove(leg_id id, mono_time now);

  /// Who may have this packet; at most `max_claimants`, none for what is foreign.
  claimants who(const packet& seen, mono_time now);
  /// The packet is right for this leg (with SRTP: it was authentic).
  verdict take(leg_id id, const packet& seen, mono_time now);

  /// Whose RTCP comes from this address: the owner of the port before it or of this one, the leg whose SDP
  /// says so, or the only leg with media from that host.
  std::optional<leg_id> controller(const audio::endpoint& from) const;

  /// The leg that has this source or this address in its SDP.
  std::optional<leg_id> owner_of(const audio::endpoint& from) const;
  /// Where the leg's media comes from; nothing while it waits.
  std::optional<audio::endpoint> source_of(leg_id id) const;
  /// True while a stream that nobody owns may become the leg's.
  bool is_open(leg_id id) const;
  std::size_t size() const { return legs_.size(); }

private:
  enum class phase : std::uint8_t { waiting, owned, renewed };

  struct owner {
    media_claim claim;
    mono_time added_at{};
    mono_time renewed_at{};
    phase now = phase::waiting;
    bool changed = false; ///< renewed with another address
    bool named = false;   ///< the SDP's address leads here; not with SRTP
    evidence by = evidence::none;
    std::optional<audio::endpoint> source;
    std::uint32_t ssrc = 0;
    mono_time heard{};
    packet candidate; ///< the latest of a run that may become the source
    int run = 0;
  };

  static evidence evidence_of(const owner& leg, const audio::endpoint& from);
  static evidence least_that_counts(const owner& leg, mono_time now);
  static bool count(owner& leg, const packet& seen, int needed);

  bool add_waiting(const packet& seen, mono_time began, mono_time now, claimants& found) const;
  void add_moved(const packet& seen, mono_time began, mono_time now, claimants& found) const;
  bool is_host_of_another(leg_id id, const audio::endpoint& from) const;
  verdict go_on(leg_id id, owner& leg, const packet& seen, mono_time now);
  void move(leg_id id, owner& leg, const packet& seen, mono_time now);
  void name(leg_id id, owner& leg);
  void unname(leg_id id, owner& leg, mono_time now);
  void assign(const audio::endpoint& where);
  audio::endpoint leave_source(leg_id id, owner& leg);
  void let_go(leg_id id, owner& leg);
  void update_open(leg_id id, const owner& leg);

  std::unordered_map<leg_id, owner> legs_;
  std::unordered_map<audio::endpoint, leg_id, endpoint_hash> owners_;             ///< sources and named
  std::unordered_map<audio::endpoint, leg_id, endpoint_hash> proving_;            ///< named, under SRTP
  std::unordered_map<audio::endpoint, leg_id, endpoint_hash> controls_;           ///< RTCP of its own
  std::unordered_map<audio::endpoint, std::vector<leg_id>, endpoint_hash> hosts_; ///< of sources, port 0
  std::vector<leg_id> open_;
  stream_memory memory_;
};

} // namespace plenary
