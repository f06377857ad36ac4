#include "node/config/checks.hpp"

#include <algorithm>
#include <string_view>

namespace plenary {

namespace {

constexpr std::string_view scheme_end = "://";
constexpr std::string_view mask = "***";
constexpr std::size_t max_store_url_size = 2048;

/// `user:password@` becomes `user:***@`; whatever stands before the last `@` may be the password.
void mask_user(std::string& text) {
  auto start = text.find(scheme_end);
  auto end = text.rfind('@');
  if (start == std::string::npos || end == std::string::npos)
    return;
  auto colon = text.find(':', start + scheme_end.size());
  if (colon < end)
    text.replace(colon + 1, end - colon - 1, mask);
}

/// `password=...` and `sslpassword=...` among the parameters.
void mask_parameters(std::string& text) {
  constexpr std::string_view name = "password=";
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
    at += name.size();
    auto end = std::min(text.find_first_of("&\"", at), text.size());
    text.replace(at, end - at, mask);
  }
}

} // namespace

result<void> check_store_url(const std::string& text) {
  bool visible = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != '\x7f'; });
  bool embedded = text.starts_with("sqlite:") && text != "sqlite:";
  bool server = (text.starts_with("postgresql://") || text.starts_with("postgres://")) && visible;
  if ((embedded || server) && text.size() <= max_store_url_size)
    return {};
  return fail(errc::malformed, "must be sqlite:PATH or a postgresql:// URL without spaces");
}

std::string shown_store_url(const std::string& text) {
  auto shown = text;
  mask_user(shown);
  mask_parameters(shown);
  return shown;
}

} // namespace plenary
