#pragma once

#include "schema/ids.hpp"

#include <chrono>

namespace plenary {

/// How fast a leg may send to an address that may never have asked for it.
///
///   [unproven] --ACK--> [granted] --5 s without a packet from there--> [held back]
///                         ^    |                                          |
///        media goes to    |    +------- a packet from there ------+       |
///        another address  +------------------------------- [heard]<-------+
///
/// A caller that only listens is never held back once it is confirmed. Pure.
class media_pace {
public:
  static constexpr std::chrono::seconds grant{5};

  /// `proven`: the caller's signalling has answered before.
  media_pace(bool proven, mono_time now)
      : proven_(proven)
      , granted_until_(now + grant) {}

  /// Our tag came back: the address that the caller signals from is real.
  void confirm(mono_time now) {
    if (!proven_)
      granted_until_ = now + grant;
    proven_ = true;
  }
  /// Something came from the address that we send to.
  void hear() { heard_ = true; }
  /// We send to another address. Who was never heard is granted nothing more.
  void move(mono_time now) {
    if (heard_)
      granted_until_ = now + grant;
    heard_ = false;
  }

  bool is_proven() const { return proven_; }
  /// True while only a trickle may be sent.
  bool trickles(mono_time now, bool caller_only_listens) const {
    return !proven_ || (!heard_ && !caller_only_listens && now >= granted_until_);
  }

private:
  bool proven_;
  bool heard_ = false;
  mono_time granted_until_;
};

} // namespace plenary
