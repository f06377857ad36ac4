#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/loopback_socket.hpp"
#include "tests/support/ports.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/wav_file.hpp"

#include <memory>
#include <string>

namespace plenary::test {

enum class phone_codec { opus, g722, pcmu, pcma };
enum class phone_transport { udp, tcp, tls };

/// How a softphone calls.
struct baresip_options {
  ip_endpoint server;
  std::string to = "+15551230002";
  std::string name = "alice";
  phone_codec codec = phone_codec::opus;
  phone_transport transport = phone_transport::udp;
  bool srtp = false;
  std::filesystem::path trusted_certificate; ///< for TLS
  double tone_hertz = 0;                     ///< what it says, all the time
  double level_dbfs = -20;
  double tone_seconds = 15;
};

/// A real softphone (baresip, without sound card) that calls at once and records what it hears.
class baresip_phone {
public:
  explicit baresip_phone(baresip_options options);

  /// True once the call is answered.
  bool wait_until_established(std::chrono::milliseconds timeout = std::chrono::seconds(30));
  /// Hangs up and ends the program.
  bool hang_up();
  child_process& process() { return *process_; }
  /// What it heard; call after `hang_up`.
  result<recording> heard() const;

private:
  void write_files() const;

  const baresip_options options_;
  temporary_directory directory_;
  port_range ports_;
  std::unique_ptr<child_process> process_;
};

/// Runs sipp with a scenario text; its exit status and output.
struct sipp_result {
  int exit_status = -1;
  std::string output;
};

/// One call of this scenario (XML) to `server`; fails by exit status when a message or a check is wrong.
sipp_result run_sipp(const std::string& scenario, const ip_endpoint& server, const std::string& number,
                     std::chrono::seconds timeout = std::chrono::seconds(20));

} // namespace plenary::test
