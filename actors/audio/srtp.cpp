#include "actors/audio/srtp.hpp"

#include <srtp2/srtp.h>

#include <mutex>

namespace plenary::audio {

namespace {

constexpr unsigned long replay_window = 1024;

/// Starts libsrtp once in the process; it is never shut down, because sessions may live in other threads.
srtp_err_status_t start_library() {
  static std::once_flag once;
  static srtp_err_status_t status = srtp_err_status_fail;
  std::call_once(once, [] { status = srtp_init(); });
  return status;
}

void set_suite(crypto_suite suite, srtp_policy_t& policy) {
  switch (suite) {
  case crypto_suite::aead_aes_128_gcm:
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    return;
  case crypto_suite::aes_cm_128_hmac_sha1_80:
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    return;
  }
}

} // namespace

std::string_view to_string(crypto_suite suite) {
  return suite == crypto_suite::aead_aes_128_gcm ? "AEAD_AES_128_GCM" : "AES_CM_128_HMAC_SHA1_80";
}

std::size_t key_and_salt_size(crypto_suite suite) {
  return suite == crypto_suite::aead_aes_128_gcm ? 16 + 12 : 16 + 14;
}

struct srtp_session::state {
  state() = default;
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    if (context != nullptr)
      srtp_dealloc(context);
  }

  /// Runs one of libsrtp's in-place calls; 0 when it refuses the packet.
  template <class Call>
  std::size_t run(Call call, std::uint8_t* packet, std::size_t size) {
    auto length = static_cast<int>(size);
    return call(context, packet, &length) == srtp_err_status_ok ? static_cast<std::size_t>(length) : 0;
  }

  srtp_t context = nullptr;
};

result<std::unique_ptr<srtp_session>> srtp_session::make(const srtp_keys& keys, direction which) {
  if (keys.key_and_salt.size() != key_and_salt_size(keys.suite))
    return fail(errc::malformed,
                fmt::format("SRTP key and salt of {} bytes, {} needs {}", keys.key_and_salt.size(),
                            to_string(keys.suite), key_and_salt_size(keys.suite)));
  if (const auto status = start_library(); status != srtp_err_status_ok)
    return fail(errc::internal, fmt::format("srtp_init failed with {}", static_cast<int>(status)));
  auto key = keys.key_and_salt; // libsrtp wants it mutable
  srtp_policy_t policy{};
  set_suite(keys.suite, policy);
  policy.ssrc.type = which == direction::outbound ? ssrc_any_outbound : ssrc_any_inbound;
  policy.key = key.data();
  policy.window_size = replay_window;
  auto opened = std::make_unique<state>();
  if (const auto status = srtp_create(&opened->context, &policy); status != srtp_err_status_ok)
    return fail(errc::internal, fmt::format("srtp_create failed with {}", static_cast<int>(status)));
  return std::unique_ptr<srtp_session>(new srtp_session(std::move(opened)));
}

srtp_session::srtp_session(std::unique_ptr<state> opened)
    : state_(std::move(opened)) {}

srtp_session::~srtp_session() = default;

std::size_t srtp_session::protect(std::span<std::uint8_t> packet, std::size_t size) {
  if (packet.size() < size + max_srtp_overhead)
    return 0;
  return state_->run(srtp_protect, packet.data(), size);
}

std::size_t srtp_session::protect_rtcp(std::span<std::uint8_t> packet, std::size_t size) {
  if (packet.size() < size + max_srtp_overhead)
    return 0;
  return state_->run(srtp_protect_rtcp, packet.data(), size);
}

std::size_t srtp_session::unprotect(std::span<std::uint8_t> packet) {
  return state_->run(srtp_unprotect, packet.data(), packet.size());
}

std::size_t srtp_session::unprotect_rtcp(std::span<std::uint8_t> packet) {
  return state_->run(srtp_unprotect_rtcp, packet.data(), packet.size());
}

} // namespace plenary::audio
