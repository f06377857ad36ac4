#include "node/ctl/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary {

namespace {

constexpr std::string_view gap = "  ";

/// Characters of UTF-8 text; close enough to what a terminal shows.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void add_line(std::string& text, const std::vector<table_column>& columns,
              const std::vector<std::size_t>& widths, const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto cell = i < cells.size() ? cells[i] : std::string{};
    std::string filling(widths[i] - width_of(cell), ' ');
    line += i == 0 ? "" : gap;
    line += columns[i].side == text_side::left ? cell + filling : filling + cell;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + "\n";
}

} // namespace

std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
      '?');
  return text;
}

std::string text_table(const std::vector<table_column>& columns,
                       const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> lines{{}};
  for (const auto& column : columns)
    lines.front().push_back(column.title);
  lines.insert(lines.end(), rows.begin(), rows.end());
  std::vector<std::size_t> widths(columns.size(), 0);
  for (auto& line : lines)
    for (std::size_t i = 0; i < std::min(line.size(), columns.size()); ++i) {
      line[i] = printable(std::move(line[i]));
      widths[i] = std::max(widths[i], width_of(line[i]));
    }
  std::string text;
  for (const auto& line : lines)
    add_line(text, columns, widths, line);
  return text;
}

} // namespace plenary
