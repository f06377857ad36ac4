#include "schema/token_bucket.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace plenary;
using namespace std::chrono_literals;

namespace {

constexpr token_bucket::time_point bucket_start{1000s};

TEST(TokenBucket, GivesItsBurstAtOnceAndNotOneMore) {
  token_bucket bucket{{2, 5}, bucket_start};

  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(bucket.take(bucket_start)) << i;

  EXPECT_FALSE(bucket.take(bucket_start));
}

TEST(TokenBucket, RefillsWithTimeUpToItsBurst) {
  token_bucket bucket{{2, 5}, bucket_start};
  ASSERT_TRUE(bucket.take(bucket_start, 5));

  EXPECT_FALSE(bucket.take(bucket_start + 499ms));
  EXPECT_TRUE(bucket.take(bucket_start + 500ms));
  EXPECT_FALSE(bucket.take(bucket_start + 500ms));

  EXPECT_TRUE(bucket.take(bucket_start + 1h, 5));
  EXPECT_FALSE(bucket.take(bucket_start + 1h));
}

TEST(TokenBucket, GivesExactlyItsRateOverALongTime) {
  token_bucket bucket{{10, 3}, bucket_start};
  int taken = 0;

  for (auto t = 0ms; t < 100s; t += 7ms)
    taken += bucket.take(bucket_start + t) ? 1 : 0;

  EXPECT_NEAR(taken, 1003, 1);
}

TEST(TokenBucket, TellsHowLongToWait) {
  token_bucket bucket{{4, 1}, bucket_start};

  EXPECT_EQ(bucket.wait(bucket_start), 0ms);
  ASSERT_TRUE(bucket.take(bucket_start));
  EXPECT_EQ(bucket.wait(bucket_start), 250ms);
  EXPECT_EQ(bucket.wait(bucket_start + 100ms), 150ms);
  EXPECT_TRUE(bucket.take(bucket_start + bucket.wait(bucket_start)));
}

TEST(TokenBucket, IsNotRefilledByAClockThatGoesBack) {
  token_bucket bucket{{1, 2}, bucket_start};
  ASSERT_TRUE(bucket.take(bucket_start, 2));

  EXPECT_FALSE(bucket.take(bucket_start - 1h));
  EXPECT_FALSE(bucket.take(bucket_start));
  EXPECT_TRUE(bucket.take(bucket_start + 1s));
}

TEST(TokenBucket, TakesBackNoMoreThanItHolds) {
  token_bucket bucket{{1, 2}, bucket_start};

  bucket.give_back(5);

  EXPECT_TRUE(bucket.take(bucket_start, 2));
  EXPECT_FALSE(bucket.take(bucket_start));
  bucket.give_back();
  EXPECT_TRUE(bucket.take(bucket_start));
}

TEST(TokenBuckets, KeepKeysApart) {
  token_buckets<std::string> buckets{{1, 1}, 10};

  EXPECT_TRUE(buckets.take("a", bucket_start));
  EXPECT_FALSE(buckets.take("a", bucket_start));
  EXPECT_TRUE(buckets.take("b", bucket_start));
  EXPECT_FALSE(buckets.has("a", bucket_start));
  EXPECT_TRUE(buckets.has("c", bucket_start));
  EXPECT_EQ(buckets.wait("a", bucket_start), 1s);
}

TEST(TokenBuckets, NeverRememberMoreKeysThanTheyMay) {
  token_buckets<int> buckets{{1, 1}, 100};

  for (int key = 0; key < 100'000; ++key) {
    buckets.take(key, bucket_start + std::chrono::milliseconds{key});
    ASSERT_LE(buckets.size(), 100u);
  }
  EXPECT_EQ(buckets.size(), 100u);
}

TEST(TokenBuckets, GiveAllNewKeysTogetherOneBudgetWhileNoneCanBeForgotten) {
  token_buckets<int> buckets{{1, 2}, 10};
  for (int key = 0; key < 10; ++key)
    ASSERT_TRUE(buckets.take(key, bucket_start, 2));

  int taken = 0;
  for (int key = 10; key < 1000; ++key)
    taken += buckets.take(key, bucket_start) ? 1 : 0;

  EXPECT_EQ(taken, 2);
  EXPECT_FALSE(buckets.has(5000, bucket_start));
  EXPECT_FALSE(buckets.take(0, bucket_start)) << "who used up a budget is not forgotten under a flood";
}

TEST(TokenBuckets, ForgetTheKeyThatRestedLongestForANewOne) {
  token_buckets<int> buckets{{1, 2}, 2};
  ASSERT_TRUE(buckets.take(1, bucket_start));
  ASSERT_TRUE(buckets.take(2, bucket_start));

  EXPECT_TRUE(buckets.take(3, bucket_start + 2s, 2));

  EXPECT_EQ(buckets.size(), 2u);
  EXPECT_FALSE(buckets.take(3, bucket_start + 2s));
}

} // namespace
