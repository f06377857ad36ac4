#include "live_edge.hpp"

#include <random>

namespace plenary::sip_test {

namespace {

/// Accepts every call and answers every offer.
class accepting_listener final : public signalling_listener {
public:
  void on_invite(incoming_invite invite) override { edge->accept(invite.id, std::string(sdp_answer)); }
  void on_event(const call_id& id, signalling_event event) override {
    if (std::holds_alternative<offer_received>(event))
      edge->answer_offer(id, std::string(sdp_answer));
    else if (std::holds_alternative<call_confirmed>(event))
      edge->send_offer(id, std::string(sdp_offer));
  }

  sip_edge* edge = nullptr;
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

TEST(Mutations, OfWholeDialogsNeverHarmTheEdge) {
  const unsigned seed = 20'261'122;
  SCOPED_TRACE(seed);
  mutator mutated(seed);
  accepting_listener listener;
  test::counting_telemetry counters;
  test::silent_logger log;
  auto settings = usual_settings();
  settings.t1 = std::chrono::milliseconds(1);
  auto edge = std::move(*sip_edge::start(settings, listener, counters, log));
  listener.edge = edge.get();
  auto wire = line::udp(edge->addresses()[0].port);

  for (int dialog = 0; dialog < 1'000; ++dialog) {
    caller phone(wire);
    phone.remote_tag = {};
    wire.send(mutated(phone.text_of(
        {"INVITE", "Record-Route: <sip:127.0.0.1:9;lr>\r\n", std::string(sdp_offer), {}, 0, true})));
    // Whatever comes is answered with something broken; nothing is waited for.
    for (auto received = wire.receive(std::chrono::milliseconds(2)); received;
         received = wire.receive(std::chrono::milliseconds(1))) {
      if (const auto at = received->header("To").find("tag=");
          at != std::string::npos && received->is_response())
        phone.remote_tag = received->header("To").substr(at + 4);
      if (!received->is_response())
        wire.send(
            mutated("SIP/2.0 " + std::to_string(200 + 100 * mutated.below(5)) +
                    " X\r\nVia: " + received->header("Via") + "\r\nFrom: " + received->header("From") +
                    "\r\nTo: " + received->header("To") + "\r\nCall-ID: " + received->header("Call-ID") +
                    "\r\nCSeq: " + received->header("CSeq") + "\r\nContact: <sip:a@127.0.0.1:9>\r\n\r\n"));
      else if (received->status() == 200)
        break;
    }
    for (const char* method : {"ACK", "INVITE", "UPDATE", "BYE"})
      wire.send(mutated(phone.text_of({method, {}, std::string(sdp_offer), {}, 0, true})));
  }

  caller sane(wire);
  sane.send({"OPTIONS", {}, {}, {}, 0, false});
  message last = sane.expect();
  while (last.header("Call-ID") != sane.call_id && last.status() != 0)
    last = sane.expect();
  EXPECT_EQ(last.status(), 200);
  edge->stop();
  EXPECT_EQ(edge->active_calls(), 0U);
  EXPECT_GT(counters[counter::sip_messages_received], 3'000U);
}

} // namespace

} // namespace plenary::sip_test
