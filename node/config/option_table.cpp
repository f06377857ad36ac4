#include "node/config/option_table.hpp"

#include "node/config/checks.hpp"
#include "node/config/value_format.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

constexpr std::string_view file_form = "path of a file";
constexpr std::string_view media_form = "IP address, or one of IPv4 and one of IPv6";
constexpr std::string_view url_form = "http:// or https:// URL";

constexpr option_limits between(std::int64_t least, std::int64_t most) {
  return {.least = least, .most = most};
}

/// The same of an option that a running node takes.
constexpr option_limits live_between(std::int64_t least, std::int64_t most) {
  return {.least = least, .most = most, .live = true};
}

constexpr std::array node_table{
    declare<&node_options::name>("name",
                                 {.required = true, .check = check_node_name, .form = "1 to 63 of a-z 0-9 -"},
                                 "Name of this node; it is part of every call id, so keep it over restarts."),
    declare<&node_options::data_dir>("data_dir", {.required = true, .form = "path of a folder"},
                                     "Folder of the store; made when it is missing."),
    declare<&node_options::log>("log", {.form = "debug, info, warning or error", .live = true},
                                "Least level of the JSON lines on standard error."),
    declare<&node_options::drain_deadline>("drain_deadline_s", live_between(1, 3600),
                                           "Seconds from SIGTERM to the end of the process at the latest."),
    declare<&node_options::real_time>(
        "real_time", {},
        "Whether the threads that mix ask for SCHED_FIFO; without permission they go on without it."),
};

constexpr std::array sip_table{
    declare<&sip_options::listen>("listen", {.form = "udp:ADDRESS:PORT or tcp:ADDRESS:PORT"},
                                  "Where SIP is listened for; port 0 lets the system choose."),
    declare<&sip_options::tls_listen>("tls_listen", {.form = "ADDRESS:PORT"},
                                      "Where SIP over TLS is listened for; port 0 lets the system choose."),
    declare<&sip_options::tls_certificate>("tls_certificate", {.form = file_form, .live = true},
                                           "PEM file of the certificate chain; needed with tls_listen."),
    declare<&sip_options::tls_key>("tls_key", {.form = file_form, .live = true},
                                   "PEM file of the certificate's private key; needed with tls_listen."),
    declare<&sip_options::max_calls>("max_calls", live_between(1, 100000),
                                     "Calls at one time; more are refused with 503."),
    declare<&sip_options::answer_strangers>(
        "answer_strangers", {.live = true},
        "Whether a request from an address of no trunk gets a short 403, never longer than itself and within "
        "a budget for each /24 or /56; else silence."),
    declare<&sip_options::max_connections>("max_connections", live_between(1, 100000),
                                           "Accepted TCP and TLS connections at one time; more are closed."),
    declare<&sip_options::max_connections_per_address>(
        "max_connections_per_address", live_between(1, 100000),
        "Accepted TCP and TLS connections of one address at one time; more are closed."),
    declare<&sip_options::message_timeout>(
        "message_timeout_s", live_between(1, 60),
        "Seconds that a TCP or TLS connection has for its first message, its handshake included, and for "
        "each further one from its first byte; then it is closed."),
    declare<&sip_options::idle_timeout>(
        "idle_timeout_s", live_between(10, 900),
        "Seconds without a message or a ping after which a TCP or TLS connection is closed."),
    declare<&sip_options::advertise>(
        "advertise", {.check = check_advertised_host, .form = "host name or IP address"},
        "What our Contact names, if callers do not reach the listening address itself (NAT)."),
    declare<&sip_options::max_calls_per_address>(
        "max_calls_per_address", live_between(0, 100000),
        "Calls of one source address (IPv6: /64) at one time; 0: no limit of its own, as carriers need it."),
    declare<&sip_options::max_setups_per_s_per_address>(
        "max_setups_per_s_per_address", live_between(1, 100000),
        "INVITEs a second of one source address, twice as many at once; more are refused with 503."),
    declare<&sip_options::share_percent>(
        "share_percent", live_between(1, 100),
        "Percent of max_calls that one application, and one customer, may take when there are others."),
};

constexpr std::array media_table{
    declare<&media_options::address>("address",
                                     {.required = true, .check = check_ip_literal, .form = media_form},
                                     "Address that media is sent from and that SDP names; with one of each "
                                     "IP version a caller gets that of its own."),
    declare<&media_options::advertise>(
        "advertise", {.check = check_advertised_address, .form = media_form},
        "Address that SDP names, if callers do not reach media.address of this IP version itself (NAT)."),
    declare<&media_options::ports>("ports", {.form = "FIRST-LAST, from 1024"}, "UDP ports for media."),
    declare<&media_options::min_delay>("min_delay_ms", between(20, 500),
                                       "Playout delay that the jitter buffer does not go below."),
    declare<&media_options::max_delay>("max_delay_ms", between(20, 1000),
                                       "Playout delay that the jitter buffer does not go above."),
    declare<&media_options::clamp_dtmf>("clamp_dtmf", {},
                                        "Whether the tones of keys (DTMF) in the sound of G.711 and G.722 "
                                        "callers become digits of their calls; "
                                        "the room does not hear them then."),
    declare<&media_options::timeout>(
        "timeout_s", between(1, 3600),
        "Seconds without a packet of the caller after which a call ends with cause media_timeout."),
    declare<&media_options::port_rest>(
        "port_rest_s", between(0, 3600),
        "Seconds at most for which a port that a call has left, and to which packets still come, takes no "
        "caller behind a NAT."),
};

constexpr std::array http_table{
    declare<&http_options::listen>(
        "listen", {.form = "ADDRESS:PORT"},
        "Where the API, /metrics, /livez and /readyz are served; port 0 lets the system choose."),
    declare<&http_options::max_connections>("max_connections", live_between(1, 65536),
                                            "Connections at one time; then the one that has waited longest "
                                            "without a request gives its place up."),
    declare<&http_options::max_connections_per_address>(
        "max_connections_per_address", live_between(1, 65536),
        "Connections of one client address (IPv6: /64); then its longest idle or slow one is closed for a "
        "new one, "
        "or a new one gets 429."),
    declare<&http_options::max_requests_per_s_per_address>(
        "max_requests_per_s_per_address", live_between(1, 100000),
        "Requests a second of one client address (IPv6: /64), twice as many at once; more get 429. Probes of "
        "/livez and /readyz have as many for themselves, /metrics counts as 100."),
    declare<&http_options::max_wrong_keys_per_minute>(
        "max_wrong_keys_per_minute", live_between(1, 100000),
        "Wrong keys a minute, and at once, of one client address; then only keys that were right from there "
        "before are let in, all others get 429."),
    declare<&http_options::operator_key>(
        "operator_key", {.secret = true, .check = check_api_key, .form = "8 to 256 characters", .live = true},
        "Bearer key of /v1/nodes and of every customer's objects; without one these routes answer 403."),
    declare<&http_options::operator_key_file>("operator_key_file", {.form = file_form, .live = true},
                                              "File that holds the operator key alone."),
    declare<&http_options::second_operator_key>(
        "second_operator_key",
        {.secret = true, .check = check_api_key, .form = "8 to 256 characters", .live = true},
        "A second operator key, so that the first can be changed without a gap."),
    declare<&http_options::second_operator_key_file>("second_operator_key_file",
                                                     {.form = file_form, .live = true},
                                                     "File that holds the second operator key alone."),
    declare<&http_options::metrics_listen>(
        "metrics_listen", {.check = check_http_listen, .form = "ADDRESS:PORT"},
        "Where /metrics, /livez and /readyz are served alone; /metrics is then not on listen. Empty: all "
        "stand on listen."),
};

constexpr std::array room_table{
    declare<&room_options::max_participants>("max_participants", between(1, 100000),
                                             "Participants of one room; more joins are refused."),
    declare<&room_options::loudest>("loudest", between(1, 16),
                                    "Talkers that are heard at one time in a room."),
    declare<&room_options::opus_complexity>("opus_complexity", between(0, 10),
                                            "Effort of the Opus encoders; more costs CPU and sounds better."),
    declare<&room_options::opus_bitrate>("opus_bitrate", between(6000, 128000),
                                         "Bits per second of the Opus encoders."),
    declare<&room_options::noise_suppression>(
        "noise_suppression", {},
        "Whether steady noise is taken out of the voices in the mix, "
        "and music and babble are heard 14 dB quieter; who "
        "is heard is then heard 10 ms later. A conference action may say "
        "otherwise for its room."),
    declare<&room_options::levelling>(
        "levelling", {}, "Whether quiet and loud callers are slowly brought to one loudness, within 12 dB."),
    declare<&room_options::comfort_noise>(
        "comfort_noise", {},
        "Whether silence is heard as quiet noise, as loud as the callers' lines and -60 dBov at most."),
};

constexpr std::array http_client_table{
    declare<&http_client_options::allow_networks>(
        "allow_networks", {.form = "ADDRESS or ADDRESS/BITS"},
        "Inside networks that every URL may lead to, redirect actions included; open addresses always may."),
    declare<&http_client_options::ca_file>(
        "ca_file", {.form = file_form},
        "PEM file of the authorities that are trusted instead of the system's; empty: the system's."),
    declare<&http_client_options::documents_per_host>(
        "documents_per_host", between(1, 65536),
        "Requests for instructions of one customer to one host and port at one time; more wait."),
    declare<&http_client_options::documents_per_customer>(
        "documents_per_customer", between(1, 65536),
        "Requests for instructions of one customer at one time; more wait."),
    declare<&http_client_options::documents_total>(
        "documents_total", between(1, 65536),
        "Requests for instructions at one time; who has the fewest goes first."),
    declare<&http_client_options::webhooks_per_host>(
        "webhooks_per_host", between(1, 65536),
        "Webhooks of one application to one host and port at one time; more wait."),
    declare<&http_client_options::webhooks_per_application>("webhooks_per_application", between(1, 65536),
                                                            "Webhooks of one application at one time."),
    declare<&http_client_options::webhooks_total>("webhooks_total", between(1, 65536),
                                                  "Webhooks at one time; who has the fewest goes first."),
    declare<&http_client_options::queue>(
        "queue_ms", between(100, 60000),
        "A request that cannot leave for so long fails; its own time limit starts when it leaves."),
};

constexpr std::array webhook_table{
    declare<&webhook_options::workers>("workers", between(1, 256),
                                       "Webhook actors that deliver at one time."),
    declare<&webhook_options::timeout>("timeout_s", between(1, 60),
                                       "Seconds that one delivery attempt may take."),
};

constexpr std::array store_table{
    declare<&store_options::url>(
        "url",
        {.check = check_store_url,
         .form = "sqlite:PATH or postgresql://USER:PASSWORD@HOST/DATABASE",
         .shown = shown_store_url},
        "Records and outbox: a file of this node, or a database of all nodes; empty: plenary.db in "
        "node.data_dir."),
    declare<&store_options::retention>("retention_days", between(1, 3650),
                                       "Days that ended calls and dead letters are kept."),
    declare<&store_options::min_free_mb>(
        "min_free_mb", between(0, 1'000'000),
        "MiB that must be free where the store's file lies; with less new calls are refused with 503, and "
        "running ones have the rest. 0: only when a write fails."),
};

constexpr std::array cluster_table{
    declare<&cluster_options::listen>("listen", {.check = check_link_address, .form = "ADDRESS:PORT"},
                                      "Where other nodes link to this one; empty: a node of its own."),
    declare<&cluster_options::advertise>("advertise", {.check = check_link_address, .form = "HOST:PORT"},
                                         "Where other nodes reach listen, if not under that very address."),
    declare<&cluster_options::seeds>("seeds", {.form = "HOST:PORT"},
                                     "Addresses of other nodes; this node's own does no harm."),
    declare<&cluster_options::ca_file>("ca_file", {.form = file_form, .live = true},
                                       "PEM file of the private CA that signs the nodes; all three files "
                                       "empty: plain links, on loopback only."),
    declare<&cluster_options::certificate_file>("certificate_file", {.form = file_form, .live = true},
                                                "PEM file of this node's certificate; its CN is node.name."),
    declare<&cluster_options::key_file>("key_file", {.form = file_form, .live = true},
                                        "PEM file of that certificate's private key."),
    declare<&cluster_options::weight>("weight", between(0, 1024),
                                      "This node's share of the rooms, beside the others' weights."),
    declare<&cluster_options::region>("region", {}, "Where the node stands; for people."),
    declare<&cluster_options::silence>("silence_ms", between(300, 60000),
                                       "A node that does not answer for so long is given up."),
    declare<&cluster_options::on_partition>(
        "on_partition", {.form = "split or hold"},
        "What the side without a majority does: split goes on alone, hold plays silence and refuses joins."),
    declare<&cluster_options::size>(
        "size", between(0, 1000), "Members of the whole cluster, for the majority; 0: seeds and this node."),
    declare<&cluster_options::discovery>("discovery", {.form = "seeds or etcd"},
                                         "How nodes find each other."),
    declare<&cluster_options::endpoints>("endpoints", {.form = "http:// or https:// URL"},
                                         "etcd servers, with discovery = \"etcd\"."),
    declare<&cluster_options::etcd_prefix>("etcd_prefix", {}, "Where the members stand in etcd."),
    declare<&cluster_options::tick_log>("tick_log", {},
                                        "Whether rooms log which ticks they mixed, for checks of ownership."),
};

constexpr std::string_view webhook_secret_form = "8 to 256 bytes; after whsec_ base64";

constexpr std::array application_table{
    declare<&application_options::id>(
        "id", {.required = true, .check = check_id, .form = "A-Z a-z 0-9 . - _"}, "Id of the application."),
    declare<&application_options::customer>(
        "customer_id", {.required = true, .check = check_id, .form = "A-Z a-z 0-9 . - _"},
        "Customer that the application belongs to; the scope of room names."),
    declare<&application_options::api_key>(
        "api_key", {.secret = true, .check = check_api_key, .form = "8 to 256 characters"},
        "Bearer key of the API; or use api_key_file."),
    declare<&application_options::api_key_file>("api_key_file", {.form = file_form},
                                                "File that holds the API key alone."),
    declare<&application_options::answer_url>("answer_url",
                                              {.required = true, .check = check_http_url, .form = url_form},
                                              "Asked for the actions of each call."),
    declare<&application_options::answer_method>(
        "answer_method", {.form = "POST or GET"},
        "Method of that request; GET sends the same fields as a query."),
    declare<&application_options::fallback_url>("fallback_url", {.check = check_http_url, .form = url_form},
                                                "Asked when answer_url fails and fallback_actions is empty."),
    declare<&application_options::fallback_actions>("fallback_actions",
                                                    {.check = check_json_array, .form = "JSON array"},
                                                    "Actions to run when answer_url fails."),
    declare<&application_options::webhook_url>("webhook_url", {.check = check_http_url, .form = url_form},
                                               "Receives the events; without it none leave."),
    declare<&application_options::webhook_secret>(
        "webhook_secret", {.secret = true, .check = check_webhook_secret, .form = webhook_secret_form},
        "Key of the signatures on webhooks and answer_url requests, which are not signed without it; or use "
        "webhook_secret_file."),
    declare<&application_options::webhook_secret_file>("webhook_secret_file", {.form = file_form},
                                                       "File that holds the webhook secret alone."),
    declare<&application_options::second_api_key>(
        "second_api_key", {.secret = true, .check = check_api_key, .form = "8 to 256 characters"},
        "A second API key, so that the first can be changed without a gap."),
    declare<&application_options::second_api_key_file>("second_api_key_file", {.form = file_form},
                                                       "File that holds the second API key alone."),
    declare<&application_options::second_webhook_secret>(
        "second_webhook_secret", {.secret = true, .check = check_webhook_secret, .form = webhook_secret_form},
        "A second secret: webhook-signature then lists both signatures, X-MiniVoice-Signature that of the "
        "first."),
    declare<&application_options::second_webhook_secret_file>(
        "second_webhook_secret_file", {.form = file_form},
        "File that holds the second webhook secret alone."),
    declare<&application_options::events>(
        "events", {.form = "names of room events, room.*, participant.*"},
        "Events of the customer's rooms that go to webhook_url beside those of its calls."),
    declare<&application_options::headers>(
        "headers", {.most = 16, .form = "names that start with X-"},
        "Headers of the INVITE that stand in the call object, each with 256 bytes at most."),
    declare<&application_options::max_calls>(
        "max_calls", between(0, 100000),
        "Its calls at one time, set-ups included; 0: sip.share_percent of sip.max_calls, or all of them when "
        "it is the only application."),
    declare<&application_options::max_setups_per_s>(
        "max_setups_per_s", between(1, 100000),
        "Its new calls a second, twice as many at once; more are refused with 503."),
    declare<&application_options::max_requests_per_s>(
        "max_requests_per_s", between(1, 100000),
        "API requests a second with its keys, twice as many at once; more are answered with 429."),
};

constexpr std::array did_table{
    declare<&did_options::number>("number",
                                  {.required = true, .check = check_number, .form = "E.164 or SIP user"},
                                  "Called number, as it stands in the request-URI."),
    declare<&did_options::application>("application",
                                       {.required = true, .check = check_id, .form = "application id"},
                                       "Application that answers its calls."),
};

constexpr std::array trunk_table{
    declare<&trunk_options::name>("name", {.required = true, .check = check_id, .form = "A-Z a-z 0-9 . - _"},
                                  "Name of the trunk."),
    declare<&trunk_options::proxy>("proxy", {.check = check_sip_uri, .form = "SIP URI"},
                                   "The carrier's SIP server."),
    declare<&trunk_options::username>("username", {}, "User for the carrier's digest authentication."),
    declare<&trunk_options::password>("password", {.secret = true},
                                      "Password for the carrier's digest authentication; or use "
                                      "password_file."),
    declare<&trunk_options::password_file>("password_file", {.form = file_form},
                                           "File that holds the password alone."),
    declare<&trunk_options::realm>(
        "realm", {.check = check_realm, .form = "1 to 128 characters"},
        "Realm of the challenges that are answered; empty: that of the first one from inbound_ips."),
    declare<&trunk_options::trusted>("trusted", {},
                                     "Whether the trunk's P-Asserted-Identity is believed (RFC 3325)."),
    declare<&trunk_options::inbound_ips>("inbound_ips", {.form = "ADDRESS or ADDRESS/BITS"},
                                         "Addresses whose INVITEs belong to this trunk."),
    declare<&trunk_options::srtp>("srtp", {.form = "off, optional or required"},
                                  "Whether the trunk's media is encrypted (SDES)."),
    declare<&trunk_options::max_calls>("max_calls", between(0, 100000),
                                       "Its calls at one time; 0: up to sip.max_calls."),
    declare<&trunk_options::max_setups_per_s>(
        "max_setups_per_s", between(1, 100000),
        "Its new calls a second, twice as many at once; more are refused with 503."),
    declare<&trunk_options::media_ips>(
        "media_ips", {.form = "ADDRESS or ADDRESS/BITS"},
        "Addresses that its calls' media may come from and go to; empty: any."),
};

constexpr option_table table{
    single_section<node_options>{"node", &configuration::node, node_table, "The process."},
    single_section<sip_options>{"sip", &configuration::sip, sip_table, "Signalling."},
    single_section<media_options>{"media", &configuration::media, media_table, "RTP and jitter buffers."},
    single_section<http_options>{"http", &configuration::http, http_table, "The HTTP server."},
    single_section<room_options>{"room", &configuration::room, room_table, "Rooms and their mix."},
    single_section<http_client_options>{"http_client", &configuration::http_client, http_client_table,
                                        "Requests to customers' servers."},
    single_section<webhook_options>{"webhook", &configuration::webhook, webhook_table, "Delivery of events."},
    single_section<store_options>{"store", &configuration::store, store_table,
                                  "Records of calls and events that wait."},
    single_section<cluster_options>{"cluster", &configuration::cluster, cluster_table, "The other nodes."},
    list_section<application_options>{"application", &configuration::applications, application_table,
                                      "A customer's application; as many as needed."},
    list_section<did_options>{"did", &configuration::dids, did_table,
                              "A number that can be called; as many as needed."},
    list_section<trunk_options>{
        "trunk", &configuration::trunks, trunk_table,
        "A source of calls; what comes from elsewhere gets no answer (see sip.answer_strangers)."},
};

} // namespace

const option_table& all_options() {
  return table;
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f')
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out += '"';
}

} // namespace plenary
