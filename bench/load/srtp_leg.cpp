#include "bench/load/srtp_leg.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <srtp2/srtp.h>

#include <array>

namespace plenary::load {

namespace {

constexpr std::size_t key_size = 30; // 16 of key, 14 of salt: RFC 4568 section 6.2
using key_bytes = std::array<std::uint8_t, key_size + 3>;

result<srtp_t> make_session(const std::string& base64, srtp_ssrc_type_t type) {
  key_bytes key{};
  if (base64.size() != 40 ||
      EVP_DecodeBlock(key.data(), reinterpret_cast<const unsigned char*>(base64.data()), 40) != key_size)
    return fail(errc::malformed, "an SRTP key needs 40 base64 characters");
  srtp_policy_t policy{};
  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
  policy.ssrc.type = type;
  policy.key = key.data();
  policy.window_size = 1024;
  srtp_t session = nullptr;
  if (srtp_create(&session, &policy) != srtp_err_status_ok)
    return fail(errc::malformed, "libsrtp2 refuses the key");
  return session;
}

} // namespace

struct srtp_leg::sessions {
  srtp_t out = nullptr;
  srtp_t in = nullptr;

  ~sessions() {
    if (out)
      srtp_dealloc(out);
    if (in)
      srtp_dealloc(in);
  }
};

result<std::unique_ptr<srtp_leg>> srtp_leg::make(const std::string& own_key, const std::string& server_key) {
  static const auto ready = srtp_init();
  if (ready != srtp_err_status_ok)
    return fail(errc::internal, "libsrtp2 does not start");
  auto made = std::make_unique<sessions>();
  const auto out = make_session(own_key, ssrc_any_outbound);
  if (!out)
    return tl::unexpected(out.error());
  made->out = *out;
  const auto in = make_session(server_key, ssrc_any_inbound);
  if (!in)
    return tl::unexpected(in.error());
  made->in = *in;
  return std::unique_ptr<srtp_leg>(new srtp_leg(std::move(made)));
}

srtp_leg::srtp_leg(std::unique_ptr<sessions> made)
    : sessions_(std::move(made)) {}
srtp_leg::~srtp_leg() = default;

std::size_t srtp_leg::protect(std::span<std::uint8_t> packet, std::size_t size) {
  auto length = static_cast<int>(size);
  const auto status = srtp_protect(sessions_->out, packet.data(), &length);
  return status == srtp_err_status_ok ? static_cast<std::size_t>(length) : 0;
}

std::size_t srtp_leg::unprotect(std::span<std::uint8_t> packet) {
  auto length = static_cast<int>(packet.size());
  const auto status = srtp_unprotect(sessions_->in, packet.data(), &length);
  return status == srtp_err_status_ok ? static_cast<std::size_t>(length) : 0;
}

std::string make_inline_key() {
  std::array<std::uint8_t, key_size> key{};
  RAND_bytes(key.data(), static_cast<int>(key.size()));
  std::array<unsigned char, 41> text{};
  EVP_EncodeBlock(text.data(), key.data(), static_cast<int>(key.size()));
  return std::string(reinterpret_cast<const char*>(text.data()), 40);
}

} // namespace plenary::load
