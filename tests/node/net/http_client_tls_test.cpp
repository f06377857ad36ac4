#include "node/net/curl_http_client.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <future>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::child_process;

/// A web server that speaks TLS, with a certificate that it signed itself for 127.0.0.1.
class TlsServer : public ::testing::Test {
protected:
  void SetUp() override {
    auto made = run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                     "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                     "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "certificate.pem"});
    ASSERT_EQ(made->wait_for_exit(20s), 0) << made->output();
    server_ = run({"openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "certificate.pem", "-key",
                   "key.pem", "-www", "-naccept", "4"});
    const auto line = server_->wait_for_text("ACCEPT", 10s);
    ASSERT_TRUE(line) << server_->output();
    port_ = line->substr(line->rfind(':') + 1);
  }

  std::unique_ptr<child_process> run(std::vector<std::string> arguments) {
    return std::make_unique<child_process>(test::child_process_options{
        .arguments = std::move(arguments), .environment = {}, .directory = folder_.path(), .input = {}});
  }

  result<http_response> ask(const std::string& host, const std::string& ca_file) {
    http_client_settings settings;
    settings.ca_file = ca_file;
    curl_http_client client{settings};
    http_request request;
    request.method = "GET";
    request.url = fmt::format("https://{}:{}/", host, port_);
    request.source = url_source::configuration;
    std::promise<result<http_response>> answer;
    client.send(std::move(request), [&](auto came) { answer.set_value(std::move(came)); });
    return answer.get_future().get();
  }

  std::string own_authority() const { return (folder_.path() / "certificate.pem").string(); }

  test::temporary_directory folder_;
  std::unique_ptr<child_process> server_;
  std::string port_;
};

TEST_F(TlsServer, IsTrustedWhenTheCaFileSaysSo) {
  const auto answer = ask("127.0.0.1", own_authority());

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
}

TEST_F(TlsServer, IsNotTrustedByTheSystemsAuthoritiesNorUnderAnotherName) {
  for (const auto& [host, ca_file] :
       {std::pair{"127.0.0.1", std::string{}}, {"localhost", own_authority()}}) {
    const auto answer = ask(host, ca_file);

    ASSERT_FALSE(answer) << host;
    EXPECT_EQ(answer.error().code, errc::network);
    EXPECT_EQ(answer.error().message, "no connection to the server");
  }
}

TEST_F(TlsServer, CannotBeCalledWithAnAuthorityThatIsGone) {
  EXPECT_FALSE(ask("127.0.0.1", "/no/such/file.pem"));
}

} // namespace
} // namespace plenary
