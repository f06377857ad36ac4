// Configuration files: read, told what is wrong, written and read again.
#include "node/config/load.hpp"
#include "node/config/print.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <array>

namespace plenary::fuzz::configuration_target {

namespace {

using namespace std::string_view_literals;

constexpr std::array pieces{"[node]\n"sv,
                            "[sip]\n"sv,
                            "[media]\n"sv,
                            "[http]\n"sv,
                            "[store]\n"sv,
                            "[cluster]\n"sv,
                            "[log]\n"sv,
                            "[[application]]\n"sv,
                            "[[did]]\n"sv,
                            "[[trunk]]\n"sv,
                            "name = \"node-a\"\n"sv,
                            "listen = [\"udp:127.0.0.1:5060\", \"tcp:[::1]:5060\"]\n"sv,
                            "listen = \"127.0.0.1:8080\"\n"sv,
                            "advertise = \"192.0.2.1\"\n"sv,
                            "ports = \"20000-29999\"\n"sv,
                            "address = \"127.0.0.1\"\n"sv,
                            "url = \"sqlite:plenary.db\"\n"sv,
                            "url = \"postgres://user:secret@host/db\"\n"sv,
                            "seeds = [\"127.0.0.1:7400\"]\n"sv,
                            "id = \"app_demo\"\n"sv,
                            "customer_id = \"cust_demo\"\n"sv,
                            "api_key = \"mv_test_key\"\n"sv,
                            "answer_url = \"http://127.0.0.1:9000/answer\"\n"sv,
                            "webhook_url = \"https://example.com/webhooks\"\n"sv,
                            "webhook_secret = \"hush-hush\"\n"sv,
                            "fallback_actions = '[{\"conference\":{\"room\":\"x\"}}]'\n"sv,
                            "number = \"+15551230002\"\n"sv,
                            "application = \"app_demo\"\n"sv,
                            "inbound_ips = [\"192.0.2.0/24\", \"2001:db8::/32\"]\n"sv,
                            "srtp = \"required\"\n"sv,
                            "max_calls = 9223372036854775807\n"sv,
                            "x = 1979-05-27T07:32:00Z\n"sv,
                            "x = nan\n"sv,
                            "x = {a = {b = [1, 2.5, true]}}\n"sv,
                            "x.y.z = 0x_ff\n"sv,
                            "\"\"\"\n"sv,
                            "'''"sv,
                            "\\u00e9"sv,
                            "\\UFFFFFFFF"sv,
                            "\xFF"sv,
                            "\0"sv,
                            "["sv,
                            "{"sv,
                            "#"sv};

/// A folder that does not exist: files of secrets are named, never read.
constexpr auto file = "/nonexistent/plenary.toml";

void check_problem(const problem& trouble, std::size_t lines) {
  FUZZ_CHECK(!trouble.what.empty());
  FUZZ_CHECK(trouble.line >= 0 && static_cast<std::size_t>(trouble.line) <= lines + 1);
  FUZZ_CHECK(to_string(trouble).starts_with(file));
}

void run_configuration(bytes input) {
  const auto text = text_of(input);
  const auto loaded = parse_configuration(text, file);
  if (!loaded) {
    FUZZ_CHECK(!loaded.error().empty());
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const auto& trouble : loaded.error())
      check_problem(trouble, lines);
    return;
  }
  // What is printed of it hides the secrets and says the rest alike.
  const auto printed = print_configuration(*loaded);
  const auto again = parse_configuration(printed, file);
  if (again)
    FUZZ_CHECK(print_configuration(*again) == printed);
}

FUZZ_TARGET(.name = "configuration", .run = run_configuration, .pieces = pieces,
            .limit = {.processor = std::chrono::milliseconds{1000},
                      .allocated = std::size_t{4} << 20,
                      .allocated_per_byte = 4096});

} // namespace

} // namespace plenary::fuzz::configuration_target
