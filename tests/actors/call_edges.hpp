#pragma once

#include "actors/edge/http_client.hpp"
#include "actors/edge/signalling.hpp"
#include "tests/support/idle_event_store.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

namespace plenary::test {

/// The port of the audio m-line.
inline std::string media_port(const std::string& sdp) {
  auto at = sdp.find("m=audio ");
  return at == std::string::npos ? "none" : sdp.substr(at + 8, sdp.find(' ', at + 8) - at - 8);
}

/// Writes down what the call orders, in a few words each.
class written_signalling final : public signalling {
public:
  void ring(const call_id&) override { orders.emplace_back("ring"); }
  void accept(const call_id&, std::string sdp) override { orders.push_back("accept " + media_port(sdp)); }
  void reject(const call_id&, rejection why) override {
    orders.push_back(fmt::format("reject {}", why.status));
  }
  void answer_offer(const call_id&, std::string sdp) override {
    orders.push_back("answer " + media_port(sdp));
  }
  void refuse_offer(const call_id&, rejection why) override {
    orders.push_back(fmt::format("refuse {} after {} s", why.status,
                                 why.retry_after.value_or(std::chrono::seconds{0}).count()));
  }
  void send_offer(const call_id&, std::string sdp) override {
    orders.push_back("offer " + media_port(sdp));
    offers.push_back(std::move(sdp));
  }
  void hang_up(const call_id&, hangup_cause cause) override { orders.push_back("hang_up " + cause.name); }

  std::vector<std::string> orders;
  std::vector<std::string> offers; ///< whole texts of our re-INVITEs
};

/// A customer's server that answers every request with the same document.
class one_document final : public http_client {
public:
  void send(http_request, callback done) override { done(http_response{200, {}, body, {}}); }

  std::string body = R"({"actions":[]})";
};

/// Keeps the latest record of every call, and every event, in memory.
class record_keeper final : public idle_event_store {
public:
  void commit(commit_batch batch, callback<void> done) override {
    for (const auto& each : batch.calls)
      records[each.id] = each;
    events.insert(events.end(), batch.events.begin(), batch.events.end());
    done({});
  }
  void find_call(call_id id, callback<std::optional<call_record>> done) override {
    auto found = records.find(id);
    done(found == records.end() ? std::optional<call_record>{} : std::optional{found->second});
  }

  std::map<call_id, call_record> records;
  std::vector<outbox_event> events;
};

} // namespace plenary::test
