#include "node/sip/farewell.hpp"

namespace plenary::sip_layer {

namespace {

/// Times that a BYE is sent, however it is challenged.
constexpr int max_farewells = 4;

/// A BYE on its way; owns itself until its final answer, which always comes (at the latest by timeout or
/// when the stack closes).
class farewell {
public:
  farewell(ending_dialog ended, std::string headers)
      : ended_(std::move(ended))
      , headers_(std::move(headers)) {
    ended_.credentials.begin_request();
  }

  /// Destroys itself when the BYE cannot be sent.
  void send() {
    ++sent_;
    auto& dialog = *ended_.left;
    auto text =
        ended_.credentials.lines({"BYE", dialog.target(), {}}) + headers_ + "Content-Length: 0\r\n\r\n";
    if (dialog.send(ended_.stack, {"BYE", dialog.next_sequence(), std::move(text)},
                    {nullptr, on_answer, this}, &request_) != 0)
      delete this;
  }

private:
  static void on_answer(int error, const sip_msg* answer, void* arg) {
    auto* self = static_cast<farewell*>(arg);
    if (error == 0 && answer != nullptr && answer->scode < 200)
      return;
    if (self->ended_.in_use.expired()) {
      delete self;
      return;
    }
    if (is_broken(error) && self->sent_ < max_farewells && self->ended_.left->leave_flow()) {
      self->send();
      return;
    }
    const bool challenged = answer != nullptr && (answer->scode == 401 || answer->scode == 407);
    if (error == 0 && challenged && self->sent_ < max_farewells && self->may_answer(*answer)) {
      self->send();
      return;
    }
    delete self;
  }

  bool may_answer(const sip_msg& answer) {
    return take_challenge(
        answer,
        {ended_.stack, ended_.left.get(), &ended_.credentials, ended_.counters, ended_.log, {}, ended_.call});
  }

  ending_dialog ended_;
  std::string headers_;
  struct ::sip_request* request_ = nullptr;
  int sent_ = 0;
};

} // namespace

void send_bye(ending_dialog ended, std::string headers) {
  (new farewell(std::move(ended), std::move(headers)))->send();
}

} // namespace plenary::sip_layer
