"""What scripts/demo_run.py and scripts/cluster_run.py share: programs of ours, ports, HTTP, levels of recordings."""
import array
import json
import math
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
import wave

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOFTPHONE_MODULES = ["opus", "g722", "g711", "aufile", "aubridge", "sndfile", "srtp"]


class Failure(Exception):
    """A run cannot go on, or something is not as it must be."""


def plenaryd():
    """The program to run: of the release preset, or of the build folder that PLENARY_BUILD names."""
    return pathlib.Path(os.environ.get("PLENARY_BUILD") or ROOT / "build/release") / "plenaryd"


class Child:
    """A program of ours: its lines are kept and it is ended by its process id."""

    def __init__(self, name, arguments, folder, echo=False):
        self.name, self.echo, self.lines = name, echo, []
        self.changed = threading.Condition()
        self.ended = False
        self.log_file = pathlib.Path(folder) / f"{name}.log"
        self.log = self.log_file.open("a")
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace", cwd=ROOT,
                                        start_new_session=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.log.write(line)
            self.log.flush()
            if self.echo:
                print(f"    {self.name}: {line.rstrip()}", flush=True)
            with self.changed:
                self.lines.append(line.rstrip())
                self.changed.notify_all()
        self.log.close()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for(self, text, seconds):
        """The first line that holds the text."""
        def found():
            return next((line for line in self.lines if text in line), None)
        with self.changed:
            self.changed.wait_for(lambda: found() or self.ended, seconds)
            line = found()
        if line is None:
            raise Failure(f"{self.name} did not say {text!r} within {seconds} s; see {self.log_file}")
        return line

    def listening(self):
        """Addresses by edge, as a node that is ready has told them."""
        lines = [json.loads(line) for line in self.lines if '"event":"listening"' in line]
        return {line["edge"]: line["address"] for line in lines}

    def end(self, how=signal.SIGTERM, seconds=10):
        """The exit status; negative when a signal ended it. With no signal, only waits."""
        if self.process.poll() is None:
            if how is not None:
                self.process.send_signal(how)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join(5)
        return self.process.returncode


def application_config(name, number, secrets, url, events=()):
    """TOML: app_NAME of cust_NAME with its API key and webhook secret, its number, and a trunk for callers of this machine."""
    api_key, webhook_secret = secrets
    return f"""[[application]]
id = "app_{name}"
customer_id = "cust_{name}"
api_key = "{api_key}"
answer_url = "{url}/answer"
webhook_url = "{url}/webhooks"
webhook_secret = "{webhook_secret}"
events = {json.dumps(list(events))}
[[did]]
number = "{number}"
application = "app_{name}"
[[trunk]]
name = "local"
inbound_ips = ["127.0.0.1"]
"""


def write_softphone(folder, phone, speech, index, here="127.0.0.1"):
    """The configuration of a softphone at the address `here` that plays the file `speech` and records into folder/rec."""
    (folder / "rec").mkdir()
    modules = "".join(f"module {name}.so\n" for name in SOFTPHONE_MODULES)
    (folder / "config").write_text(f"""poll_method epoll
sip_listen {here}:{port_or_any(26000 + 10 * index)}
net_interface {here}
rtp_ports {30000 + 200 * index}-{30198 + 200 * index}
audio_source aufile,{speech}
audio_player aubridge,nil
audio_alert aubridge,nil
ausrc_srate {phone["rate"]}
auplay_srate {phone["rate"]}
ausrc_channels {phone["channels"]}
auplay_channels {phone["channels"]}
module_path /usr/lib/baresip/modules
{modules}module_tmp account.so
module_app menu.so
snd_path {folder}/rec
opus_stereo yes
opus_sprop_stereo yes
""")
    (folder / "contacts").write_text("\n")
    (folder / "accounts").write_text(
        f"<sip:{phone['name']}@{here};transport=udp>;regint=0;audio_codecs={phone['codec']}\n")


def start_softphone(folder, phone, address, seconds):
    """Calls the SIP address; ends by itself after so many seconds. Logs beside the folder of all softphones."""
    return Child(phone["name"], ["baresip", "-f", str(folder), "-e", f"/dial {address};transport=udp", "-t",
                                 str(seconds)], folder.parent.parent)


def port_or_any(port):
    """The port when it is free, else 0."""
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        try:
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
            return port
        except OSError:
            return 0


def port_to_keep(port):
    """The port when it is free, else another one that stays the same over restarts of what listens there."""
    if port_or_any(port):
        return port
    with socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        return tcp.getsockname()[1]


def ask(method, url, key=None, seconds=5):
    """The JSON of an answer; HTTP and network errors are raised as urllib does."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(url, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=seconds) as answer:
        return json.loads(answer.read() or b"null")


def get(url, key=None):
    return ask("GET", url, key)


def answer_or_none(url, key=None, seconds=2):
    """The JSON of a 200, else nothing: the node may be dead, frozen, or know no such thing."""
    try:
        return ask("GET", url, key, seconds)
    except (urllib.error.URLError, OSError, ValueError):
        return None


def wait_until(condition, seconds, pause=0.1):
    """The first true value of the condition, else its last one."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(pause)


def run_quietly(*arguments):
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def read_samples(file):
    with wave.open(str(file), "rb") as source:
        return array.array("h", source.readframes(source.getnframes()))


def level_dbfs(samples, rate, hertz):
    """Level of one frequency; Goertzel with a Hann window, a full-scale sine has 0 dB."""
    size = len(samples)
    coefficient = 2 * math.cos(2 * math.pi * hertz / rate)
    before, last = 0.0, 0.0
    for i, sample in enumerate(samples):
        window = 0.5 - 0.5 * math.cos(2 * math.pi * i / size)
        before, last = last, sample * window + coefficient * last - before
    power = before * before + last * last - coefficient * before * last
    return 10 * math.log10(max(power, 1e-9)) + 20 * math.log10(4 / size / 32768)


def pilot_levels(file, hertz):
    """Levels of a pilot in windows of half a second, the strongest first."""
    samples = read_samples(file)
    step = 4000
    windows = [samples[at: at + step] for at in range(0, len(samples) - step + 1, step)]
    return sorted((level_dbfs(window, 8000, hertz) for window in windows), reverse=True)
