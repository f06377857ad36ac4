#include "tests/integration/partition/network_of_namespaces.hpp"

#include "tests/support/child_process.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace plenary::test {

namespace {

file_descriptor present_namespace() {
  return file_descriptor(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
}

/// Runs a program of the system's administration; its input is its script.
result<void> administer(int network_namespace, std::vector<std::string> arguments, std::string input) {
  child_process_options options;
  options.arguments = std::move(arguments);
  options.environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}};
  options.input = std::move(input);
  options.network_namespace = network_namespace;
  child_process program(options);
  if (program.wait_for_exit(std::chrono::seconds(20)) == 0)
    return {};
  return fail(errc::internal, fmt::format("{} failed: {}", options.arguments[0], program.output()));
}

std::string gateway_address(std::size_t node) {
  return fmt::format("10.77.{}.1", node + 1);
}

/// Gives a node its end of the cable.
std::string node_script(std::size_t node) {
  return fmt::format("link set lo up\naddr add {}/30 dev eth0\nlink set eth0 up\nroute add default via {}\n",
                     network_of_namespaces::node_address(node), gateway_address(node));
}

std::string rule(std::size_t from, std::size_t to, const std::string& condition) {
  return fmt::format("ip saddr {} ip daddr {} {}drop\n", network_of_namespaces::node_address(from),
                     network_of_namespaces::node_address(to), condition);
}

/// Newer kernels repeat a lost SYN every second; the older ones, which the nodes must do with as well, after
/// 1, 3 and 7 s.
constexpr const char* older_kernels_script = "file=/proc/sys/net/ipv4/tcp_syn_linear_timeouts\n"
                                             "[ ! -e $file ] || echo 0 > $file\n";

} // namespace

result<std::unique_ptr<network_of_namespaces>> network_of_namespaces::make(std::size_t nodes) {
  std::unique_ptr<network_of_namespaces> made(new network_of_namespaces);
  if (auto built = made->build(nodes); !built)
    return tl::unexpected(built.error());
  return made;
}

network_of_namespaces::~network_of_namespaces() {
  if (outside_.get() >= 0)
    ::setns(outside_.get(), CLONE_NEWNET);
}

std::string network_of_namespaces::node_address(std::size_t node) {
  return fmt::format("10.77.{}.2", node + 1);
}

result<void> network_of_namespaces::build(std::size_t nodes) {
  outside_ = present_namespace();
  for (std::size_t i = 0; i <= nodes; ++i) {
    if (::unshare(CLONE_NEWNET) != 0)
      return fail(errno == EPERM ? errc::unauthorized : errc::internal,
                  fmt::format("a network namespace cannot be made: {}", std::strerror(errno)));
    (i < nodes ? nodes_.emplace_back() : router_) = present_namespace();
  }
  auto script = fmt::format("link set lo up\naddr add {}/32 dev lo\n", test_address());
  for (std::size_t i = 0; i < nodes; ++i)
    script += fmt::format("link add node{0} type veth peer name eth0 netns /proc/{1}/fd/{2}\n"
                          "addr add {3}/30 dev node{0}\nlink set node{0} up\n",
                          i, ::getpid(), nodes_[i].get(), gateway_address(i));
  auto done = administer(router_.get(), {"ip", "-batch", "-"}, std::move(script));
  for (std::size_t i = 0; i < nodes && done; ++i)
    done = administer(nodes_[i].get(), {"ip", "-batch", "-"}, node_script(i));
  for (std::size_t i = 0; i < nodes && done; ++i)
    done = administer(nodes_[i].get(), {"sh"}, older_kernels_script);
  if (done)
    done = administer(router_.get(), {"sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"}, {});
  return done;
}

void network_of_namespaces::cut_one_way(const group& from, const group& to) {
  for (const auto sender : from)
    for (const auto receiver : to)
      rules_ += rule(sender, receiver, {});
  apply(rules_);
}

void network_of_namespaces::cut(const group& one, const group& other) {
  cut_one_way(one, other);
  cut_one_way(other, one);
}

void network_of_namespaces::lose(int percent) {
  const auto condition = fmt::format("numgen random mod 100 < {} ", percent);
  for (std::size_t one = 0; one < nodes_.size(); ++one)
    for (std::size_t other = 0; other < nodes_.size(); ++other)
      if (one != other)
        rules_ += rule(one, other, condition);
  apply(rules_);
}

void network_of_namespaces::heal() {
  rules_.clear();
  apply(rules_);
}

/// In one transaction; the router forwards everything that is not forbidden.
void network_of_namespaces::apply(const std::string& rules) const {
  const auto done = administer(router_.get(), {"nft", "-f", "-"},
                               fmt::format("table ip partition\ndelete table ip partition\n"
                                           "table ip partition {{\nchain between_nodes {{\n"
                                           "type filter hook forward priority 0; policy accept;\n{}}}\n}}\n",
                                           rules));
  if (!done)
    throw std::runtime_error(done.error().message);
}

} // namespace plenary::test
