#include "actors/webhook/signature.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <optional>

namespace plenary {

namespace {

constexpr std::string_view encoded_prefix = "whsec_";
using digest = std::array<unsigned char, 32>;

digest hmac_sha256(const std::string& key, const std::string& text) {
  digest out{};
  unsigned size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const auto* made =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), out.data(), &size);
  PLENARY_ASSERT(made != nullptr && size == out.size());
  return out;
}

std::string to_hex(const digest& bytes) {
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

std::string to_base64(const digest& bytes) {
  std::array<unsigned char, 4 * ((std::tuple_size_v<digest> + 2) / 3) + 1> text{};
  int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + size};
}

/// Base64 with padding (RFC 4648 section 4); nothing for other text.
std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0)
    return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0)
    return std::nullopt;
  auto padding = static_cast<std::size_t>(std::count(text.end() - 2, text.end(), '='));
  out.resize(static_cast<std::size_t>(size) - padding); // the decoder counts padding as bytes
  return out;
}

} // namespace

webhook_signer::webhook_signer(std::string plain_key, std::string decoded_key)
    : plain_key_(std::move(plain_key))
    , decoded_key_(std::move(decoded_key)) {}

result<webhook_signer> webhook_signer::create(std::string_view secret) {
  if (secret.empty())
    return fail(errc::malformed, "the webhook secret is empty");
  if (!secret.starts_with(encoded_prefix))
    return webhook_signer{std::string{secret}, std::string{secret}};
  auto decoded = from_base64(secret.substr(encoded_prefix.size()));
  if (!decoded)
    return fail(errc::malformed, "the webhook secret starts with whsec_ but no base64 follows");
  return webhook_signer{std::string{secret}, std::move(*decoded)};
}

result<webhook_signer> webhook_signer::create(std::string_view first, std::string_view second) {
  auto signer = create(first);
  if (!signer || second.empty())
    return signer;
  auto other = create(second);
  if (!other)
    return other;
  signer->second_decoded_key_ = std::move(other->decoded_key_);
  return signer;
}

std::string webhook_signer::minivoice(const signed_content& content) const {
  return "v1=" + to_hex(hmac_sha256(plain_key_, fmt::format("{}.{}", content.timestamp, content.body)));
}

std::string webhook_signer::standard(const signed_content& content) const {
  auto text = fmt::format("{}.{}.{}", content.event_id, content.timestamp, content.body);
  auto signature = "v1," + to_base64(hmac_sha256(decoded_key_, text));
  if (!second_decoded_key_.empty())
    signature += " v1," + to_base64(hmac_sha256(second_decoded_key_, text));
  return signature;
}

std::vector<std::pair<std::string, std::string>>
webhook_signer::headers(const signed_content& content) const {
  return {{"X-MiniVoice-Timestamp", std::string{content.timestamp}},
          {"X-MiniVoice-Signature", minivoice(content)},
          {"webhook-id", std::string{content.event_id}},
          {"webhook-timestamp", std::string{content.timestamp}},
          {"webhook-signature", standard(content)}};
}

} // namespace plenary
