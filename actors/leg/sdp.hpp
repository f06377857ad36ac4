#pragma once

#include "schema/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::sdp {

/// How much of a description is read; one more fails with `malformed` before anything is done with it.
struct reading_limits {
  std::size_t bytes = 0;
  std::size_t medias = 0;     ///< m-lines
  std::size_t formats = 0;    ///< of all m-lines together
  std::size_t attributes = 0; ///< of one m-line, and of the session
};

/// Of a description from outside.
inline constexpr reading_limits foreign_limits{16 * 1024, 32, 64, 128};

/// Of our own description when it is read back; it answers one that kept the limits above.
inline constexpr reading_limits own_limits{64 * 1024, 64, 256, 256};

/// An `a=` line: `a=name:value`, or `a=name` with an empty value.
struct attribute {
  std::string name;  ///< in lower case
  std::string value; ///< without blanks at its ends
};

/// A `c=` line, or the end of an `o=` line, as it stands: nothing is resolved.
struct connection {
  std::string family;  ///< `IP4` or `IP6`; empty when the line names none
  std::string address; ///< without `/ttl`
};

/// An `o=` line (RFC 8866 section 5.2).
struct origin {
  std::string username = "-";
  std::string session_id;
  std::string version;
  connection address;
};

/// An `m=` line with what follows it (RFC 8866 section 5.14). Words that no description may hold, or of more
/// than 64 characters, stand as `-`.
struct media {
  std::string kind;       ///< `audio`, `video`, ... in lower case
  std::uint16_t port = 0; ///< 0 too when the line cannot be read
  std::string profile;    ///< for example `RTP/AVP`, as it was written
  bool readable = true;   ///< false: the line lacks its port, or the port is none
  std::vector<std::string> formats;
  std::optional<connection> at;
  std::vector<attribute> attributes;
};

/// A session description (RFC 8866). Lines without meaning for a call (i, u, e, p, b, z, k, r) are dropped.
struct description {
  origin from;
  std::optional<connection> at;
  std::string timing = "0 0"; ///< of the first `t=` line that holds two numbers
  std::vector<attribute> attributes;
  std::vector<media> medias;
};

/// Reads a description in time linear in its size, and liberally: lines in any order, ended by CR, LF or NUL;
/// blanks around values; what is not known or cannot be read is ignored. Fails with `malformed` for text that
/// is no SDP, another version of it, or more than the limits; the sentence never quotes the text.
result<description> parse(std::string_view text, const reading_limits& limits = foreign_limits);

/// The description as text with CRLF.
std::string write(const description& what);

} // namespace plenary::sdp
