#include "tests/integration/partition/parted_cluster.hpp"

#include <algorithm>
#include <array>
#include <future>

namespace plenary::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::array tones{400.0, 600.0, 850.0, 1150.0, 1500.0, 1900.0};
constexpr double audible = -35;

std::string name_of(std::size_t node) {
  return fmt::format("node-{}", static_cast<char>('a' + node));
}

cluster_site site_of(const network_of_namespaces* network, const node_certificates* certificates) {
  cluster_site site;
  if (network == nullptr)
    return site;
  site.test_address = network_of_namespaces::test_address();
  for (std::size_t i = 0; i < site.nodes.size(); ++i)
    site.nodes[i] = {network_of_namespaces::node_address(i), network->descriptor(i),
                     certificates->cluster_lines(name_of(i))};
  return site;
}

} // namespace

std::unique_ptr<network_of_namespaces> PartedCluster::network_;
std::optional<error> PartedCluster::no_network_;
std::unique_ptr<node_certificates> PartedCluster::certificates_;

void PartedCluster::SetUpTestSuite() {
  auto made = network_of_namespaces::make(node_count);
  if (made)
    network_ = std::move(*made);
  else
    no_network_ = made.error();
  certificates_ = std::make_unique<node_certificates>(std::vector{name_of(0), name_of(1), name_of(2)});
}

void PartedCluster::TearDownTestSuite() {
  network_.reset();
  certificates_.reset();
}

PartedCluster::PartedCluster()
    : LiveCluster(site_of(network_.get(), certificates_.get())) {}

void PartedCluster::SetUp() {
  if (no_network_ && no_network_->code == errc::unauthorized)
    GTEST_SKIP() << "needs the right to make network namespaces (root): " << no_network_->message;
  ASSERT_TRUE(network_) << no_network_->message;
  network_->heal();
}

void PartedCluster::TearDown() {
  guests.clear();
  if (network_)
    network_->heal();
  LiveCluster::TearDown();
}

void PartedCluster::invite(std::size_t home) {
  guest invited{fmt::format("+1555000000{}", guests.size() + 1), home, tones.at(guests.size()), nullptr};
  invited.phone = std::make_unique<rtp_caller>(caller(home, invited.tone, invited.number));
  guests.push_back(std::move(invited));
}

bool PartedCluster::are_live() {
  std::size_t live = 0;
  for (std::size_t i = 0; i < node_count; ++i) {
    const auto answer = http_get(node(i).http(), "/v1/nodes", operator_key);
    const auto document = nlohmann::json::parse(answer ? answer->body : "", nullptr, false);
    if (document.is_object())
      for (const auto& each : document.value("nodes", nlohmann::json::array()))
        live += each.value("state", "") == "live" ? 1U : 0U;
  }
  return live == node_count * node_count;
}

void PartedCluster::meet(const std::string& cluster_lines) {
  ASSERT_NO_FATAL_FAILURE(start({{"cluster", cluster_lines}}));
  ASSERT_TRUE(eventually([&] { return are_live(); }, seconds(10)))
      << "under hold a join before that is refused";
  rtp_caller first(caller(0, 0, "+15550000000"));
  owner = open_room(first, room);
  ASSERT_LT(owner, node_count);
  second = others(owner)[0];
  third = others(owner)[1];
  for (const auto home : {owner, second, third, owner, second}) {
    invite(home);
    ASSERT_TRUE(guests.back().phone->call());
  }
  ASSERT_EQ(first.hang_up(), 200);
  ASSERT_TRUE(eventually([&] { return hear_each_other({0, 1, 2}); }, seconds(10)));
  const auto found = wait_for_room(room, guests.size());
  ASSERT_TRUE(found);
  before = *found;
  ASSERT_EQ(before.node, node(owner).name());
  watch_silence();
}

bool PartedCluster::admits(std::size_t home) {
  rtp_caller late(caller(home, 0, "+15550000008"));
  return late.call() && !late.wait_for_bye(seconds(1));
}

/// All at once: what one hears is compared with what the others hear at the same time.
std::vector<std::vector<std::int16_t>> PartedCluster::listen_all() {
  std::vector<std::future<std::vector<std::int16_t>>> listening;
  for (auto& each : guests)
    listening.push_back(
        std::async(std::launch::async, [&each] { return each.phone->listen(milliseconds(200)); }));
  std::vector<std::vector<std::int16_t>> heard;
  for (auto& each : listening)
    heard.push_back(each.get());
  return heard;
}

bool PartedCluster::hear_each_other(const group& homes) {
  const auto heard = listen_all();
  for (std::size_t i = 0; i < guests.size(); ++i)
    for (const auto& speaker : guests) {
      if (!homes.contains(guests[i].home) || &speaker == &guests[i])
        continue;
      const bool hears_it = std::ssize(heard[i]) >= 800 && heard_level(heard[i], speaker.tone) > audible;
      if (hears_it != homes.contains(speaker.home))
        return false;
    }
  return true;
}

bool PartedCluster::hear_nothing(const group& homes) {
  const auto heard = listen_all();
  for (std::size_t i = 0; i < guests.size(); ++i)
    if (homes.contains(guests[i].home) && level_dbfs(heard[i]) > audible)
      return false;
  return true;
}

bool PartedCluster::is_on_its_own(const group& half) {
  return eventually([&] { return sees_members(list(half), half.size()) && hear_each_other(half); },
                    seconds(10));
}

void PartedCluster::watch_silence() {
  for (auto& each : guests)
    each.phone->watch_silence();
}

milliseconds PartedCluster::print_silence(const char* what, const group& homes) const {
  milliseconds longest{0};
  for (const auto& each : guests) {
    const auto silence = each.phone->longest_silence();
    fmt::print("{}: {} of {} heard nobody for {} ms, {} re-INVITEs\n", what, each.number, name_of(each.home),
               silence.count(), each.phone->offers_taken());
    if (homes.contains(each.home))
      longest = std::max(longest, silence);
  }
  return longest;
}

bool PartedCluster::merges(const char* what, time_point healed, milliseconds most) {
  std::optional<agreed_room> after;
  const bool agreed = eventually(
      [&] {
        after = agreed_on(room);
        return after && after->participants == guests.size();
      },
      seconds(15));
  const auto told = since(healed);
  const bool heard = eventually([&] { return hear_each_other({0, 1, 2}); }, seconds(15));
  const auto took = since(healed);
  fmt::print("{}: after the healing {} tell one room after {} ms ({} -> {}, epoch {} -> {}), "
             "all hear each other{} after {} ms\n",
             what, agreed ? "all nodes" : "NOT all nodes", told.count(), before.node,
             after ? after->node : "?", before.epoch, after ? after->epoch : 0, heard ? "" : " NOT",
             took.count());
  return agreed && heard && took <= most;
}

void PartedCluster::expect_all_connected() {
  for (auto& each : guests)
    EXPECT_FALSE(each.phone->wait_for_bye(milliseconds(0))) << each.number << " was hung up";
}

std::size_t PartedCluster::told(std::size_t index, const std::string& event) {
  const auto text = fmt::format("\"event\":\"{}\"", event);
  const auto lines = node(index).process().lines();
  return static_cast<std::size_t>(std::ranges::count_if(
      lines, [&](const std::string& line) { return line.find(text) != std::string::npos; }));
}

std::size_t PartedCluster::overlaps() const {
  const auto stretches = mixed(room);
  std::size_t count = 0;
  for (const auto& one : stretches)
    for (const auto& other : stretches)
      count +=
          one.node < other.node && one.first_ns <= other.last_ns && other.first_ns <= one.last_ns ? 1U : 0U;
  return count;
}

milliseconds PartedCluster::since(time_point start) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

} // namespace plenary::test
