"""Three real nodes for bench/cluster_bench, with the links, weights and ports that a part wants."""
import http.client
import json
import pathlib
import signal
import time

import figures
import placing
from plenary_lab import (ROOT, Child, Failure, answer_or_none, application_config, ask, plenaryd, port_or_any, run_quietly,
                         wait_until)

NAMES = ["node-a", "node-b", "node-c"]
CUSTOMER = "cust_bench"
API_KEY = "mv_test_bench_key_0001"
OPERATOR_KEY = "bench-operator-key"
NUMBER = "+15550009000"
SETTLED_SECONDS = 0.5  # a node calls itself live some milliseconds before the others give it rooms
FIRST_PORT = 15061  # below the ports that the system gives to our sockets


def free_ports(count, start):
    """So many free ports from `start` on."""
    found = []
    while len(found) < count:
        if port_or_any(start):
            found.append(start)
        start += 1
    return found


class Node:
    """One plenaryd whose ports and data stay the same over its lives."""

    number = NUMBER

    def __init__(self, name, folder, ports, media):
        self.name, self.folder, self.media = name, folder, media
        self.sip, self.http, self.link = ports
        self.url = f"http://127.0.0.1:{self.http}"
        self.config, self.child, self.connection = folder / f"{name}.toml", None, None

    def start(self):
        self.child = Child(self.name, [str(plenaryd()), "--config", str(self.config)], self.folder)
        self.child.wait_for('"event":"started"', 30)  # who starts alone takes no calls before all_live

    def running(self):
        return self.child is not None and self.child.process.poll() is None

    def kill(self):
        self.child.end(signal.SIGKILL)

    def signal(self, number):
        self.child.process.send_signal(number)

    def members(self):
        return (answer_or_none(f"{self.url}/v1/nodes", OPERATOR_KEY) or {}).get("nodes", [])

    def room(self, name):
        return answer_or_none(f"{self.url}/v1/rooms/{name}", API_KEY)

    def drain(self, name):
        return ask("POST", f"{self.url}/v1/nodes/{name}/drain", OPERATOR_KEY)

    def has_left(self):
        """True when the process has ended by itself, as a drained node without calls of its own must."""
        if (status := self.child.process.poll()) not in (None, 0):
            raise Failure(f"{self.name} ended with status {status}")
        return status == 0

    def start_again(self):
        """Starts the node whose process has ended."""
        if self.connection:
            self.connection.close()
        self.connection = None
        self.child.end(None)
        self.start()

    def metrics(self):
        return figures.parse_metrics(self.request("GET", "/metrics")[1])

    def request(self, method, path):
        """(seconds, body) of a request over the one connection that is kept open to this node."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=5)
            self.connection.connect()
        started = time.perf_counter()
        self.connection.request(method, path, headers={"Authorization": f"Bearer {API_KEY}"})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise Failure(f"{method} {path} at {self.name}: {answer.status} {body[:200]!r}")
        return time.perf_counter() - started, body.decode()

    def told_since(self, moment, event):
        """(Unix seconds, fields) of the log lines of this event since that moment."""
        lines = (figures.parse_log_line(line) for line in self.child.lines if f'"event":"{event}"' in line)
        return [line for line in lines if line and line[0] >= moment - 0.001]

    def write_config(self, seeds, weight, tls, application_url):
        links = (f'ca_file = "tls/ca.pem"\ncertificate_file = "tls/{self.name}.pem"\nkey_file = "tls/{self.name}.key"\n'
                 if tls else "")
        self.config.write_text(f"""[node]
name = "{self.name}"
data_dir = "{self.name}"
[sip]
listen = ["udp:127.0.0.1:{self.sip}"]
[media]
address = "127.0.0.1"
ports = "{self.media}"
[http]
listen = "127.0.0.1:{self.http}"
operator_key = "{OPERATOR_KEY}"
[cluster]
listen = "127.0.0.1:{self.link}"
seeds = {json.dumps(seeds)}
weight = {weight}
{links}""" + application_config("bench", NUMBER, (API_KEY, "bench-webhook-secret"), application_url))


class Cluster:
    """Three nodes in a folder of their own and the application that they ask; `place` keeps two clusters apart."""

    def __init__(self, folder, links="tls", weights=(1, 1, 1), place=0):
        self.folder, self.links, self.weights = pathlib.Path(folder), links, dict(zip(NAMES, weights))
        self.folder.mkdir(parents=True)
        ports = free_ports(3 * len(NAMES), FIRST_PORT + 100 * place)
        self.nodes = [Node(name, self.folder, ports[3 * n:3 * n + 3], f"{23000 + 3000 * place + 1000 * n}-"
                           f"{23999 + 3000 * place + 1000 * n}") for n, name in enumerate(NAMES)]
        self.by_name = {node.name: node for node in self.nodes}
        self.application, self.names_given = None, 0

    def start(self):
        self.application = Child("application", ["python3", "-B", str(ROOT / "bench/cluster/application.py")],
                                 self.folder)
        url = self.application.wait_for("listening on ", 10).split()[-1]
        if self.links == "tls":
            run_quietly(str(ROOT / "scripts/plenary-ca"), str(self.folder / "tls"), *NAMES)
        seeds = [f"127.0.0.1:{node.link}" for node in self.nodes]
        for node in self.nodes:
            node.write_config(seeds, self.weights[node.name], self.links == "tls", url)
            node.start()
        self.wait_live()
        return self

    def wait_live(self):
        if not wait_until(self.all_live, 20):
            raise Failure(f"the nodes did not become one cluster: {[node.members() for node in self.nodes]}")
        time.sleep(SETTLED_SECONDS)

    def all_live(self):
        """True when every node sees every node live."""
        seen = [[each["state"] for each in node.members()] for node in self.nodes]
        return all(states == ["live"] * len(NAMES) for states in seen)

    def others(self, node):
        return [each for each in self.nodes if each is not node]

    def new_room(self, owner):
        """A name that was never used before and that placement gives to this node."""
        while True:
            self.names_given += 1
            name = f"bench-{self.names_given}"
            if placing.rank(f"{CUSTOMER}/{name}", self.weights)[0] == owner.name:
                return name

    def quiet(self):
        """True when no node has a call."""
        return all(each.get("calls") == 0 for node in self.nodes for each in node.members()
                   if each["name"] == node.name)

    def end(self):
        for node in self.nodes:
            if node.running():
                node.signal(signal.SIGCONT)
                node.child.end(signal.SIGTERM, 10)
        if self.application:
            self.application.end()
