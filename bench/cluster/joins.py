"""Join latency: callers who arrive at the room's owner against callers who arrive at another node, taking turns."""
import time

from phones import deaf
from plenary_lab import Failure, wait_until
from report import ratio_row, spread

TALKERS = 2        # of each room, all the time
JOINERS = 8        # phones that take turns, so that one call's BYE is over before its phone calls again
WAIT_SECONDS = 8
WAYS = ("owner", "another")


def wait_briefly(condition, what):
    if not wait_until(condition, WAIT_SECONDS, 0.002):
        raise Failure(f"{what} within {WAIT_SECONDS} s")


class Joins:
    """Rooms with talkers, one room an owner, and the phones that join them one after the other."""

    def __init__(self, bench, cluster):
        self.cluster, self.choice = cluster, bench.choice
        self.fleet = bench.fleet(TALKERS * len(cluster.nodes) + JOINERS)
        self.joiners = self.fleet.phones[-JOINERS:]
        self.rooms = {node.name: cluster.new_room(node) for node in cluster.nodes}
        self.setup = {way: [] for way in WAYS}
        self.audio = {way: [] for way in WAYS}
        self.opening = {way: [] for way in WAYS}
        self.turn = 0

    def start_talkers(self):
        for n, node in enumerate(self.cluster.nodes):
            pair = self.fleet.phones[TALKERS * n:TALKERS * (n + 1)]
            for phone in pair:
                phone.call(self.rooms[node.name], self.choice.choice(self.cluster.nodes))
            wait_briefly(lambda: not deaf([pair]),
                         f"the talkers of {node.name}'s room do not hear each other")
            if self.cluster.nodes[0].room(self.rooms[node.name])["node"] != node.name:
                raise Failure("the room is not where its name belongs")

    def arrival(self, owner, way):
        return owner if way == "owner" else self.choice.choice(self.cluster.others(owner))

    def call(self, room, via, heard):
        """One call, from INVITE to BYE; seconds to 200 and to the first audio of others."""
        phone = self.joiners[self.turn % JOINERS]
        self.turn += 1
        time.sleep(self.choice.uniform(0.02, 0.06))  # wherever in a tick: the calls must not march in step
        phone.call(room, via)
        wait_briefly(lambda: phone.state != "calling" and (not heard or phone.audible), f"no call by {via.name}")
        if phone.state != "up":
            raise Failure(f"a call by {via.name} was refused: {phone.why}")
        setup, first = phone.answered_at - phone.dialed_at, phone.first_heard_at()
        phone.hang_up()
        return setup, first - phone.dialed_at if heard else None

    def measure(self, rounds):
        for _ in range(rounds):
            owner = self.choice.choice(self.cluster.nodes)
            for way in self.choice.sample(WAYS, len(WAYS)):
                setup, audio = self.call(self.rooms[owner.name], self.arrival(owner, way), True)
                self.setup[way].append(setup)
                self.audio[way].append(audio)
            for way in self.choice.sample(WAYS, len(WAYS)):
                self.opening[way].append(self.call(self.cluster.new_room(owner), self.arrival(owner, way), False)[0])


def run(bench):
    with bench.cluster(bench.links[-1]) as cluster:
        joins = Joins(bench, cluster)
        joins.start_talkers()
        joins.call(joins.rooms[cluster.nodes[0].name], cluster.nodes[0], True)  # the first call warms up
        joins.measure(bench.count(150))
        rows = []
        for what, taken in (("INVITE to 200, room is there", joins.setup),
                            ("INVITE to first audio of others", joins.audio),
                            ("INVITE to 200, room opens", joins.opening)):
            here, there = spread(f"{what}: at the owner", taken["owner"]), spread(f"{what}: at another node",
                                                                                 taken["another"])
            rows += [here, there, ratio_row("  ratio another / owner", there, here)]
        bench.report.table(f"Join latency ({cluster.links} links)", rows)
