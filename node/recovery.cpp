#include "node/recovery.hpp"

#include "actors/call/call_actor.hpp"

#include <future>
#include <memory>
#include <utility>

namespace plenary {

namespace {

constexpr std::chrono::seconds store_patience{30};
/// A database that takes longer at the start is down.
constexpr std::chrono::seconds database_patience{3};

/// The machine's verdict on a call whose process died, as one transaction.
commit_batch end_of(const application& owner, const call_record& record, std::string_view cause,
                    wall_time now) {
  auto outcome = call_machine::step({owner, record}, call_machine::restarted{std::string{cause}}, now);
  for (const auto& effect : outcome.effects)
    if (const auto* commit = std::get_if<call_machine::commit>(&effect))
      return batch_of(*commit, owner, now);
  return {};
}

/// An application that is configured no more has no webhook; the record ends all the same.
call_ender ender(const customer_book& customers, std::string_view cause, std::function<wall_time()> clock) {
  return [&customers, cause, clock = std::move(clock)](const call_record& record) {
    const auto owner = find_application(*customers.now(), record.application);
    return end_of(owner ? *owner : application{}, record, cause, clock());
  };
}

void tell(const std::vector<call_id>& ended, std::string_view event, logger& log) {
  for (const auto& id : ended)
    log.info(event, {{"call", std::string_view{id.value}}});
}

} // namespace

result<std::size_t> end_unfinished_calls(event_store& store, const customer_book& customers,
                                         const node_name& self, wall_time now, logger& log) {
  auto promise = std::make_shared<std::promise<result<std::vector<call_id>>>>();
  auto answer = promise->get_future();
  // A store of this node alone holds calls of this node only, whatever its name was.
  lost_calls which{store.shared() ? self : node_name{}, 0, now};
  store.end_calls(std::move(which), ender(customers, "node_restart", [now] { return now; }),
                  [promise, &log](result<std::vector<call_id>> ended) {
                    if (ended)
                      tell(*ended, "call_ended_by_restart", log);
                    promise->set_value(std::move(ended));
                  });
  auto patience = store.shared() ? database_patience : store_patience;
  if (answer.wait_for(patience) != std::future_status::ready) {
    if (!store.shared())
      return fail(errc::timeout, "the store did not answer");
    log.warning("unfinished_calls_wait_for_database");
    return 0;
  }
  return answer.get().map([](const auto& ended) { return ended.size(); });
}

void end_calls_of_lost_node(event_store& store, const customer_book& customers, const node_name& lost,
                            std::uint64_t incarnation, const std::function<wall_time()>& clock, logger& log) {
  if (!store.shared())
    return;
  store.end_calls({lost, incarnation, clock()}, ender(customers, "node_lost", clock),
                  [&log, lost](const result<std::vector<call_id>>& ended) {
                    if (ended)
                      return tell(*ended, "call_ended_by_node_loss", log);
                    log.warning("lost_calls_not_ended",
                                {{"node", std::string_view{lost.value}},
                                 {"reason", std::string_view{ended.error().message}}});
                  });
}

void end_failed_call(const node_edges& edges, const call_id& id) {
  edges.sip->hang_up(id, {.q850 = 41, .name = "call_failed"}); // Q.850 41: temporary failure
  edges.store->find_call(id, [&edges](result<std::optional<call_record>> found) {
    if (!found || !*found || is_terminal((*found)->status))
      return;
    const auto owner = find_application(*edges.customers->now(), (*found)->application);
    const auto told = [log = edges.log, id = (*found)->id](const result<void>& stored) {
      if (!stored)
        log->error("call_not_ended", {{"call", id.value}, {"reason", stored.error().message}});
    };
    edges.store->commit(end_of(owner ? *owner : application{}, **found, "node_restart", edges.wall_clock()),
                        told);
  });
}

} // namespace plenary
