#include "node/sip/multipart.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace plenary::sip_layer {

namespace {

struct part_text {
  std::string headers;
  std::string content;
};

std::string parts_of(const std::string& boundary, const std::vector<part_text>& parts) {
  std::string text = "preamble\r\n";
  for (const auto& [headers, content] : parts)
    text += fmt::format("--{}\r\n{}\r\n{}\r\n", boundary, headers, content);
  return text + fmt::format("--{}--\r\nepilogue", boundary);
}

const part_text sdp_part{"Content-Type: application/sdp\r\n", "v=0"};
const part_text isup_part{"Content-Type: application/isup;version=ansi\r\n", "binary\r\n--x"};

/// The SDP, or `-` for none, or the error's code.
std::string found_in(std::string_view type, const std::string& content, std::string_view disposition = {}) {
  const auto sdp = find_sdp({type, disposition, content});
  if (!sdp)
    return std::string(to_string(sdp.error().code));
  return sdp->has_value() ? std::string(**sdp) : "-";
}

TEST(Multipart, GivesItsSessionDescription) {
  const part_text required{
      "content-type: application/isup\r\ncontent-disposition: signal;handling=Required\r\n", "x"};
  const part_text optional{"Content-Type: text/plain\r\nContent-Disposition: x;handling=optional\r\n", "x"};
  const part_text other_sdp{"content-type : Application/SDP ; charset=utf-8\r\n", "v=0 other"};
  struct row {
    const char* what;
    std::string type;
    std::vector<part_text> parts;
    std::string expected;
  };
  const row rows[] = {
      {"first", "multipart/mixed;boundary=b", {sdp_part, isup_part}, "v=0"},
      {"second", "Multipart/Mixed; x=y; Boundary=\"b\"", {isup_part, sdp_part}, "v=0"},
      {"two in mixed", "multipart/mixed;boundary=b", {sdp_part, other_sdp}, "v=0"},
      {"two in alternative", "multipart/alternative;boundary=b", {sdp_part, other_sdp}, "v=0 other"},
      {"unknown alternative last", "multipart/alternative;boundary=b", {sdp_part, isup_part}, "v=0"},
      {"related", "multipart/related;boundary=b;type=\"application/sdp\"", {sdp_part, optional}, "v=0"},
      {"optional one only", "multipart/mixed;boundary=b", {optional}, "-"},
      {"required one", "multipart/mixed;boundary=b", {sdp_part, required}, "unsupported"},
      {"required alternative", "multipart/alternative;boundary=b", {sdp_part, required}, "v=0"},
      {"without type", "multipart/mixed;boundary=b", {{"", "v=0 untyped"}}, "v=0 untyped"},
      {"no part", "multipart/mixed;boundary=b", {}, "-"},
  };
  for (const auto& [what, type, parts, expected] : rows)
    EXPECT_EQ(found_in(type, parts_of("b", parts)), expected) << what;
}

TEST(Multipart, IsReadWithoutItsLastLine) {
  EXPECT_EQ(found_in("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"),
            "v=0\r\n");
  EXPECT_EQ(found_in("multipart/mixed;boundary=b", "--b\nContent-Type: application/sdp\n\nv=0\n--b--"),
            "v=0");
  EXPECT_EQ(found_in("multipart/mixed;boundary=b", "--b"), "-");
}

TEST(Multipart, NeedsABoundaryOfAtMost70Characters) {
  const std::string longest(70, 'b');

  EXPECT_EQ(found_in("multipart/mixed;boundary=" + longest, parts_of(longest, {sdp_part})), "v=0");
  EXPECT_EQ(found_in("multipart/mixed;boundary=b" + longest, parts_of("b" + longest, {sdp_part})),
            "malformed");
  EXPECT_EQ(found_in("multipart/mixed", parts_of("b", {sdp_part})), "malformed");
  EXPECT_EQ(found_in("multipart/mixed;boundary=\"\"", parts_of("", {sdp_part})), "malformed");
}

TEST(Multipart, HoldsAtMost16Parts) {
  std::vector<part_text> parts(15, isup_part);
  parts.push_back(sdp_part);
  EXPECT_EQ(found_in("multipart/mixed;boundary=b", parts_of("b", parts)), "v=0");

  parts.push_back(isup_part);
  EXPECT_EQ(found_in("multipart/mixed;boundary=b", parts_of("b", parts)), "malformed");
}

TEST(Multipart, HoldsPartHeadersOfAtMost2048Bytes) {
  const auto with_header = [](std::size_t size) {
    const auto type = sdp_part.headers;
    const auto filler =
        "X: " + std::string(size - type.size() - 7, 'x') + "\r\n"; // 5, and 2 of the empty line
    return found_in("multipart/mixed;boundary=b", parts_of("b", {{type + filler, "v=0"}}));
  };
  EXPECT_EQ(with_header(2048), "v=0");
  EXPECT_EQ(with_header(2049), "malformed");
}

TEST(Multipart, IsNestedAtMostThreeDeep) {
  auto type = std::string("application/sdp");
  auto content = std::string("v=0");
  for (int level = 1; level <= 4; ++level) {
    const auto boundary = fmt::format("b{}", level);
    content = parts_of(boundary, {{fmt::format("Content-Type: {}\r\n", type), content}});
    type = "multipart/mixed;boundary=" + boundary;
    EXPECT_EQ(found_in(type, content), level <= 3 ? "v=0" : "malformed") << level;
  }
}

TEST(Bodies, OfAnotherTypeAreRefusedUnlessTheyAreOptional) {
  EXPECT_EQ(found_in("application/sdp", "v=0"), "v=0");
  EXPECT_EQ(found_in("", "v=0"), "v=0");
  EXPECT_EQ(found_in("", "x"), "unsupported");
  EXPECT_EQ(found_in("text/plain", "x"), "unsupported");
  EXPECT_EQ(found_in("text/plain", "x", "render; handling = optional"), "-");
  EXPECT_EQ(found_in("text/plain", ""), "-");
}

} // namespace

} // namespace plenary::sip_layer
