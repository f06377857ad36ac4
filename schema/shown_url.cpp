#include "schema/shown_url.hpp"

#include "schema/foreign_text.hpp"

namespace plenary {

namespace {

struct url_parts {
  std::string_view scheme; ///< with `://`, or empty
  std::string_view place;  ///< host and port
  std::string_view path;
};

url_parts parts_of(std::string_view url) {
  url_parts parts;
  url = url.substr(0, url.find_first_of("?#"));
  if (const auto colon = url.find("://"); colon != std::string_view::npos) {
    parts.scheme = url.substr(0, colon + 3);
    url.remove_prefix(colon + 3);
  }
  const auto slash = url.find_first_of("/\\");
  parts.place = url.substr(0, slash);
  parts.path = slash == std::string_view::npos ? std::string_view{} : url.substr(slash);
  if (const auto at = parts.place.rfind('@'); at != std::string_view::npos)
    parts.place.remove_prefix(at + 1);
  return parts;
}

} // namespace

std::string shown_url(std::string_view url) {
  const auto parts = parts_of(url);
  return cut_foreign_text(std::string{parts.scheme}.append(parts.place).append(parts.path));
}

std::string shown_origin(std::string_view url) {
  const auto parts = parts_of(url);
  return cut_foreign_text(std::string{parts.scheme}.append(parts.place));
}

} // namespace plenary
