#pragma once

#include "tests/support/http_message.hpp"

#include <string>
#include <string_view>

namespace plenary::test {

/// `v1=` + lower-case hex of HMAC-SHA256 over `timestamp.body`.
std::string minivoice_signature(std::string_view secret, std::string_view timestamp, std::string_view body);

/// `v1,` + base64 of HMAC-SHA256 over `id.timestamp.body`; a secret `whsec_...` is base64 of the key, any
/// other secret is the key itself.
std::string standard_signature(std::string_view secret, std::string_view id, std::string_view timestamp,
                               std::string_view body);

/// An empty text when both signatures of a webhook are right and fresh, else what is wrong.
std::string signature_fault(const http_message& webhook, std::string_view secret);

} // namespace plenary::test
