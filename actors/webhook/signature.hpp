#pragma once

#include "schema/ids.hpp"
#include "schema/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plenary {

/// What a signature covers.
struct signed_content {
  std::string_view event_id;
  std::string_view timestamp; ///< Unix seconds of the attempt, as decimal digits
  std::string_view body;
};

/// Signs requests to one endpoint. The MiniVoice scheme uses the secret's bytes as they are; the Standard
/// Webhooks scheme decodes what follows `whsec_`, and uses the bytes as they are without that prefix.
class webhook_signer {
public:
  /// Fails with `malformed` for an empty secret and for `whsec_` with text that is not base64.
  static result<webhook_signer> create(std::string_view secret);

  /// While a secret is changed: the Standard Webhooks signature is the list of both (its section "signature
  /// scheme"), the MiniVoice one that of the first. An empty `second` is none; fails like `create`.
  static result<webhook_signer> create(std::string_view first, std::string_view second);

  /// `v1=` and lower-case hex of HMAC-SHA256 over `<timestamp>.<body>`.
  std::string minivoice(const signed_content& content) const;

  /// `v1,` and base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>`; with two secrets both, with a space
  /// between.
  std::string standard(const signed_content& content) const;

  /// The headers of both schemes.
  std::vector<std::pair<std::string, std::string>> headers(const signed_content& content) const;

private:
  webhook_signer(std::string plain_key, std::string decoded_key);

  std::string plain_key_;
  std::string decoded_key_;
  std::string second_decoded_key_; ///< empty: none
};

} // namespace plenary
