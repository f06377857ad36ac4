#include "node/link/request_sender.hpp"

#include <capnp/rpc-twoparty.h>
#include <gtest/gtest.h>
#include <kj/async-io.h>

namespace plenary::link {

namespace {

/// A peer's list of calls that never ends: each page is followed by one of `next_calls` calls of `size`
/// bytes.
struct endless_list {
  unsigned next_calls = 1;
  unsigned size = 10;
  std::shared_ptr<unsigned> pages = std::make_shared<unsigned>(0);

  void write(wire::CallPage::Builder page) const;
};

class more_of_it final : public wire::MoreCalls::Server {
public:
  explicit more_of_it(endless_list list)
      : list_(std::move(list)) {}

  kj::Promise<void> next(NextContext context) override {
    list_.write(context.initResults());
    return kj::READY_NOW;
  }

private:
  endless_list list_;
};

void endless_list::write(wire::CallPage::Builder page) const {
  ++*pages;
  auto calls = page.initCalls(next_calls);
  const std::string text(size, 'x');
  for (auto call : calls)
    call.setId(text.c_str());
  page.setRest(kj::heap<more_of_it>(*this));
}

class endless_peer final : public wire::Node::Server {
public:
  explicit endless_peer(endless_list list)
      : list_(std::move(list)) {}

  kj::Promise<void> listCalls(ListCallsContext context) override {
    list_.write(context.initResults().initValue());
    return kj::READY_NOW;
  }

private:
  endless_list list_;
};

result<peer_reply> ask_for_calls(const endless_list& list) {
  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  return send_request(kj::heap<endless_peer>(list), peer_protocol, peer::list_calls{{"cust"}}).wait(scope);
}

TEST(EndlessList, OfAPeerIsGivenUpAtTheNumberOfItsCalls) {
  const endless_list list{2000};

  const auto answer = ask_for_calls(list);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::limit_reached);
  EXPECT_EQ(*list.pages, 51U) << "100,000 calls, and the page after them";
}

TEST(EndlessList, OfAPeerIsGivenUpAtItsSize) {
  const endless_list list{1, 3 * 1024 * 1024};

  const auto answer = ask_for_calls(list);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::limit_reached);
  EXPECT_EQ(*list.pages, 86U) << "256 MiB, and the page after them";
}

TEST(EndlessList, OfEmptyPagesIsGivenUpAtOnce) {
  const endless_list list{0};

  const auto answer = ask_for_calls(list);

  ASSERT_FALSE(answer);
  EXPECT_EQ(*list.pages, 2U);
}

} // namespace

} // namespace plenary::link
