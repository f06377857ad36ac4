#include "actors/call/told_failure.hpp"

#include "schema/foreign_text.hpp"

namespace plenary {

call_failure told_failure(failure_code code, const error& why) {
  const bool inner = why.code == errc::internal || why.code == errc::storage;
  return {code, why.code, inner ? "the node failed; its log says more" : cut_foreign_text(why.message)};
}

} // namespace plenary
