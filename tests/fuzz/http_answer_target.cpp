// What a customer's server answers, line by line and piece by piece as curl hands it on, and then the
// document in it as the work pool reads it.
#include "actors/call/action.hpp"
#include "node/net/answer_reader.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <array>

namespace plenary::fuzz::http_answer_target {

namespace {

using namespace std::string_view_literals;

constexpr std::array answer_pieces{"HTTP/1.1 200 OK\r\n"sv,
                                   "HTTP/1.1 103 Early Hints\r\n"sv,
                                   "HTTP/2 503\r\n"sv,
                                   "Content-Length: 5\r\n"sv,
                                   "Content-Length: 6\r\n"sv,
                                   "Content-Type: application/json; charset=utf-8\r\n"sv,
                                   "Content-Encoding: gzip\r\n"sv,
                                   "Location: https://example.com/\r\n"sv,
                                   "Retry-After: 1\r\n"sv,
                                   "X: \r\n"sv,
                                   ": \r\n"sv,
                                   "no colon\r\n"sv,
                                   "\r\n"sv,
                                   "\n"sv,
                                   "\xEF\xBB\xBF"sv,
                                   "{\"actions\":[{\"type\":\"conference\",\"room\":\"a\"}]}"sv,
                                   "{\"actions\":[{\"redirect\":{\"url\":\"https://example.com\"}}]}"sv,
                                   "[[[[[[[["sv,
                                   "\"\\ud800\""sv,
                                   "1e999"sv,
                                   "\0"sv};

void run_http_answer(bytes input) {
  byte_source from{input};
  const std::size_t most = std::size_t{64} << from.below(11);
  const std::size_t step = 1 + from.byte();
  auto rest = text_of(from.rest());
  answer_reader reader{most, true};
  bool wanted = true;
  while (wanted && !rest.empty() && !reader.head_complete()) {
    const auto line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    wanted = reader.header_line(line);
    rest.remove_prefix(line.size());
  }
  while (wanted && !rest.empty()) {
    wanted = reader.body(rest.substr(0, step));
    rest.remove_prefix(std::min(step, rest.size()));
  }

  FUZZ_CHECK(wanted == reader.fault().empty());
  FUZZ_CHECK(reader.fault().size() <= 128 && is_utf8(reader.fault()));
  const auto& answer = reader.response();
  FUZZ_CHECK(answer.body.size() <= most);
  FUZZ_CHECK(answer.headers.size() <= answer_reader::max_header_lines);
  for (const auto& [name, value] : answer.headers) {
    FUZZ_CHECK(std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
    FUZZ_CHECK(name.size() + value.size() <= answer_reader::max_header_bytes + 512);
  }
  if (!wanted || !reader.head_complete())
    return;
  if (const auto read = flow::parse_document(answer.body); !read)
    check_error(read.error());
}

FUZZ_TARGET(.name = "http_answer", .run = run_http_answer, .pieces = answer_pieces,
            .limit = {.allocated = 1024 * 1024, .allocated_per_byte = 8 * 1024});

} // namespace

} // namespace plenary::fuzz::http_answer_target
