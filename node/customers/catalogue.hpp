#pragma once

#include "actors/edge/customer_book.hpp"
#include "node/config/configuration.hpp"
#include "node/http/api.hpp"
#include "node/sip/sip_settings.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace plenary {

/// All that one configuration says of customers and carriers, in the words of those who use it; never
/// changes.
struct customer_edition : customer_page {
  std::vector<sip_trunk> trunks;
  std::map<std::string, sip_did> dids; ///< by number
  call_limit_settings call_limits;
  api_keys keys;
  request_limit_settings request_limits;
};

/// The customers and carriers of a configuration that was checked.
std::shared_ptr<const customer_edition> edition_of(const configuration& config);

/// What operators are told of an edition; customers and applications sorted by id.
std::vector<customer_summary> summaries_of(const customer_edition& edition);

/// The edition that counts now. Who asks gets the whole of one, never parts of two.
class catalogue final : public customer_book {
public:
  explicit catalogue(std::shared_ptr<const customer_edition> first)
      : edition_(std::move(first)) {}

  std::shared_ptr<const customer_page> now() const override { return edition(); }

  /// Never null; safe from every thread.
  std::shared_ptr<const customer_edition> edition() const {
    std::lock_guard lock(mutex_);
    return edition_;
  }

  /// Counts from now on; safe from every thread.
  void publish(std::shared_ptr<const customer_edition> next) {
    std::lock_guard lock(mutex_);
    edition_ = std::move(next);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const customer_edition> edition_; ///< guarded by `mutex_`
};

} // namespace plenary
