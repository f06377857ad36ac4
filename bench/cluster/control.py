"""Control round trip: the same requests at a room's owner and at another node, plain links and TLS, in turns."""
import contextlib
import time

import figures
from joins import wait_briefly
from phones import deaf
from report import ratio_row, spread

WAYS = ("owner", "another")
HEARTBEATS = "plenary_cluster_link_round_trip_seconds"


class Room:
    """A room with two talkers in one cluster; the one who is controlled was signalled on the room's owner."""

    def __init__(self, cluster, phones):
        self.cluster, self.owner, self.other = cluster, cluster.nodes[0], cluster.nodes[1]
        self.name = cluster.new_room(self.owner)
        phones[0].call(self.name, self.owner)
        phones[1].call(self.name, self.other)
        wait_briefly(lambda: not deaf([phones]),
                     "the two callers do not hear each other")
        self.call = next(each["call_id"] for each in self.owner.room(self.name)["participants"]
                         if each["call_id"].endswith(self.owner.name))
        self.taken = {(what, way): [] for what in ("mute", "ask") for way in WAYS}

    def measure(self, way, action):
        node = self.owner if way == "owner" else self.other
        control = f"/v1/rooms/{self.name}/participants/{self.call}/{action}"
        self.taken["mute", way].append(node.request("POST", control)[0])
        self.taken["ask", way].append(node.request("GET", f"/v1/rooms/{self.name}")[0])


def heartbeat_row(cluster):
    """The product's own figure of its links: from a heartbeat to its answer, all six directions together."""
    count = total = 0.0
    buckets = {}
    for node in cluster.nodes:
        metrics = node.metrics()
        count += metrics[f"{HEARTBEATS}_count"]
        total += metrics[f"{HEARTBEATS}_sum"]
        for bound, value in figures.histogram(metrics, HEARTBEATS).items():
            buckets[bound] = buckets.get(bound, 0) + value
    return (f"{HEARTBEATS} ({cluster.links}): n {count:.0f}, mean {total / max(count, 1) * 1000:.2f} ms, p50 at most "
            f"{figures.bucket_percentile(buckets, 0.5) * 1000:g} ms, p99 at most "
            f"{figures.bucket_percentile(buckets, 0.99) * 1000:g} ms")


def rows_of(rooms):
    rows, through = [], {}
    for what, title in (("mute", "POST mute/unmute"), ("ask", "GET room")):
        for room in rooms:
            links = room.cluster.links
            here = spread(f"{title}, {links}: at the owner", room.taken[what, "owner"])
            there = spread(f"{title}, {links}: at another node", room.taken[what, "another"])
            differences = [b - a for a, b in zip(room.taken[what, "owner"], room.taken[what, "another"])]
            through[what, links] = spread(f"  added by the way over the link, {links}", differences)
            rows += [here, there, through[what, links], ratio_row("  ratio another / owner", there, here)]
        if len(rooms) > 1:
            rows.append(ratio_row(f"{title}: ratio TLS / plain of what the link adds", through[what, "tls"],
                                  through[what, "plain"]))
    return rows


def run(bench):
    with contextlib.ExitStack() as stack:
        clusters = [stack.enter_context(bench.cluster(links, place)) for place, links in enumerate(bench.links)]
        phones = bench.fleet(2 * len(clusters)).phones
        rooms = [Room(cluster, phones[2 * n:2 * n + 2]) for n, cluster in enumerate(clusters)]
        for turn in range(bench.count(500)):
            action = ("mute", "unmute")[turn % 2]
            for room in bench.choice.sample(rooms, len(rooms)):
                for way in bench.choice.sample(WAYS, len(WAYS)):
                    room.measure(way, action)
            time.sleep(0.002)
        bench.report.table("Control round trip between nodes", rows_of(rooms), map(heartbeat_row, clusters))
