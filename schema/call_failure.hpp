#pragma once

#include "schema/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace plenary {

/// What went wrong in a call, as customers branch on it.
enum class failure_code {
  answer_url_failed,
  redirect_failed,
  unsupported_action,
  conference_unavailable,
  not_acceptable,
  media_unavailable
};

/// A row of the table of `data.error.code`.
struct failure_row {
  failure_code code;
  std::string_view name;
  std::string_view message;  ///< the sentence in `message`; always the same for a code
  std::string_view sentence; ///< for the documents: when it is told
};

/// Every code, in the order of the enumeration.
std::span<const failure_row> failure_rows();

/// The name that stands in events and answers, for example `answer_url_failed`.
std::string_view to_string(failure_code code);

/// The sentence that goes with a code.
std::string_view message_of(failure_code code);

/// The code of that name, or nothing.
std::optional<failure_code> parse_failure_code(std::string_view name);

/// What went wrong in a call: the code to branch on, and beneath it what it was in detail.
struct call_failure {
  failure_code code = failure_code::answer_url_failed;
  errc reason = errc::internal; ///< what it was underneath
  std::string detail;           ///< a sentence for people that names the very thing, for example `HTTP 500`

  friend bool operator==(const call_failure&, const call_failure&) = default;
};

/// The code of a failure that was stored or sent without one, by earlier programs: from the name of the
/// call's hang-up cause (empty: none) and from what they called it.
failure_code likely_code(std::string_view cause, errc reason);

} // namespace plenary
