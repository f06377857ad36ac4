#pragma once

#include <cstdint>
#include <span>

namespace plenary::audio {

/// Reads a big-endian number at `offset`; the caller has checked the bounds.
inline std::uint16_t read_u16(std::span<const std::uint8_t> bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(bytes[offset] << 8 | bytes[offset + 1]);
}

inline std::uint32_t read_u32(std::span<const std::uint8_t> bytes, std::size_t offset) {
  return std::uint32_t{read_u16(bytes, offset)} << 16 | read_u16(bytes, offset + 2);
}

/// Writes a big-endian number at `offset`; the caller has checked the bounds.
inline void write_u16(std::span<std::uint8_t> bytes, std::size_t offset, std::uint16_t value) {
  bytes[offset] = static_cast<std::uint8_t>(value >> 8);
  bytes[offset + 1] = static_cast<std::uint8_t>(value & 0xff);
}

inline void write_u32(std::span<std::uint8_t> bytes, std::size_t offset, std::uint32_t value) {
  write_u16(bytes, offset, static_cast<std::uint16_t>(value >> 16));
  write_u16(bytes, offset + 2, static_cast<std::uint16_t>(value & 0xffff));
}

} // namespace plenary::audio
