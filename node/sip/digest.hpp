#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::sip_layer {

/// Hashes that challenges are answered with (RFC 8760), the better ones first.
enum class digest_algorithm { sha512_256, sha256, md5 };

/// What may be protected beside nonce and URI (RFC 7616 3.4.3).
enum class digest_protection { none, request, request_and_body };

/// Longest challenge that is read, in bytes; real ones are a tenth of it.
inline constexpr std::size_t max_challenge_bytes = 2048;

/// Challenges of one answer that are looked at.
inline constexpr std::size_t max_challenges = 8;

/// A demand for credentials as one answer makes it (RFC 3261 22.4).
struct digest_challenge {
  bool proxy = false; ///< of Proxy-Authenticate
  std::string realm;
  std::string nonce;
  std::optional<std::string> opaque;
  digest_algorithm algorithm = digest_algorithm::md5;
  bool session = false;               ///< the `-sess` form
  std::optional<std::string> spelled; ///< the algorithm as it was written
  digest_protection protection = digest_protection::none;
  bool stale = false; ///< only the nonce was too old

  friend bool operator==(const digest_challenge&, const digest_challenge&) = default;
};

/// The Digest challenges in the value of one WWW-Authenticate or Proxy-Authenticate header. What is of
/// another scheme or algorithm, lacks realm or nonce, demands an unknown protection or is too long is left
/// out.
std::vector<digest_challenge> read_challenges(std::string_view value, bool proxy);

/// Who we are to the one who asks.
struct digest_identity {
  std::string username;
  std::string password;
};

/// The request that the credentials are for.
struct digest_request {
  std::string_view method;
  std::string_view uri; ///< the request URI
  std::string_view body;
};

/// A nonce of ours and how often the server's was used.
struct digest_use {
  std::string client_nonce;
  std::uint32_t count = 1;
};

/// The Authorization or Proxy-Authorization line with its line end.
std::string authorization_line(const digest_challenge& challenge, const digest_identity& who,
                               const digest_request& request, const digest_use& use);

} // namespace plenary::sip_layer
