#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/media_transport.hpp"
#include "actors/edge/telemetry.hpp"
#include "actors/edge/tick_source.hpp"

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace plenary::test {

/// Counts in memory.
class counting_telemetry final : public telemetry {
public:
  void count(counter which, std::uint64_t amount) noexcept override {
    counters_[static_cast<std::size_t>(which)] += amount;
  }
  void set(gauge which, double value) noexcept override { gauges_[static_cast<std::size_t>(which)] = value; }
  void add(gauge which, double difference) noexcept override {
    auto& cell = gauges_[static_cast<std::size_t>(which)];
    auto before = cell.load();
    while (!cell.compare_exchange_weak(before, before + difference)) {
    }
  }
  void observe(histogram which, double) noexcept override {
    ++observations_[static_cast<std::size_t>(which)];
  }

  std::uint64_t operator[](counter which) const { return counters_[static_cast<std::size_t>(which)]; }
  double operator[](gauge which) const { return gauges_[static_cast<std::size_t>(which)]; }
  std::uint64_t operator[](histogram which) const { return observations_[static_cast<std::size_t>(which)]; }

private:
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(counter::count_)> counters_{};
  std::array<std::atomic<double>, static_cast<std::size_t>(gauge::count_)> gauges_{};
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(histogram::count_)> observations_{};
};

/// Says nothing.
class silent_logger final : public logger {
public:
  void write(log_level, std::string_view, std::initializer_list<log_field>) override {}
};

/// A metronome that the test beats by hand.
class manual_ticks final : public tick_source {
public:
  std::unique_ptr<tick_subscription> subscribe(callback on_tick) override {
    std::lock_guard lock(mutex_);
    auto id = next_++;
    subscribers_[id] = std::move(on_tick);
    return std::make_unique<subscription>(*this, id);
  }

  /// Beats every subscriber once.
  void beat(mono_time due, std::uint64_t number) {
    std::lock_guard lock(mutex_);
    for (auto& [id, on_tick] : subscribers_)
      on_tick(due, number);
  }

  std::size_t subscribers() const {
    std::lock_guard lock(mutex_);
    return subscribers_.size();
  }

private:
  class subscription final : public tick_subscription {
  public:
    subscription(manual_ticks& owner, int id)
        : owner_(owner)
        , id_(id) {}
    ~subscription() override {
      callback dropped;
      std::lock_guard lock(owner_.mutex_);
      dropped = std::move(owner_.subscribers_[id_]);
      owner_.subscribers_.erase(id_);
    }
    subscription(const subscription&) = delete;
    subscription& operator=(const subscription&) = delete;

  private:
    manual_ticks& owner_;
    int id_;
  };

  mutable std::mutex mutex_;
  std::map<int, callback> subscribers_;
  int next_ = 0;
};

/// A network that keeps what is sent and gives every leg a place.
class captured_transport final : public media_transport {
public:
  struct packet {
    audio::endpoint to;
    std::vector<std::uint8_t> bytes;
  };
  struct opened_session {
    receive_settings settings;
    std::shared_ptr<audio::packet_ring> ring;
    std::function<void(media_event)> on_event;
    media_statistics statistics;
    std::vector<std::vector<std::uint8_t>> rtcp; ///< what the leg sent
    bool open = true;
  };

  /// Every leg's own address from now on.
  void set_local(const audio::endpoint& local) {
    std::lock_guard lock(mutex_);
    local_ = local;
  }

  result<std::unique_ptr<media_session>> open(receive_settings settings,
                                              std::shared_ptr<audio::packet_ring> ring,
                                              std::function<void(media_event)> on_event) override {
    std::lock_guard lock(mutex_);
    auto state = std::make_shared<opened_session>();
    state->settings = std::move(settings);
    state->ring = std::move(ring);
    state->on_event = std::move(on_event);
    sessions_.push_back(state);
    return std::make_unique<session>(*this, state);
  }

  void transmit(audio::packet_batch& batch) override {
    std::lock_guard lock(mutex_);
    for (const auto& entry : batch.entries()) {
      packet one{entry.to, {}};
      if (!entry.whole)
        one.bytes.assign(entry.header.begin(), entry.header.end());
      one.bytes.insert(one.bytes.end(), entry.payload.begin(), entry.payload.end());
      sent_.push_back(std::move(one));
    }
    batch.clear();
  }

  /// Takes what was sent since the last call.
  std::vector<packet> take_sent() {
    std::lock_guard lock(mutex_);
    return std::exchange(sent_, {});
  }

  std::shared_ptr<opened_session> session_at(std::size_t index) {
    std::lock_guard lock(mutex_);
    return sessions_.at(index);
  }

  std::size_t opened() const {
    std::lock_guard lock(mutex_);
    return sessions_.size();
  }

  void set_statistics(std::size_t index, const media_statistics& statistics) {
    std::lock_guard lock(mutex_);
    sessions_.at(index)->statistics = statistics;
  }

private:
  class session final : public media_session {
  public:
    session(captured_transport& owner, std::shared_ptr<opened_session> state)
        : owner_(owner)
        , state_(std::move(state)) {}
    ~session() override {
      std::lock_guard lock(owner_.mutex_);
      state_->open = false;
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    audio::endpoint local() const override {
      std::lock_guard lock(owner_.mutex_);
      return owner_.local_;
    }
    audio::port_index port() const override { return 0; }
    void update(receive_settings settings) override {
      std::lock_guard lock(owner_.mutex_);
      state_->settings = std::move(settings);
    }
    media_statistics statistics() const override {
      std::lock_guard lock(owner_.mutex_);
      return state_->statistics;
    }
    std::optional<audio::reception_report> take_reception_report(wall_time) override { return std::nullopt; }
    void send_rtcp(std::span<const std::uint8_t> packet) override {
      std::lock_guard lock(owner_.mutex_);
      state_->rtcp.emplace_back(packet.begin(), packet.end());
    }

  private:
    captured_transport& owner_;
    std::shared_ptr<opened_session> state_;
  };

  mutable std::mutex mutex_;
  audio::endpoint local_{4, {127, 0, 0, 1}, 20000};
  std::vector<packet> sent_;
  std::vector<std::shared_ptr<opened_session>> sessions_;
};

} // namespace plenary::test
