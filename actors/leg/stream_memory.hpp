#pragma once

#include "actors/audio/endpoint.hpp"
#include "schema/ids.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace plenary {

/// Hash of an address and port.
struct endpoint_hash {
  std::size_t operator()(const audio::endpoint& where) const noexcept {
    const std::string_view address{reinterpret_cast<const char*>(where.address.data()), where.address.size()};
    return std::hash<std::string_view>{}(address)*31 + where.port;
  }
};

/// The streams of a port that are no leg's: when each began, so that nobody is given one that was there
/// before. What has been silent for `quiet` is forgotten: it would begin anew.
class stream_memory {
public:
  static constexpr std::chrono::seconds quiet{5};
  static constexpr std::size_t max_strangers = 256; ///< beyond them the half heard longest ago is forgotten
  static constexpr std::size_t max_ended = 2048;    ///< of legs that ended or moved; likewise

  /// Takes a packet of a stream that is no leg's; gives when that stream began.
  mono_time see(const audio::endpoint& from, std::uint32_t ssrc, mono_time now);

  /// Keeps a stream of a leg that let go of it: it began before everything. It counts as heard at `now`.
  void keep(const audio::endpoint& from, std::optional<std::uint32_t> ssrc, mono_time now);

  /// The stream has an owner.
  void forget(const audio::endpoint& from);

  /// True when this SSRC is sent from another address too, and was before `then`.
  bool was_sent_elsewhere(std::uint32_t ssrc, const audio::endpoint& from, mono_time then,
                          mono_time now) const;

  std::size_t size() const { return streams_.size(); }

private:
  struct stream {
    std::optional<std::uint32_t> ssrc;
    mono_time began{};
    mono_time latest{};
    bool ended = false;
  };

  void make_room(bool ended, mono_time now);

  std::unordered_map<audio::endpoint, stream, endpoint_hash> streams_;
  std::size_t ended_ = 0; ///< of `streams_`
};

} // namespace plenary
