#include "node/sip/multipart.hpp"

#include "node/sip/header_text.hpp"
#include "node/sip/text.hpp"

#include <algorithm>
#include <string>

namespace plenary::sip_layer {

namespace {

/// What was found in one body, nested ones included.
struct part_search {
  std::size_t parts = 0;
  std::optional<std::string_view> sdp;
};

std::optional<error> search_parts(const body_part& whole, int depth, part_search& found);

/// The `handling` of a disposition, whatever its case; empty: not said.
std::string handling_of(std::string_view disposition) {
  const auto semicolon = disposition.find(';');
  if (semicolon == std::string_view::npos)
    return {};
  const auto parameters = read_parameters(disposition.substr(semicolon));
  const auto* handling = parameters ? find_parameter(*parameters, "handling") : nullptr;
  return handling == nullptr ? std::string{} : unquote(handling->value);
}

bool is_multipart(std::string_view type) {
  return equal_ignoring_case(type.substr(0, std::min<std::size_t>(10, type.size())), "multipart/");
}

result<std::string> boundary_of(std::string_view content_type) {
  const auto semicolon = content_type.find(';');
  const auto parameters = semicolon == std::string_view::npos
                              ? std::optional(std::vector<header_parameter>{})
                              : read_parameters(content_type.substr(semicolon));
  const auto* boundary = parameters ? find_parameter(*parameters, "boundary") : nullptr;
  auto text = boundary == nullptr ? std::string{} : unquote(boundary->value);
  if (text.empty() || text.size() > multipart_limits::boundary_bytes)
    return fail(errc::malformed, "Multipart Without Boundary");
  return text;
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n'))
    text.remove_suffix(1);
  if (text.ends_with('\r'))
    text.remove_suffix(1);
  return text;
}

/// What stands between the delimiter lines; a last part without its closing line counts. Stops one part
/// behind the limit.
std::vector<std::string_view> pieces_between(std::string_view content, const std::string& boundary) {
  const auto delimiter = "--" + boundary;
  std::vector<std::string_view> pieces;
  std::optional<std::size_t> start;
  for (std::size_t line = 0; line < content.size() && pieces.size() <= multipart_limits::parts;) {
    const auto end = std::min(content.find('\n', line), content.size() - 1) + 1;
    const auto text = content.substr(line, end - line);
    if (text.starts_with(delimiter)) {
      const auto rest = trim(without_line_end(text.substr(delimiter.size())));
      if (rest.empty() || rest == "--") {
        if (start)
          pieces.push_back(without_line_end(content.substr(*start, line - *start)));
        if (rest == "--")
          return pieces;
        start = end;
      }
    }
    line = end;
  }
  if (start && pieces.size() <= multipart_limits::parts)
    pieces.push_back(content.substr(*start));
  return pieces;
}

/// The value of a header line of this name, or nothing.
std::optional<std::string_view> value_in_line(std::string_view line, std::string_view name) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !equal_ignoring_case(trim(line.substr(0, colon)), name))
    return std::nullopt;
  return trim(line.substr(colon + 1));
}

result<body_part> read_part(std::string_view piece) {
  body_part part;
  std::size_t at = 0;
  while (at < piece.size()) {
    const auto end = std::min(piece.find('\n', at), piece.size() - 1) + 1;
    const auto line = without_line_end(piece.substr(at, end - at));
    at = end;
    if (at > multipart_limits::part_header_bytes)
      return fail(errc::malformed, "Multipart Header Too Long");
    if (line.empty())
      break;
    if (const auto type = value_in_line(line, "Content-Type"))
      part.type = *type;
    else if (const auto disposition = value_in_line(line, "Content-Disposition"))
      part.disposition = *disposition;
  }
  part.content = piece.substr(std::min(at, piece.size()));
  return part;
}

std::optional<error> search_multipart(const body_part& whole, int depth, part_search& found) {
  if (depth >= multipart_limits::nesting)
    return error{errc::malformed, "Multipart Nested Too Deep"};
  const auto boundary = boundary_of(whole.type);
  if (!boundary)
    return boundary.error();
  const bool last_counts = equal_ignoring_case(media_type(whole.type), "multipart/alternative");
  const auto outside = found.sdp;
  for (const auto piece : pieces_between(whole.content, *boundary)) {
    if (++found.parts > multipart_limits::parts)
      return error{errc::malformed, "Too Many Parts"};
    const auto part = read_part(piece);
    if (!part)
      return part.error();
    const auto before = found.sdp;
    if (last_counts)
      found.sdp.reset();
    if (auto refused = search_parts(*part, depth + 1, found); refused && !last_counts)
      return refused;
    if (!found.sdp || (!last_counts && before))
      found.sdp = before;
  }
  if (outside)
    found.sdp = outside;
  return {};
}

std::optional<error> search_parts(const body_part& whole, int depth, part_search& found) {
  const auto type = media_type(whole.type);
  if (is_multipart(type))
    return search_multipart(whole, depth, found);
  const bool untyped_sdp = whole.type.empty() && whole.content.starts_with("v=0");
  if (equal_ignoring_case(type, "application/sdp") || untyped_sdp)
    found.sdp = whole.content;
  else if (depth == 0 ? !is_optional(whole.disposition) : is_required(whole.disposition))
    return error{errc::unsupported, "Unsupported Media Type"};
  return {};
}

} // namespace

bool is_optional(std::string_view disposition) {
  return equal_ignoring_case(handling_of(disposition), "optional");
}

bool is_required(std::string_view disposition) {
  return equal_ignoring_case(handling_of(disposition), "required");
}

std::string_view media_type(std::string_view content_type) {
  const auto type = trim(content_type.substr(0, content_type.find(';')));
  const auto slash = type.find('/');
  return slash == std::string_view::npos || !is_token(trim(type.substr(0, slash))) ||
                 !is_token(trim(type.substr(slash + 1)))
             ? std::string_view{}
             : type;
}

result<std::optional<std::string_view>> find_sdp(const body_part& body) {
  part_search found;
  if (body.content.empty())
    return found.sdp;
  if (auto refused = search_parts(body, 0, found))
    return tl::unexpected(std::move(*refused));
  return found.sdp;
}

} // namespace plenary::sip_layer
