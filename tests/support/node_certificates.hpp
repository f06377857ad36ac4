#pragma once

#include "tests/support/temporary_directory.hpp"

#include <string>
#include <vector>

namespace plenary::test {

/// A private CA and a certificate for each of these nodes, made by the program that operators use.
class node_certificates {
public:
  explicit node_certificates(const std::vector<std::string>& nodes);

  /// The lines of a node's section `cluster` that name its files.
  std::string cluster_lines(const std::string& node) const;

  /// Path of `ca.pem`, `NODE.pem` or `NODE.key`.
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

private:
  temporary_directory folder_;
};

} // namespace plenary::test
