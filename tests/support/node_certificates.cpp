#include "tests/support/node_certificates.hpp"

#include "schema/result.hpp"
#include "tests/support/child_process.hpp"

#include <fmt/format.h>

namespace plenary::test {

node_certificates::node_certificates(const std::vector<std::string>& nodes) {
  child_process_options options;
  options.arguments = {PLENARY_CA_PROGRAM, folder_.path().string()};
  options.arguments.insert(options.arguments.end(), nodes.begin(), nodes.end());
  child_process ca(options);
  PLENARY_ASSERT(ca.wait_for_exit(std::chrono::minutes(1)) == 0);
}

std::string node_certificates::cluster_lines(const std::string& node) const {
  const auto folder = folder_.path().string();
  return fmt::format(
      "ca_file = \"{0}/ca.pem\"\ncertificate_file = \"{0}/{1}.pem\"\nkey_file = \"{0}/{1}.key\"\n", folder,
      node);
}

} // namespace plenary::test
