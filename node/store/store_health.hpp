#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace plenary {

/// Whether what is committed becomes durable. The store's thread says so; everybody may ask. A change is
/// logged once and stands in the gauge `store_writable`.
class store_health {
public:
  store_health(telemetry& figures, logger& log);

  /// The disk or the database took a write, or refused one.
  void succeeded();
  void failed(std::string_view reason);

  /// Bytes that are free where the files lie; less than `least` counts as full, so that what running calls
  /// still have to tell finds room.
  void set_free(std::uint64_t bytes, std::uint64_t least);

  /// Whether new calls may come.
  bool accepts() const { return accepts_; }

  /// For people; empty while it accepts.
  std::string trouble() const;

private:
  void judge();

  telemetry& figures_;
  logger& log_;
  std::atomic<bool> accepts_{true};
  mutable std::mutex mutex_;
  std::string refusal_;  ///< guarded by `mutex_`: why the latest write failed, or empty
  std::string no_space_; ///< guarded by `mutex_`
};

/// Bytes that an ordinary user may still write beside this file; nothing when that cannot be found out.
std::optional<std::uint64_t> free_bytes_beside(const std::string& file);

} // namespace plenary
