#include "node/sip/credentials.hpp"

namespace plenary::sip_layer {

namespace {

int give_credentials(char** username, char** password, const char*, void* trunk) {
  const auto& known = *static_cast<const sip_trunk*>(trunk);
  if (const int error = str_dup(username, known.username.c_str()))
    return error;
  return str_dup(password, known.password.c_str());
}

/// A BYE on its way; owns itself until its final answer, which always comes (at the latest by timeout or
/// when the stack closes).
class farewell {
public:
  farewell(::sip* stack, re_ptr<sip_dialog> dialog, re_ptr<sip_auth> auth, std::string text)
      : stack_(stack)
      , dialog_(std::move(dialog))
      , auth_(std::move(auth))
      , text_(std::move(text)) {}

  /// Destroys itself when the BYE cannot be sent.
  void send() {
    if (sip_drequestf(&request_, stack_, true, "BYE", dialog_.get(), 0, auth_.get(), nullptr, on_answer, this,
                      "%s", text_.c_str()) != 0)
      delete this;
  }

private:
  static void on_answer(int error, const sip_msg* answer, void* arg) {
    auto* self = static_cast<farewell*>(arg);
    if (error == 0 && answer != nullptr && answer->scode < 200)
      return;
    const bool challenged = answer != nullptr && (answer->scode == 401 || answer->scode == 407);
    if (error == 0 && challenged && !self->tried_ && sip_auth_authenticate(self->auth_.get(), answer) == 0) {
      self->tried_ = true;
      self->send();
      return;
    }
    delete self;
  }

  ::sip* stack_;
  re_ptr<sip_dialog> dialog_;
  re_ptr<sip_auth> auth_;
  std::string text_;
  struct ::sip_request* request_ = nullptr;
  bool tried_ = false;
};

} // namespace

re_ptr<sip_auth> make_credentials(const sip_trunk& trunk) {
  re_ptr<sip_auth> auth;
  if (!trunk.username.empty())
    sip_auth_alloc(auth.out(), give_credentials, const_cast<sip_trunk*>(&trunk), false);
  return auth;
}

void send_bye(::sip* stack, re_ptr<sip_dialog> dialog, const sip_trunk& trunk, const std::string& headers) {
  auto text = headers + "Content-Length: 0\r\n\r\n";
  if (auto auth = make_credentials(trunk)) {
    (new farewell(stack, std::move(dialog), std::move(auth), std::move(text)))->send();
    return;
  }
  // The request keeps what it needs; neither the dialog nor an answer matters any more.
  sip_drequestf(nullptr, stack, true, "BYE", dialog.get(), 0, nullptr, nullptr, nullptr, nullptr, "%s",
                text.c_str());
}

} // namespace plenary::sip_layer
