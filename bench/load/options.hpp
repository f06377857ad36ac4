#pragma once

#include "bench/load/scenario.hpp"
#include "schema/result.hpp"

#include <span>
#include <string>
#include <vector>

namespace plenary::load {

/// A running server to call instead of one of our own.
struct attachment {
  pid_t pid = 0; ///< 0: none
  std::uint16_t sip_port = 0;
  std::uint16_t app_port = 0; ///< where its answer_url and webhook_url lead
};

/// The command line.
struct options {
  bool help = false;
  bool self_test = false;
  std::string server; ///< path of plenaryd
  attachment attached;
  std::vector<scenario> scenarios;
  std::string json_file;
};

/// Fails with `malformed`, naming the option.
result<options> read_options(std::span<char* const> arguments);

/// What --help prints.
std::string usage();

} // namespace plenary::load
