#include "node/sip/readable.hpp"

#include "schema/foreign_text.hpp"

namespace plenary::sip_layer {

std::string readable(std::string_view text, std::size_t most) {
  std::string plain;
  for (const char c : text) {
    if (plain.size() > most)
      break;
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (blank ? !plain.empty() && plain.back() != ' ' : static_cast<unsigned char>(c) > ' ' && c != '\x7f')
      plain += blank ? ' ' : c;
  }
  auto cut = cut_foreign_text(plain, most);
  while (cut.ends_with(' '))
    cut.pop_back();
  return cut;
}

} // namespace plenary::sip_layer
