"""Recovery gap: what callers hear when the node that mixes their rooms is killed, frozen or drained, and why."""
import signal
import time

import figures
from draining import settle
from joins import wait_briefly
from phones import all_hear, deaf
from plenary_lab import Failure, wait_until
from report import spread

ROOMS = 8             # of two callers each, below the number at which placement spreads callers
FROZEN_SECONDS = 4.0
LONGEST_WAIT = 12.0
CALM_SECONDS = 1.0    # watched after the last caller hears again
PROMISE_MS, TARGET_MS = 3000, 1500


def strike(fault, victim, cluster):
    if fault == "kill":
        victim.signal(signal.SIGKILL)
    elif fault == "freeze":
        victim.signal(signal.SIGSTOP)
    else:
        cluster.others(victim)[0].drain(victim.name)


def restore(fault, victim, cluster, struck):
    if fault == "freeze":
        time.sleep(max(0.0, struck + FROZEN_SECONDS - time.time()))
        victim.signal(signal.SIGCONT)
    else:
        victim.start_again()
    cluster.wait_live()


class Round:
    """One fault of the owner of some rooms, whose callers were all signalled on the two other nodes."""

    def __init__(self, bench, cluster, fleet, fault, victim):
        self.cluster, self.fault, self.victim = cluster, fault, victim
        self.phones, self.survivors = fleet.phones, cluster.others(victim)
        self.pairs = list(zip(fleet.phones[0::2], fleet.phones[1::2]))
        self.rooms = [cluster.new_room(victim) for _ in self.pairs]
        for room, pair in zip(self.rooms, self.pairs):
            for phone, node in zip(pair, self.survivors):
                phone.call(room, node)
        settle(self.pairs)
        if astray := [room for room in self.rooms if victim.room(room)["node"] != victim.name]:
            raise Failure(f"rooms {astray} are not on {victim.name}")
        time.sleep(0.5 + bench.choice.random())  # wherever between two heartbeats
        fleet.latest_slot = 0.0

    def measure(self):
        self.struck = time.time()
        strike(self.fault, self.victim, self.cluster)
        wait_until(lambda: all(phone.turns for phone in self.phones) and all_hear(self.pairs), LONGEST_WAIT, 0.02)
        time.sleep(CALM_SECONDS)
        end, still_deaf = time.time(), deaf(self.pairs)
        if self.fault == "drain" and not wait_until(self.victim.has_left, LONGEST_WAIT):
            raise Failure(f"{self.victim.name} was drained and is still there")
        restore(self.fault, self.victim, self.cluster, self.struck)
        return {"gap": [figures.longest_gap(phone.audible, self.struck - 0.5, end)[0] for phone in self.phones],
                "noticed": self.since_struck("member_lost", lambda told: told["member"] == self.victim.name),
                "opened": self.since_struck("room_created", lambda told: told["room"] in self.rooms),
                "asked": [phone.turns[0] - self.struck for phone in self.phones if phone.turns],
                "unheard": [figures.frames_unheard(phone.audible, self.struck - 0.5, end) for phone in self.phones],
                "lost": sum(phone.state != "up" for phone in self.phones),
                "deaf": len(still_deaf)}

    def since_struck(self, event, wanted):
        """Seconds after the fault at which the survivors logged this."""
        told = [line for node in self.survivors for line in node.told_since(self.struck, event)]
        return [at - self.struck for at, fields in told if wanted(fields)]


def tell(bench, fault, rounds, late):
    def all_of(key):
        return [value for each in rounds for value in each[key]]
    rows = [spread("silence that a caller heard", all_of("gap"))]
    if fault != "drain":
        rows.append(spread("  fault to noticed by a survivor", all_of("noticed")))
    rows += [spread("  fault to room open elsewhere", all_of("opened")),
             spread("  fault to the caller's re-INVITE", all_of("asked")),
             spread("frames of 20 ms unheard per caller (a number)", all_of("unheard"), 1.0)]
    gap = rows[0]
    within = sum(value <= TARGET_MS / 1000 for value in all_of("gap")) / max(gap["n"], 1)
    notes = [f"{len(rounds)} faults, {gap['n']} callers; promise {PROMISE_MS} ms: longest {gap['max']:.0f} ms; target "
             f"{TARGET_MS} ms: {within * 100:.1f} % of callers; calls lost {sum(each['lost'] for each in rounds)}; "
             f"the phones sent up to {late * 1000:.0f} ms late"]
    bench.report.table(f"Recovery gap: {fault}", rows, notes)
    if gap["max"] > PROMISE_MS:
        bench.report.miss(f"{fault}: a caller heard nobody for {gap['max']:.0f} ms, the promise is {PROMISE_MS} ms")
    if lost := sum(each["lost"] + each["deaf"] for each in rounds):
        bench.report.miss(f"{fault}: {lost} callers lost their call or did not hear the other again")


def run(bench):
    with bench.cluster(bench.links[-1]) as cluster:
        fleet = bench.fleet(2 * ROOMS)
        for fault, count in (("kill", 20), ("freeze", 8), ("drain", 8)):
            rounds, late = [], 0.0
            for number in range(bench.count(count)):
                victim = cluster.nodes[number % len(cluster.nodes)]
                rounds.append(Round(bench, cluster, fleet, fault, victim).measure())
                late = max(late, fleet.latest_slot)
                fleet.hang_up()
                wait_briefly(cluster.quiet, "the calls of the last round do not end")
            tell(bench, fault, rounds, late)
