#include "node/net/web_address.hpp"

#include "node/config/address.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace plenary {

namespace {

constexpr std::string_view no_web_url = "the URL is no http or https URL";

using url_handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part_of(const url_handle& url, CURLUPart what) {
  char* text = nullptr;
  if (curl_url_get(url.get(), what, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
    return {};
  const std::unique_ptr<char, decltype(&curl_free)> owned{text, &curl_free};
  std::string lower{text};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

} // namespace

std::string web_address::place() const {
  return fmt::format("{}:{}", host, port);
}

result<web_address> read_web_address(const std::string& url) {
  const url_handle read{curl_url(), &curl_url_cleanup};
  if (!read || url.find('\0') != std::string::npos ||
      curl_url_set(read.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    return fail(errc::malformed, std::string{no_web_url});
  const auto scheme = part_of(read, CURLUPART_SCHEME);
  const auto port = part_of(read, CURLUPART_PORT);
  web_address where{part_of(read, CURLUPART_HOST), 0, false};
  std::from_chars(port.data(), port.data() + port.size(), where.port);
  if ((scheme != "http" && scheme != "https") || where.host.empty() || where.port == 0)
    return fail(errc::malformed, std::string{no_web_url});
  if (where.host.starts_with('[') && where.host.ends_with(']'))
    where.host = where.host.substr(1, where.host.size() - 2);
  if (where.host.ends_with('.'))
    where.host.pop_back();
  where.literal = is_ip_literal(where.host);
  return where;
}

} // namespace plenary
