#include "tests/support/baresip_phone.hpp"

#include "tests/support/tone.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <fstream>
#include <string_view>

namespace plenary::test {

namespace {

struct codec_form {
  std::string_view account; ///< as `audio_codecs` names it
  int sample_rate;
  int channels;
};

codec_form form_of(phone_codec codec) {
  switch (codec) {
  case phone_codec::opus:
    return {"opus/48000/2", 48000, 2};
  case phone_codec::g722:
    return {"g722/16000", 16000, 1};
  case phone_codec::pcmu:
    return {"pcmu", 8000, 1};
  case phone_codec::pcma:
    return {"pcma", 8000, 1};
  }
  return {};
}

std::string_view name_of(phone_transport transport) {
  switch (transport) {
  case phone_transport::udp:
    return "udp";
  case phone_transport::tcp:
    return "tcp";
  case phone_transport::tls:
    return "tls";
  }
  return {};
}

constexpr std::string_view modules = "module opus.so\nmodule g722.so\nmodule g711.so\nmodule aufile.so\n"
                                     "module aubridge.so\nmodule sndfile.so\nmodule srtp.so\n"
                                     "module_tmp account.so\nmodule_app menu.so\n"
                                     "opus_stereo yes\nopus_sprop_stereo yes\n";

std::string configuration_text(const std::filesystem::path& folder, const codec_form& form,
                               const port_range& ports, const std::filesystem::path& certificate) {
  const auto path = folder.string();
  auto text = fmt::format("poll_method epoll\nsip_listen 127.0.0.1:{}\nnet_interface 127.0.0.1\n"
                          "rtp_ports {}-{}\nmodule_path /usr/lib/baresip/modules\n{}snd_path {}/rec\n",
                          ports.first(), ports.first() + 10, ports.last(), modules, path);
  text += fmt::format("audio_source aufile,{}/in.wav\naudio_player aubridge,nil\naudio_alert aubridge,nil\n",
                      path);
  text += fmt::format("ausrc_srate {0}\nauplay_srate {0}\nausrc_channels {1}\nauplay_channels {1}\n",
                      form.sample_rate, form.channels);
  if (!certificate.empty())
    text += fmt::format("sip_cafile {}\n", certificate.string());
  return text;
}

} // namespace

baresip_phone::baresip_phone(baresip_options options)
    : options_(std::move(options)) {
  write_files();
  const auto dial = fmt::format("/dial sip:{}@{};transport={}", options_.to, to_string(options_.server),
                                name_of(options_.transport));
  process_ = std::make_unique<child_process>(child_process_options{
      .arguments = {"baresip", "-f", directory_.path().string(), "-e", dial, "-t", "60"},
      .environment = {},
      .directory = directory_.path(),
      .input = {}});
}

void baresip_phone::write_files() const {
  const auto& folder = directory_.path();
  const auto form = form_of(options_.codec);
  std::filesystem::create_directory(folder / "rec");
  write_wav(folder / "in.wav",
            make_tone(options_.tone_hertz, options_.level_dbfs, form.sample_rate, options_.tone_seconds),
            form.sample_rate, form.channels);
  std::ofstream(folder / "config") << configuration_text(folder, form, ports_, options_.trusted_certificate);
  std::ofstream(folder / "contacts") << "\n";
  std::ofstream(folder / "accounts") << fmt::format(
      "<sip:{}@127.0.0.1;transport={}>;regint=0;audio_codecs={}{}\n", options_.name,
      name_of(options_.transport), form.account, options_.srtp ? ";mediaenc=srtp-mand" : "");
}

bool baresip_phone::wait_until_established(std::chrono::milliseconds timeout) {
  return process_->wait_for_text("Call established", timeout).has_value();
}

bool baresip_phone::hang_up() {
  process_->signal(SIGINT);
  return process_->wait_for_exit(std::chrono::seconds(10)).has_value();
}

result<recording> baresip_phone::heard() const {
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path() / "rec"))
    if (entry.path().string().ends_with("-dec.wav"))
      return read_wav(entry.path());
  return fail(errc::not_found, "baresip has recorded nothing");
}

sipp_result run_sipp(const std::string& scenario, const ip_endpoint& server, const std::string& number,
                     std::chrono::seconds timeout) {
  const temporary_directory folder;
  const port_range ports;
  std::ofstream(folder.path() / "scenario.xml") << scenario;
  child_process sipp({.arguments = {"sipp",
                                    "-sf",
                                    "scenario.xml",
                                    to_string(server),
                                    "-i",
                                    "127.0.0.1",
                                    "-p",
                                    std::to_string(ports.first()),
                                    "-mp",
                                    std::to_string(ports.first() + 10),
                                    "-m",
                                    "1",
                                    "-s",
                                    number,
                                    "-nostdin",
                                    "-timeout",
                                    std::to_string(timeout.count()),
                                    "-trace_err",
                                    "-error_file",
                                    "errors.log"},
                      .environment = {{"TERM", "dumb"}},
                      .directory = folder.path(),
                      .input = {}});
  const auto status = sipp.wait_for_exit(timeout + std::chrono::seconds(5));
  std::ifstream errors(folder.path() / "errors.log");
  const std::string error_text{std::istreambuf_iterator<char>(errors), {}};
  return {status.value_or(-1), sipp.output() + error_text};
}

} // namespace plenary::test
