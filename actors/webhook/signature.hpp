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

  /// `v1=` and lower-case hex of HMAC-SHA256 over `<timestamp>.<body>`.
  std::string minivoice(const signed_content& content) const;

  /// `v1,` and base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>`.
  std::string standard(const signed_content& content) const;

  /// The headers of both schemes.
  std::vector<std::pair<std::string, std::string>> headers(const signed_content& content) const;

private:
  webhook_signer(std::string plain_key, std::string decoded_key);

  std::string plain_key_;
  std::string decoded_key_;
};

} // namespace plenary
