#include "actors/audio/srtp.hpp"

#include "actors/audio/byte_order.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <srtp2/srtp.h>

#include <algorithm>
#include <array>
#include <mutex>

namespace plenary::audio {

namespace {

constexpr unsigned long replay_window = 1024;

// Where the SSRC stands in RTP and in RTCP (RFC 3550 sections 5.1 and 6.4.1)
constexpr std::size_t rtp_ssrc_at = 8;
constexpr std::size_t rtcp_ssrc_at = 4;

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

  /// Opens a packet. Every SSRC costs libsrtp a stream of its own: only the latest few are kept.
  template <class Call>
  std::size_t open(Call call, std::span<std::uint8_t> packet, std::size_t ssrc_at) {
    if (packet.size() < ssrc_at + 4)
      return 0;
    const auto ssrc = read_u32(packet, ssrc_at);
    const auto size = run(call, packet.data(), packet.size());
    if (size > 0)
      keep(ssrc);
    return size;
  }

  void keep(std::uint32_t ssrc) {
    auto* at = std::find(recent.begin(), recent.begin() + used, ssrc);
    if (at == recent.begin() + used) {
      if (used < recent.size())
        ++used;
      else if (srtp_remove_stream(context, htonl(recent.back())) != srtp_err_status_ok)
        srtp_remove_stream(context, recent.back()); // libsrtp's versions differ in the byte order
      at = recent.begin() + used - 1;
    }
    std::move_backward(recent.begin(), at, at + 1);
    recent.front() = ssrc;
  }

  srtp_t context = nullptr;
  std::array<std::uint32_t, max_srtp_streams> recent{}; ///< inbound, latest first
  std::size_t used = 0;                                 ///< of `recent`
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
  return state_->open(srtp_unprotect, packet, rtp_ssrc_at);
}

std::size_t srtp_session::unprotect_rtcp(std::span<std::uint8_t> packet) {
  return state_->open(srtp_unprotect_rtcp, packet, rtcp_ssrc_at);
}

} // namespace plenary::audio
