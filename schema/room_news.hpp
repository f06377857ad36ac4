#pragma once

#include "schema/ids.hpp"

#include <cstddef>
#include <cstdint>

namespace plenary {

/// The last participant has left a room of this node, or the room failed: its name is free again.
struct room_emptied {
  room_key key;
  std::uint64_t epoch = 0; ///< of its owner
};

/// A room of this node holds so many callers now.
struct room_counted {
  room_key key;
  std::uint64_t epoch = 0;
  std::size_t callers = 0;
};

} // namespace plenary
