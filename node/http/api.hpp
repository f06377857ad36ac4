#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/http/api_route.hpp"
#include "node/http/request_limits.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace plenary {

/// Who is let in. Each may have several keys, so that a key can be changed without a gap.
struct api_keys {
  std::vector<api_credential> credentials;
  std::vector<std::string> operators; ///< empty: nobody reaches the operators' routes
};

/// How the API guards itself.
struct api_options {
  request_limit_settings limits;
  telemetry* meters = nullptr;                                ///< null: what is refused is not counted
  logger* log = nullptr;                                      ///< null: nor told
  bool tells_metrics = true;                                  ///< false: `/metrics` stands elsewhere
  std::function<std::vector<customer_summary>()> customers{}; ///< safe from the server's thread
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

/// Answers requests by the table of routes: `/v1/...` for holders of a Bearer key, `/metrics`, `/livez` and
/// `/readyz` for everybody who reaches the port. Knows nothing of sockets.
class api final : public request_handler {
public:
  /// `metrics` gives the text of `/metrics`; backend, meters and log outlive the server that calls this.
  api(api_keys keys, api_backend& backend, std::function<std::string()> metrics, api_options options = {});

  void handle(server_request request, reply_callback reply) override;

  /// From now on these keys and limits count; safe from every thread.
  void reload(api_keys keys, request_limit_settings limits);

private:
  using time_point = request_limits::time_point;

  /// Whose key a request brought.
  struct key_holder {
    bool is_operator = false;
    api_identity who; ///< of an application's key
  };

  /// A request on its way through the checks.
  struct visit {
    const server_request& request;
    std::string client;
    time_point now;
  };

  tl::expected<key_holder, server_reply> holder_of(const visit& from);
  /// Whose objects the request is about (nobody's on other routes), or what to answer instead.
  tl::expected<customer_id, server_reply> authorize(audience wanted, const visit& from,
                                                    const routed_request& routed);
  tl::expected<customer_id, server_reply> authorize_operator(const visit& from);
  tl::expected<customer_id, server_reply> authorize_customer(const visit& from, const routed_request& routed);
  server_reply limited(counter counted, std::string_view limit, const std::string& whom,
                       std::chrono::seconds wait);
  /// What counts for who is let in, and how often.
  struct guards {
    api_keys keys;
    request_limit_settings limits;
  };
  std::shared_ptr<const guards> guards_now() const;
  void follow_limits();

  const api_options options_;
  const api_sources sources_;
  request_limits limits_;
  token_buckets<std::string> log_lines_;
  mutable std::mutex mutex_;
  std::shared_ptr<const guards> guards_;   ///< guarded by `mutex_`
  std::shared_ptr<const guards> followed_; ///< that `limits_` has; of the thread that calls handle()
};

} // namespace plenary
