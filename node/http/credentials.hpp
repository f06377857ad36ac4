#pragma once

#include "schema/ids.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

/// Who a Bearer key stands for.
struct api_identity {
  customer_id customer;
  application_id application;
};

/// An application's key.
struct api_credential {
  std::string key;
  api_identity identity;
};

/// The key of an `Authorization: Bearer <key>` header (RFC 6750 2.1; the scheme's case does not matter).
std::optional<std::string_view> bearer_key(std::string_view header);

/// Whether the keys are equal; takes the same time for every `given` of one length.
bool keys_equal(std::string_view stored, std::string_view given);

/// Whom a key belongs to. Takes the same time for every key of one length, right or wrong.
std::optional<api_identity> identify(const std::vector<api_credential>& credentials, std::string_view key);

} // namespace plenary
