#include "node/sip/digest.hpp"

#include "node/sip/text.hpp"
#include "schema/result.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

namespace plenary::sip_layer {

namespace {

struct algorithm_row {
  std::string_view name;
  digest_algorithm algorithm;
  bool session;
};

constexpr std::array algorithm_rows{
    algorithm_row{"MD5", digest_algorithm::md5, false},
    algorithm_row{"MD5-sess", digest_algorithm::md5, true},
    algorithm_row{"SHA-256", digest_algorithm::sha256, false},
    algorithm_row{"SHA-256-sess", digest_algorithm::sha256, true},
    algorithm_row{"SHA-512-256", digest_algorithm::sha512_256, false},
    algorithm_row{"SHA-512-256-sess", digest_algorithm::sha512_256, true},
};

/// Takes `name = value` pairs off a header, values quoted or not.
class parameter_reader {
public:
  explicit parameter_reader(std::string_view text)
      : rest_(text) {}

  /// The next word: a scheme, or the name of a parameter when `=` follows; empty at the end.
  std::string_view word() {
    skip(" \t,\r\n");
    const auto taken = rest_.substr(0, rest_.find_first_of(" \t,=\r\n"));
    rest_.remove_prefix(taken.size());
    if (taken.empty() && !rest_.empty())
      rest_.remove_prefix(1); // a stray `=`: not looked at again
    return taken;
  }

  bool at_value() {
    skip(" \t\r\n");
    return rest_.starts_with('=');
  }

  /// After `at_value`; nothing for a quoted text without end.
  std::optional<std::string> value() {
    rest_.remove_prefix(1);
    skip(" \t\r\n");
    if (rest_.starts_with('"'))
      return quoted();
    const auto taken = rest_.substr(0, rest_.find_first_of(", \t\r\n"));
    rest_.remove_prefix(taken.size());
    return std::string(taken);
  }

  bool done() const { return rest_.empty(); }

private:
  void skip(std::string_view what) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(what), rest_.size()));
  }

  std::optional<std::string> quoted() {
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size())
        ++i;
      text += rest_[i];
    }
    rest_ = {};
    return std::nullopt;
  }

  std::string_view rest_;
};

/// A challenge that is being read.
struct draft {
  digest_challenge challenge;
  bool usable = false; ///< of our scheme, nothing wrong so far
  bool has_realm = false;
  bool has_nonce = false;
};

bool read_protection(digest_challenge& challenge, std::string_view offered) {
  bool with_body = false;
  while (!offered.empty()) {
    const auto comma = offered.find(',');
    const auto token = trim(offered.substr(0, comma));
    if (equal_ignoring_case(token, "auth"))
      challenge.protection = digest_protection::request;
    with_body = with_body || equal_ignoring_case(token, "auth-int");
    offered.remove_prefix(comma == std::string_view::npos ? offered.size() : comma + 1);
  }
  if (challenge.protection == digest_protection::none && with_body)
    challenge.protection = digest_protection::request_and_body;
  return challenge.protection != digest_protection::none;
}

bool read_algorithm(digest_challenge& challenge, const std::string& name) {
  for (const auto& row : algorithm_rows)
    if (equal_ignoring_case(row.name, name)) {
      challenge.algorithm = row.algorithm;
      challenge.session = row.session;
      challenge.spelled = name;
      return true;
    }
  return false;
}

/// It stands in a quoted text of ours again, and a line end there would be a header of theirs.
bool may_be_quoted(const std::string& text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
      return false;
  return true;
}

void take(draft& into, std::string_view name, const std::string& value) {
  auto& challenge = into.challenge;
  if (!may_be_quoted(value))
    into.usable = false;
  else if (equal_ignoring_case(name, "realm")) {
    into.has_realm = true;
    challenge.realm = value;
  } else if (equal_ignoring_case(name, "nonce")) {
    into.has_nonce = true;
    challenge.nonce = value;
  } else if (equal_ignoring_case(name, "opaque"))
    challenge.opaque = value;
  else if (equal_ignoring_case(name, "stale"))
    challenge.stale = equal_ignoring_case(value, "true");
  else if (equal_ignoring_case(name, "algorithm"))
    into.usable = into.usable && read_algorithm(challenge, value);
  else if (equal_ignoring_case(name, "qop"))
    into.usable = into.usable && read_protection(challenge, value);
}

std::string in_hex(const unsigned char* bytes, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i)
    text += fmt::format("{:02x}", bytes[i]);
  return text;
}

std::string hash_of(digest_algorithm algorithm, const std::string& text) {
  const auto* method = algorithm == digest_algorithm::md5      ? EVP_md5()
                       : algorithm == digest_algorithm::sha256 ? EVP_sha256()
                                                               : EVP_sha512_256();
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), sum.data(), &size, method, nullptr) != 1)
    return {}; // MD5 is forbidden on this machine: the server refuses the answer
  return in_hex(sum.data(), size);
}

std::string in_quotes(std::string_view text) {
  std::string safe = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      safe += '\\';
    safe += c;
  }
  return safe + '"';
}

std::string_view name_of(digest_protection protection) {
  return protection == digest_protection::request ? "auth" : "auth-int";
}

/// RFC 7616 3.4.1 to 3.4.3.
std::string response_of(const digest_challenge& challenge, const digest_identity& who,
                        const digest_request& request, const digest_use& use) {
  const auto h = [&](const std::string& text) { return hash_of(challenge.algorithm, text); };
  auto secret = h(fmt::format("{}:{}:{}", who.username, challenge.realm, who.password));
  if (challenge.session)
    secret = h(fmt::format("{}:{}:{}", secret, challenge.nonce, use.client_nonce));
  auto what = fmt::format("{}:{}", request.method, request.uri);
  if (challenge.protection == digest_protection::request_and_body)
    what += ":" + h(std::string(request.body));
  if (challenge.protection == digest_protection::none)
    return h(fmt::format("{}:{}:{}", secret, challenge.nonce, h(what)));
  return h(fmt::format("{}:{}:{:08x}:{}:{}:{}", secret, challenge.nonce, use.count, use.client_nonce,
                       name_of(challenge.protection), h(what)));
}

} // namespace

std::vector<digest_challenge> read_challenges(std::string_view value, bool proxy) {
  std::vector<digest_challenge> read;
  if (value.size() > max_challenge_bytes)
    return read;
  draft current;
  const auto finish = [&] {
    if (current.usable && current.has_realm && current.has_nonce && read.size() < max_challenges)
      read.push_back(std::move(current.challenge));
    current = {};
    current.challenge.proxy = proxy;
  };
  finish();
  parameter_reader reader(value);
  while (!reader.done()) {
    const auto word = reader.word();
    if (word.empty())
      continue;
    if (!reader.at_value()) { // several challenges may stand in one header (RFC 7235 4.1)
      finish();
      current.usable = equal_ignoring_case(word, "Digest");
      continue;
    }
    if (const auto text = reader.value())
      take(current, word, *text);
    else
      current.usable = false;
  }
  finish();
  return read;
}

std::string authorization_line(const digest_challenge& challenge, const digest_identity& who,
                               const digest_request& request, const digest_use& use) {
  auto line = fmt::format("{}: Digest username={}, realm={}, nonce={}, uri={}, response=\"{}\"",
                          challenge.proxy ? "Proxy-Authorization" : "Authorization", in_quotes(who.username),
                          in_quotes(challenge.realm), in_quotes(challenge.nonce), in_quotes(request.uri),
                          response_of(challenge, who, request, use));
  if (challenge.spelled)
    line += ", algorithm=" + *challenge.spelled;
  if (challenge.opaque)
    line += ", opaque=" + in_quotes(*challenge.opaque);
  if (challenge.protection != digest_protection::none || challenge.session)
    line += fmt::format(", cnonce={}", in_quotes(use.client_nonce));
  if (challenge.protection != digest_protection::none)
    line += fmt::format(", qop={}, nc={:08x}", name_of(challenge.protection), use.count);
  return line + "\r\n";
}

} // namespace plenary::sip_layer
