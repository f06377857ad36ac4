#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <cstdarg>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

// Without this, re.h turns `bool`, `true` and `false` into macros.
#ifndef HAVE_STDBOOL_H
#define HAVE_STDBOOL_H
#endif
extern "C" {
#include <re.h>
}

namespace plenary::sip_layer {

/// Owns one reference to an object of libre. Only the thread of the stack touches it.
template <class T>
class re_ptr {
public:
  re_ptr() = default;
  /// Takes over the caller's reference.
  explicit re_ptr(T* object)
      : object_(object) {}
  /// Adds a reference to an object that somebody else owns.
  static re_ptr share(const T* object) { return re_ptr(static_cast<T*>(mem_ref(const_cast<T*>(object)))); }

  re_ptr(re_ptr&& other) noexcept
      : object_(std::exchange(other.object_, nullptr)) {}
  re_ptr& operator=(re_ptr&& other) noexcept {
    if (this != &other) {
      reset();
      object_ = std::exchange(other.object_, nullptr);
    }
    return *this;
  }
  ~re_ptr() { reset(); }

  void reset() {
    // The destructors inside libre may look at the pointer: it is cleared first.
    if (auto* object = std::exchange(object_, nullptr))
      mem_deref(object);
  }
  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  /// For functions of libre that fill or clear a pointer.
  T** out() { return &object_; }

private:
  T* object_ = nullptr;
};

/// The characters of a pointer-length string, which stays owned by its message.
inline std::string_view view(const pl& text) {
  return text.p == nullptr ? std::string_view{} : std::string_view(text.p, text.l);
}

/// A pointer-length string over text that must outlive it.
inline pl to_pl(std::string_view text) {
  return pl{text.data(), text.size()};
}

} // namespace plenary::sip_layer
