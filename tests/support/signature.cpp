#include "tests/support/signature.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace plenary::test {

namespace {

using digest = std::array<unsigned char, 32>;

digest hmac_sha256(std::string_view key, std::string_view text) {
  digest out{};
  unsigned size = 0;
  ::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size);
  return out;
}

std::string base64(const digest& bytes) {
  std::array<unsigned char, 64> text{};
  const int size = ::EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return std::string(reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size));
}

std::string decoded_key(std::string_view secret) {
  constexpr std::string_view prefix = "whsec_";
  if (!secret.starts_with(prefix))
    return std::string(secret);
  secret.remove_prefix(prefix.size());
  std::vector<unsigned char> bytes(secret.size() + 4);
  const int size = ::EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(secret.data()),
                                     static_cast<int>(secret.size()));
  const auto padding = secret.ends_with("==") ? 2 : secret.ends_with("=") ? 1 : 0;
  return std::string(bytes.begin(), bytes.begin() + std::max(0, size - padding));
}

bool is_fresh(const std::string& timestamp) {
  std::int64_t seconds = 0;
  std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::abs(std::chrono::duration_cast<std::chrono::seconds>(now).count() - seconds) <= 60;
}

} // namespace

std::string minivoice_signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
  std::string text = "v1=";
  for (const auto byte : hmac_sha256(secret, fmt::format("{}.{}", timestamp, body)))
    text += fmt::format("{:02x}", byte);
  return text;
}

std::string standard_signature(std::string_view secret, std::string_view id, std::string_view timestamp,
                               std::string_view body) {
  return "v1," + base64(hmac_sha256(decoded_key(secret), fmt::format("{}.{}.{}", id, timestamp, body)));
}

std::string signature_fault(const http_message& webhook, std::string_view secret) {
  const auto timestamp = webhook.header("x-minivoice-timestamp");
  if (!is_fresh(timestamp))
    return "X-MiniVoice-Timestamp is not the current Unix time: '" + timestamp + "'";
  if (webhook.header("x-minivoice-signature") != minivoice_signature(secret, timestamp, webhook.body))
    return "X-MiniVoice-Signature is wrong: '" + webhook.header("x-minivoice-signature") + "'";
  const auto id = webhook.header("webhook-id");
  const auto standard_timestamp = webhook.header("webhook-timestamp");
  if (id.empty() || !is_fresh(standard_timestamp))
    return "webhook-id or webhook-timestamp is missing or stale";
  const auto wanted = standard_signature(secret, id, standard_timestamp, webhook.body);
  if (webhook.header("webhook-signature").find(wanted) == std::string::npos)
    return "webhook-signature is wrong: '" + webhook.header("webhook-signature") + "'";
  return {};
}

} // namespace plenary::test
