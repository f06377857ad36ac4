#include "node/link/request_sender.hpp"

#include "node/link/first_protocol.hpp"
#include "node/link/sent_call.hpp"

#include <algorithm>
#include <iterator>

namespace plenary::link {

namespace {

using capnp::Response;
using wire::Outcome;
using wire::text_of;

constexpr std::size_t part_size = 48 * 1024; ///< of a list that goes in parts

/// What a peer's list may hold, in all its pages.
class list_budget {
public:
  /// A page of so many elements and words fits too; after the first each has an element.
  bool take(std::size_t elements, std::uint64_t words, bool first) {
    elements_ += elements;
    words_ += words;
    return (elements > 0 || first) && elements_ <= most_elements && words_ <= most_words;
  }

private:
  static constexpr std::size_t most_elements = 100'000; ///< what sip.max_calls may be at most
  static constexpr std::uint64_t most_words = (std::uint64_t{256} << 20) / sizeof(capnp::word);

  std::size_t elements_ = 0;
  std::uint64_t words_ = 0;
};

/// Follows `rest` to the last page, handing every page to `take`, which gives the number of its elements.
template <class Page, class Take>
kj::Promise<void> read_pages(typename Page::Reader page, Take take, list_budget budget = {},
                             bool first = true) {
  if (!budget.take(take(page), page.totalSize().wordCount, first))
    return KJ_EXCEPTION(OVERLOADED, "the peer's list is longer than any that is read");
  if (!page.hasRest())
    return kj::READY_NOW;
  return page.getRest().nextRequest().send().then(
      [take, budget](Response<Page>&& next) { return read_pages<Page>(next, take, budget, false); });
}

promised_reply read_calls(wire::CallPage::Reader first) {
  auto calls = std::make_shared<std::vector<call_record>>();
  return read_pages<wire::CallPage>(first,
                                    [calls](wire::CallPage::Reader page) {
                                      const auto before = calls->size();
                                      for (auto record : wire::limited_list(page.getCalls()))
                                        calls->push_back(wire::read(record));
                                      return calls->size() - before;
                                    })
      .then([calls] { return result<peer_reply>{std::move(*calls)}; });
}

promised_reply read_room(wire::RoomPage::Reader first) {
  auto room = std::make_shared<room_snapshot>();
  auto known = wire::read(first.getRoom());
  room->key = known.key;
  room->epoch = known.epoch;
  room->created_at = known.created_at;
  room->node.value = std::string{first.getNode().begin(), first.getNode().size()};
  room->noise_suppression = wire::read_choice(first.getNoiseSuppression());
  return read_pages<wire::RoomPage>(first,
                                    [room](wire::RoomPage::Reader page) {
                                      const auto before = room->participants.size();
                                      for (auto participant : wire::limited_list(page.getParticipants()))
                                        room->participants.push_back(wire::read(participant));
                                      return room->participants.size() - before;
                                    })
      .then([room] { return result<peer_reply>{std::move(*room)}; });
}

/// Sends the lists of a `rooms_changed` in parts below the size limit; the answer is the last part's.
class room_parts {
public:
  room_parts(wire::Directory::Client directory, const peer::rooms_changed& what)
      : directory_(kj::mv(directory))
      , what_(what) {}

  promised_reply send_all() {
    std::vector<promised_reply> earlier;
    auto last = send_part();
    while (!finished()) {
      earlier.push_back(kj::mv(last));
      last = send_part();
    }
    return last.attach(kj::mv(earlier));
  }

private:
  bool finished() const { return opened_ == what_.opened.size() && closed_ == what_.closed.size(); }

  /// How many elements from `first` on fit into `room` bytes; takes them from it.
  static std::size_t fitting(const std::vector<owned_room>& list, std::size_t first, std::size_t& room) {
    std::size_t count = 0;
    while (first + count < list.size() && wire::wire_size(list[first + count]) <= room)
      room -= wire::wire_size(list[first + count++]);
    return count == 0 && first < list.size() && room == part_size ? 1 : count;
  }

  template <class Builder>
  static void write_range(Builder to, const std::vector<owned_room>& list, std::size_t first) {
    for (unsigned i = 0; i < to.size(); ++i)
      wire::write(to[i], list[first + i]);
  }

  promised_reply send_part() {
    auto room = part_size;
    auto opened = fitting(what_.opened, opened_, room);
    auto closed = fitting(what_.closed, closed_, room);
    auto call = directory_.roomsChangedRequest();
    call.setAll(what_.all);
    write_range(call.initOpened(static_cast<unsigned>(opened)), what_.opened, opened_);
    write_range(call.initClosed(static_cast<unsigned>(closed)), what_.closed, closed_);
    opened_ += opened;
    closed_ += closed;
    call.setMore(!finished());
    return send_done(call);
  }

  wire::Directory::Client directory_;
  const peer::rooms_changed& what_;
  std::size_t opened_ = 0;
  std::size_t closed_ = 0;
};

/// One overload for each message.
class sender {
public:
  sender(wire::Node::Client node, std::uint32_t protocol)
      : node_(kj::mv(node))
      , protocol_(protocol) {}

  // -- directory

  promised_reply operator()(const peer::locate_room& what) {
    auto call = directory().locateRequest();
    wire::write(call.initKey(), what.key);
    return send_call<wire::RoomPlace>(call, [](auto value) { return peer_reply{wire::read(value)}; });
  }
  promised_reply operator()(const peer::open_room& what) {
    auto call = directory().openRequest();
    wire::write(call.initRoom(), what.room);
    call.setReason(wire::to_wire(what.reason));
    call.setLostForMs(what.lost_for.count());
    return send_done(call);
  }
  promised_reply operator()(const peer::rooms_changed& what) {
    return room_parts{directory(), what}.send_all();
  }
  promised_reply operator()(const peer::vacate_room& what) {
    auto call = directory().vacateRequest();
    wire::write(call.initKey(), what.key);
    call.setEpoch(what.epoch);
    wire::write(call.initTo(), what.to);
    return send_done(call);
  }

  // -- between a leg and its call

  promised_reply operator()(const peer::order_leg& what) {
    if (protocol_ < values_protocol)
      return order_by_first_protocol(leg(what.leg), what.what);
    auto request = leg(what.leg).orderRequest();
    wire::write(request.initWhat(), what.what);
    return send_call<wire::LegReply>(request, [](auto value) -> result<peer_reply> {
      return wire::read(value).map([](const leg_reply& reply) { return peer_reply{reply}; });
    });
  }
  promised_reply operator()(const leg_told& what) {
    if (protocol_ < values_protocol)
      return report_by_first_protocol(call(what.leg.call), what.leg.number, what.what);
    auto request = call(what.leg.call).reportRequest();
    request.setLeg(what.leg.number);
    wire::write(request.initWhat(), what.what);
    return send_done(request);
  }

  // -- from the API

  promised_reply operator()(const peer::describe_call& what) {
    return call(what.call).describeRequest().send().then(
        [](Response<Outcome<wire::CallPage>>&& from) -> result<peer_reply> {
          return value_of<wire::CallPage>(from).map([](auto page) -> peer_reply {
            auto calls = page.getCalls();
            return calls.size() == 0 ? std::nullopt : std::optional{wire::read(calls[0])};
          });
        });
  }
  promised_reply operator()(const peer::list_calls& what) {
    auto request = node_.listCallsRequest();
    request.setCustomer(text_of(what.customer.value));
    return request.send().then([](Response<Outcome<wire::CallPage>>&& from) -> promised_reply {
      auto page = value_of<wire::CallPage>(from);
      return page ? read_calls(*page) : result<peer_reply>{tl::unexpected(page.error())};
    });
  }
  promised_reply operator()(const peer::hang_up_call& what) {
    auto request = call(what.call).hangUpRequest();
    request.setCustomer(text_of(what.customer.value));
    return send_done(request);
  }
  promised_reply operator()(const peer::describe_room& what) {
    return room(what.key).describeRequest().send().then(
        [](Response<Outcome<wire::RoomPage>>&& from) -> promised_reply {
          auto page = value_of<wire::RoomPage>(from);
          return page ? read_room(*page) : result<peer_reply>{tl::unexpected(page.error())};
        });
  }
  promised_reply operator()(const peer::control_participant& what) {
    auto request = room(what.key).controlRequest();
    request.setEpoch(what.epoch);
    request.setCall(text_of(what.call.value));
    request.setWhat(wire::to_wire(what.what));
    if (const auto* change = std::get_if<participation_change>(&what.what))
      wire::write(request.initChange(), *change);
    return send_done(request);
  }
  promised_reply operator()(const peer::end_room& what) {
    auto request = room(what.key).endRequest();
    request.setEpoch(what.epoch);
    return send_done(request);
  }
  promised_reply operator()(const peer::drain_node& what) {
    auto request = node_.drainRequest();
    request.setDrain(what.drain);
    return send_done(request);
  }

private:
  wire::Directory::Client directory() { return node_.directoryRequest().send().getDirectory(); }

  wire::Room::Client room(const room_key& key) {
    auto request = node_.roomRequest();
    request.setCustomer(text_of(key.customer.value));
    request.setName(text_of(key.name));
    return request.send().getRoom();
  }

  wire::Leg::Client leg(const leg_name& name) {
    auto request = node_.legRequest();
    request.setCall(text_of(name.call.value));
    request.setNumber(name.number);
    return request.send().getLeg();
  }

  wire::Call::Client call(const call_id& id) {
    auto request = node_.callRequest();
    request.setId(text_of(id.value));
    return request.send().getCall();
  }

  wire::Node::Client node_;
  std::uint32_t protocol_;
};

} // namespace

error to_error(const kj::Exception& why) {
  switch (why.getType()) {
  case kj::Exception::Type::DISCONNECTED:
    return {errc::unavailable, "the link ended before the answer"};
  case kj::Exception::Type::OVERLOADED:
    return {errc::limit_reached, "the peer is overloaded"};
  case kj::Exception::Type::UNIMPLEMENTED:
    return {errc::unsupported, "the peer's version does not know this request"};
  case kj::Exception::Type::FAILED:
    break;
  }
  return {errc::internal, "the peer failed to handle the request"};
}

promised_reply send_request(wire::Node::Client peer, std::uint32_t protocol, const peer_request& what) {
  return kj::evalNow([&] {
           sender to{kj::mv(peer), protocol};
           return std::visit([&](const auto& audience) { return std::visit(to, audience); }, what);
         })
      .then([](result<peer_reply>&& got) { return kj::mv(got); },
            [](kj::Exception&& why) -> result<peer_reply> { return tl::unexpected(to_error(why)); });
}

} // namespace plenary::link
