#pragma once

#include "schema/ids.hpp"

#include <map>
#include <memory>

namespace plenary {

struct application;
namespace audio {
struct media_address_rules;
}

/// Applications by id.
using application_map = std::map<application_id, std::shared_ptr<const application>>;

/// What actors need of the customers and carriers, as one configuration has them; never changes.
struct customer_page {
  application_map applications;
  std::shared_ptr<const audio::media_address_rules> media_rules; ///< where media may go; null: anywhere
};

/// The customers and carriers as they are configured now. The one place that they are kept at: who wants them
/// asks anew each time, or keeps the page for as long as its work is to go on as it began.
class customer_book {
public:
  virtual ~customer_book() = default;

  /// Never null; safe from every thread.
  virtual std::shared_ptr<const customer_page> now() const = 0;
};

/// The application as it is configured now, or null.
inline std::shared_ptr<const application> find_application(const customer_page& page,
                                                           const application_id& id) {
  const auto found = page.applications.find(id);
  return found == page.applications.end() ? nullptr : found->second;
}

} // namespace plenary
