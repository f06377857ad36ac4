#pragma once

namespace plenary::load {

/// Proves the checks against a reflector of known delay, and against reflectors that do one thing wrong each,
/// which the checks must notice. Prints a line per case; true when all went as they must.
bool self_test();

} // namespace plenary::load
