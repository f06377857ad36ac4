#include "node/http/credentials.hpp"

#include <algorithm>

namespace plenary {

namespace {

constexpr std::string_view scheme = "bearer ";

} // namespace

std::optional<std::string_view> bearer_key(std::string_view header) {
  bool named = header.size() > scheme.size() &&
               std::equal(scheme.begin(), scheme.end(), header.begin(), [](char wanted, char c) {
                 return wanted == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
               });
  if (!named)
    return std::nullopt;
  auto key = header.substr(header.find_first_not_of(' ', scheme.size() - 1) == std::string_view::npos
                               ? header.size()
                               : header.find_first_not_of(' ', scheme.size() - 1));
  if (key.empty() || key.find_first_of(" ,\t") != std::string_view::npos)
    return std::nullopt;
  return key;
}

bool keys_equal(std::string_view stored, std::string_view given) {
  // Looks at every character of `given`, wherever the first difference is.
  volatile unsigned difference = stored.size() == given.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto expected = static_cast<unsigned char>(stored.empty() ? 0 : stored[i % stored.size()]);
    difference = difference | (expected ^ static_cast<unsigned char>(given[i]));
  }
  return difference == 0;
}

std::optional<api_identity> identify(const std::vector<api_credential>& credentials, std::string_view key) {
  const api_credential* found = nullptr;
  for (const auto& credential : credentials)
    if (keys_equal(credential.key, key))
      found = &credential;
  return found == nullptr ? std::nullopt : std::optional{found->identity};
}

} // namespace plenary
