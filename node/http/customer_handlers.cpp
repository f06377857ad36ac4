#include "node/http/api_handlers.hpp"
#include "node/http/api_reply.hpp"

namespace plenary {

void get_customers(const api_sources& from, const routed_request&, const reply_callback& reply) {
  auto customers = nlohmann::json::array();
  if (from.customers)
    for (const auto& customer : from.customers()) {
      auto applications = nlohmann::json::array();
      for (const auto& each : customer.applications)
        applications.push_back(
            {{"id", each.id.value}, {"numbers", each.numbers}, {"max_calls", each.max_calls}});
      customers.push_back({{"id", customer.id.value}, {"applications", std::move(applications)}});
    }
  reply(json_reply(200, {{"customers", std::move(customers)}}));
}

} // namespace plenary
