#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/customer_application.hpp"
#include "tests/support/http_message.hpp"
#include "tests/support/ports.hpp"
#include "tests/support/temporary_directory.hpp"

#include <map>
#include <memory>
#include <string>

namespace plenary::test {

inline constexpr const char* test_api_key = "mv_test_key_of_cust_demo";
inline constexpr const char* test_webhook_secret = "whsec_cGxlbmFyeS10ZXN0LXNlY3JldC0wMDAwMDAwMQ==";
inline constexpr const char* test_number = "+15551230002";

/// What differs from the usual test node: one application, one DID, one trunk, all on loopback.
struct plenaryd_settings {
  std::string node_name = "node-a";
  std::string answer_url;
  std::string webhook_url;
  std::string srtp = "optional";
  bool tls = false;
  std::string address = "127.0.0.1";         ///< that SIP, media and HTTP listen on
  std::string callers_address = "127.0.0.1"; ///< of the trunk
  std::string second_address; ///< that SIP/UDP and media listen on too and the trunk calls from; empty: none
  int network_namespace = -1; ///< descriptor of the network it lives in; -1: the test's own
  std::map<std::string, std::string> lines;       ///< further TOML lines by section, such as `media`
  std::map<std::string, std::string> environment; ///< added to the test's own
  std::vector<std::string> launcher; ///< a program with its arguments that starts plenaryd; empty: none
};

/// A real `plenaryd` on ports of its own, whose data outlives a kill and a restart.
class plenaryd_process {
public:
  explicit plenaryd_process(plenaryd_settings settings);
  /// Answers and takes webhooks at this application.
  explicit plenaryd_process(const customer_application& application, plenaryd_settings settings = {});
  ~plenaryd_process();

  /// Starts the program and waits until it takes calls; false, with the output in `output()`, when it does
  /// not.
  bool start();
  /// Starts the program and waits until it answers; a node of a cluster may not take calls yet.
  bool launch();
  /// Waits until a node that was launched takes calls for the first time.
  bool wait_until_ready();
  /// SIGTERM; the exit status, or nothing when it still runs after `timeout`.
  std::optional<int> terminate(std::chrono::milliseconds timeout = std::chrono::seconds(30));
  /// SIGKILL, and waits for the end.
  void kill_at_once();
  /// SIGSTOP: the process stands still, and its sockets stay open.
  void freeze();
  /// SIGCONT after `freeze`.
  void thaw();

  ip_endpoint sip_udp() const { return address_of("sip_udp"); }
  /// Of the node's IPv6 address.
  ip_endpoint sip_udp_v6() const { return address_of("sip_udp_v6"); }
  ip_endpoint sip_tcp() const { return address_of("sip_tcp"); }
  ip_endpoint sip_tls() const { return address_of("sip_tls"); }
  ip_endpoint http() const { return address_of("http"); }

  /// GET with the application's API key.
  std::optional<http_message> get(const std::string& target) const;
  /// POST with the application's API key and no body.
  std::optional<http_message> post(const std::string& target) const;
  /// PATCH with the application's key and a JSON body.
  std::optional<http_message> patch(const std::string& target, const nlohmann::json& body) const;
  /// The JSON document of a GET that was answered with 200; null otherwise.
  nlohmann::json get_json(const std::string& target) const;

  const std::string& name() const { return settings_.node_name; }
  child_process& process() { return *process_; }
  /// Whether it was ever started.
  bool was_launched() const { return process_ != nullptr; }
  std::string output() const { return process_ ? process_->output() : std::string{}; }
  /// PEM file that clients trust, when `tls` is set.
  std::filesystem::path certificate() const { return directory_.path() / "certificate.pem"; }
  const std::filesystem::path& directory() const { return directory_.path(); }

private:
  void write_configuration() const;
  std::string section_lines(const std::string& section) const;
  ip_endpoint address_of(const std::string& edge) const;
  void read_addresses();

  const plenaryd_settings settings_;
  temporary_directory directory_;
  port_range media_ports_;
  std::map<std::string, ip_endpoint> addresses_;
  std::unique_ptr<child_process> process_;
};

/// The program under test.
std::string plenaryd_program();

} // namespace plenary::test
