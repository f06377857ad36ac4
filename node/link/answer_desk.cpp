#include "node/link/answer_desk.hpp"

#include <atomic>

namespace plenary::link {

/// One request's right to be answered once, from any thread, even after the links are gone.
class answer_desk::ticket {
public:
  ticket(const std::shared_ptr<answer_desk>& desk, std::uint64_t number)
      : queue_(desk->around_.queue)
      , desk_(desk)
      , number_(number) {}
  ~ticket() { give(fail(errc::internal, "the request was dropped without an answer")); }
  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;

  void give(result<peer_reply> answer) {
    if (given_.exchange(true))
      return;
    auto shared = std::make_shared<result<peer_reply>>(std::move(answer));
    queue_->post([desk = desk_, number = number_, shared] {
      if (auto alive = desk.lock())
        alive->answered(number, std::move(*shared));
    });
  }

private:
  std::shared_ptr<task_queue> queue_;
  std::weak_ptr<answer_desk> desk_;
  std::uint64_t number_;
  std::atomic<bool> given_{false};
};

kj::Promise<result<peer_reply>> answer_desk::pass_on(const node_name& peer, peer_request what) {
  auto number = ++next_;
  auto answer = kj::newPromiseAndFulfiller<result<peer_reply>>();
  waiting_.emplace(number, kj::mv(answer.fulfiller));
  auto given = std::make_shared<ticket>(shared_from_this(), number);
  around_.listener.on_request(peer, std::move(what),
                              [given](result<peer_reply> reply) { given->give(std::move(reply)); });
  return kj::mv(answer.promise);
}

void answer_desk::answered(std::uint64_t number, result<peer_reply>&& answer) {
  auto found = waiting_.find(number);
  if (found == waiting_.end())
    return;
  around_.counters().count(counter::peer_requests_served);
  auto asker = kj::mv(found->second);
  waiting_.erase(found);
  asker->fulfill(kj::mv(answer));
}

} // namespace plenary::link
