// Loaded before a program's libraries (LD_PRELOAD), it answers for the system's wall clock: the real time and
// the nanoseconds that stand in the file which SET_CLOCK_FILE names, and which the test writes while the
// program runs. Clocks that nobody can set are the system's.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::int64_t second = 1'000'000'000;

/// Null while the program starts, and when there is no such file.
const volatile std::int64_t* offset_ns = nullptr;

__attribute__((constructor)) void open_offset() {
  const char* name = std::getenv("SET_CLOCK_FILE");
  const int file = name == nullptr ? -1 : ::open(name, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return;
  void* mapped = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  if (mapped != MAP_FAILED)
    offset_ns = static_cast<const volatile std::int64_t*>(mapped);
}

bool can_be_set(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

} // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const long failed = ::syscall(SYS_clock_gettime, clock, now);
  if (failed == 0 && offset_ns != nullptr && can_be_set(clock)) {
    const auto shifted = now->tv_sec * second + now->tv_nsec + *offset_ns;
    *now = {shifted / second, shifted % second};
  }
  return static_cast<int>(failed);
}

int gettimeofday(timeval* now, void*) noexcept {
  timespec exact{};
  const int failed = clock_gettime(CLOCK_REALTIME, &exact);
  *now = {exact.tv_sec, exact.tv_nsec / 1000};
  return failed;
}

time_t time(time_t* where) noexcept {
  timespec exact{};
  clock_gettime(CLOCK_REALTIME, &exact);
  if (where != nullptr)
    *where = exact.tv_sec;
  return exact.tv_sec;
}
}
