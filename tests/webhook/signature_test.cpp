#include "actors/webhook/signature.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

TEST(WebhookSignature, MatchesTheMiniVoiceCheckVector) {
  auto signer = webhook_signer::create("change-me");

  auto signature = signer->minivoice({"evt_1", "1780056600", R"({"event":"call.completed"})"});

  EXPECT_EQ(signature, "v1=91ea115cf5dd022d4777c97cbcc214edd0c898ea94588a5f4d1b379d4474b205");
}

TEST(WebhookSignature, MatchesTheStandardWebhooksVector) {
  auto signer = webhook_signer::create("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

  auto signature =
      signer->standard({"msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", R"({"test": 2432232314})"});

  EXPECT_EQ(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, DecodesPaddedSecrets) {
  // "whsec_" + base64("key!") must sign like the plain secret "key!" does.
  auto encoded = webhook_signer::create("whsec_a2V5IQ==");
  auto plain = webhook_signer::create("key!");

  signed_content content{"evt_1", "1", "{}"};

  EXPECT_EQ(encoded->standard(content), plain->standard(content));
  EXPECT_NE(encoded->minivoice(content), plain->minivoice(content));
}

TEST(WebhookSignature, RefusesSecretsThatCannotBeAKeyWithoutRepeatingThem) {
  for (const char* secret : {"", "whsec_", "whsec_abc", "whsec_!!!!"}) {
    auto signer = webhook_signer::create(secret);

    ASSERT_FALSE(signer.has_value()) << secret;
    EXPECT_EQ(signer.error().code, errc::malformed);
    EXPECT_EQ(signer.error().message.find("abc"), std::string::npos);
  }
}

TEST(WebhookSignature, IsThatOfBothSecretsWhileOneIsChanged) {
  const signed_content content{"evt_1", "1780056600", "{}"};
  const auto first = webhook_signer::create("change-me");
  const auto second = webhook_signer::create("whsec_a2V5IQ==");
  const auto both = webhook_signer::create("change-me", "whsec_a2V5IQ==");

  ASSERT_TRUE(both);
  EXPECT_EQ(both->standard(content), first->standard(content) + " " + second->standard(content));
  EXPECT_EQ(both->minivoice(content), first->minivoice(content));
  EXPECT_EQ(webhook_signer::create("change-me", "")->standard(content), first->standard(content));
  EXPECT_FALSE(webhook_signer::create("change-me", "whsec_!!!!"));
  EXPECT_FALSE(webhook_signer::create("", "change-me"));
}

TEST(WebhookSignature, SendsTheHeadersOfBothSchemes) {
  auto signer = webhook_signer::create("change-me");

  auto headers = signer->headers({"evt_1", "1780056600", "{}"});

  std::vector<std::string> names;
  for (const auto& [name, value] : headers)
    names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"X-MiniVoice-Timestamp", "X-MiniVoice-Signature", "webhook-id",
                                             "webhook-timestamp", "webhook-signature"}));
  EXPECT_EQ(headers[0].second, "1780056600");
  EXPECT_EQ(headers[2].second, "evt_1");
}

} // namespace
} // namespace plenary
