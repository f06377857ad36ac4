#pragma once

#include "schema/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::sdp {

/// Limits of a description from outside; more fails with `malformed`.
inline constexpr std::size_t max_bytes = 64 * 1024;
inline constexpr std::size_t max_media = 16;
inline constexpr std::size_t max_lines = 1000;

/// An `a=` line: `a=name:value`, or `a=name` with an empty value.
struct attribute {
  std::string name;
  std::string value;
};

/// A `c=` line, or the end of an `o=` line, as it stands: nothing is resolved.
struct connection {
  std::string family;  ///< `IP4` or `IP6`
  std::string address; ///< without `/ttl`
};

/// An `o=` line (RFC 8866 section 5.2).
struct origin {
  std::string username = "-";
  std::string session_id;
  std::string version;
  connection address;
};

/// An `m=` line with what follows it (RFC 8866 section 5.14).
struct media {
  std::string kind; ///< `audio`, `video`, ...
  std::uint16_t port = 0;
  std::string profile; ///< for example `RTP/AVP`
  std::vector<std::string> formats;
  std::optional<connection> at;
  std::vector<attribute> attributes;
};

/// A session description (RFC 8866). Lines without meaning for a call (i, u, e, p, b, z, k, r) are dropped.
struct description {
  origin from;
  std::optional<connection> at;
  std::string timing = "0 0"; ///< of the first `t=` line
  std::vector<attribute> attributes;
  std::vector<media> medias;
};

/// Parses a description with CRLF or LF. Strict in form (v=0 first, `x=` lines, printable), lenient in order.
/// Fails with `malformed`; the sentence names the line number, never its content.
result<description> parse(std::string_view text);

/// The description as text with CRLF.
std::string write(const description& what);

/// The first attribute of that name, or null.
const attribute* find(const std::vector<attribute>& attributes, std::string_view name);

} // namespace plenary::sdp
