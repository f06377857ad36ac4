"""The chaos part of scripts/cluster: seeded faults of nodes, what callers heard of them, what the webhooks said."""
import collections
import random
import signal
import statistics
import sys
import time

from cluster_lab import CALLERS, OUTPUT
from plenary_lab import ROOT, wait_until

sys.path.insert(0, str(ROOT / "bench/chaos"))
import delivery  # noqa: E402
import ownership  # noqa: E402

FAULTS = ["kill", "freeze", "drain", "restart"]
FROZEN_SECONDS = 3
MOVING_SECONDS = 3
OBSERVED_SECONDS = 6
STEADY_SECONDS = 25
# The longest silence that a caller of a staying node may hear: a loss is found after 1.5 s; a move has no gap by design.
LONGEST_GAP = {"kill": 3.0, "freeze": 3.0, "drain": 1.0, "restart": 1.0}
# Under "hold" a majority waits for cluster.silence_ms once more before it opens a lost node's rooms; and a node that wakes
# up just before that is voted for anew (measured: 3.3 to 4.5 s in all).
HOLD_EXTRA = 2.0

OWNER_SHARE = 0.6  # of the faults hit the room's owner, where most is at stake

Gap = collections.namedtuple("Gap", "fault of_owner everybody longest")


def boot_clock():
    """Nanoseconds, as the nodes' tick logs count them."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def next_faults(choice, only):
    """Every kind of fault once, in a new order each time; or the one that was asked for, again and again."""
    kinds = [only] if only else FAULTS
    while True:
        yield from choice.sample(kinds, len(kinds))


class Round:
    """One fault of one node, from a steady room to a steady room; `handover` is when a room moves as planned."""

    def __init__(self, cluster, number, fault, choice, before):
        self.cluster, self.number, self.fault, self.before = cluster, number, fault, before
        others = sorted(name for name in cluster.by_name if name != before["node"])
        self.of_owner = choice.random() < OWNER_SHARE
        self.node = cluster.by_name[before["node"] if self.of_owner else choice.choice(others)]
        self.gaps, self.faults = [], []

    def run(self):
        owner = "the room's owner" if self.of_owner else f"the room is at {self.before['node']}"
        print(f"\n--- round {self.number}: {self.fault} {self.node.name} ({owner}), epoch {self.before['epoch']}", flush=True)
        started, boot = time.monotonic(), boot_clock()
        self.cluster.exchange.latest_tick = 0.0
        getattr(self, self.fault)()
        rest = OBSERVED_SECONDS - (time.monotonic() - started)
        time.sleep(max(0.0, rest))
        self.tell_callers(started, time.monotonic())
        self.tell_room()
        self.restore()
        self.handover = (boot, boot_clock()) if self.fault in ("drain", "restart") else None
        return self

    def kill(self):
        self.node.child.end(signal.SIGKILL)

    def freeze(self):
        self.node.signal(signal.SIGSTOP)
        time.sleep(FROZEN_SECONDS)
        self.node.signal(signal.SIGCONT)

    def drain(self):
        self.survivors()[0].drain(self.node.name)

    def restart(self):
        """As in a rolling restart: rooms and media move at once, then the node's own calls end one after the other."""
        self.node.signal(signal.SIGTERM)
        time.sleep(MOVING_SECONDS)
        for caller in self.cluster.callers:
            if caller.home == self.node.name:
                caller.hang_up()
        asked = time.monotonic()
        status = self.node.child.end(None, 15)
        print(f"    {self.node.name} ended with status {status}, {time.monotonic() - asked:.1f} s after its last call")
        if status != 0:
            self.faults.append(f"{self.node.name} ended with status {status}, not 0")
        self.node.start()

    def survivors(self):
        return [node for node in self.cluster.nodes if node is not self.node]

    def stays(self, caller):
        """True when the fault must not end this caller's call."""
        return self.fault == "drain" or caller.home != self.node.name

    def tell_callers(self, start, end):
        print(f"    (the callers themselves were up to {self.cluster.exchange.latest_tick * 1000:.0f} ms late)")
        staying = [caller for caller in self.cluster.callers if self.stays(caller)]
        for caller in self.cluster.callers:
            moves = sum(start <= at <= end for at, _ in caller.moves)
            if caller in staying:
                self.tell_gap(caller, staying, start, end, moves)
            else:
                print(f"    {caller.name} at {caller.home}: signalled on the node that was hit; its call is "
                      f"{caller.state}{' (' + caller.why + ')' if caller.why else ''}, {moves} re-INVITEs")

    def tell_gap(self, caller, staying, start, end, moves):
        others = [1 << other.index for other in staying if other is not caller]
        everybody = caller.longest_silence(sum(others), start, end)
        each = [caller.longest_silence(other, start, end) for other in others]
        longest, still = max(each), caller.hears(sum(others)) != sum(others)
        self.gaps.append(Gap(self.fault, self.of_owner, everybody, longest))
        print(f"    {caller.name} at {caller.home}: heard nobody for {everybody * 1000:5.0f} ms, not all others for "
              f"{longest * 1000:5.0f} ms, {moves} re-INVITEs{', DEAF STILL' if still else ''}"
              f"{', call ' + caller.state + ' ' + caller.why if caller.state != 'up' else ''}", flush=True)
        where = f"round {self.number} ({self.fault} {self.node.name}): {caller.name} at {caller.home}"
        if caller.state != "up":
            self.faults.append(f"{where} lost its call: {caller.why}")
        elif still or longest > LONGEST_GAP[self.fault] + (HOLD_EXTRA if self.cluster.hold else 0):
            self.faults.append(f"{where} did not hear all others for {longest:.2f} s{', still' if still else ''}")
        if caller.heard_itself(start, end):
            self.faults.append(f"{where} heard itself")

    def tell_room(self):
        rooms = {node.name: node.room() or {} for node in self.survivors()}
        told = {(room.get("node"), room.get("epoch"), room.get("participant_count")) for room in rooms.values()}
        for owner, epoch, count in sorted(told, key=str):
            print(f"    room after it: at {owner}, epoch {self.before['epoch']} -> {epoch}, {count} participants", flush=True)
        if len(told) != 1:
            self.faults.append(f"round {self.number}: the survivors tell different rooms: {sorted(told, key=str)}")

    def restore(self):
        """All nodes live, all callers in the room: the next round starts from there."""
        if self.fault == "kill":
            self.node.start()
        if self.fault == "drain" and self.node.running():
            self.survivors()[0].drain(self.node.name, "DELETE")
        elif self.fault == "drain":
            self.faults.append(f"{self.node.name} has ended while it drained, before its calls and its deadline")
            self.node.start()
        if not wait_until(self.cluster.all_live, 15):
            self.faults.append(f"round {self.number}: not all nodes are live: {self.cluster.story()}")
        self.redial()
        if not wait_until(lambda: self.cluster.steady() and self.cluster.everybody_hears_everybody(), STEADY_SECONDS):
            self.faults.append(f"round {self.number}: not steady {STEADY_SECONDS} s later: {self.cluster.story()}; "
                               f"hearing {[f'{c.name}:{c.state}:{c.hears(63):06b}' for c in self.cluster.callers]}")

    def redial(self):
        """Whoever has lost the call, or hears nobody, calls again, as people do."""
        everybody = (1 << CALLERS) - 1
        lost = [caller for caller in self.cluster.callers if caller.state != "up" or not caller.hears(everybody, 1.0)]
        for caller in lost:
            caller.hang_up()
        if lost:
            print(f"    calling again: {', '.join(caller.name for caller in lost)}", flush=True)
            self.faults += self.cluster.dial_all(lost)


def tell_gaps(gaps):
    print("\n==> gaps of callers on staying nodes (ms: longest time without one of the others)")
    for fault in FAULTS:
        for of_owner in (True, False):
            longest = sorted(gap.longest * 1000 for gap in gaps if gap.fault == fault and gap.of_owner == of_owner)
            if longest:
                print(f"    {fault:<8} {'the owner' if of_owner else 'another  '}  n={len(longest):<3} p50 "
                      f"{statistics.median(longest):5.0f}  max {longest[-1]:5.0f}")


def run(cluster, rounds, seed, only=None):
    """Plays the rounds; the faults found."""
    choice = random.Random(seed)
    print(f"\n==> chaos: {rounds} rounds{f' of {only}' if only else ''}, seed {seed}", flush=True)
    gaps, faults, kinds = [], [], next_faults(choice, only)
    for number in range(1, rounds + 1):
        before = wait_until(cluster.steady, STEADY_SECONDS)
        if not before:
            faults.append(f"before round {number} the room is not steady: {cluster.story()}")
            break
        done = Round(cluster, number, next(kinds), choice, before).run()
        gaps, faults = gaps + done.gaps, faults + done.faults
        cluster.handovers += [done.handover] if done.handover else []
        for fault in done.faults:
            print(f"    WRONG: {fault}", flush=True)
    tell_gaps(gaps)
    for labels, value in cluster.prometheus.query("sum by (reason) (plenary_cluster_room_moves_total)"):
        print(f"    Prometheus: rooms moved since the nodes' last start, {labels.get('reason')}: {value:.0f}")
    return faults


def tell_webhooks(timeline):
    counts = collections.Counter(event["event"] for events in timeline["calls"].values() for event in events)
    print("\n==> what the webhooks said (both signatures verified)")
    print("    calls: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    for room, events in timeline["rooms"].items():
        counts = collections.Counter(event["event"] for event in events)
        print(f"    room {room}: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
        gaps = [event["data"].get("gap_ms") for event in events if event["event"] == "room.recovered"]
        if gaps:
            print(f"    room.recovered told gaps of {', '.join(str(gap) for gap in gaps)} ms")


def check_ownership(cluster):
    """Prints what the tick logs prove; the faults found."""
    stretches = ownership.read_files(OUTPUT / f"{node.name}.log" for node in cluster.nodes)
    faults = ownership.faults_of(stretches, cluster.hold, cluster.handovers)
    planned = ownership.longest_overlap(stretches)
    print(f"    ownership: {ownership.summary(stretches)}, {len(faults)} faults; two nodes mixed under different epochs "
          f"for {planned:.0f} ms at most")
    return [f"ownership: {fault}" for fault in faults]


def finish(cluster):
    """Ends calls and nodes, then checks deliveries and ownership; the faults found."""
    for caller in cluster.callers:
        caller.hang_up()
    stores = [OUTPUT / node.name / "plenary.db" for node in cluster.nodes]

    def all_told():
        return not delivery.check(*delivery.read_stores(stores), cluster.timeline())[1]
    wait_until(all_told, 20, 0.5)
    faults = []
    rooms = [node.name for node in cluster.nodes if node.room()]
    if rooms:
        faults.append(f"the room is left behind, as {', '.join(rooms)} tell")
    statuses = cluster.end_nodes()
    timeline = cluster.timeline()
    cluster.save_timeline()
    tell_webhooks(timeline)
    figures, wrong = delivery.check(*delivery.read_stores(stores), timeline)
    print(f"    {figures}")
    faults += [f"delivery: {fault}" for fault in wrong] + check_ownership(cluster)
    print(f"    SIGTERM: {', '.join(f'{name} ended with status {status}' for name, status in statuses.items())}")
    return faults + [f"{name} ended with status {status}" for name, status in statuses.items() if status != 0]
