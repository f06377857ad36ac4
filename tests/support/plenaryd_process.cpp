#include "tests/support/plenaryd_process.hpp"

#include "schema/result.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <fstream>

namespace plenary::test {

namespace {

constexpr std::chrono::seconds start_deadline{30};

void make_certificate(const std::filesystem::path& folder) {
  child_process openssl(
      {.arguments = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                     "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                     "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "certificate.pem"},
       .environment = {},
       .directory = folder,
       .input = {}});
  PLENARY_ASSERT(openssl.wait_for_exit(start_deadline) == 0);
}

plenaryd_settings with_urls(plenaryd_settings settings, const customer_application& application) {
  if (settings.answer_url.empty())
    settings.answer_url = application.answer_url();
  if (settings.webhook_url.empty())
    settings.webhook_url = application.webhook_url();
  return settings;
}

} // namespace

std::string plenaryd_program() {
  return PLENARYD_PROGRAM;
}

plenaryd_process::plenaryd_process(plenaryd_settings settings)
    : settings_(std::move(settings)) {
  if (settings_.tls)
    make_certificate(directory_.path());
  write_configuration();
}

plenaryd_process::plenaryd_process(const customer_application& application, plenaryd_settings settings)
    : plenaryd_process(with_urls(std::move(settings), application)) {}

plenaryd_process::~plenaryd_process() {
  if (process_)
    terminate();
}

std::string plenaryd_process::section_lines(const std::string& section) const {
  const auto found = settings_.lines.find(section);
  return found == settings_.lines.end() ? std::string{} : found->second + "\n";
}

void plenaryd_process::write_configuration() const {
  std::ofstream file(directory_.path() / "plenary.toml");
  file << fmt::format("[node]\nname = \"{}\"\n", settings_.node_name)
       << "data_dir = \"data\"\nlog = \"debug\"\n"
       << section_lines("node");
  const auto& second = settings_.second_address;
  const auto also = [&second](std::string_view form) {
    return second.empty() ? std::string{} : fmt::format(fmt::runtime(form), second);
  };
  file << fmt::format("[sip]\nlisten = [\"udp:{0}:0\", \"tcp:{0}:0\"{1}]\n", settings_.address,
                      also(", \"udp:[{}]:0\""));
  if (settings_.tls)
    file << "tls_listen = [\"127.0.0.1:0\"]\ntls_certificate = \"certificate.pem\"\ntls_key = \"key.pem\"\n";
  file << section_lines("sip");
  file << fmt::format("[media]\naddress = [\"{}\"{}]\nports = \"{}\"\n", settings_.address, also(", \"{}\""),
                      media_ports_.text())
       << section_lines("media");
  // Tests ask without a pause; those of the limits say theirs.
  const auto unless_told = [&](const std::string& section, const std::string& key) {
    return section_lines(section).find(key) == std::string::npos ? key + " = 100000\n" : std::string{};
  };
  file << fmt::format("[http]\nlisten = \"{}:0\"\n", settings_.address)
       << unless_told("http", "max_requests_per_s_per_address") << section_lines("http");
  for (const std::string section : {"room", "http_client", "webhook", "store", "cluster"})
    if (settings_.lines.contains(section))
      file << fmt::format("[{}]\n", section) << section_lines(section);
  file << fmt::format("[[application]]\nid = \"app_demo\"\ncustomer_id = \"cust_demo\"\napi_key = \"{}\"\n"
                      "answer_url = \"{}\"\nwebhook_url = \"{}\"\nwebhook_secret = \"{}\"\n",
                      test_api_key, settings_.answer_url, settings_.webhook_url, test_webhook_secret)
       << unless_told("application", "max_requests_per_s") << section_lines("application");
  file << fmt::format("[[did]]\nnumber = \"{}\"\napplication = \"app_demo\"\n", test_number);
  file << fmt::format("[[trunk]]\nname = \"carrier\"\ninbound_ips = [\"{}\"{}]\nsrtp = \"{}\"\n",
                      settings_.callers_address, also(", \"{}\""), settings_.srtp)
       << section_lines("trunk");
}

bool plenaryd_process::start() {
  return launch() && wait_until_ready();
}

bool plenaryd_process::wait_until_ready() {
  return process_->wait_for_text("\"event\":\"ready\"", start_deadline).has_value();
}

bool plenaryd_process::launch() {
  auto arguments = settings_.launcher;
  for (const auto& each :
       {plenaryd_program(), std::string{"--config"}, (directory_.path() / "plenary.toml").string()})
    arguments.push_back(each);
  process_ = std::make_unique<child_process>(
      child_process_options{.arguments = std::move(arguments),
                            .environment = settings_.environment,
                            .directory = directory_.path(),
                            .input = {},
                            .network_namespace = settings_.network_namespace});
  addresses_.clear();
  if (!process_->wait_for_text("\"event\":\"started\"", start_deadline))
    return false;
  read_addresses();
  return true;
}

void plenaryd_process::read_addresses() {
  for (const auto& line : process_->lines()) {
    const auto document = nlohmann::json::parse(line, nullptr, false);
    if (!document.is_object() || document.value("event", "") != "listening")
      continue;
    if (const auto address = parse_endpoint(document.value("address", "")))
      addresses_[document.value("edge", "") +
                 (address->address.find(':') == std::string::npos ? "" : "_v6")] = *address;
  }
}

ip_endpoint plenaryd_process::address_of(const std::string& edge) const {
  const auto found = addresses_.find(edge);
  return found == addresses_.end() ? ip_endpoint{} : found->second;
}

std::optional<int> plenaryd_process::terminate(std::chrono::milliseconds timeout) {
  process_->signal(SIGTERM);
  return process_->wait_for_exit(timeout);
}

void plenaryd_process::kill_at_once() {
  process_->signal(SIGKILL);
  process_->wait_for_exit(start_deadline);
}

void plenaryd_process::freeze() {
  process_->signal(SIGSTOP);
}

void plenaryd_process::thaw() {
  process_->signal(SIGCONT);
}

std::optional<http_message> plenaryd_process::post(const std::string& target) const {
  return http_exchange(http(), "POST", target, {{"Authorization", fmt::format("Bearer {}", test_api_key)}});
}

std::optional<http_message> plenaryd_process::patch(const std::string& target,
                                                    const nlohmann::json& body) const {
  return http_exchange(
      http(), "PATCH", target,
      {{"Authorization", fmt::format("Bearer {}", test_api_key)}, {"Content-Type", "application/json"}},
      body.dump());
}

std::optional<http_message> plenaryd_process::get(const std::string& target) const {
  return http_get(http(), target, test_api_key);
}

nlohmann::json plenaryd_process::get_json(const std::string& target) const {
  const auto answer = get(target);
  if (!answer || answer->status() != 200)
    return nullptr;
  return nlohmann::json::parse(answer->body, nullptr, false);
}

} // namespace plenary::test
