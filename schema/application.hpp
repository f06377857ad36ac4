#pragma once

#include "schema/ids.hpp"

#include <string>
#include <vector>

namespace plenary {

/// The settings of a customer's application, as the configuration gives them.
struct application {
  application_id id;
  customer_id customer;
  std::string answer_url;
  std::string answer_method = "POST"; ///< `GET` or `POST`
  std::string fallback_url;           ///< asked with the same method when the answer_url fails; empty: none
  std::string fallback_actions;       ///< a whole document or its bare list, inline; empty or `[]`: none
  std::string webhook_url;            ///< empty: no events leave
  std::string webhook_secret;         ///< a secret; empty: events and requests are not signed
  std::string second_webhook_secret;  ///< signs as well while the secret is changed; empty: none
  std::vector<std::string> events;    ///< of rooms that it wants to hear of: see webhook/subscription.hpp
};

} // namespace plenary
