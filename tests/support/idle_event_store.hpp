#pragma once

#include "actors/edge/event_store.hpp"

namespace plenary::test {

/// A node's own store without work: nothing is due, nothing was left behind. What is committed and found is
/// the test's.
class idle_event_store : public event_store {
public:
  bool shared() const override { return false; }
  void claim(std::vector<claim_share>, wall_time, std::chrono::seconds,
             callback<std::vector<due_event>> done) override {
    done(std::vector<due_event>{});
  }
  void settle(std::vector<delivery_outcome>, callback<void> done) override { done({}); }
  void end_calls(lost_calls, call_ender, callback<std::vector<call_id>> done) override {
    done(std::vector<call_id>{});
  }
  void depth(callback<outbox_depth> done) override { done(outbox_depth{}); }
  void dead_letters(application_id, std::size_t, callback<std::vector<dead_letter>> done) override {
    done(std::vector<dead_letter>{});
  }
  void replay(std::string, callback<void> done) override { done({}); }
  bool flush(mono_time) override { return true; }
};

} // namespace plenary::test
