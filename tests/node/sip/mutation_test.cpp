#include "live_edge.hpp"

#include <atomic>
#include <random>

namespace plenary::sip_test {

namespace {

/// Accepts every call and answers every offer.
class accepting_listener final : public signalling_listener {
public:
  void on_invite(incoming_invite invite) override { edge.load()->accept(invite.id, std::string(sdp_answer)); }
  void on_event(const call_id& id, signalling_event event) override {
    if (std::holds_alternative<offer_received>(event))
      edge.load()->answer_offer(id, std::string(sdp_answer));
    else if (std::holds_alternative<call_confirmed>(event))
      edge.load()->send_offer(id, std::string(sdp_offer));
  }

  std::atomic<sip_edge*> edge = nullptr;
};

class mutator {
public:
  explicit mutator(unsigned seed)
      : random_(seed) {}

  std::string operator()(std::string text) {
    for (auto times = below(4); times > 0 && !text.empty(); --times)
      mutate(text);
    return text;
  }
  std::size_t below(std::size_t limit) { return random_() % limit; }

private:
  void mutate(std::string& text) {
    static constexpr std::string_view pieces[] = {"\r\n", ":",  ";tag=", "<",       ">",     "\"",
                                                  "%00",  ",",  "*",     "tel:1",   "sips:", "4294967295",
                                                  "-1",   "\0", ";lr",   "SIP/2.0", "@",     "[::"};
    const auto at = below(text.size());
    switch (below(5)) {
    case 0:
      text[at] = static_cast<char>(below(256));
      break;
    case 1:
      text.erase(at, 1 + below(20));
      break;
    case 2:
      text.insert(at, pieces[below(std::size(pieces))]);
      break;
    case 3:
      text.insert(at, text.substr(below(text.size()), below(60)));
      break;
    default:
      text.resize(at);
      break;
    }
  }

  std::mt19937 random_;
};

/// Sends a sound OPTIONS and returns everything that came before its answer: the server has then read
/// whatever was sent before. Nothing when the server does not answer any more.
std::optional<std::vector<message>> settle(line& wire) {
  caller sane(wire);
  std::vector<message> before;
  for (int tries = 0; tries < 20; ++tries) {
    sane.send({"OPTIONS", {}, {}, {}, 0, false});
    for (auto got = wire.receive(std::chrono::milliseconds(500)); got;
         got = wire.receive(std::chrono::milliseconds(500))) {
      if (got->header("Call-ID") == sane.call_id)
        return before;
      before.push_back(std::move(*got));
    }
  }
  return std::nullopt;
}

std::string broken_answer(const message& request, mutator& mutated) {
  const auto status = std::to_string(200 + 100 * mutated.below(5));
  return mutated("SIP/2.0 " + status + " X\r\nVia: " + request.header("Via") +
                 "\r\nFrom: " + request.header("From") + "\r\nTo: " + request.header("To") +
                 "\r\nCall-ID: " + request.header("Call-ID") + "\r\nCSeq: " + request.header("CSeq") +
                 "\r\nContact: <sip:a@127.0.0.1:9>\r\nContent-Length: 0\r\n\r\n");
}

TEST(Mutations, OfWholeDialogsNeverHarmTheEdge) {
  const unsigned seed = 20'261'122;
  SCOPED_TRACE(seed);
  mutator mutated(seed);
  accepting_listener listener;
  test::counting_telemetry counters;
  test::silent_logger log;
  auto settings = usual_settings();
  settings.t1 = std::chrono::milliseconds(10);
  auto edge = std::move(*sip_edge::start(settings, listener, counters, log));
  listener.edge = edge.get();
  auto wire = line::udp(edge->addresses()[0].port);

  for (int dialog = 0; dialog < 1'000; ++dialog) {
    caller phone(wire);
    const bool routed = mutated.below(2) == 0;
    wire.send(mutated(phone.text_of({"INVITE",
                                     routed ? "Record-Route: <sip:127.0.0.1:9;lr>\r\n" : "",
                                     std::string(sdp_offer),
                                     {},
                                     0,
                                     true})));
    for (int round = 0; round < 2; ++round) {
      const auto received = settle(wire);
      ASSERT_TRUE(received) << "no answer in dialog " << dialog;
      for (const auto& each : *received) {
        if (!each.is_response())
          wire.send(broken_answer(each, mutated));
        else if (const auto to = each.header("To"); to.find("tag=") != std::string::npos)
          phone.remote_tag = to.substr(to.find("tag=") + 4);
      }
      for (const char* method : {"ACK", "INVITE", "UPDATE"})
        wire.send(mutated(phone.text_of({method, {}, std::string(sdp_offer), {}, 0, true})));
    }
    wire.send(mutated(phone.text_of({"BYE", {}, {}, {}, 0, false})));
  }

  EXPECT_TRUE(settle(wire));
  edge->stop();
  EXPECT_EQ(edge->active_calls(), 0U);
  EXPECT_GT(counters[counter::sip_messages_received], 5'000U);
}

} // namespace

} // namespace plenary::sip_test
