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

  /// The session whose dialog a request or an answer belongs to, by Call-ID and both tags; null: none.
  session* of_dialog(const sip_msg& message) const;
  /// True for another copy of the INVITE of a session, which took another way (RFC 3261 8.2.2.2). One with
  /// another CSeq or From tag starts another call, whatever its Call-ID.
  bool has_merged(const sip_msg& invite) const;
  session* find(const call_id& id) const;

  std::size_t size() const { return by_dialog_.size(); }
  /// Visits every session; `visit` may retire them.
  void for_each(const std::function<void(session&)>& visit);

private:
  struct keys {
    std::string dialog;
    std::string invite;
  };

  std::unordered_map<std::string, std::unique_ptr<session>> by_dialog_;
  std::unordered_multimap<std::string, session*> by_invite_;
  std::unordered_map<call_id, keys> keys_of_;
  std::vector<std::unique_ptr<session>> retired_;
  stack_timer burial_;
};

} // namespace plenary::sip_layer
