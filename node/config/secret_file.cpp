#include "node/config/secret_file.hpp"

#include "node/config/checks.hpp"
#include "node/files/bounded_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace plenary {

namespace {

constexpr std::size_t max_file_size = 4096;

/// One secret and the option that may hold it instead.
struct secret_source {
  std::string key; ///< for example `application[0].api_key`
  std::string& value;
  const std::filesystem::path& file;
  result<void> (*check)(const std::string& text);
  bool required = true;
};

std::optional<problem> fill(const secret_source& source, const key_lines& lines) {
  auto trouble = [&](const std::string& key, std::string what, std::string hint) {
    return problem{{}, line_of_key(lines, key), key, std::move(what), std::move(hint)};
  };
  auto file_key = source.key + "_file";
  if (source.file.empty()) {
    if (source.value.empty() && source.required)
      return trouble(source.key, "is missing or empty", fmt::format("give {} or {}", source.key, file_key));
    return std::nullopt;
  }
  if (!source.value.empty())
    return trouble(file_key, fmt::format("stands beside {}", source.key), "keep one of the two");
  auto text = read_bounded_file(source.file, max_file_size);
  if (!text)
    return trouble(
        file_key,
        fmt::format("names a file that cannot be read: {}: {}", source.file.string(), text.error().message),
        "check the path and the permissions");
  if (text->ends_with('\n'))
    text->pop_back();
  if (text->ends_with('\r'))
    text->pop_back();
  if (auto good = text->empty() ? fail(errc::malformed, "must not be empty") : source.check(*text); !good)
    return trouble(file_key, "names a file whose content is unusable", "the content " + good.error().message);
  source.value = *text;
  return std::nullopt;
}

/// Carriers choose them: whatever fits into one line.
result<void> check_password(const std::string& text) {
  if (text.find_first_of("\r\n") == std::string::npos && text.find('\0') == std::string::npos)
    return {};
  return fail(errc::malformed, "must be one line");
}

bool is_told(const std::vector<problem>& problems, const std::string& key) {
  return std::any_of(problems.begin(), problems.end(), [&](const problem& told) { return told.key == key; });
}

} // namespace

int line_of_key(const key_lines& lines, const std::string& key) {
  if (auto found = lines.find(key); found != lines.end())
    return found->second;
  auto owner = lines.find(key.substr(0, key.rfind('.')));
  return owner == lines.end() ? 0 : owner->second;
}

void read_secret_files(configuration& config, const key_lines& lines, std::vector<problem>& problems) {
  auto& http = config.http;
  for (auto& source :
       {secret_source{"http.operator_key", http.operator_key, http.operator_key_file, check_api_key, false},
        secret_source{"http.second_operator_key", http.second_operator_key, http.second_operator_key_file,
                      check_api_key, false}})
    if (auto trouble = fill(source, lines); trouble && !is_told(problems, source.key))
      problems.push_back(std::move(*trouble));
  for (std::size_t i = 0; i < config.applications.size(); ++i) {
    auto& application = config.applications[i];
    auto prefix = fmt::format("application[{}].", i);
    for (auto& source :
         {secret_source{prefix + "api_key", application.api_key, application.api_key_file, check_api_key},
          secret_source{prefix + "webhook_secret", application.webhook_secret,
                        application.webhook_secret_file, check_webhook_secret, false},
          secret_source{prefix + "second_api_key", application.second_api_key,
                        application.second_api_key_file, check_api_key, false},
          secret_source{prefix + "second_webhook_secret", application.second_webhook_secret,
                        application.second_webhook_secret_file, check_webhook_secret, false}})
      if (auto trouble = fill(source, lines); trouble && !is_told(problems, source.key))
        problems.push_back(std::move(*trouble));
  }
  for (std::size_t i = 0; i < config.trunks.size(); ++i) {
    auto& trunk = config.trunks[i];
    const secret_source password{fmt::format("trunk[{}].password", i), trunk.password, trunk.password_file,
                                 check_password, !trunk.username.empty()};
    if (auto trouble = fill(password, lines); trouble && !is_told(problems, password.key))
      problems.push_back(std::move(*trouble));
  }
}

} // namespace plenary
