#include "node/net/answer_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary {

namespace {

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string in_lower_case(std::string_view text) {
  std::string lower{text};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

/// `HTTP/1.1 103 Early Hints`.
bool is_interim(std::string_view status_line) {
  const auto blank = status_line.find(' ');
  return blank != std::string_view::npos && status_line.substr(blank + 1).starts_with('1');
}

} // namespace

bool answer_reader::stop(std::string fault) {
  fault_ = std::move(fault);
  return false;
}

bool answer_reader::header_line(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > max_header_bytes)
    return stop(fmt::format("the answer's header is larger than {} bytes", max_header_bytes));
  if (line.starts_with("HTTP/")) { // an interim answer (1xx) may have come before
    interim_ = is_interim(line);
    head_complete_ = false;
    response_.headers.clear();
    return true;
  }
  if (without_blanks(line).empty()) {
    head_complete_ = !interim_;
    return true;
  }
  if (++header_lines_ > max_header_lines)
    return stop(fmt::format("the answer's header has more than {} lines", max_header_lines));
  return head_complete_ || field(line); // trailers of a chunked body say nothing that we want
}

bool answer_reader::field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return true;
  const auto name = in_lower_case(line.substr(0, colon));
  const auto text = without_blanks(line.substr(colon + 1));
  auto [known, fresh] = response_.headers.try_emplace(name, text);
  if (fresh)
    return true;
  if (name == "content-length" && known->second != text) // RFC 9112 section 6.3
    return stop("the answer has two different lengths");
  known->second += ", "; // RFC 9110 section 5.3
  known->second += text;
  return true;
}

bool answer_reader::body(std::string_view bytes) {
  body_bytes_ += bytes.size();
  if (body_bytes_ > max_body_bytes_)
    return stop(fmt::format("the answer is larger than {} bytes", max_body_bytes_));
  if (keep_body_)
    response_.body.append(bytes);
  return true;
}

} // namespace plenary
