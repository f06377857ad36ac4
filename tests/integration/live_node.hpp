#pragma once

#include "tests/support/customer_application.hpp"
#include "tests/support/plenaryd_process.hpp"
#include "tests/support/rtp_caller.hpp"
#include "tests/support/tone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace plenary::test {

/// One plenaryd with a customer's server beside it; every test gets its own.
class LiveNode : public ::testing::Test {
protected:
  /// Starts the node; fails the test when it does not serve.
  void start(plenaryd_settings settings = {});
  /// A node that is still running must end by SIGTERM with status 0 (the sanitizers found nothing).
  void TearDown() override;

  /// A caller of the test number that sends a tone of -20 dBFS; 0 Hz is silence.
  rtp_caller_options caller(double tone_hertz = 0, const std::string& from = "+15550000001") const;
  /// Instructions that depend on who calls.
  void answer_by_caller(std::map<std::string, nlohmann::json> documents);
  /// Asks again until the condition holds or 20 s have passed.
  static bool eventually(const std::function<bool()>& condition);
  /// Participants of a room as the API counts them; 0 when the room does not exist.
  std::size_t participants_in(const std::string& room) const;
  /// Value of a metric line that starts with this name; -1 when there is none.
  double metric(const std::string& name) const;

  customer_application application{test_webhook_secret};
  std::unique_ptr<plenaryd_process> node;
};

/// Level of a tone in what an rtp_caller heard.
double heard_level(const std::vector<std::int16_t>& samples, double hertz);

/// Listens until a tone of -20 dBFS is heard at its own loudness, 10 s at most: where a machine is late,
/// sound is lost for a moment. The latest level.
double settled_level(rtp_caller& listener, double hertz);

/// A tone of -20 dBFS counts as heard at its own loudness within these dB.
inline constexpr double loudness_tolerance_db = 2.0;
/// Below this a tone counts as not heard.
inline constexpr double inaudible_dbfs = -55.0;

} // namespace plenary::test
