#include "node/ctl/ctl_program.hpp"

#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) {
  std::map<std::string, std::string> environment;
  for (const char* name : {"PLENARY_URL", "PLENARY_KEY"})
    if (const char* value = std::getenv(name))
      environment[name] = value;
  std::span<const char* const> words{argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)};
  return static_cast<int>(plenary::run_ctl(words, environment, std::cout, std::cerr));
}
