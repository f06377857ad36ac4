#pragma once

#include "node/http/api_backend.hpp"
#include "node/http/credentials.hpp"
#include "node/http/server_request.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

/// Who may use a route.
enum class audience {
  everybody, ///< without a key
  customers, ///< with an application's key, or the operator's when the query names the customer
  operators  ///< with the operator's key
};

/// An application as operators see it.
struct application_summary {
  application_id id;
  std::size_t numbers = 0;
  std::size_t max_calls = 0; ///< at one time; 0: no bound of its own
};

/// A customer and its applications, as they are configured now.
struct customer_summary {
  customer_id id;
  std::vector<application_summary> applications;
};

/// Where the answers of all routes come from.
struct api_sources {
  api_backend& backend;
  std::function<std::string()> metrics;                       ///< the text of `/metrics`
  std::function<std::vector<customer_summary>()> customers{}; ///< none: there are none
};

/// A request that may be answered.
struct routed_request {
  std::vector<std::string> arguments;       ///< the path's parts at the `{}` of the pattern, in order
  std::map<std::string, std::string> query; ///< decoded
  customer_id customer;                     ///< of a customers' route: whose objects it is about
  std::string body{};                       ///< as it came; at most 64 KiB
};

/// One line of the table.
struct api_route {
  std::string_view method;  ///< GET stands for HEAD as well
  std::string_view pattern; ///< for example `v1/rooms/{}`; `{}` is one part that is not empty
  audience who;
  void (*handle)(const api_sources&, const routed_request&, const reply_callback&);
};

/// What a path and a method mean.
struct route_match {
  const api_route* route = nullptr; ///< null when the path or the method is wrong
  std::vector<std::string> arguments;
  std::string
      allowed; ///< methods of this path, for `Allow` (RFC 9110 10.2.1); empty when there is no such path
};

/// Every route there is.
std::span<const api_route> api_routes();

/// The route of a method and the decoded parts of a path.
route_match match_route(std::string_view method, const std::vector<std::string>& segments);

} // namespace plenary
