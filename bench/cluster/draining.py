"""Moved calls per second: one node mixes all rooms of many callers, who were signalled elsewhere, and is drained."""
import time

import figures
from phones import all_hear, deaf
from plenary_lab import Failure, wait_until
from report import spread

OWNER_WEIGHT = 1024    # against 1 and 1: all rooms are the first node's
CALLS_A_SECOND = 40
TALKING_PAIRS = 20     # who are heard and measured; the others only listen to each other's silence
SETTLE_SECONDS = 20
LONGEST_DRAIN = 40
CALM_SECONDS = 2.0


def settle(pairs):
    """Waits until in each room each of the two hears the other and not itself."""
    wait_until(lambda: all_hear(pairs), SETTLE_SECONDS, 0.05)
    if not wait_until(lambda: not deaf(pairs), 2, 0.2):
        names = [f"{phone.name} ({phone.state} {phone.why})" for phone in deaf(pairs)]
        raise Failure(f"not heard within {SETTLE_SECONDS} s: {', '.join(names[:5])}, {len(names)} in all")


def dial_all(cluster, pairs):
    owner = cluster.nodes[0]
    for pair in pairs:
        room = cluster.new_room(owner)
        for phone, node in zip(pair, cluster.others(owner)):
            phone.call(room, node)
        time.sleep(2 / CALLS_A_SECOND)
    settle(pairs[:TALKING_PAIRS])
    if not wait_until(lambda: all(phone.state == "up" for pair in pairs for phone in pair), SETTLE_SECONDS):
        raise Failure("not every call was answered")
    time.sleep(CALM_SECONDS)
    if (placed := owner.metrics()["plenary_rooms_active"]) != len(pairs):
        raise Failure(f"{placed:.0f} of {len(pairs)} rooms are on {owner.name}")


def drain_once(cluster, pairs):
    """Drains the owner; when each call moved, what those who talk missed, when the node had left."""
    owner, via = cluster.nodes[0], cluster.nodes[1]
    phones, talking = [phone for pair in pairs for phone in pair], pairs[:TALKING_PAIRS]
    listening = [phone for pair in talking for phone in pair]
    asked = time.time()
    via.drain(owner.name)
    left = wait_until(lambda: owner.has_left() and time.time(), LONGEST_DRAIN, 0.01)
    if not left:
        raise Failure(f"{owner.name} was drained and is still there {LONGEST_DRAIN} s later")
    wait_until(lambda: all(phone.turns for phone in phones) and all_hear(talking), LONGEST_DRAIN, 0.05)
    time.sleep(CALM_SECONDS)
    end, start = time.time(), asked - 0.5
    return {"moved": [phone.turns[0] - asked for phone in phones if phone.turns], "left": left - asked,
            "gap": [figures.longest_gap(phone.audible, start, end)[0] for phone in listening],
            "unheard": [figures.frames_unheard(phone.audible, start, end) for phone in listening],
            "lost": sum(phone.losses.lost for phone in phones),
            "packets": sum(phone.losses.packets for phone in phones),
            "unmoved": sum(phone.state != "up" or not phone.turns for phone in phones), "deaf": len(deaf(talking))}


def tell(bench, rounds, late, calls):
    def all_of(key):
        return [value for each in rounds for value in each[key]]
    rates = [len(each["moved"]) / max(each["moved"]) for each in rounds]
    rows = [spread("drain to a call's re-INVITE", all_of("moved")),
            spread("drain to the last call's re-INVITE", [max(each["moved"]) for each in rounds]),
            spread("drain to the end of the node's process", [each["left"] for each in rounds]),
            spread("silence that a caller heard", all_of("gap")),
            spread("frames of 20 ms unheard per caller (a number)", all_of("unheard"), 1.0),
            spread("moved calls per second (a number)", rates, 1.0)]
    lost, packets = sum(each["lost"] for each in rounds), sum(each["packets"] for each in rounds)
    notes = [f"{calls} calls in {calls // 2} rooms, {2 * TALKING_PAIRS} callers talk, {len(rounds)} drains; {lost} of "
             f"{packets} packets to the callers were lost by their sequence numbers; the phones sent up to "
             f"{late * 1000:.0f} ms late"]
    bench.report.table("Drain of a node that mixes every room", rows, notes)
    if missing := sum(each["unmoved"] + each["deaf"] for each in rounds):
        bench.report.miss(f"drain: {missing} callers were not moved, or did not hear the other again")


def run(bench):
    with bench.cluster(bench.links[-1], weights=(OWNER_WEIGHT, 1, 1)) as cluster:
        fleet = bench.fleet(bench.calls)
        pairs = list(zip(fleet.phones[0::2], fleet.phones[1::2]))
        for phone in fleet.phones[2 * TALKING_PAIRS:]:
            phone.be_silent()
        rounds, late = [], 0.0
        for _ in range(bench.count(3)):
            dial_all(cluster, pairs)
            fleet.latest_slot = 0.0
            rounds.append(drain_once(cluster, pairs))
            late = max(late, fleet.latest_slot)
            fleet.hang_up()
            cluster.nodes[0].start_again()
            cluster.wait_live()
            if not wait_until(cluster.quiet, SETTLE_SECONDS):
                raise Failure("the calls of the last drain did not end")
        tell(bench, rounds, late, len(fleet.phones))
