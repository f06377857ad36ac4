#pragma once

#include "node/http/server_request.hpp"
#include "schema/ids.hpp"

#include <string_view>

namespace plenary {

/// How a reply is framed.
struct reply_frame {
  std::string request_id;
  bool head_only = false; ///< the request was HEAD: length without body (RFC 9110 9.3.2)
  bool keep_alive = true;
  wall_time now{};
};

/// The bytes of a reply on the wire.
std::string reply_text(const server_reply& reply, const reply_frame& frame);

/// The reply of the server itself to a request that it does not pass on.
server_reply status_reply(int status);

} // namespace plenary
