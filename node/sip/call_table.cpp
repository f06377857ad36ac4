#include "node/sip/call_table.hpp"

namespace plenary::sip_layer {

namespace {

std::string key_of(std::string_view call_id, std::string_view remote_tag) {
  return fmt::format("{}\n{}", call_id, remote_tag); // neither can hold a line end
}

} // namespace

void call_table::insert(const sip_msg& invite, std::unique_ptr<session> added) {
  auto key = key_of(view(invite.callid), view(invite.from.tag));
  dialog_of_.emplace(added->id(), key);
  by_dialog_.emplace(std::move(key), std::move(added));
}

void call_table::retire(session& gone) {
  const auto key = dialog_of_.find(gone.id());
  if (key == dialog_of_.end())
    return;
  const auto entry = by_dialog_.find(key->second);
  retired_.push_back(std::move(entry->second));
  by_dialog_.erase(entry);
  dialog_of_.erase(key);
  if (!burial_.running())
    burial_.start(std::chrono::milliseconds(0));
}

session* call_table::of_dialog(std::string_view call_id, std::string_view remote_tag) const {
  const auto entry = by_dialog_.find(key_of(call_id, remote_tag));
  return entry == by_dialog_.end() ? nullptr : entry->second.get();
}

session* call_table::of_request(const sip_msg& request) const {
  return of_dialog(view(request.callid), view(request.from.tag));
}

session* call_table::of_response(const sip_msg& response) const {
  return of_dialog(view(response.callid), view(response.to.tag));
}

session* call_table::find(const call_id& id) const {
  const auto key = dialog_of_.find(id);
  return key == dialog_of_.end() ? nullptr : by_dialog_.find(key->second)->second.get();
}

void call_table::for_each(const std::function<void(session&)>& visit) {
  std::vector<session*> all;
  for (const auto& [key, entry] : by_dialog_)
    all.push_back(entry.get());
  for (auto* entry : all)
    visit(*entry);
}

} // namespace plenary::sip_layer
