#include "node/check_configuration.hpp"

#include "actors/call/action.hpp"
#include "node/config/address.hpp"
#include "node/config/warnings.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace plenary {

namespace {

/// Words that stand in the secrets of examples, this program's and others'.
constexpr std::string_view example_words[]{"replace_this", "replace-this", "change_me", "change-me",
                                           "changeme"};

std::string counted(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

bool is_of_an_example(const std::string& secret) {
  for (const auto word : example_words)
    if (secret.find(word) != std::string::npos)
      return true;
  return false;
}

/// The host of `sip:HOST:PORT`.
std::string host_of_sip(std::string_view uri) {
  uri.remove_prefix(std::min(uri.size(), uri.find(':') + 1));
  if (uri.starts_with('['))
    return std::string{uri.substr(1, uri.find(']') - 1)};
  return std::string{uri.substr(0, uri.find_first_of(":;?>"))};
}

/// The folder itself or, while it is not there, the nearest one above it.
std::filesystem::path nearest_folder(std::filesystem::path folder) {
  std::error_code ignored;
  folder = std::filesystem::absolute(folder, ignored).lexically_normal();
  while (!std::filesystem::exists(folder, ignored) && folder.has_parent_path() &&
         folder != folder.parent_path())
    folder = folder.parent_path();
  return folder;
}

/// Collects what is worth a second look.
class second_look {
public:
  second_look(const configuration& config, const std::filesystem::path& file)
      : config_(config)
      , file_(file.string()) {}

  std::vector<problem> collect() {
    look_for_nothing();
    look_at_trunks();
    look_at_secrets();
    look_at_machine();
    look_at_fallbacks();
    return std::move(found_);
  }

private:
  void warn(std::string key, std::string what, std::string hint) {
    found_.push_back({file_, 0, std::move(key), std::move(what), std::move(hint)});
  }

  void look_for_nothing() {
    if (config_.applications.empty())
      warn("application", "stands nowhere: nobody answers calls", "add an [[application]]");
    if (config_.dids.empty())
      warn("did", "stands nowhere: every call is refused with 404", "add a [[did]] for each number");
    if (config_.trunks.empty())
      warn("trunk", "stands nowhere: every call gets silence",
           "add a [[trunk]] with your carrier's addresses");
    for (std::size_t i = 0; i < config_.applications.size(); ++i) {
      bool is_called = false;
      for (const auto& did : config_.dids)
        is_called = is_called || did.application == config_.applications[i].id;
      if (!is_called && !config_.dids.empty())
        warn(fmt::format("application[{}].id", i), "has no number: no call reaches it",
             "add a [[did]] for it");
    }
  }

  void look_at_trunks() {
    for (std::size_t i = 0; i < config_.trunks.size(); ++i) {
      const auto& trunk = config_.trunks[i];
      if (trunk.inbound_ips.empty() && !is_ip_literal(host_of_sip(trunk.proxy)))
        warn(fmt::format("trunk[{}].inbound_ips", i),
             "is empty and the proxy is no IP address: no call matches it",
             "name the addresses that the carrier calls from");
    }
  }

  void look_at_secret(const std::string& key, const std::string& secret) {
    if (is_of_an_example(secret))
      warn(key, "is that of an example, which everybody knows",
           "make one of your own: openssl rand -base64 32");
  }

  void look_at_secrets() {
    look_at_secret("http.operator_key", config_.http.operator_key);
    look_at_secret("http.second_operator_key", config_.http.second_operator_key);
    for (std::size_t i = 0; i < config_.applications.size(); ++i) {
      const auto& each = config_.applications[i];
      const auto key = fmt::format("application[{}].", i);
      look_at_secret(key + "api_key", each.api_key);
      look_at_secret(key + "second_api_key", each.second_api_key);
      look_at_secret(key + "webhook_secret", each.webhook_secret);
      look_at_secret(key + "second_webhook_secret", each.second_webhook_secret);
    }
    for (std::size_t i = 0; i < config_.trunks.size(); ++i)
      look_at_secret(fmt::format("trunk[{}].password", i), config_.trunks[i].password);
  }

  void look_at_machine() {
    if (is_any_address(config_.http.listen.host))
      warn("http.listen", "is every address of the machine: keys cross the network without TLS",
           "listen on 127.0.0.1 or an inside address, with a proxy that speaks TLS in front");
    const auto folder = nearest_folder(config_.node.data_dir);
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
      warn("node.data_dir", fmt::format("cannot be written by this user: {}", folder.string()),
           "give the folder to the user that the node runs as");
  }

  /// By the very rules of a call whose answer URL has failed.
  void look_at_fallbacks() {
    for (std::size_t i = 0; i < config_.applications.size(); ++i) {
      const auto& text = config_.applications[i].fallback_actions;
      if (text.empty() || text == "[]")
        continue;
      if (auto read = flow::parse_inline_actions(text); !read)
        warn(fmt::format("application[{}].fallback_actions", i),
             fmt::format("would be refused when they are needed: {}", read.error().message),
             "calls would then end with answer_url_failed");
    }
  }

  const configuration& config_;
  std::string file_;
  std::vector<problem> found_;
};

} // namespace

std::string counts_of(const configuration& config) {
  return fmt::format("{}, {}, {}", counted(config.applications.size(), "application"),
                     counted(config.dids.size(), "number"), counted(config.trunks.size(), "trunk"));
}

std::vector<problem> second_looks(const configuration& config, const std::filesystem::path& file) {
  auto found = second_look{config, file}.collect();
  for (auto& each : warnings_of(config, file))
    found.push_back(std::move(each));
  return found;
}

} // namespace plenary
