#include "node/watch/service_socket.hpp"
#include "tests/support/service_manager.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>

namespace plenary::test {

namespace {

/// Sets variables of the environment for one test.
class ServiceEnvironment : public ::testing::Test {
protected:
  void SetUp() override { TearDown(); }
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
      ::unsetenv(name);
  }
  static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
};

TEST_F(ServiceEnvironment, WithoutAManagerNothingIsSaid) {
  const auto said = service_environment::read();

  EXPECT_EQ(said.socket, "");
  EXPECT_FALSE(said.watchdog);
}

TEST_F(ServiceEnvironment, TheIntervalIsForThisProcess) {
  set("NOTIFY_SOCKET", "/run/systemd/notify");
  set("WATCHDOG_USEC", "10000000");
  set("WATCHDOG_PID", std::to_string(::getpid()));

  const auto said = service_environment::read();

  EXPECT_EQ(said.socket, "/run/systemd/notify");
  EXPECT_EQ(said.watchdog, std::chrono::seconds{10});
}

TEST_F(ServiceEnvironment, AnIntervalForAnotherProcessIsNotOurs) {
  set("WATCHDOG_USEC", "10000000");
  set("WATCHDOG_PID", std::to_string(::getppid()));

  EXPECT_FALSE(service_environment::read().watchdog);
}

TEST_F(ServiceEnvironment, AnIntervalThatIsNoneIsPassedOver) {
  for (const std::string text : {"", "0", "-5", "ten", "10s", "99999999999999999999"}) {
    set("WATCHDOG_USEC", text);

    EXPECT_FALSE(service_environment::read().watchdog) << text;
  }
}

TEST(ServiceSocket, TellsAManagerOnAPath) {
  service_manager manager;

  auto socket = service_socket::open(manager.address());

  ASSERT_TRUE(socket);
  EXPECT_TRUE(socket->tell("READY=1\n"));
  EXPECT_EQ(manager.next(std::chrono::seconds{5}), "READY=1\n");
}

TEST(ServiceSocket, TellsAManagerOnAnAbstractName) {
  service_manager manager{service_manager::place::abstract_name};
  ASSERT_EQ(manager.address()[0], '@');

  auto socket = service_socket::open(manager.address());

  ASSERT_TRUE(socket);
  EXPECT_TRUE(socket->tell("STOPPING=1\n"));
  EXPECT_EQ(manager.next(std::chrono::seconds{5}), "STOPPING=1\n");
}

TEST(ServiceSocket, AnAddressIsAPathOrANameThatFits) {
  EXPECT_TRUE(service_socket::open("/" + std::string(106, 'x')));
  EXPECT_FALSE(service_socket::open("/" + std::string(107, 'x')));
  EXPECT_FALSE(service_socket::open("/"));
  EXPECT_FALSE(service_socket::open("vsock:2:1234"));
}

TEST(ServiceSocket, AManagerThatIsGoneHoldsNobodyUp) {
  std::string address;
  {
    service_manager manager;
    address = manager.address();
  }

  auto socket = service_socket::open(address);

  ASSERT_TRUE(socket);
  EXPECT_FALSE(socket->tell("WATCHDOG=1\n"));
}

TEST(ServiceSocket, AManagerThatDoesNotReadHoldsNobodyUp) {
  service_manager manager;
  auto socket = service_socket::open(manager.address());
  ASSERT_TRUE(socket);

  int taken = 0;
  while (taken < 100'000 && socket->tell("WATCHDOG=1\n"))
    ++taken;

  EXPECT_GT(taken, 0);
  EXPECT_LT(taken, 100'000);
}

} // namespace

} // namespace plenary::test
