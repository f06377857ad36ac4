#pragma once

#include "actors/edge/customer_book.hpp"
#include "schema/application.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace plenary::test {

/// Applications by their ids.
inline application_map applications_by_id(const std::vector<application>& applications) {
  application_map made;
  for (const auto& each : applications)
    made[each.id] = std::make_shared<const application>(each);
  return made;
}

/// Customers as the test says, who may change.
class fake_customers final : public customer_book {
public:
  explicit fake_customers(customer_page page = {})
      : page_(std::make_shared<const customer_page>(std::move(page))) {}

  std::shared_ptr<const customer_page> now() const override {
    std::lock_guard lock{mutex_};
    return page_;
  }

  void publish(customer_page page) {
    std::lock_guard lock{mutex_};
    page_ = std::make_shared<const customer_page>(std::move(page));
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const customer_page> page_;
};

} // namespace plenary::test
