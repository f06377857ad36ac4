#pragma once

#include "node/http/api_route.hpp"

/// What each route of the table does; see api_route.cpp.
namespace plenary {

// -- for everybody ------------------------------------------------------------------------------------------

void get_metrics(const api_sources& from, const routed_request& request, const reply_callback& reply);
void get_liveness(const api_sources& from, const routed_request& request, const reply_callback& reply);
void get_readiness(const api_sources& from, const routed_request& request, const reply_callback& reply);

// -- calls --------------------------------------------------------------------------------------------------

void get_calls(const api_sources& from, const routed_request& request, const reply_callback& reply);
void get_call(const api_sources& from, const routed_request& request, const reply_callback& reply);
void hang_up(const api_sources& from, const routed_request& request, const reply_callback& reply);

// -- rooms --------------------------------------------------------------------------------------------------

void get_rooms(const api_sources& from, const routed_request& request, const reply_callback& reply);
void get_room(const api_sources& from, const routed_request& request, const reply_callback& reply);
void end_room(const api_sources& from, const routed_request& request, const reply_callback& reply);

// Live control of the participant `arguments[1]` of the room `arguments[0]`.

/// By a body of `mute`, `end_on_exit`, `label`.
void change_participant(const api_sources& from, const routed_request& request, const reply_callback& reply);
void mute_participant(const api_sources& from, const routed_request& request, const reply_callback& reply);
void unmute_participant(const api_sources& from, const routed_request& request, const reply_callback& reply);
void kick_participant(const api_sources& from, const routed_request& request, const reply_callback& reply);

// -- customers ----------------------------------------------------------------------------------------------

void get_customers(const api_sources& from, const routed_request& request, const reply_callback& reply);

// -- nodes --------------------------------------------------------------------------------------------------

void get_nodes(const api_sources& from, const routed_request& request, const reply_callback& reply);
void get_node(const api_sources& from, const routed_request& request, const reply_callback& reply);
void get_drain(const api_sources& from, const routed_request& request, const reply_callback& reply);
void start_drain(const api_sources& from, const routed_request& request, const reply_callback& reply);
void cancel_drain(const api_sources& from, const routed_request& request, const reply_callback& reply);

// -- shared -------------------------------------------------------------------------------------------------

/// The part of a list that `?limit=` (1 to 500, default 100) and `?after=` ask for; fails with `malformed`.
result<page> page_of(const routed_request& request);

} // namespace plenary
