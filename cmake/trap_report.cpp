// Where undefined behaviour traps, AddressSanitizer tells the place. ASAN_OPTIONS of the environment count
// after this.
extern "C" const char* __asan_default_options();

extern "C" const char* __asan_default_options() {
  return "handle_sigill=1";
}
