#include "node/store/postgres.hpp"

#include "schema/result.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

namespace plenary {

namespace {

using std::chrono::steady_clock;
using kind = postgres_failure::kind;

/// How often a connection under way looks whether it is still wanted.
constexpr std::chrono::milliseconds glance{100};

/// SQLSTATE classes: 22 data exception, 23 integrity constraint violation, 54 program limit exceeded; 40
/// transaction rollback (PostgreSQL, appendix A).
kind kind_of(std::string_view state) {
  auto error_class = state.substr(0, 2);
  if (error_class == "22" || error_class == "23" || error_class == "54")
    return kind::refused;
  return error_class == "40" ? kind::clash : kind::lost;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  return text;
}

int poll_time(mono_time deadline) {
  auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

/// Parameters of a connection: the URL, and what does not depend on it.
PGconn* start_connection(const std::string& url) {
  std::array<const char*, 4> names{"dbname", "client_encoding", "fallback_application_name", nullptr};
  std::array<const char*, 4> values{url.c_str(), "UTF8", "plenaryd", nullptr};
  constexpr int expand_url = 1;
  return PQconnectStartParams(names.data(), values.data(), expand_url);
}

} // namespace

std::string postgres_rows::text(int row, int column) const {
  return {PQgetvalue(rows_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(rows_.get(), row, column))};
}

std::int64_t postgres_rows::number(int row, int column) const {
  const char* digits = PQgetvalue(rows_.get(), row, column);
  std::int64_t value = 0;
  std::from_chars(digits, digits + PQgetlength(rows_.get(), row, column), value);
  return value;
}

wall_time postgres_rows::time(int row, int column) const {
  return wall_time{std::chrono::nanoseconds{number(row, column)}};
}

postgres_connection::postgres_connection(const std::string& url, mono_time deadline,
                                         const std::function<bool()>& stopped)
    : handle_(start_connection(url))
    , deadline_(deadline) {
  if (!handle_)
    throw postgres_failure{kind::lost, "out of memory"};
  await_connection(deadline, stopped);
  if (PQsetnonblocking(handle_.get(), 1) != 0)
    fail_lost(PQerrorMessage(handle_.get()));
}

void postgres_connection::await_connection(mono_time deadline, const std::function<bool()>& stopped) {
  auto state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (PQstatus(handle_.get()) == CONNECTION_BAD || state == PGRES_POLLING_FAILED)
      fail_lost(PQerrorMessage(handle_.get()));
    if (stopped() || steady_clock::now() >= deadline)
      fail_lost("no connection within the time limit");
    pollfd ready{PQsocket(handle_.get()), state == PGRES_POLLING_READING ? short{POLLIN} : short{POLLOUT}, 0};
    auto wait = std::min(deadline, mono_time{steady_clock::now() + glance});
    if (::poll(&ready, 1, poll_time(wait)) > 0)
      state = PQconnectPoll(handle_.get());
  }
}

void postgres_connection::execute(const std::string& sql) {
  if (PQsendQuery(handle_.get(), sql.c_str()) == 0)
    fail_lost(PQerrorMessage(handle_.get()));
  await_answer();
}

void postgres_connection::prepare(const char* name, const std::string& sql) {
  if (PQsendPrepare(handle_.get(), name, sql.c_str(), 0, nullptr) == 0)
    fail_lost(PQerrorMessage(handle_.get()));
  await_answer();
}

postgres_rows postgres_connection::run(const char* name, std::initializer_list<postgres_value> values) {
  std::vector<const char*> texts;
  texts.reserve(values.size());
  for (const auto& value : values)
    texts.push_back(value.text.c_str());
  constexpr int text_format = 0;
  if (PQsendQueryPrepared(handle_.get(), name, static_cast<int>(texts.size()), texts.data(), nullptr, nullptr,
                          text_format) == 0)
    fail_lost(PQerrorMessage(handle_.get()));
  return await_answer();
}

/// Sends what is left to send, reads every result of the statement and returns the last; an error among them
/// is thrown when all are read.
postgres_rows postgres_connection::await_answer() {
  for (int left = PQflush(handle_.get()); left != 0; left = PQflush(handle_.get())) {
    if (left < 0)
      fail_lost(PQerrorMessage(handle_.get()));
    await_socket(POLLOUT | POLLIN);
    if (PQconsumeInput(handle_.get()) == 0)
      fail_lost(PQerrorMessage(handle_.get()));
  }
  postgres_rows last{nullptr};
  std::optional<postgres_failure> failure;
  for (;;) {
    while (PQisBusy(handle_.get()) != 0) {
      await_socket(POLLIN);
      if (PQconsumeInput(handle_.get()) == 0)
        fail_lost(PQerrorMessage(handle_.get()));
    }
    auto* rows = PQgetResult(handle_.get());
    if (rows == nullptr)
      break;
    last = postgres_rows{rows};
    auto status = PQresultStatus(rows);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
      continue;
    const char* state = PQresultErrorField(rows, PG_DIAG_SQLSTATE);
    failure = {kind_of(state != nullptr ? state : ""), without_password(PQresultErrorMessage(rows))};
  }
  if (failure)
    throw *failure;
  return last;
}

void postgres_connection::await_socket(short events) {
  pollfd ready{PQsocket(handle_.get()), events, 0};
  int found = ::poll(&ready, 1, poll_time(deadline_));
  if (found == 0 && steady_clock::now() >= deadline_)
    fail_lost("no answer within the time limit");
  if (found < 0 && errno != EINTR)
    fail_lost("the connection's socket is gone");
}

void postgres_connection::fail_lost(const std::string& message) const {
  throw postgres_failure{kind::lost, without_password(message)};
}

std::string postgres_connection::without_password(std::string message) const {
  const char* password = PQpass(handle_.get());
  std::string_view secret = password != nullptr ? password : "";
  for (auto at = secret.empty() ? std::string::npos : message.find(secret); at != std::string::npos;
       at = message.find(secret, at))
    message.replace(at, secret.size(), "***");
  return trimmed(std::move(message));
}

bool is_postgres_url(const std::string& url) {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://"))
    return false;
  auto* parsed = PQconninfoParse(url.c_str(), nullptr); // its error text may repeat the password
  PQconninfoFree(parsed);
  return parsed != nullptr;
}

bool server_answers(const std::string& url) {
  std::array<const char*, 3> names{"dbname", "connect_timeout", nullptr};
  std::array<const char*, 3> values{url.c_str(), "2", nullptr};
  constexpr int expand_url = 1;
  return PQpingParams(names.data(), values.data(), expand_url) == PQPING_OK;
}

} // namespace plenary
