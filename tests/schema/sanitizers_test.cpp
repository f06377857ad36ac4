#include <gtest/gtest.h>

#include <limits>

// Some presets let undefined behaviour trap and say no sentence: that it ends the program must not be lost.
namespace plenary {
namespace {

#ifdef PLENARY_UB_CHECKED

int one_more_than(int number) {
  return number + 1;
}

int element_of(int (&numbers)[4], unsigned index) {
  return numbers[index];
}

TEST(Sanitizers, UndefinedBehaviourEndsTheProgramAndTellsThePlace) {
  int numbers[4] = {1, 2, 3, 4};
  EXPECT_EQ(one_more_than(element_of(numbers, 3)), 5);
  EXPECT_DEATH(one_more_than(std::numeric_limits<int>::max()), "one_more_than|signed integer overflow");
  EXPECT_DEATH(element_of(numbers, 4), "element_of|out of bounds");
}

#endif

} // namespace
} // namespace plenary
