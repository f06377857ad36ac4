#include "node/program.hpp"

int main(int argc, char** argv) {
  return plenary::run_program(
      plenary::parse_command_line(std::span<const char* const>(argv, static_cast<std::size_t>(argc))));
}
