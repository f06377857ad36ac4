#pragma once

#include "node/link/sent_call.hpp"

namespace plenary::link {

/// Since this protocol orders to a leg and its reports go as values, by one method each.
inline constexpr std::uint32_t values_protocol = 2;

/// Sends an order to a leg of a node of protocol 1, which has a method for each that it knows; `unsupported`
/// for what it does not know.
promised_reply order_by_first_protocol(wire::Leg::Client leg, const leg_order& what);

/// The same for what a leg tells its call.
promised_reply report_by_first_protocol(wire::Call::Client call, std::uint32_t leg, const leg_report& what);

} // namespace plenary::link
