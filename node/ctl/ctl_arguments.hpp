#pragma once

#include "schema/result.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

/// Something that plenaryctl does.
struct ctl_verb {
  std::string_view name;
  std::string_view operands; ///< their names, separated by spaces, for example `ROOM CALL`
  std::string_view sentence;

  std::size_t operand_count() const;
};

/// An option of plenaryctl.
struct ctl_flag {
  std::string_view name;  ///< with its dashes
  std::string_view value; ///< name of its value; empty when it takes none
  std::string_view verb;  ///< the only verb that takes it; empty: every one
  std::string_view sentence;
};

std::span<const ctl_verb> ctl_verbs();
std::span<const ctl_flag> ctl_flags();

/// A command line, understood.
struct ctl_arguments {
  std::string verb;
  std::vector<std::string> operands;
  std::string url;      ///< of any node's API, without a slash at the end
  std::string key;      ///< Bearer key; also when it stands in `key_file`'s file
  std::string key_file; ///< empty: none
  std::string customer; ///< whom the operator asks for; empty: whom the key belongs to
  std::chrono::milliseconds timeout{5000};
  std::chrono::seconds wait{0}; ///< 0: do not wait
  std::map<std::string, std::string> node_urls;
  std::string config{"/etc/plenary/plenary.toml"}; ///< the file that `doctor` looks at
  bool json = false;
  bool cancel = false;
  bool once = false;
};

/// Understands the words after the program's name. `PLENARY_URL` and `PLENARY_KEY` of the environment count
/// where the words say nothing. Fails with `malformed`.
result<ctl_arguments> parse_ctl_arguments(std::span<const char* const> words,
                                          const std::map<std::string, std::string>& environment);

std::string ctl_help();

} // namespace plenary
