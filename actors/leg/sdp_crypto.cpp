#include "actors/leg/sdp_crypto.hpp"

#include "actors/leg/base64.hpp"
#include "actors/leg/text_cursor.hpp"

#include <fmt/format.h>

namespace plenary::sdp {

namespace {

std::optional<audio::crypto_suite> parse_suite(std::string_view name) {
  for (auto suite : {audio::crypto_suite::aead_aes_128_gcm, audio::crypto_suite::aes_cm_128_hmac_sha1_80})
    if (same_token(audio::to_string(suite), name))
      return suite;
  return std::nullopt;
}

/// `2^20` or a plain number of packets. Our own packets stay far below any lifetime of use: 2^20 are 5.8
/// hours.
bool is_lifetime(std::string_view text) {
  if (text.starts_with("2^"))
    return to_number<unsigned>(text.substr(2)).value_or(0) > 0;
  return to_number<std::uint64_t>(text).value_or(0) > 0;
}

/// `inline:<key>[|lifetime]`; a second `|` or a `:` is an MKI, a `;` another key.
std::optional<std::vector<std::uint8_t>> parse_key(std::string_view text, audio::crypto_suite suite) {
  constexpr std::string_view method = "inline:";
  if (!same_token(text.substr(0, method.size()), method))
    return std::nullopt;
  text.remove_prefix(method.size());
  auto key = base64::decode(take_until(text, '|'));
  if (!key || key->size() != audio::key_and_salt_size(suite))
    return std::nullopt;
  if (!text.empty() && !is_lifetime(text))
    return std::nullopt;
  return key;
}

/// WSH is a hint; a `-` marks a parameter that may be ignored; everything else would change the protection.
bool is_harmless(std::string_view parameter) {
  return same_token(parameter.substr(0, 4), "WSH=") || parameter.starts_with('-');
}

} // namespace

std::optional<crypto_line> parse_crypto(std::string_view value) {
  auto tag_text = take_word(value);
  auto suite = parse_suite(take_word(value));
  auto tag = to_number<std::uint32_t>(tag_text);
  if (!tag || tag_text.size() > 9 || !suite)
    return std::nullopt;
  auto key = parse_key(take_word(value), *suite);
  if (!key)
    return std::nullopt;
  while (!value.empty())
    if (!is_harmless(take_word(value)))
      return std::nullopt;
  return crypto_line{*tag, {*suite, std::move(*key)}};
}

std::string to_string(const crypto_line& line) {
  return fmt::format("{} {} inline:{}", line.tag, audio::to_string(line.keys.suite),
                     base64::encode(line.keys.key_and_salt));
}

} // namespace plenary::sdp
