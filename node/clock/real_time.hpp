#pragma once

namespace plenary {

/// Priorities under SCHED_FIFO: the metronome must overtake the mixing it starts.
inline constexpr int metronome_priority = 11;
inline constexpr int mixing_priority = 10;

/// Gives the calling thread SCHED_FIFO at this priority; false when the system does not permit it.
bool enter_real_time(int priority);

/// Lets the calling thread's absolute sleeps end within a microsecond instead of 50.
void sharpen_timers();

} // namespace plenary
