#pragma once

#include "actors/edge/telemetry.hpp"

#include <kj/async-io.h>
#include <kj/vector.h>

#include <deque>
#include <vector>

namespace plenary::link {

/// Between RPC and TLS: joins the writes of one turn of the event loop into one (a third of the CPU per call,
/// measured), reads ahead, and counts bytes.
class batched_stream final : public kj::AsyncIoStream {
public:
  batched_stream(kj::Own<kj::AsyncIoStream> inner, telemetry& counters);

  /// Bytes accepted from the writer and not yet taken by the inner stream.
  std::size_t buffered() const { return waiting_.size() + writing_.size(); }

  /// Ends the connection at once, in both directions; pending calls of the RPC system fail soon after.
  void cut();

  kj::Promise<size_t> tryRead(void* buffer, size_t least, size_t most) override;
  kj::Promise<void> write(const void* buffer, size_t size) override;
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override;
  kj::Promise<void> whenWriteDisconnected() override { return inner_->whenWriteDisconnected(); }
  void shutdownWrite() override;
  void abortRead() override { inner_->abortRead(); }
  void getsockopt(int level, int option, void* value, kj::uint* length) override {
    inner_->getsockopt(level, option, value, length);
  }
  kj::Maybe<int> getFd() const override { return inner_->getFd(); }

private:
  void append(const void* buffer, size_t size);
  kj::Promise<void> accepted();
  kj::Promise<void> flush();
  void flushed();
  void failed(kj::Exception&& why);
  std::size_t take_read_ahead(void* buffer, size_t most);

  kj::Own<kj::AsyncIoStream> inner_;
  telemetry& counters_;
  std::vector<kj::byte> ahead_; ///< read but not asked for yet: [ahead_begin_, ahead_end_)
  std::size_t ahead_begin_ = 0;
  std::size_t ahead_end_ = 0;
  std::vector<kj::byte> waiting_; ///< for the next inner write
  std::vector<kj::byte> writing_; ///< by the inner write that runs
  bool flushing_ = false;
  bool shut_down_ = false;
  kj::Maybe<kj::Exception> error_;
  std::deque<kj::Own<kj::PromiseFulfiller<void>>> blocked_; ///< writers above the high-water mark
  kj::Promise<void> flush_task_ = nullptr;
};

} // namespace plenary::link
