#include "node/sip/wire_text.hpp"

#include "node/sip/header_text.hpp"
#include "node/sip/libre.hpp"
#include "node/sip/multipart.hpp"
#include "node/sip/text.hpp"
#include "node/sip/wire_checks.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <functional>

namespace plenary::sip_layer {

namespace {

/// Marks hold the name of the RFC and 16 hexadecimal digits.
constexpr std::string_view branch_mark = ";branch=rfc2543-";
constexpr std::string_view tag_mark = ";tag=rfc2543-";
constexpr std::size_t mark_digits = 16;

/// libre knows headers by 12 bits of a hash of their names: another name with the same bits would be taken
/// for one of these.
constexpr std::array<std::pair<sip_hdrid, std::string_view>, 22> headers_in_use{{
    {SIP_HDR_VIA, "Via"},
    {SIP_HDR_TO, "To"},
    {SIP_HDR_FROM, "From"},
    {SIP_HDR_CALL_ID, "Call-ID"},
    {SIP_HDR_CSEQ, "CSeq"},
    {SIP_HDR_MAX_FORWARDS, "Max-Forwards"},
    {SIP_HDR_CONTENT_TYPE, "Content-Type"},
    {SIP_HDR_CONTENT_LENGTH, "Content-Length"},
    {SIP_HDR_CONTENT_ENCODING, "Content-Encoding"},
    {SIP_HDR_CONTACT, "Contact"},
    {SIP_HDR_ROUTE, "Route"},
    {SIP_HDR_RECORD_ROUTE, "Record-Route"},
    {SIP_HDR_REQUIRE, "Require"},
    {SIP_HDR_SUPPORTED, "Supported"},
    {SIP_HDR_SESSION_EXPIRES, "Session-Expires"},
    {SIP_HDR_MIN_SE, "Min-SE"},
    {SIP_HDR_EXPIRES, "Expires"},
    {SIP_HDR_REASON, "Reason"},
    {SIP_HDR_ALLOW, "Allow"},
    {SIP_HDR_WWW_AUTHENTICATE, "WWW-Authenticate"},
    {SIP_HDR_PROXY_AUTHENTICATE, "Proxy-Authenticate"},
    {SIP_HDR_P_ASSERTED_IDENTITY, "P-Asserted-Identity"},
}};

bool is_mistaken_for_another(std::string_view name) {
  const bool private_name = name.size() > 1 && equal_ignoring_case(name.substr(0, 2), "x-");
  if (name.size() <= 1 || private_name)
    return false;
  const auto id = hash_joaat_ci(name.data(), name.size()) & 0xfff;
  return std::any_of(headers_in_use.begin(), headers_in_use.end(), [&](const auto& known) {
    return static_cast<std::uint32_t>(known.first) == id && !equal_ignoring_case(known.second, name);
  });
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](auto each) { return equal_ignoring_case(each, name); });
}

/// Equal for all requests of one transaction of RFC 2543 (RFC 3261 17.2.3).
std::string transaction_hash(const wire_message& message) {
  const std::hash<std::string_view> hash;
  const std::string_view sequence = *message.header("CSeq");
  return fmt::format("{:016x}", hash(*message.header("Call-ID")) * 31 +
                                    hash(sequence.substr(0, sequence.find_first_of(" \t"))) * 17 +
                                    hash(*message.header("From")));
}

/// Equal for all requests of one caller in one call.
std::string caller_hash(const wire_message& message) {
  const std::hash<std::string_view> hash;
  return fmt::format("{:016x}", hash(*message.header("Call-ID")) * 31 + hash(*message.header("From")));
}

/// A URI that libre reads as one: what may not follow its scheme is escaped.
std::string readable_uri(std::string_view uri) {
  const auto colon = uri.find(':');
  std::string text(uri.substr(0, colon + 1));
  bool leading = true;
  for (char c : uri.substr(colon + 1)) {
    leading = leading && (c == '/' || c == ';' || c == '?');
    if (c == ',' || leading)
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      text += c;
  }
  return text;
}

std::string write_address(const address_text& address, bool keep_name) {
  const auto parameters = write_parameters(address.parameters);
  if (!address.bracketed)
    return readable_uri(address.uri) + parameters;
  // Names that libre could misread mean nothing to a dialog.
  const bool harmless = address.display.find_first_of("\\<>") == std::string_view::npos;
  const auto name =
      keep_name && harmless && !address.display.empty() ? std::string(address.display) + " " : std::string{};
  return fmt::format("{}<{}>{}", name, readable_uri(address.uri), parameters);
}

void write_line(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

void write_vias(std::string& text, const wire_message& message, const wire_header& header, bool first) {
  const auto elements = split_header(header.value, ',');
  for (const auto element : *elements) {
    const auto via = read_via(element);
    auto line =
        fmt::format("SIP/2.0/{} {}{}", via->transport, via->sent_by, write_parameters(via->parameters));
    if (first && find_parameter(via->parameters, "branch") == nullptr)
      line.append(branch_mark).append(transaction_hash(message));
    write_line(text, "Via", line);
    first = false;
  }
}

void write_elements(std::string& text, const wire_header& header, bool addresses) {
  const auto elements = split_header(header.value, ',');
  if (!elements) {
    write_line(text, header.name, header.value);
    return;
  }
  for (const auto element : *elements) {
    const auto address = addresses ? read_address(element) : std::nullopt;
    if (address)
      write_line(text, header.name, write_address(*address, false));
    else if (!element.empty())
      write_line(text, header.name, element);
  }
}

void write_party(std::string& text, const wire_message& message, const wire_header& header) {
  const auto address = read_address(header.value);
  auto value = write_address(*address, true);
  if (!message.is_response && equal_ignoring_case(header.name, "From") &&
      find_parameter(address->parameters, "tag") == nullptr)
    value.append(tag_mark).append(caller_hash(message));
  write_line(text, header.name, value);
}

void write_sequence(std::string& text, std::string_view value) {
  const auto blank = value.find_first_of(" \t");
  write_line(text, "CSeq", fmt::format("{} {}", value.substr(0, blank), trim(value.substr(blank))));
}

void write_header(std::string& text, const wire_message& message, const wire_header& header,
                  std::size_t vias_before) {
  const auto& name = header.name;
  if (equal_ignoring_case(name, "Via"))
    write_vias(text, message, header, vias_before == 0);
  else if (is_one_of(name, {"From", "To"}))
    write_party(text, message, header);
  else if (equal_ignoring_case(name, "CSeq"))
    write_sequence(text, header.value);
  else if (is_one_of(name, {"Contact", "Route", "Record-Route"}))
    write_elements(text, header, true);
  else if (is_one_of(name, {"Require", "Supported", "Proxy-Require", "Allow"}))
    write_elements(text, header, false);
  else if (!is_one_of(name, {"Content-Type", "Content-Length", "Content-Disposition"}) &&
           !is_mistaken_for_another(name))
    write_line(text, name, header.value);
}

/// What is left of a body.
struct kept_body {
  std::string type;
  std::string_view content;
};

bool may_describe_a_session(const wire_message& message) {
  return message.is_response || is_one_of(message.method, {"INVITE", "ACK", "UPDATE", "PRACK"});
}

tl::expected<kept_body, message_refusal> keep_body(const wire_message& message) {
  const auto value_of = [&](std::string_view name) {
    const auto* header = message.header(name);
    return header != nullptr ? std::string_view(*header) : std::string_view{};
  };
  const auto content = declared_body(message);
  if (content.empty() || !may_describe_a_session(message))
    return kept_body{};
  const auto encoding = value_of("Content-Encoding");
  if (!encoding.empty() && !equal_ignoring_case(encoding, "identity"))
    return tl::unexpected(message_refusal{415, "Unsupported Media Type", "Accept-Encoding: identity\r\n"});
  const auto sdp = find_sdp({value_of("Content-Type"), value_of("Content-Disposition"), content});
  if (!sdp && sdp.error().code == errc::unsupported)
    return tl::unexpected(
        message_refusal{415, "Unsupported Media Type", "Accept: application/sdp, multipart/mixed\r\n"});
  if (!sdp)
    return tl::unexpected(message_refusal{400, sdp.error().message, {}});
  return sdp->has_value() ? kept_body{"application/sdp", **sdp} : kept_body{};
}

std::string write_start_line(const wire_message& message) {
  if (!message.is_response)
    return fmt::format("{} {} SIP/2.0\r\n", message.method, message.uri);
  // libre wants the blank behind the code also without a phrase.
  constexpr std::size_t code_end = 11;
  return fmt::format("SIP/2.0 {} {}\r\n", std::string_view(message.start_line).substr(8, 3),
                     trim(std::string_view(message.start_line).substr(code_end)));
}

} // namespace

tl::expected<std::string, message_refusal> write_wire(const wire_message& message,
                                                      const wire_source& source) {
  const auto body = keep_body(message);
  if (!body)
    return tl::unexpected(body.error());
  auto text = write_start_line(message);
  std::size_t vias = 0;
  for (const auto& header : message.headers) {
    write_header(text, message, header, vias);
    vias += equal_ignoring_case(header.name, "Via") ? 1 : 0;
  }
  const auto via = read_via(split_header(*message.header("Via"), ',')->front());
  const bool of_2543 = find_parameter(via->parameters, "branch") == nullptr;
  if (of_2543 && message.method == "INVITE" && message.count("Contact") == 0) {
    const bool v6 = source.host.find(':') != std::string::npos;
    write_line(text, "Contact",
               fmt::format("<sip:{}{}{}:{}>", v6 ? "[" : "", source.host, v6 ? "]" : "", source.port));
  }
  if (!body->type.empty())
    write_line(text, "Content-Type", body->type);
  write_line(text, "Content-Length", fmt::format("{}", body->content.size()));
  text.append("\r\n").append(body->content);
  return text;
}

std::size_t strip_marks(char* text, std::size_t size) {
  for (const auto mark : {branch_mark, tag_mark}) {
    for (std::size_t from = 0; from < size;) {
      const auto* found = static_cast<char*>(memmem(text + from, size - from, mark.data(), mark.size()));
      if (found == nullptr)
        break;
      const auto at = static_cast<std::size_t>(found - text);
      const auto end = std::min(at + mark.size() + mark_digits, size);
      std::memmove(text + at, text + end, size - end);
      size -= end - at;
      from = at;
    }
  }
  return size;
}

std::string write_answer(const wire_message& request, const message_refusal& answer,
                         const wire_source& source, std::string_view server) {
  auto text = fmt::format("SIP/2.0 {} {}\r\n", answer.status, answer.reason);
  bool top = true;
  for (const auto& header : request.headers) {
    if (!equal_ignoring_case(header.name, "Via"))
      continue;
    const auto elements = split_header(header.value, ',');
    auto value = header.value;
    if (top) {
      const auto via = elements ? read_via(elements->front()) : std::nullopt;
      const auto end = elements ? elements->front().size() : value.size();
      const bool rport = via && find_parameter(via->parameters, "rport") != nullptr;
      auto first = value.substr(0, end);
      if (const auto at = first.find(";rport"); rport && at != std::string::npos)
        first.replace(at, 6, fmt::format(";rport={}", source.port));
      value = fmt::format("{};received={}{}", first, source.host, value.substr(end));
    }
    write_line(text, "Via", value);
    top = false;
  }
  const std::hash<std::string_view> hash;
  for (const auto* name : {"From", "To", "Call-ID", "CSeq"}) {
    const auto* value = request.header(name);
    if (value == nullptr)
      continue;
    const bool lacks_tag = std::string_view(name) == "To" && value->find("tag") == std::string::npos;
    const auto* call = request.header("Call-ID");
    write_line(text, name,
               lacks_tag ? fmt::format("{};tag={:016x}", *value, hash(call != nullptr ? *call : *value))
                         : *value);
  }
  text += answer.headers;
  if (!server.empty())
    write_line(text, "Server", server);
  return text + "Content-Length: 0\r\n\r\n";
}

std::uint16_t answer_port(const wire_message& request, const wire_source& source) {
  const auto* header = request.header("Via");
  const auto elements = header != nullptr ? split_header(*header, ',') : std::nullopt;
  const auto via = elements ? read_via(elements->front()) : std::nullopt;
  if (!via || find_parameter(via->parameters, "rport") != nullptr)
    return source.port;
  const auto port = port_of(via->sent_by).value_or(0);
  return port != 0 ? port : std::uint16_t{5060};
}

std::string_view called_user(const wire_message& request) {
  const auto colon = request.uri.find(':');
  if (colon == std::string_view::npos)
    return {};
  auto rest = request.uri.substr(colon + 1);
  const auto at = rest.rfind('@');
  if (at != std::string_view::npos)
    rest = rest.substr(0, at);
  else if (!equal_ignoring_case(request.uri.substr(0, colon), "tel"))
    return {};
  return rest.substr(0, rest.find_first_of(";?"));
}

} // namespace plenary::sip_layer
