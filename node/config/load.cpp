#include "node/config/load.hpp"

#include "node/config/option_table.hpp"
#include "node/config/secret_file.hpp"
#include "node/files/bounded_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cerrno>
#include <cstring>
#include <iterator>

namespace plenary {

namespace {

/// Enough for 10,000 numbers with comments.
constexpr std::size_t max_configuration_size = 4 * 1024 * 1024;
/// Elements of one list, and tables of one name.
constexpr std::size_t max_list_size = 20'000;

int line_of(const toml::node& node) {
  return static_cast<int>(node.source().begin.line);
}

int line_of(const toml::key& key) {
  return static_cast<int>(key.source().begin.line);
}

raw_value to_raw(const toml::node& node) {
  if (const auto* flag = node.as_boolean())
    return {flag->get(), "boolean"};
  if (const auto* number = node.as_integer())
    return {number->get(), "integer"};
  if (const auto* text = node.as_string())
    return {text->get(), "string"};
  if (node.is_floating_point())
    return {std::monostate{}, "float"};
  const auto* array = node.as_array();
  if (array == nullptr)
    return {std::monostate{}, node.is_table() ? "table" : "date or time"};
  if (array->size() > max_list_size)
    return {std::monostate{}, "list that is too long"};
  std::vector<std::string> texts;
  for (const auto& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr)
      return {std::monostate{}, "list of other things"};
    texts.push_back(text->get());
  }
  return {std::move(texts), "list of strings"};
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string_view>& names) {
  auto nearest = nearest_name(wrong, names);
  return nearest.empty() ? fmt::format("known here: {}", fmt::join(names, ", "))
                         : fmt::format("did you mean \"{}\"?", nearest);
}

/// Walks the option table over a parsed document and collects problems on the way.
class reader {
public:
  explicit reader(const toml::table& document)
      : document_(document) {}

  void read() {
    std::vector<std::string_view> names;
    for_each_section([&](const auto& section) {
      names.push_back(section.name);
      if (const auto* node = document_.get(section.name))
        read_section(section, *node);
    });
    for (const auto& [key, node] : document_)
      if (std::find(names.begin(), names.end(), key.str()) == names.end())
        report(line_of(key), std::string{key.str()}, "is unknown", did_you_mean(key.str(), names));
  }

  void report(int line, std::string key, std::string what, std::string hint) {
    problems.push_back({{}, line, std::move(key), std::move(what), std::move(hint)});
  }

  configuration config;
  key_lines lines;
  std::vector<problem> problems;

private:
  template <class Section>
  void read_section(const single_section<Section>& section, const toml::node& node) {
    const auto* table = node.as_table();
    if (table == nullptr)
      return report(line_of(node), std::string{section.name}, "is no table",
                    fmt::format("write [{}]", section.name));
    read_options(section.options, config.*section.member, *table, std::string{section.name});
  }

  template <class Section>
  void read_section(const list_section<Section>& section, const toml::node& node) {
    const auto* array = node.as_array();
    if (array == nullptr || !array->is_homogeneous(toml::node_type::table))
      return report(line_of(node), std::string{section.name}, "is no list of tables",
                    fmt::format("write [[{}]]", section.name));
    if (array->size() > max_list_size)
      return report(line_of(node), std::string{section.name},
                    fmt::format("stands {} times, {} are the most", array->size(), max_list_size),
                    "share them among several nodes");
    for (const auto& element : *array) {
      auto& list = config.*section.member;
      auto prefix = fmt::format("{}[{}]", section.name, list.size());
      read_options(section.options, list.emplace_back(), *element.as_table(), prefix);
    }
  }

  template <class Section>
  void read_options(std::span<const option<Section>> options, Section& section, const toml::table& table,
                    const std::string& prefix) {
    lines[prefix] = line_of(table);
    for (const auto& [key, node] : table)
      read_option(options, section, key, node, prefix);
    for (const auto& declared : options)
      if (declared.limits.required && declared.empty(section) &&
          failed_.find(fmt::format("{}.{}", prefix, declared.key)) == failed_.end())
        report(line_of(table), fmt::format("{}.{}", prefix, declared.key), "is missing or empty",
               std::string{declared.sentence});
  }

  template <class Section>
  void read_option(std::span<const option<Section>> options, Section& section, const toml::key& key,
                   const toml::node& node, const std::string& prefix) {
    auto full = fmt::format("{}.{}", prefix, key.str());
    lines[full] = line_of(key);
    auto declared = std::find_if(options.begin(), options.end(),
                                 [&](const auto& entry) { return entry.key == key.str(); });
    if (declared == options.end()) {
      std::vector<std::string_view> names;
      for (const auto& entry : options)
        names.push_back(entry.key);
      return report(line_of(key), full, "is unknown", did_you_mean(key.str(), names));
    }
    auto done = declared->read(section, to_raw(node), declared->limits);
    if (done)
      return;
    failed_[full] = line_of(key);
    auto form = declared->limits.form;
    report(line_of(key), full, done.error().message,
           fmt::format("{}{}{}", declared->type, form.empty() ? "" : ": ", form));
  }

  const toml::table& document_;
  key_lines failed_;
};

/// Makes relative paths start at the configuration file's folder.
void resolve_paths(configuration& config, const std::filesystem::path& folder) {
  auto resolve = [&](std::filesystem::path& path) {
    if (!path.empty())
      path = folder / path;
  };
  resolve(config.node.data_dir);
  constexpr std::string_view sqlite_scheme = "sqlite:";
  if (auto& url = config.store.url; url.starts_with(sqlite_scheme))
    url = fmt::format("{}{}", sqlite_scheme, (folder / url.substr(sqlite_scheme.size())).string());
  resolve(config.sip.tls_certificate);
  resolve(config.sip.tls_key);
  resolve(config.http.operator_key_file);
  resolve(config.http.second_operator_key_file);
  resolve(config.http_client.ca_file);
  resolve(config.cluster.ca_file);
  resolve(config.cluster.certificate_file);
  resolve(config.cluster.key_file);
  for (auto& application : config.applications) {
    resolve(application.api_key_file);
    resolve(application.webhook_secret_file);
    resolve(application.second_api_key_file);
    resolve(application.second_webhook_secret_file);
  }
  for (auto& trunk : config.trunks)
    resolve(trunk.password_file);
}

using lined_result = tl::expected<read_configuration, std::vector<problem>>;

lined_result finished(reader&& read, const std::filesystem::path& file) {
  resolve_paths(read.config, file.parent_path());
  read_secret_files(read.config, read.lines, read.problems);
  auto inconsistent = check_consistency(read.config, read.lines);
  read.problems.insert(read.problems.end(), inconsistent.begin(), inconsistent.end());
  if (read.problems.empty())
    return read_configuration{std::move(read.config), std::move(read.lines)};
  for (auto& trouble : read.problems)
    trouble.file = file.string();
  std::stable_sort(read.problems.begin(), read.problems.end(),
                   [](const problem& a, const problem& b) { return a.line < b.line; });
  return tl::unexpected(std::move(read.problems));
}

lined_result single_problem(problem trouble) {
  return tl::unexpected(std::vector{std::move(trouble)});
}

load_result without_lines(lined_result&& read) {
  if (!read)
    return tl::unexpected(std::move(read.error()));
  return std::move(read->config);
}

lined_result parse_with_lines(std::string_view text, const std::filesystem::path& file) {
  if (text.size() > max_configuration_size)
    return single_problem({file.string(), 0, "",
                           fmt::format("is larger than {} MiB", max_configuration_size / 1024 / 1024),
                           "is it a configuration?"});
  try {
    auto document = toml::parse(text, file.string());
    reader read{document};
    read.read();
    return finished(std::move(read), file);
  } catch (const toml::parse_error& why) {
    return single_problem({file.string(), static_cast<int>(why.source().begin.line), "",
                           fmt::format("is no valid TOML: {}", why.description()), "see https://toml.io"});
  }
}

} // namespace

load_result parse_configuration(std::string_view text, const std::filesystem::path& file) {
  return without_lines(parse_with_lines(text, file));
}

load_result load_configuration(const std::filesystem::path& file) {
  return without_lines(load_configuration_with_lines(file));
}

lined_result load_configuration_with_lines(const std::filesystem::path& file) {
  auto text = read_bounded_file(file, max_configuration_size);
  if (!text)
    return single_problem({file.string(), 0, "", fmt::format("cannot be read: {}", text.error().message),
                           "check the path and the permissions"});
  return parse_with_lines(*text, file);
}

} // namespace plenary
