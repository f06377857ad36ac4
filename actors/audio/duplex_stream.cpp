#include "actors/audio/duplex_stream.hpp"

#include <utility>

namespace plenary::audio {

void apply(stream_change&& change, duplex_stream& stream) {
  if (change.receive)
    stream.receive = std::move(change.receive);
  if (change.send_to)
    stream.send->redirect(change.send_to->remote, change.send_to->port, change.send_to->payload_type,
                          change.send_to->clock_rate);
  if (change.keys)
    stream.send->rekey(std::move(change.keys->protection));
  stream.format = change.format.value_or(stream.format);
  stream.can_speak = change.can_speak.value_or(stream.can_speak);
  if (change.trickle)
    stream.send->set_trickle(*change.trickle);
  stream.can_hear = change.can_hear.value_or(stream.can_hear);
}

} // namespace plenary::audio
