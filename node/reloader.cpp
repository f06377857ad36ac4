#include "node/reloader.hpp"

#include "node/config/changes.hpp"
#include "node/node.hpp"

#include <algorithm>
#include <utility>

namespace plenary {

namespace {

constexpr std::chrono::seconds look_period{1};

std::vector<watched_file> certificates_of(const configuration& config) {
  std::vector<watched_file> files;
  const auto add = [&files](std::string key, const std::filesystem::path& file) {
    if (!file.empty())
      files.push_back({std::move(key), file});
  };
  if (!config.sip.tls_listen.empty()) {
    add("sip.tls_certificate", config.sip.tls_certificate);
    add("sip.tls_key", config.sip.tls_key);
  }
  add("cluster.ca_file", config.cluster.ca_file);
  add("cluster.certificate_file", config.cluster.certificate_file);
  add("cluster.key_file", config.cluster.key_file);
  return files;
}

std::int64_t count_of(std::size_t number) {
  return static_cast<std::int64_t>(number);
}

} // namespace

reloader::reloader(node& running, read_configuration current, std::filesystem::path file, json_logger& log)
    : running_(running)
    , current_(std::move(current))
    , file_(std::move(file))
    , log_(log) {
  certificates_.watch(certificates_of(current_.config));
}

void reloader::reload() {
  auto loaded = load_configuration_with_lines(file_);
  if (loaded)
    return take(std::move(*loaded), "SIGHUP");
  refuse(loaded.error().front(), loaded.error().size(), "SIGHUP");
}

void reloader::look(std::chrono::steady_clock::time_point now) {
  if (now < next_look_)
    return;
  next_look_ = now + look_period;
  if (certificates_.has_settled_change())
    take(current_, "certificate");
}

void reloader::take(read_configuration next, std::string_view cause) {
  const auto files = certificates_.changed();
  auto changed = running_.reload(next);
  if (!changed) {
    certificates_.accept(); // told once; tried again when they change again
    changed.error().file = file_.string();
    return refuse(changed.error(), 1, cause);
  }
  for (const auto& key : files)
    if (std::find(changed->begin(), changed->end(), key) == changed->end())
      changed->push_back(key + " (content)");
  current_ = std::move(next);
  certificates_.watch(certificates_of(current_.config));
  log_.set_least(current_.config.node.log);
  log_.write(log_level::info, "config_reloaded",
             {{"cause", cause},
              {"changed", std::string_view{names_of_changes(*changed)}},
              {"applications", count_of(current_.config.applications.size())},
              {"numbers", count_of(current_.config.dids.size())},
              {"trunks", count_of(current_.config.trunks.size())}});
}

void reloader::refuse(const problem& why, std::size_t problems, std::string_view cause) {
  log_.write(log_level::error, "config_refused",
             {{"cause", cause},
              {"file", std::string_view{why.file}},
              {"line", std::int64_t{why.line}},
              {"key", std::string_view{why.key}},
              {"reason", std::string_view{why.what}},
              {"hint", std::string_view{why.hint}},
              {"problems", count_of(problems)}});
}

} // namespace plenary
