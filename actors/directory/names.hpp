#pragma once

#include <map>
#include <utility>

namespace plenary {

/// What lives on a node: found by its name while it lives, forgotten by the address that it ends under.
template <class Name, class Address, class Entry>
class names {
public:
  /// False, and nothing changes, when something of that name lives already.
  bool add(const Name& name, const Address& address, Entry entry) {
    if (!entries_.emplace(name, std::move(entry)).second)
      return false;
    names_[address] = name;
    return true;
  }

  /// Null when nothing of that name lives here.
  const Entry* find(const Name& name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : &found->second;
  }

  /// Takes out what has ended; empty when the address is not one of these.
  typename std::map<Name, Entry>::node_type take(const Address& ended) {
    const auto name = names_.extract(ended);
    return name ? entries_.extract(name.mapped()) : typename std::map<Name, Entry>::node_type{};
  }

  /// All that lives, by name.
  const std::map<Name, Entry>& all() const { return entries_; }

private:
  std::map<Name, Entry> entries_;
  std::map<Address, Name> names_;
};

} // namespace plenary
