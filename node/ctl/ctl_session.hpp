#pragma once

#include "node/ctl/ctl_arguments.hpp"
#include "node/ctl/ctl_client.hpp"
#include "node/ctl/ctl_program.hpp"

#include <nlohmann/json.hpp>

namespace plenary {

/// Why a command could not be carried out.
struct ctl_trouble {
  ctl_status status = ctl_status::failed;
  std::string message;
  int http_status = 0; ///< of the answer; 0: there was none
};

/// A document, or why there is none.
using ctl_result = tl::expected<nlohmann::json, ctl_trouble>;

/// Asks the API that the arguments name.
class ctl_session {
public:
  explicit ctl_session(ctl_arguments arguments);

  const ctl_arguments& arguments() const { return arguments_; }
  const ctl_client& client() const { return client_; }

  /// The document of a path like `/v1/rooms`; an answer that is no 2xx is trouble. The operator's key without
  /// a customer finds the one whose room or call it is.
  ctl_result ask(const std::string& method, const std::string& path) const;

  /// Follows the pages of a list to its end; `list` is the member that holds the entries. The operator's key
  /// without a customer gets those of all customers, each with `customer_id`.
  ctl_result ask_all(const std::string& path, const std::string& list) const;

private:
  std::string url_of(const std::string& path, const std::string& customer) const;
  ctl_result ask_as(const std::string& customer, const std::string& method, const std::string& path) const;
  ctl_result ask_all_as(const std::string& customer, const std::string& path, const std::string& list) const;
  tl::expected<std::vector<std::string>, ctl_trouble> customers() const;
  tl::expected<std::string, ctl_trouble> owner_of(const std::string& object) const;
  bool wants_a_customer(const ctl_trouble& why) const;

  ctl_arguments arguments_;
  ctl_client client_;
};

/// The path of a room, of a call, of a node.
std::string room_path(const std::string& name);
std::string call_path(const std::string& id);
std::string node_path(const std::string& name);

} // namespace plenary
