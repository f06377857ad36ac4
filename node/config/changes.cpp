#include "node/config/changes.hpp"

#include "node/config/option_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace plenary {

namespace {

const std::string& name_of(const application_options& each) {
  return each.id.value;
}
const std::string& name_of(const did_options& each) {
  return each.number;
}
const std::string& name_of(const trunk_options& each) {
  return each.name;
}

/// Walks the option table over two configurations.
class comparison {
public:
  comparison(const configuration& before, const configuration& after)
      : before_(before)
      , after_(after) {}

  configuration_changes compare() {
    for_each_section([this](const auto& section) { compare_section(section); });
    return std::move(found_);
  }

private:
  template <class Section>
  void compare_section(const single_section<Section>& section) {
    for (const auto& each : section.options)
      if (each.write(before_.*section.member) != each.write(after_.*section.member))
        (each.limits.live ? found_.live : found_.fixed)
            .push_back(fmt::format("{}.{}", section.name, each.key));
  }

  template <class Section>
  void compare_section(const list_section<Section>& section) {
    std::map<std::string, const Section*> old;
    for (const auto& each : before_.*section.member)
      old.emplace(name_of(each), &each);
    for (const auto& each : after_.*section.member) {
      const auto known = old.find(name_of(each));
      if (known == old.end()) {
        found_.live.push_back(fmt::format("{} {} added", section.name, name_of(each)));
        continue;
      }
      compare_element(section, *known->second, each);
      old.erase(known);
    }
    for (const auto& [name, gone] : old)
      found_.live.push_back(fmt::format("{} {} removed", section.name, name));
  }

  template <class Section>
  void compare_element(const list_section<Section>& section, const Section& before, const Section& after) {
    std::vector<std::string_view> keys;
    for (const auto& each : section.options)
      if (each.write(before) != each.write(after))
        keys.push_back(each.key);
    if (!keys.empty())
      found_.live.push_back(fmt::format("{} {}: {}", section.name, name_of(after), fmt::join(keys, " and ")));
  }

  const configuration& before_;
  const configuration& after_;
  configuration_changes found_;
};

} // namespace

configuration_changes changes_between(const configuration& before, const configuration& after) {
  return comparison{before, after}.compare();
}

std::string names_of_changes(const std::vector<std::string>& names, std::size_t most) {
  if (names.empty())
    return "nothing";
  const auto shown = std::min(names.size(), most);
  auto text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (shown < names.size())
    text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

} // namespace plenary
