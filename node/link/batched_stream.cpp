#include "node/link/batched_stream.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace plenary::link {

namespace {

constexpr std::size_t high_water = 256 * 1024; ///< above it a writer waits for the inner stream
constexpr std::size_t read_ahead = 64 * 1024;

} // namespace

batched_stream::batched_stream(kj::Own<kj::AsyncIoStream> inner, telemetry& counters)
    : inner_(kj::mv(inner))
    , counters_(counters)
    , ahead_(read_ahead) {}

void batched_stream::cut() {
  KJ_IF_MAYBE (fd, inner_->getFd()) {
    ::shutdown(*fd, SHUT_RDWR);
  } else {
    inner_->abortRead();
  }
}

std::size_t batched_stream::take_read_ahead(void* buffer, size_t most) {
  auto size = std::min(most, ahead_end_ - ahead_begin_);
  if (size > 0)
    std::memcpy(buffer, ahead_.data() + ahead_begin_, size);
  ahead_begin_ += size;
  return size;
}

kj::Promise<size_t> batched_stream::tryRead(void* buffer, size_t least, size_t most) {
  auto taken = take_read_ahead(buffer, most);
  if (taken >= least)
    return taken;
  auto wanted = std::min(least - taken, ahead_.size());
  return inner_->tryRead(ahead_.data(), wanted, ahead_.size())
      .then([this, buffer, least, most, taken, wanted](size_t size) -> kj::Promise<size_t> {
        counters_.count(counter::link_bytes_received, size);
        ahead_begin_ = 0;
        ahead_end_ = size;
        auto* rest = static_cast<kj::byte*>(buffer) + taken;
        if (size < wanted) // the end of the stream
          return taken + take_read_ahead(rest, most - taken);
        return tryRead(rest, least - taken, most - taken).then([taken](size_t more) { return taken + more; });
      });
}

kj::Promise<void> batched_stream::write(const void* buffer, size_t size) {
  append(buffer, size);
  return accepted();
}

kj::Promise<void> batched_stream::write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) {
  for (auto piece : pieces)
    append(piece.begin(), piece.size());
  return accepted();
}

void batched_stream::append(const void* buffer, size_t size) {
  const auto* bytes = static_cast<const kj::byte*>(buffer);
  waiting_.insert(waiting_.end(), bytes, bytes + size);
}

kj::Promise<void> batched_stream::accepted() {
  KJ_IF_MAYBE (why, error_) {
    waiting_.clear();
    return kj::cp(*why);
  }
  if (!std::exchange(flushing_, true))
    flush_task_ = kj::evalLast([this] { return flush(); }).eagerlyEvaluate([this](kj::Exception&& why) {
      failed(kj::mv(why));
    });
  if (waiting_.size() < high_water)
    return kj::READY_NOW;
  auto blocked = kj::newPromiseAndFulfiller<void>();
  blocked_.push_back(kj::mv(blocked.fulfiller));
  return kj::mv(blocked.promise);
}

kj::Promise<void> batched_stream::flush() {
  std::swap(waiting_, writing_);
  counters_.count(counter::link_bytes_sent, writing_.size());
  return inner_->write(writing_.data(), writing_.size()).then([this]() -> kj::Promise<void> {
    flushed();
    if (!waiting_.empty())
      return flush();
    flushing_ = false;
    if (shut_down_)
      inner_->shutdownWrite();
    return kj::READY_NOW;
  });
}

void batched_stream::flushed() {
  writing_.clear();
  for (auto& writer : std::exchange(blocked_, {}))
    writer->fulfill();
}

void batched_stream::failed(kj::Exception&& why) {
  for (auto& writer : std::exchange(blocked_, {}))
    writer->reject(kj::cp(why));
  error_ = kj::mv(why);
  waiting_.clear();
  inner_->abortRead();
}

void batched_stream::shutdownWrite() {
  shut_down_ = true;
  if (!flushing_)
    inner_->shutdownWrite();
}

} // namespace plenary::link
