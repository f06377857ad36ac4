#include "node/config/print.hpp"

#include "node/config/option_table.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

constexpr std::string_view masked = "\"***\"";

template <class Section>
std::string shown(const option<Section>& entry, const Section& section) {
  if (entry.limits.shown != nullptr)
    return entry.limits.shown(entry.write(section));
  return std::string{entry.limits.secret && !entry.empty(section) ? masked : entry.write(section)};
}

/// What a value may be: `20 to 500`, the form of a text, or nothing.
template <class Section>
std::string accepted(const option<Section>& entry) {
  const option_limits open;
  if (entry.limits.least != open.least)
    return fmt::format("{} to {}", entry.limits.least, entry.limits.most);
  return std::string{entry.limits.form};
}

template <class Section>
std::string default_of(const option<Section>& entry) {
  if (entry.limits.required && entry.empty(Section{}))
    return "required";
  return entry.write(Section{});
}

/// Turns a configuration into TOML, with or without the explaining comments.
class toml_writer {
public:
  toml_writer(const configuration& config, bool commented)
      : config_(config)
      , commented_(commented) {}

  std::string write() {
    for_each_section([this](const auto& section) { write_section(section); });
    return std::move(text_);
  }

private:
  template <class Section>
  void write_section(const single_section<Section>& section) {
    start(section.sentence, fmt::format("[{}]", section.name));
    write_options(section.options, config_.*section.member);
  }

  template <class Section>
  void write_section(const list_section<Section>& section) {
    for (const auto& element : config_.*section.member) {
      start(section.sentence, fmt::format("[[{}]]", section.name));
      write_options(section.options, element);
    }
  }

  void start(std::string_view sentence, const std::string& head) {
    if (!text_.empty())
      text_ += '\n';
    if (commented_)
      text_ += fmt::format("# {}\n", sentence);
    text_ += head + '\n';
  }

  template <class Section>
  void write_options(std::span<const option<Section>> options, const Section& section) {
    for (const auto& entry : options) {
      if (commented_)
        text_ += comment(entry);
      text_ += fmt::format("{} = {}\n", entry.key, commented_ ? entry.write(section) : shown(entry, section));
    }
  }

  template <class Section>
  static std::string comment(const option<Section>& entry) {
    auto limits = accepted(entry);
    auto preset = default_of(entry);
    return fmt::format("# {}\n#   {}{}{}; {}{}\n", entry.sentence, entry.type, limits.empty() ? "" : ", ",
                       limits, preset == "required" ? "" : "default ", preset);
  }

  const configuration& config_;
  bool commented_;
  std::string text_;
};

configuration example() {
  configuration config;
  auto& application = config.applications.emplace_back();
  application.id.value = "app_demo";
  application.customer.value = "cust_demo";
  application.api_key = "mv_test_replace_this_key";
  application.answer_url = "http://127.0.0.1:9000/answer";
  application.webhook_url = "http://127.0.0.1:9000/webhooks";
  application.webhook_secret = "replace_this_secret";
  config.dids.push_back({"+15551230002", application.id});
  auto& trunk = config.trunks.emplace_back();
  trunk.name = "carrier";
  trunk.proxy = "sip:127.0.0.1:5080";
  trunk.inbound_ips.push_back(*parse_ip_network("127.0.0.1"));
  return config;
}

/// Whether a running node takes another value: of lists (applications, numbers, trunks) every one.
template <class Section>
bool is_taken_live(const single_section<Section>&, const option<Section>& entry) {
  return entry.limits.live;
}
template <class Section>
bool is_taken_live(const list_section<Section>&, const option<Section>&) {
  return true;
}

template <class Section>
std::string document_rows(const Section& section) {
  std::string text;
  for (const auto& entry : section.options)
    text += fmt::format("| `{}.{}` | {} | {} | `{}` | {} | {} |\n", section.name, entry.key, entry.type,
                        accepted(entry), default_of(entry),
                        is_taken_live(section, entry) ? "SIGHUP" : "restart", entry.sentence);
  return text;
}

} // namespace

std::string print_configuration(const configuration& config) {
  return toml_writer{config, false}.write();
}

std::string example_configuration() {
  return "# Configuration of one Plenary node. Every option stands here with its default; what is left out "
         "keeps it.\n"
         "# Relative paths start at the folder of this file.\n\n" +
         toml_writer{example(), true}.write();
}

std::string configuration_document() {
  std::string text =
      "# Configuration\n\n"
      "Every option of `plenaryd --config FILE` (TOML). Relative paths start at the file's folder. This\n"
      "document is generated from the table in `node/config`; a test fails when the two differ.\n\n"
      "The column *changes* says what makes a running node take another value: `SIGHUP`, which reads the\n"
      "file anew, or a `restart`. A SIGHUP takes the whole file or nothing of it: one that changes an "
      "option\n"
      "which needs a restart is refused by name (see [operations](operations.md)).\n";
  for_each_section([&](const auto& section) {
    text += fmt::format("\n## {}\n\n{}\n\n", section.name, section.sentence);
    text +=
        "| option | type | accepted | default | changes | meaning |\n| --- | --- | --- | --- | --- | --- |\n";
    text += document_rows(section);
  });
  return text;
}

std::string option_overview() {
  std::string text;
  for_each_section([&](const auto& section) {
    for (const auto& entry : section.options)
      text += fmt::format("  {:<34} {} [{}]\n", fmt::format("{}.{}", section.name, entry.key), entry.sentence,
                          default_of(entry));
  });
  return text;
}

} // namespace plenary
