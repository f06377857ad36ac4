#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/signalling.hpp"
#include "node/config/address.hpp"
#include "node/config/media_addresses.hpp"
#include "schema/ids.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace plenary {

// Defaults stand here; name, limits and sentence of every option stand in option_table.cpp. Relative paths
// start at the folder of the configuration file; after loading they are resolved.

struct node_options {
  node_name name{"node-a"};
  std::filesystem::path data_dir{"data"};
  log_level log = log_level::info;
  std::chrono::seconds drain_deadline{5};
  bool real_time = true;
};

struct sip_options {
  std::vector<sip_listen_address> listen{{sip_transport::udp, {"127.0.0.1", 5060}},
                                         {sip_transport::tcp, {"127.0.0.1", 5060}}};
  std::vector<listen_address> tls_listen;
  std::filesystem::path tls_certificate;
  std::filesystem::path tls_key;
  std::int64_t max_calls = 5000;
  bool answer_strangers = false;
  std::int64_t max_connections = 2000;
  std::int64_t max_connections_per_address = 200;
  std::chrono::seconds message_timeout{10};
  std::chrono::seconds idle_timeout{900};
  std::string advertise; ///< host that our Contact names; empty: the address that the call came to
  std::int64_t max_calls_per_address = 0; ///< 0: no bound
  std::int64_t max_setups_per_s_per_address = 400;
  std::int64_t share_percent = 75; ///< of max_calls, for one application and one customer beside others
};

struct media_options {
  media_addresses address{{"127.0.0.1"}};
  media_addresses advertise; ///< that SDP names; of a version without one: `address`
  port_range ports;
  std::chrono::milliseconds min_delay{20};
  std::chrono::milliseconds max_delay{200};
  bool clamp_dtmf = true;
  std::chrono::seconds timeout{30};
  std::chrono::seconds port_rest{30};
};

struct http_options {
  listen_address listen{"127.0.0.1", 8080};
  std::int64_t max_connections = 1024;
  std::int64_t max_connections_per_address = 128;
  std::int64_t max_requests_per_s_per_address = 1000;
  std::int64_t max_wrong_keys_per_minute = 30;
  std::string metrics_listen; ///< `ADDRESS:PORT`; empty: /metrics stands beside the API
  std::string operator_key;   ///< also when it came from `operator_key_file`; empty: no operators' routes
  std::filesystem::path operator_key_file;
  std::string second_operator_key; ///< also when it came from `second_operator_key_file`
  std::filesystem::path second_operator_key_file;
};

struct room_options {
  std::int64_t max_participants = 2000;
  std::int64_t loudest = 5;
  std::int64_t opus_complexity = 5;
  std::int64_t opus_bitrate = 24000; ///< bit/s
  bool noise_suppression = false;
  bool levelling = true;
  bool comfort_noise = true;
};

struct http_client_options {
  std::vector<ip_network> allow_networks;
  std::filesystem::path ca_file;
  std::int64_t documents_per_host = 256;
  std::int64_t documents_per_customer = 512;
  std::int64_t documents_total = 1024;
  std::int64_t webhooks_per_host = 64;
  std::int64_t webhooks_per_application = 128;
  std::int64_t webhooks_total = 512;
  std::chrono::milliseconds queue{5000};
};

struct webhook_options {
  std::int64_t workers = 4;
  std::chrono::seconds timeout{10};
};

/// What the side of a partition without a majority of the members does.
enum class partition_policy {
  split, ///< it goes on: each half of a room talks in its own half
  hold   ///< it plays silence and refuses joins: nothing is ever mixed twice
};

/// How nodes find each other.
enum class cluster_discovery { seeds, etcd };

struct cluster_options {
  std::string listen;    ///< `ADDRESS:PORT`; empty: a node of its own
  std::string advertise; ///< `HOST:PORT` that other nodes dial; empty: `listen`
  std::vector<std::string> seeds;
  std::filesystem::path ca_file;
  std::filesystem::path certificate_file;
  std::filesystem::path key_file;
  std::int64_t weight = 1;
  std::string region;
  std::chrono::milliseconds silence{1500};
  partition_policy on_partition = partition_policy::split;
  std::int64_t size = 0; ///< members of the whole cluster; 0: seeds and this node
  cluster_discovery discovery = cluster_discovery::seeds;
  std::vector<std::string> endpoints;
  std::string etcd_prefix{"/plenary/members/"};
  bool tick_log = false;
};

struct store_options {
  std::string url; ///< empty: `plenary.db` in `node.data_dir`; after loading, a SQLite path is resolved
  std::chrono::days retention{30};
  std::int64_t min_free_mb = 1; ///< MiB
};

/// How an application's answer URL is asked.
enum class answer_method { post, get };

/// Events of rooms that an application wants to hear of: a name, `room.*` or `participant.*`.
struct event_subscription {
  std::string text;
};

/// A header of the INVITE that an application wants to hear: `X-` and a token (RFC 3261 25.1).
struct wanted_header {
  std::string text;
};

struct application_options {
  application_id id;
  customer_id customer;
  std::string api_key; ///< also when it came from `api_key_file`
  std::filesystem::path api_key_file;
  std::string answer_url;
  plenary::answer_method answer_method = plenary::answer_method::post;
  std::string fallback_url;
  std::string fallback_actions{"[]"}; ///< JSON text of an array
  std::string webhook_url;
  std::string webhook_secret; ///< also when it came from `webhook_secret_file`
  std::filesystem::path webhook_secret_file;
  std::string second_api_key; ///< also when it came from `second_api_key_file`
  std::filesystem::path second_api_key_file;
  std::string second_webhook_secret; ///< also when it came from `second_webhook_secret_file`
  std::filesystem::path second_webhook_secret_file;
  std::vector<event_subscription> events;
  std::vector<wanted_header> headers;
  std::int64_t max_calls = 0; ///< 0: `sip.share_percent` beside others, alone all
  std::int64_t max_setups_per_s = 200;
  std::int64_t max_requests_per_s = 500;
};

struct did_options {
  std::string number;
  application_id application;
};

struct trunk_options {
  std::string name;
  std::string proxy; ///< SIP URI; empty: the trunk only brings calls in
  std::string username;
  std::string password; ///< also when it came from `password_file`
  std::filesystem::path password_file;
  std::string realm; ///< of challenges that are answered; empty: the first one that is
  bool trusted = false;
  std::vector<ip_network> inbound_ips;
  srtp_policy srtp = srtp_policy::optional;
  std::int64_t max_calls = 0; ///< 0: up to `sip.max_calls`
  std::int64_t max_setups_per_s = 400;
  std::vector<ip_network> media_ips; ///< empty: any
};

/// Everything that an operator can set, checked as a whole.
struct configuration {
  node_options node;
  sip_options sip;
  media_options media;
  http_options http;
  room_options room;
  http_client_options http_client;
  webhook_options webhook;
  store_options store;
  cluster_options cluster;
  std::vector<application_options> applications;
  std::vector<did_options> dids;
  std::vector<trunk_options> trunks;
};

} // namespace plenary
