#pragma once

#include "schema/call.hpp"

#include <span>
#include <string_view>

namespace plenary {

/// Who says that a call ends for a cause.
enum class cause_origin {
  caller,    ///< the caller gave up before it was answered
  orderly,   ///< Plenary, the flow or an operator ended it: a call that was answered is `completed`
  failure,   ///< Plenary could not go on: the call is `failed`
  signalling ///< the other side's BYE, or a dialog that died: a call that was answered is `completed`
};

/// A row of the table of `hangup_cause`.
struct cause_row {
  std::string_view name;
  int q850; ///< ITU-T Q.850 table 1
  cause_origin from;
  int sip;                   ///< what an unanswered caller hears; 0: it is gone
  bool of_q850;              ///< the name of this Q.850 value, when a BYE's Reason names the value
  std::string_view sentence; ///< for the documents: when it is told; empty: when the other side says so
};

/// Every cause that has a name of its own; others are `q850_<value>`.
std::span<const cause_row> cause_rows();

/// The cause of that name with its Q.850 number; any name that the table does not have gives `interworking`
/// (127).
hangup_cause cause_named(std::string_view name);

/// Snake_case name of a Q.850 value (1 to 127) that somebody else says; `q850_<value>` for those without one.
std::string q850_name(int value);

/// The terminal status of a call that was answered and ended with this cause: `completed` when the caller,
/// the flow or an operator ended it, `failed` when Plenary could not go on. Causes that the signalling names
/// are `completed`.
call_status status_of(const hangup_cause& cause);

/// A final SIP answer.
struct refusal {
  int status;
  std::string_view reason;
};

/// How a caller who was not answered yet hears of this cause: 488, 603 or 503.
refusal refusal_of(const hangup_cause& cause);

/// True when an unanswered call with this cause was refused by us; false: the caller gave up.
bool is_refusal(const hangup_cause& cause);

} // namespace plenary
