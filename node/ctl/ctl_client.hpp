#pragma once

#include "schema/result.hpp"

#include <chrono>
#include <string>

namespace plenary {

/// A node's answer, whatever its status.
struct ctl_answer {
  int status = 0;
  std::string body;
};

/// Asks nodes over HTTP, one request at a time. Proxies of the environment are not used, redirects are not
/// followed, answers of more than 16 MiB fail.
class ctl_client {
public:
  ctl_client(std::string key, std::chrono::milliseconds timeout);

  /// With the key; fails with `network` or `timeout` when there is no answer.
  result<ctl_answer> call(const std::string& method, const std::string& url) const;

  /// Without the key, which a node's /metrics does not need.
  result<ctl_answer> scrape(const std::string& url) const;

private:
  result<ctl_answer> perform(const std::string& method, const std::string& url, const std::string& key) const;

  std::string key_;
  std::chrono::milliseconds timeout_;
};

/// The text as one part of a path or one value of a query (RFC 3986 2.1).
std::string percent_encoded(std::string_view text);

} // namespace plenary
