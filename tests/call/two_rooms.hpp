#pragma once

#include "schema/ids.hpp"

namespace plenary {

inline const room_key room_a{{"cust"}, "a"};
inline const room_key room_b{{"cust"}, "b"};

} // namespace plenary
