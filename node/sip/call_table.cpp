#include "node/sip/call_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary::sip_layer {

namespace {

// None of these can hold a line end.

std::string dialog_key(const sip_msg& message) {
  const auto& ours = message.req ? message.to : message.from;
  const auto& theirs = message.req ? message.from : message.to;
  return fmt::format("{}\n{}\n{}", view(message.callid), view(theirs.tag), view(ours.tag));
}

std::string invite_key(const sip_msg& invite) {
  return fmt::format("{}\n{}", view(invite.callid), view(invite.from.tag));
}

} // namespace

void call_table::insert(const sip_msg& invite, std::unique_ptr<session> added) {
  const auto key = invite_key(invite);
  keys of{fmt::format("{}\n{}", key, added->local_tag()), key};
  by_invite_.emplace(key, added.get());
  keys_of_.emplace(added->id(), of);
  by_dialog_.emplace(std::move(of.dialog), std::move(added));
}

void call_table::retire(session& gone) {
  const auto of = keys_of_.find(gone.id());
  if (of == keys_of_.end())
    return;
  const auto [first, last] = by_invite_.equal_range(of->second.invite);
  by_invite_.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == &gone; }));
  const auto entry = by_dialog_.find(of->second.dialog);
  retired_.push_back(std::move(entry->second));
  by_dialog_.erase(entry);
  keys_of_.erase(of);
  if (!burial_.running())
    burial_.start(std::chrono::milliseconds(0));
}

session* call_table::of_dialog(const sip_msg& message) const {
  const auto entry = by_dialog_.find(dialog_key(message));
  return entry == by_dialog_.end() ? nullptr : entry->second.get();
}

bool call_table::has_merged(const sip_msg& invite) const {
  const auto [first, last] = by_invite_.equal_range(invite_key(invite));
  return std::any_of(first, last, [&](const auto& entry) { return entry.second->is_merged(invite); });
}

session* call_table::find(const call_id& id) const {
  const auto of = keys_of_.find(id);
  return of == keys_of_.end() ? nullptr : by_dialog_.find(of->second.dialog)->second.get();
}

void call_table::for_each(const std::function<void(session&)>& visit) {
  std::vector<session*> all;
  for (const auto& [key, entry] : by_dialog_)
    all.push_back(entry.get());
  for (auto* entry : all)
    visit(*entry);
}

} // namespace plenary::sip_layer
