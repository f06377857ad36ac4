#include "node/link/loop_thread.hpp"

#include <kj/async-unix.h>
#include <kj/exception.h>

#include <string_view>

namespace plenary::link {

namespace {

/// Routes KJ's log into the node's, and keeps it from running `addr2line` for stack traces.
class log_callback final : public kj::ExceptionCallback {
public:
  explicit log_callback(logger& log)
      : log_(log) {}

  void logMessage(kj::LogSeverity severity, const char*, int, int, kj::String&& text) override {
    auto level = severity >= kj::LogSeverity::ERROR ? log_level::warning : log_level::debug;
    log_.write(level, "link_library", {{"text", std::string_view{text.cStr(), text.size()}}});
  }

  StackTraceMode stackTraceMode() override { return StackTraceMode::NONE; }

private:
  logger& log_;
};

} // namespace

loop_thread::loop_thread(std::shared_ptr<task_queue> queue, logger& log, factory make)
    : queue_(std::move(queue))
    , log_(log)
    , thread_([this, made = std::move(make)] { run(made); }) {}

loop_thread::~loop_thread() {
  queue_->post([this] { stopped_ = true; });
  thread_.join();
}

void loop_thread::run(const factory& make) {
  log_callback log{log_};
  auto io = kj::setupAsyncIo();
  kj::UnixEventPort::FdObserver observer{io.unixEventPort, queue_->fd(),
                                         kj::UnixEventPort::FdObserver::OBSERVE_READ};
  auto object = make(io);
  while (!stopped_) {
    observer.whenBecomesReadable().wait(io.waitScope);
    for (auto& task : queue_->take())
      if (auto thrown = kj::runCatchingExceptions([&] { task(); }); thrown != nullptr)
        log_.error("link_task_failed");
  }
  queue_->close();
  object.reset();
}

} // namespace plenary::link
