#include "node/sip/credentials.hpp"

#include "schema/result.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>

namespace plenary::sip_layer {

namespace {

std::string random_nonce() {
  std::array<unsigned char, 12> bytes{};
  PLENARY_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  std::string text;
  for (const auto byte : bytes)
    text += fmt::format("{:02x}", byte);
  return text;
}

} // namespace

bool realm_pins::allows(const sip_trunk& trunk, std::string_view realm) const {
  if (!trunk.realm.empty())
    return trunk.realm == realm;
  const auto found = pins_.find(trunk.name);
  return found == pins_.end() || found->second.realm == realm;
}

void realm_pins::used(const sip_trunk& trunk, std::string_view realm) {
  pins_.try_emplace(trunk.name, pin{std::string(realm), false});
}

void realm_pins::accepted(const sip_trunk& trunk) {
  if (const auto found = pins_.find(trunk.name); found != pins_.end())
    found->second.proven = true;
}

void realm_pins::refused(const sip_trunk& trunk) {
  if (const auto found = pins_.find(trunk.name); found != pins_.end() && !found->second.proven)
    pins_.erase(found);
}

void dialog_credentials::begin_request() {
  server_.answered = 0;
  proxy_.answered = 0;
}

bool dialog_credentials::may_answer(const demand& known, const digest_challenge& challenge) const {
  if (trunk_->username.empty() || !pins_->allows(*trunk_, challenge.realm))
    return false;
  const bool fresh = !known.challenge || known.challenge->nonce != challenge.nonce;
  return fresh && (known.answered == 0 || (known.answered == 1 && challenge.stale));
}

bool dialog_credentials::take(const std::vector<digest_challenge>& challenges) {
  const digest_challenge* best = nullptr;
  for (const auto& each : challenges)
    if (may_answer(each.proxy ? proxy_ : server_, each) &&
        (best == nullptr || each.algorithm < best->algorithm))
      best = &each;
  if (best == nullptr) {
    if (server_.answered + proxy_.answered > 0)
      pins_->refused(*trunk_);
    return false;
  }
  pins_->used(*trunk_, best->realm);
  auto& known = best->proxy ? proxy_ : server_;
  known.challenge = *best;
  known.client_nonce = random_nonce();
  known.count = 0;
  ++known.answered;
  return true;
}

void dialog_credentials::accepted() {
  if (server_.answered + proxy_.answered > 0)
    pins_->accepted(*trunk_);
}

std::string dialog_credentials::lines(const digest_request& request) {
  std::string text;
  for (auto* known : {&server_, &proxy_})
    if (known->challenge)
      text += authorization_line(*known->challenge, {trunk_->username, trunk_->password}, request,
                                 {known->client_nonce, ++known->count});
  return text;
}

} // namespace plenary::sip_layer
