#include "node/link/served_pages.hpp"

#include <memory>

namespace plenary::link {

namespace {

constexpr std::size_t page_size = 48 * 1024;

/// How many elements from `first` on fit into a page, at least one.
template <class Element>
unsigned fitting(const std::vector<Element>& list, std::size_t first) {
  std::size_t size = 0;
  unsigned count = 0;
  while (first + count < list.size()) {
    size += wire::wire_size(list[first + count]);
    if (size > page_size && count > 0)
      break;
    ++count;
  }
  return count;
}

template <class Builder, class Element>
void write_range(Builder to, const std::vector<Element>& list, std::size_t first) {
  for (unsigned i = 0; i < to.size(); ++i)
    wire::write(to[i], list[first + i]);
}

using call_list = std::shared_ptr<const std::vector<call_record>>;
using room_reference = std::shared_ptr<const room_snapshot>;

void write_from(wire::CallPage::Builder page, const call_list& calls, std::size_t first);
void write_from(wire::RoomPage::Builder page, const room_reference& room, std::size_t first);

class more_calls final : public wire::MoreCalls::Server {
public:
  more_calls(call_list calls, std::size_t first)
      : calls_(std::move(calls))
      , first_(first) {}

  kj::Promise<void> next(NextContext context) override {
    write_from(context.initResults(), calls_, first_);
    return kj::READY_NOW;
  }

private:
  call_list calls_;
  std::size_t first_;
};

class more_participants final : public wire::MoreParticipants::Server {
public:
  more_participants(room_reference room, std::size_t first)
      : room_(std::move(room))
      , first_(first) {}

  kj::Promise<void> next(NextContext context) override {
    write_from(context.initResults(), room_, first_);
    return kj::READY_NOW;
  }

private:
  room_reference room_;
  std::size_t first_;
};

void write_from(wire::CallPage::Builder page, const call_list& calls, std::size_t first) {
  auto count = fitting(*calls, first);
  write_range(page.initCalls(count), *calls, first);
  if (first + count < calls->size())
    page.setRest(kj::heap<more_calls>(calls, first + count));
}

void write_from(wire::RoomPage::Builder page, const room_reference& room, std::size_t first) {
  auto count = fitting(room->participants, first);
  wire::write(page.initRoom(), owned_room{room->key, room->epoch, room->created_at});
  page.setNode({room->node.value.c_str(), room->node.value.size()});
  page.setNoiseSuppression(wire::choice_of(room->noise_suppression));
  write_range(page.initParticipants(count), room->participants, first);
  if (first + count < room->participants.size())
    page.setRest(kj::heap<more_participants>(room, first + count));
}

} // namespace

void write_page(wire::CallPage::Builder page, std::vector<call_record> calls) {
  write_from(page, std::make_shared<const std::vector<call_record>>(std::move(calls)), 0);
}

void write_page(wire::RoomPage::Builder page, room_snapshot room) {
  write_from(page, std::make_shared<const room_snapshot>(std::move(room)), 0);
}

} // namespace plenary::link
