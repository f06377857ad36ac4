#include "node/recovery.hpp"

#include "actors/call/call_actor.hpp"

#include <future>

namespace plenary {

namespace {

constexpr std::chrono::seconds store_patience{30};

/// Runs one question of the store to its end, on this thread.
template <class T, class Ask>
result<T> wait_for(Ask ask) {
  auto promise = std::make_shared<std::promise<result<T>>>();
  auto answer = promise->get_future();
  ask([promise](result<T> got) { promise->set_value(std::move(got)); });
  if (answer.wait_for(store_patience) != std::future_status::ready)
    return fail(errc::timeout, "the store did not answer");
  return answer.get();
}

/// The machine's verdict on a call whose process died, as one transaction.
commit_batch end_of(const application& owner, call_record record, wall_time now) {
  auto outcome = call_machine::step({owner, std::move(record)}, call_machine::restarted{}, now);
  for (const auto& effect : outcome.effects)
    if (const auto* commit = std::get_if<call_machine::commit>(&effect))
      return batch_of(*commit, owner, now);
  return {};
}

} // namespace

result<std::size_t> end_unfinished_calls(event_store& store, const application_map& applications,
                                         wall_time now, logger& log) {
  auto unfinished =
      wait_for<std::vector<call_record>>([&store](auto done) { store.unfinished_calls(std::move(done)); });
  if (!unfinished)
    return tl::unexpected<error>(unfinished.error());
  for (const auto& record : *unfinished) {
    auto owner = applications.find(record.application);
    // An application that is configured no more has no webhook; the record ends all the same.
    auto batch = end_of(owner == applications.end() ? application{} : *owner->second, record, now);
    auto stored = wait_for<void>([&](auto done) { store.commit(std::move(batch), std::move(done)); });
    if (!stored)
      return tl::unexpected<error>(stored.error());
    log.info("call_ended_by_restart", {{"call", record.id.value}});
  }
  return unfinished->size();
}

void end_lost_call(event_store& store, const application_map& applications, const call_id& id,
                   const std::function<wall_time()>& clock, logger& log) {
  store.find_call(id, [&store, &applications, &log, clock](result<std::optional<call_record>> found) {
    if (!found || !*found || is_terminal((*found)->status))
      return;
    auto owner = applications.find((*found)->application);
    PLENARY_ASSERT(owner != applications.end());
    store.commit(end_of(*owner->second, **found, clock()), [&log, id = (*found)->id](result<void> stored) {
      if (!stored)
        log.error("call_not_ended", {{"call", id.value}, {"reason", stored.error().message}});
    });
  });
}

} // namespace plenary
