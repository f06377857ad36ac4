"""The parts of scripts/cluster: three nodes, Prometheus, the application, six callers; and questions to them."""
import json
import os
import pathlib
import shutil
import signal
import urllib.parse

from lab_caller import Exchange
from plenary_lab import (ROOT, Child, Failure, answer_or_none, application_config, ask, get, plenaryd, port_or_any,
                         port_to_keep, run_quietly, wait_until)

OUTPUT = pathlib.Path(os.environ.get("PLENARY_OUTPUT") or ROOT / "cluster-output").resolve()
NAMES = ["node-a", "node-b", "node-c"]
NUMBER = "+15551230002"
ROOM = "daily_support_room"
API_KEY = "mv_test_cluster_key_0001"
OPERATOR_KEY = "cluster-operator-key"
SECRET = "cluster-webhook-secret"
CALLERS = 6
DRAIN_SECONDS = 60  # calls that are signalled on a leaving node may stay so long


class Node:
    """One plenaryd with ports that stay the same over its lives."""

    def __init__(self, index):
        self.name = NAMES[index]
        self.sip = port_to_keep(5061 + index)
        self.http = port_to_keep(8081 + index)
        self.link = port_to_keep(7401 + index)
        self.media = f"{20000 + 1000 * index}-{20999 + 1000 * index}"
        self.url = f"http://127.0.0.1:{self.http}"
        self.config = OUTPUT / f"{self.name}.toml"
        self.program = plenaryd()
        self.child = None

    def start(self):
        self.child = Child(self.name, [str(self.program), "--config", str(self.config)], OUTPUT)
        self.child.wait_for('"event":"started"', 30)  # who starts alone takes no calls before all_live

    def signal(self, number):
        self.child.process.send_signal(number)

    def running(self):
        return self.child is not None and self.child.process.poll() is None

    def room(self):
        return answer_or_none(f"{self.url}/v1/rooms/{ROOM}", API_KEY)

    def members(self):
        """Name to description of every node, as this one sees them."""
        answer = answer_or_none(f"{self.url}/v1/nodes", OPERATOR_KEY)
        return {each["name"]: each for each in (answer or {}).get("nodes", [])}

    def drain(self, name, how="POST"):
        """Asks this node to drain that one, or with DELETE to go on; a refusal is a failure."""
        try:
            return ask(how, f"{self.url}/v1/nodes/{name}/drain", OPERATOR_KEY)
        except OSError as refused:
            raise Failure(f"{how} /v1/nodes/{name}/drain at {self.name}: {refused}") from refused

    def write_config(self, seeds, application_url, hold):
        self.config.write_text(f"""[node]
name = "{self.name}"
data_dir = "{self.name}"
drain_deadline_s = {DRAIN_SECONDS}
[sip]
listen = ["udp:127.0.0.1:{self.sip}", "tcp:127.0.0.1:{self.sip}"]
[media]
address = "127.0.0.1"
ports = "{self.media}"
[http]
listen = "127.0.0.1:{self.http}"
operator_key = "{OPERATOR_KEY}"
[room]
loudest = {CALLERS}
[cluster]
listen = "127.0.0.1:{self.link}"
seeds = {json.dumps(seeds)}
size = {len(NAMES)}
on_partition = "{'hold' if hold else 'split'}"
ca_file = "tls/ca.pem"
certificate_file = "tls/{self.name}.pem"
key_file = "tls/{self.name}.key"
tick_log = true
""" + application_config("cluster", NUMBER, (API_KEY, SECRET), application_url, ["room.*"]))


class Prometheus:
    """A real one, with one job for all nodes."""

    def __init__(self, nodes):
        port = port_to_keep(9091)
        self.url = f"http://127.0.0.1:{port}"
        targets = "".join(f"      - targets: [\"127.0.0.1:{node.http}\"]\n        labels: {{node: {node.name}}}\n"
                          for node in nodes)
        config = OUTPUT / "prometheus.yml"
        config.write_text("global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: plenary\n"
                          f"    static_configs:\n{targets}")
        self.child = Child("prometheus", ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={OUTPUT}/tsdb",
                                          f"--web.listen-address=127.0.0.1:{port}"], OUTPUT)
        self.child.wait_for("Server is ready to receive web requests", 20)

    def query(self, expression):
        """Labels and value of each series."""
        answer = get(f"{self.url}/api/v1/query?query={urllib.parse.quote(expression)}")
        return [(series["metric"], float(series["value"][1])) for series in answer["data"]["result"]]

    def value(self, expression):
        series = self.query(expression)
        return series[0][1] if series else None


class Cluster:
    """Everything that runs; end() ends it."""

    def __init__(self, hold=False):
        self.hold, self.handovers = hold, []  # handovers: boot-clock stretches in which a room moves as planned
        shutil.rmtree(OUTPUT, ignore_errors=True)
        OUTPUT.mkdir()
        self.application = self.prometheus = None
        self.nodes = [Node(index) for index in range(len(NAMES))]
        self.by_name = {node.name: node for node in self.nodes}
        self.exchange = Exchange(CALLERS)
        self.callers = self.exchange.callers

    def start(self):
        self.application = Child("application", [str(ROOT / "scripts/sample-application"), "--port",
                                                 str(port_or_any(9001)), "--room", ROOM, "--secret", SECRET], OUTPUT)
        self.application_url = self.application.wait_for("listening on ", 10).split()[-1]
        run_quietly(str(ROOT / "scripts/plenary-ca"), str(OUTPUT / "tls"), *NAMES)
        seeds = [f"127.0.0.1:{node.link}" for node in self.nodes]
        for node in self.nodes:
            node.write_config(seeds, self.application_url, self.hold)
            node.start()
            print(f"    {node.name}: SIP 127.0.0.1:{node.sip}, HTTP 127.0.0.1:{node.http}, links 127.0.0.1:{node.link}",
                  flush=True)
        self.prometheus = Prometheus(self.nodes)
        if not wait_until(self.all_live, 20):
            raise Failure(f"the nodes did not become one cluster: {[sorted(n.members()) for n in self.nodes]}")

    def all_live(self):
        """True when every node sees every node live."""
        return all(len(members) == len(NAMES) and all(each["state"] == "live" for each in members.values())
                   for members in (node.members() for node in self.nodes))

    def dial(self, caller):
        """The caller calls in at its own node: two callers a node."""
        node = self.nodes[caller.index % len(self.nodes)]
        caller.dial(NUMBER, ("127.0.0.1", node.sip), node.name)

    def dial_all(self, callers, seconds=15):
        for caller in callers:
            self.dial(caller)
        wait_until(lambda: all(caller.state != "calling" for caller in callers), seconds)
        refused = [f"{caller.name} at {caller.home}: {caller.state} {caller.why}" for caller in callers
                   if caller.state != "up"]
        return [f"the call of {text} was not answered" for text in refused]

    def steady(self):
        """The room when all nodes tell the same owner, epoch and six participants, else nothing."""
        rooms = [node.room() for node in self.nodes]
        if not all(rooms) or not self.all_live():
            return None
        told = {(room["node"], room["epoch"], room["participant_count"]) for room in rooms}
        return rooms[0] if len(told) == 1 and rooms[0]["participant_count"] == CALLERS else None

    def story(self):
        """What each node says now, for a fault's text."""
        parts = []
        for node in self.nodes:
            room, members = node.room() or {}, node.members()
            states = ",".join(f"{name[-1]}={each['state']}" for name, each in sorted(members.items()))
            parts.append(f"{node.name} says [{states or 'nothing'}] room at {room.get('node')} epoch {room.get('epoch')} "
                         f"with {room.get('participant_count')}")
        return "; ".join(parts)

    def everybody_hears_everybody(self):
        everybody = (1 << CALLERS) - 1
        return all(caller.state == "up" and caller.hears(everybody) == everybody & ~(1 << caller.index)
                   for caller in self.callers)

    def timeline(self):
        return get(f"{self.application_url}/timeline")

    def save_timeline(self):
        (OUTPUT / "timeline.json").write_text(json.dumps(self.timeline(), indent=1))

    def end_nodes(self):
        """Exit statuses by name."""
        return {node.name: node.child.end(signal.SIGTERM, 15) for node in self.nodes if node.child}

    def end(self):
        for caller in self.callers:
            caller.hang_up()  # else the nodes wait for their calls
        for node in self.nodes:
            if node.running():
                node.signal(signal.SIGCONT)  # a frozen one could not end
        self.end_nodes()
        for child in (self.prometheus and self.prometheus.child, self.application):
            if child:
                child.end()
