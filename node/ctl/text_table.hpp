#pragma once

#include <string>
#include <vector>

namespace plenary {

/// Which side of its column a text stands at.
enum class text_side { left, right };

/// One column of a table.
struct table_column {
  std::string title;
  text_side side = text_side::left;
};

/// Rows as lines with aligned columns, two spaces apart, the titles first. Control characters, which could
/// come from afar, become `?`; a row's missing cells are empty.
std::string text_table(const std::vector<table_column>& columns,
                       const std::vector<std::vector<std::string>>& rows);

/// The text without control characters.
std::string printable(std::string text);

} // namespace plenary
