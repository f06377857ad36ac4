#include "actors/call/web_url.hpp"

#include <algorithm>

namespace plenary {

namespace {

constexpr std::size_t max_url_bytes = 2048;

std::string lower_cased(std::string_view text) {
  std::string lower{text};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

/// A URL cut at its joints; all parts are views into it.
struct url_parts {
  std::string_view scheme;
  std::string_view authority;
  std::string_view path; ///< up to query and fragment
  std::string_view rest; ///< query and fragment
};

url_parts parts_of(std::string_view url) {
  const auto colon = url.find("://");
  const auto after = url.substr(colon + 3);
  const auto authority = after.substr(0, after.find_first_of("/?#"));
  const auto tail = after.substr(authority.size());
  const auto path = tail.substr(0, tail.find_first_of("?#"));
  return {url.substr(0, colon), authority, path, tail.substr(path.size())};
}

/// Host and port as they are compared: in lower case, without user, the default port left out.
std::string origin_of(const url_parts& url) {
  const auto scheme = lower_cased(url.scheme);
  auto place = lower_cased(url.authority.substr(url.authority.rfind('@') + 1));
  const std::string_view usual = scheme == "https" ? ":443" : ":80";
  if (place.ends_with(':'))
    place.pop_back();
  if (place.ends_with(usual))
    place.resize(place.size() - usual.size());
  return scheme + "://" + place;
}

/// RFC 3986 section 5.2 without the merging of dots: the server sees the path as the Location spells it.
std::string resolved(std::string_view base, std::string_view location) {
  const auto from = parts_of(base);
  const auto root = std::string{from.scheme} + "://" + std::string{from.authority};
  if (location.starts_with("//"))
    return std::string{from.scheme} + ":" + std::string{location};
  if (location.starts_with('/'))
    return root + std::string{location};
  if (location.starts_with('?'))
    return root + std::string{from.path} + std::string{location};
  const auto folder = from.path.substr(0, from.path.rfind('/') + 1);
  return root + (folder.empty() ? "/" : std::string{folder}) + std::string{location};
}

/// RFC 3986 section 3.1: letters, digits, + - . before the first colon.
bool has_scheme(std::string_view location) {
  const auto colon = location.find(':');
  return colon != std::string_view::npos && location.find_first_of("/?#") > colon;
}

} // namespace

bool is_web_url(std::string_view url) {
  const auto colon = url.find("://");
  const auto scheme = lower_cased(url.substr(0, colon));
  const bool printable = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c != 0x7F; });
  return colon != std::string_view::npos && (scheme == "http" || scheme == "https") && printable &&
         url.size() > colon + 3 && url[colon + 3] != '/' && url.size() <= max_url_bytes;
}

std::optional<std::string> same_origin_target(std::string_view base, std::string_view location) {
  if (location.empty() || !is_web_url(base))
    return std::nullopt;
  auto target = has_scheme(location) ? std::string{location} : resolved(base, location);
  target.resize(std::min(target.size(), target.find('#')));
  // A user in the answer's URL is nothing that we send; a backslash is read as a slash by some.
  const bool bare = parts_of(target).authority.find('@') == std::string_view::npos ||
                    parts_of(target).authority == parts_of(base).authority;
  if (!is_web_url(target) || !bare || target.find('\\') != std::string::npos ||
      origin_of(parts_of(target)) != origin_of(parts_of(base)))
    return std::nullopt;
  return target;
}

} // namespace plenary
