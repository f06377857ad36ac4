#include "node/directory_backend.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary {

namespace {

using found_call = std::optional<call_record>;

tl::unexpected<error> moving() {
  return fail(errc::moving, "the node that knows is not reachable");
}

/// Hides calls of other customers as if they did not exist.
found_call visible_to(const customer_id& customer, found_call record) {
  if (record && record->customer != customer)
    return std::nullopt;
  return record;
}

/// What the store says of a call whose node is not reachable. That node may know of calls that have not
/// reached the store, so for a cluster "none" is no answer.
result<found_call> from_store(result<found_call> found, const customer_id& customer, bool clustered) {
  bool unknown = !found || !*found;
  if (clustered && unknown)
    return moving();
  if (!found)
    return found;
  return visible_to(customer, std::move(*found));
}

std::vector<node_description> described(const std::vector<member_view>& members) {
  std::vector<node_description> nodes;
  nodes.reserve(members.size());
  for (const auto& member : members)
    nodes.push_back({member.identity, member.status, member.self, std::nullopt});
  return nodes;
}

/// Sorts the calls that all nodes named and keeps one page of them.
call_listing page_of(call_listing all, const page& part) {
  auto& calls = all.calls;
  std::erase_if(calls, [&](const call_record& call) { return call.id.value <= part.after; });
  std::sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  all.more = calls.size() > part.limit;
  if (all.more)
    calls.resize(part.limit);
  return all;
}

readiness::check directory_check(const result<std::vector<member_view>>& members) {
  return {"directory", members.has_value(), members ? "" : members.error().message};
}

readiness::check cluster_check(const result<std::vector<member_view>>& members, bool may_mix) {
  if (!members || members->empty())
    return {"cluster", false, "the members are not known"};
  auto phase = members->front().status.phase;
  if (phase == member_phase::live && !may_mix)
    return {"cluster", false, "stood still or cut off: not sure of the members"};
  return {"cluster", phase == member_phase::live || phase == member_phase::draining,
          fmt::format("{}, {} member{}", to_string(phase), members->size(), members->size() == 1 ? "" : "s")};
}

/// A shared store may be away: calls go on and events wait on this node's disk.
readiness::check store_check(const event_store& store, bool answered, const std::string& trouble) {
  if (!trouble.empty())
    return {"store", false, "nothing can be stored: " + trouble};
  return {"store", answered || store.shared(),
          answered         ? ""
          : store.shared() ? "the database does not answer; events wait on this node's disk"
                           : "the store does not answer"};
}

} // namespace

directory_backend::directory_backend(caf::actor_system& system, event_store& store, bool clustered)
    : questions_(std::make_shared<directory_questions>(system))
    , memory_(std::make_shared<remembered>())
    , store_(store)
    , clustered_(clustered) {}

void directory_backend::find_call(customer_id customer, call_id id, callback<found_call> done) {
  auto node = node_of(id);
  if (!node)
    return done(found_call{});
  auto look_up = [&store = store_, clustered = clustered_, customer, id, done] {
    if (clustered && !store.shared())
      return done(moving());
    store.find_call(
        id, [=](result<found_call> found) { done(from_store(std::move(found), customer, clustered)); });
  };
  questions_->ask(*node, peer::describe_call{id}, [=](const result<peer_reply>& answer) {
    if (answer)
      return done(visible_to(customer, std::get<found_call>(*answer)));
    if (answer.error().code == errc::moving)
      return look_up();
    done(tl::unexpected<error>(answer.error()));
  });
}

void directory_backend::list_calls(customer_id customer, page part, callback<call_listing> done) {
  questions_->members([=, questions = questions_](const result<std::vector<member_view>>& members) {
    if (!members)
      return done(tl::unexpected<error>(members.error()));
    auto all = std::make_shared<answer_collection<call_listing>>(
        call_listing{}, members->size(),
        [part, done](call_listing listing) { done(page_of(std::move(listing), part)); });
    for (const auto& member : *members)
      questions->ask(member.identity.name, peer::list_calls{customer},
                     [all, name = member.identity.name](const result<peer_reply>& answer) {
                       all->add([&](call_listing& listing) {
                         if (!answer)
                           return listing.silent.push_back(name);
                         const auto& calls = std::get<std::vector<call_record>>(*answer);
                         listing.calls.insert(listing.calls.end(), calls.begin(), calls.end());
                       });
                     });
  });
}

void directory_backend::hang_up(customer_id customer, call_id id, callback<void> done) {
  auto node = node_of(id);
  if (!node)
    return done(fail(errc::not_found, "no call id"));
  questions_->ask(*node, peer::hang_up_call{customer, id},
                  [done, clustered = clustered_](const result<peer_reply>& answer) {
                    if (answer)
                      return done({});
                    bool alone = answer.error().code == errc::moving && !clustered;
                    done(alone ? fail(errc::not_found, "no live call") : tl::unexpected(answer.error()));
                  });
}

void directory_backend::list_nodes(callback<std::vector<node_description>> done) {
  questions_->members([done, memory = memory_](const result<std::vector<member_view>>& members) {
    if (!members)
      return done(tl::unexpected<error>(members.error()));
    std::unique_lock lock(memory->mutex);
    auto nodes = memory->nodes.update(described(*members), std::chrono::system_clock::now());
    lock.unlock();
    done(std::move(nodes));
  });
}

void directory_backend::set_draining(node_name node, bool drain, callback<void> done) {
  questions_->ask(node, peer::drain_node{drain},
                  [node, drain, done, memory = memory_](const result<peer_reply>& answer) {
                    if (!answer)
                      return done(tl::unexpected<error>(answer.error()));
                    std::unique_lock lock(memory->mutex);
                    memory->nodes.set_leaving(node, drain, std::chrono::system_clock::now());
                    lock.unlock();
                    done({});
                  });
}

/// Two answers make it whole, the directory's and the store's; the store's is given up after a second.
void directory_backend::ready(std::function<void(readiness)> done) {
  auto whole = std::make_shared<answer_collection<readiness>>(readiness{draining_, {}}, 2, std::move(done));
  questions_->members([whole, memory = memory_, may_mix = !permit_holds_ || permit_holds_()](
                          const result<std::vector<member_view>>& members) {
    if (members) { // probes come often: they notice who is lost
      std::lock_guard lock(memory->mutex);
      memory->nodes.update(described(*members), std::chrono::system_clock::now());
    }
    whole->add([&](readiness& state) {
      bool leaving = members && !members->empty() && members->front().status.phase == member_phase::draining;
      state.draining = state.draining || leaving;
      state.checks.push_back(directory_check(members));
      state.checks.push_back(cluster_check(members, may_mix));
    });
  });
  auto told = std::make_shared<std::atomic<bool>>(false);
  auto tell = [whole, told, &store = store_,
               trouble = store_trouble_ ? store_trouble_() : std::string{}](bool answered) {
    if (!told->exchange(true))
      whole->add([&](readiness& state) { state.checks.push_back(store_check(store, answered, trouble)); });
  };
  store_.find_call(call_id{}, [tell](const result<found_call>& found) { tell(found.has_value()); });
  questions_->later(std::chrono::seconds{1}, [tell] { tell(false); });
}

} // namespace plenary
