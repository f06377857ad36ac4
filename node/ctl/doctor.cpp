// What a node needs of the machine that it runs on: everything here asks the system.

#include "node/ctl/doctor.hpp"

#include "node/config/address.hpp"
#include "node/config/load.hpp"
#include "node/config/warnings.hpp"
#include "node/files/bounded_file.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <set>
#include <thread>

namespace plenary {

namespace {

using grade = finding::grade;

constexpr std::size_t most_certificate_bytes = 256 * 1024;
constexpr long connect_ms = 3000;

/// Looks at one thing after the other.
class examination {
public:
  examination(const configuration& config, wall_time now)
      : config_(config)
      , now_(now) {}

  std::vector<finding> examine() {
    look_at_addresses();
    look_at_priority();
    look_at_clock();
    look_at_limits();
    look_at_folder();
    look_at_certificates();
    for (auto& each : guess_nat(config_))
      found_.push_back(std::move(each));
    look_at_urls();
    return std::move(found_);
  }

private:
  void add(grade how, std::string subject, std::string what, std::string advice = {}) {
    found_.push_back({how, std::move(subject), std::move(what), std::move(advice)});
  }

  /// The error of binding there, 0 when it can be done.
  static int bind_error(const listen_address& where, int type) {
    sockaddr_storage address{};
    socklen_t length = 0;
    if (where.host.find(':') == std::string::npos) {
      auto& v4 = reinterpret_cast<sockaddr_in&>(address);
      v4.sin_family = AF_INET;
      v4.sin_port = htons(where.port);
      inet_pton(AF_INET, where.host.c_str(), &v4.sin_addr);
      length = sizeof v4;
    } else {
      auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(where.port);
      inet_pton(AF_INET6, where.host.c_str(), &v6.sin6_addr);
      length = sizeof v6;
    }
    const int socket = ::socket(address.ss_family, type | SOCK_CLOEXEC, 0);
    if (socket < 0)
      return errno;
    const int yes = 1;
    if (type == SOCK_STREAM)
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (address.ss_family == AF_INET6)
      setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    const int failed = bind(socket, reinterpret_cast<sockaddr*>(&address), length) == 0 ? 0 : errno;
    close(socket);
    return failed;
  }

  void look_at_address(const std::string& name, const listen_address& where, int type) {
    const auto subject = fmt::format("{} {}", name, to_string(where));
    switch (const int failed = bind_error(where, type)) {
    case 0:
      return add(grade::fine, subject, "is free");
    case EADDRINUSE:
      return add(grade::advice, subject, "is taken",
                 "all is well when the node runs already; else see who has it: ss -lnptu");
    case EADDRNOTAVAIL:
      return add(grade::fault, subject, "is no address of this machine", "see its addresses: ip address");
    case EACCES:
      return add(grade::fault, subject, "may not be taken by this user",
                 "ports below 1024 need CAP_NET_BIND_SERVICE");
    default:
      return add(grade::fault, subject, fmt::format("cannot be taken: {}", std::strerror(failed)),
                 "see the addresses of this machine: ip address");
    }
  }

  void look_at_text_address(const std::string& name, const std::string& text) {
    if (text.empty())
      return;
    if (const auto where = parse_listen_address(text))
      look_at_address(name, *where, SOCK_STREAM);
  }

  void look_at_addresses() {
    for (const auto& each : config_.sip.listen)
      look_at_address(fmt::format("sip {}", to_string(each.transport)), each.address,
                      each.transport == sip_transport::udp ? SOCK_DGRAM : SOCK_STREAM);
    for (const auto& each : config_.sip.tls_listen)
      look_at_address("sip tls", each, SOCK_STREAM);
    look_at_address("http", config_.http.listen, SOCK_STREAM);
    look_at_text_address("metrics", config_.http.metrics_listen);
    look_at_text_address("cluster", config_.cluster.listen);
    for (const auto& address : config_.media.address.texts)
      look_at_address("media", {address, 0}, SOCK_DGRAM);
  }

  /// Asks for it in a thread of its own, which ends with it.
  void look_at_priority() {
    if (!config_.node.real_time)
      return;
    int failed = 0;
    std::thread([&failed] {
      sched_param lowest{};
      lowest.sched_priority = sched_get_priority_min(SCHED_FIFO);
      failed = pthread_setschedparam(pthread_self(), SCHED_FIFO, &lowest);
    }).join();
    if (failed == 0)
      return add(grade::fine, "real-time priority", "is permitted");
    add(grade::advice, "real-time priority", "is not permitted: on a busy machine rooms may be mixed late",
        "give the node CAP_SYS_NICE or LimitRTPRIO, as the unit does");
  }

  void look_at_clock() {
    timex state{};
    const int how = adjtimex(&state);
    const bool is_set = how >= 0 && how != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
    if (is_set)
      return add(grade::fine, "clock", "is kept right by the network");
    add(grade::advice, "clock",
        "is not kept right: signatures of webhooks are refused when it is 5 minutes wrong, and certificates "
        "too",
        "run chrony or systemd-timesyncd");
  }

  static std::uint64_t number_in(const char* file) {
    std::ifstream from(file);
    std::uint64_t number = 0;
    from >> number;
    return number;
  }

  void look_at_limits() {
    found_.push_back(judge_socket_buffer("net.core.rmem_max", number_in("/proc/sys/net/core/rmem_max")));
    found_.push_back(judge_socket_buffer("net.core.wmem_max", number_in("/proc/sys/net/core/wmem_max")));
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    found_.push_back(judge_descriptors(files.rlim_max, config_.sip.max_calls));
  }

  void look_at_folder() {
    const auto& folder = config_.node.data_dir;
    std::error_code trouble;
    if (!std::filesystem::exists(folder, trouble))
      return add(grade::advice, "node.data_dir", fmt::format("{} does not exist yet", folder.string()),
                 "the node makes it when it may");
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
      return add(grade::fault, "node.data_dir",
                 fmt::format("{} cannot be written by this user", folder.string()),
                 "give the folder to the user that the node runs as");
    const auto space = std::filesystem::space(folder, trouble);
    const auto free_mb = trouble ? 0 : static_cast<std::int64_t>(space.available / (1024 * 1024));
    if (free_mb < config_.store.min_free_mb)
      return add(grade::fault, "node.data_dir",
                 fmt::format("has {} MiB free: new calls would be refused", free_mb),
                 "make room, or lower store.min_free_mb");
    add(grade::fine, "node.data_dir", fmt::format("can be written, {} MiB are free", free_mb));
  }

  void look_at_certificate(const std::string& name, const std::filesystem::path& file) {
    if (file.empty())
      return;
    const auto subject = fmt::format("{} {}", name, file.string());
    const auto text = read_bounded_file(file, most_certificate_bytes);
    if (!text)
      return add(grade::fault, subject, fmt::format("cannot be read: {}", text.error().message),
                 "name a PEM file that this user may read");
    const std::unique_ptr<BIO, int (*)(BIO*)> bytes{
        BIO_new_mem_buf(text->data(), static_cast<int>(text->size())), BIO_free};
    const std::unique_ptr<X509, void (*)(X509*)> certificate{
        PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr), X509_free};
    std::tm ends{};
    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &ends) != 1)
      return add(grade::fault, subject, "is no certificate in PEM",
                 "name a PEM file with the certificate first");
    found_.push_back(judge_certificate(subject,
                                       std::chrono::time_point_cast<wall_time::duration>(
                                           std::chrono::system_clock::from_time_t(timegm(&ends))),
                                       now_));
  }

  void look_at_certificates() {
    look_at_certificate("sip.tls_certificate", config_.sip.tls_certificate);
    look_at_certificate("cluster.certificate_file", config_.cluster.certificate_file);
    look_at_certificate("cluster.ca_file", config_.cluster.ca_file);
    look_at_certificate("http_client.ca_file", config_.http_client.ca_file);
  }

  void look_at_url(const std::string& name, const std::string& url) {
    if (url.empty() || !seen_.insert(url).second)
      return;
    const std::unique_ptr<CURL, void (*)(CURL*)> way{curl_easy_init(), curl_easy_cleanup};
    if (!way)
      return;
    curl_easy_setopt(way.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(way.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(way.get(), CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(way.get(), CURLOPT_TIMEOUT_MS, connect_ms);
    curl_easy_setopt(way.get(), CURLOPT_NOSIGNAL, 1L);
    if (!config_.http_client.ca_file.empty())
      curl_easy_setopt(way.get(), CURLOPT_CAINFO, config_.http_client.ca_file.c_str());
    const auto subject = fmt::format("{} of {}", name, without_query(url));
    const auto how = curl_easy_perform(way.get());
    if (how == CURLE_OK)
      return add(grade::fine, subject, "can be reached");
    add(grade::fault, subject, fmt::format("cannot be reached: {}", curl_easy_strerror(how)),
        "see its name, its firewall and its certificate");
  }

  /// What stands behind `?` or before `@` may be a secret.
  static std::string without_query(const std::string& url) {
    auto shown = url.substr(0, url.find('?'));
    const auto start = shown.find("://");
    const auto at = shown.find('@');
    if (start != std::string::npos && at != std::string::npos)
      shown.erase(start + 3, at - start - 2);
    return shown;
  }

  void look_at_urls() {
    for (const auto& each : config_.applications) {
      look_at_url("answer_url", each.answer_url);
      look_at_url("fallback_url", each.fallback_url);
      look_at_url("webhook_url", each.webhook_url);
    }
  }

  const configuration& config_;
  wall_time now_;
  std::set<std::string> seen_;
  std::vector<finding> found_;
};

} // namespace

std::vector<finding> examine(const configuration& config, wall_time now) {
  return examination{config, now}.examine();
}

std::vector<finding> examine_file(const std::filesystem::path& file, wall_time now) {
  const auto config = load_configuration(file);
  std::vector<finding> found;
  if (!config) {
    for (const auto& each : config.error())
      found.push_back({grade::fault, each.file, to_string(each), "plenaryd --check-config says the same"});
    return found;
  }
  found.push_back({grade::fine, file.string(), "is a right configuration", {}});
  for (const auto& each : warnings_of(*config, file))
    found.push_back({grade::advice, each.key, each.what, each.hint});
  for (auto& each : examine(*config, now))
    found.push_back(std::move(each));
  return found;
}

} // namespace plenary
