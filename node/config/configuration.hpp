#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/signalling.hpp"
#include "node/config/address.hpp"
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
};

struct media_options {
  std::string address{"127.0.0.1"}; ///< IP literal
  port_range ports;
  std::chrono::milliseconds min_delay{20};
  std::chrono::milliseconds max_delay{200};
  std::chrono::seconds timeout{30};
};

struct http_options {
  listen_address listen{"127.0.0.1", 8080};
  std::int64_t max_connections = 1024;
  std::int64_t max_connections_per_address = 128;
};

struct room_options {
  std::int64_t max_participants = 2000;
  std::int64_t loudest = 5;
  std::int64_t opus_complexity = 5;
  std::int64_t opus_bitrate = 24000; ///< bit/s
};

struct webhook_options {
  std::int64_t workers = 4;
  std::chrono::seconds timeout{10};
};

struct store_options {
  std::chrono::days retention{30};
};

/// How an application's answer URL is asked.
enum class answer_method { post, get };

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
};

struct did_options {
  std::string number;
  application_id application;
};

struct trunk_options {
  std::string name;
  std::string proxy; ///< SIP URI; empty: the trunk only brings calls in
  std::string username;
  std::string password;
  std::vector<ip_network> inbound_ips;
  srtp_policy srtp = srtp_policy::optional;
};

/// Everything that an operator can set, checked as a whole.
struct configuration {
  node_options node;
  sip_options sip;
  media_options media;
  http_options http;
  room_options room;
  webhook_options webhook;
  store_options store;
  std::vector<application_options> applications;
  std::vector<did_options> dids;
  std::vector<trunk_options> trunks;
};

} // namespace plenary
