// The network of the simulated clusters carries the messages of real directories too.
#include "tests/directory/simulated_network.cpp" // NOLINT(bugprone-suspicious-include)
