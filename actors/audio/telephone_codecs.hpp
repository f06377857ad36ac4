#pragma once

// spandsp's headers depend on each other in this order.
// clang-format off
#include <spandsp/telephony.h>
#include <spandsp/bit_operations.h>
#include <spandsp/g711.h>
#include <spandsp/g722.h>
#include <spandsp/private/g722.h>
// clang-format on

// Where no C99 mathematics were found they round by cutting off, for everybody who comes after.
#undef lrint
#undef lrintf
