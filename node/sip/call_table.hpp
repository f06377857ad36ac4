#pragma once

#include "node/sip/session.hpp"
#include "node/sip/timers.hpp"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace plenary::sip_layer {

/// The sessions of the stack, by dialog and by call id. A session that is retired inside one of its own
/// methods is destroyed when that method has returned.
class call_table {
public:
  call_table()
      : burial_([this] { retired_.clear(); }) {}

  void insert(const sip_msg& invite, std::unique_ptr<session> added);
  void retire(session& gone);

  /// The session of a request, by Call-ID and From tag; null: none.
  session* of_request(const sip_msg& request) const;
  /// The session of an answer to a request of ours, by Call-ID and To tag.
  session* of_response(const sip_msg& response) const;
  session* find(const call_id& id) const;

  std::size_t size() const { return by_dialog_.size(); }
  /// Visits every session; `visit` may retire them.
  void for_each(const std::function<void(session&)>& visit);

private:
  session* of_dialog(std::string_view call_id, std::string_view remote_tag) const;

  std::unordered_map<std::string, std::unique_ptr<session>> by_dialog_;
  std::unordered_map<call_id, std::string> dialog_of_;
  std::vector<std::unique_ptr<session>> retired_;
  stack_timer burial_;
};

} // namespace plenary::sip_layer
