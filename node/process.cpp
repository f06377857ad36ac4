#include "node/process.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace plenary {

namespace {

constexpr mode_t only_owner = 077;
/// The SIP stack polls no descriptor above (`max_descriptors` in sip_stack.cpp).
constexpr rlim_t most_descriptors = 65'536;

void raise_descriptor_limit(logger& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  const auto before = limit.rlim_cur;
  limit.rlim_cur = std::max(before, std::min(limit.rlim_max, most_descriptors));
  const bool raised = before == limit.rlim_cur || ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
  if (!raised)
    log.warning("descriptor_limit_not_raised", {{"reason", std::string_view{std::strerror(errno)}}});
  const auto now = raised ? limit.rlim_cur : before;
  log.info("descriptor_limit", {{"most", static_cast<std::int64_t>(now)}});
}

} // namespace

void prepare_process(logger& log) {
  ::umask(only_owner);
  raise_descriptor_limit(log);
}

} // namespace plenary
