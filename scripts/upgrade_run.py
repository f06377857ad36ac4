"""The running part of scripts/upgrade: a cluster becomes today's version node by node, and goes back.

usage: upgrade_run.py PREVIOUS_PLENARYD NAME_OF_ITS_RELEASE
"""
import gc
import json
import pathlib
import random
import signal
import sys
import time
import urllib.error
import urllib.request

import cluster_chaos
from cluster_lab import API_KEY, CALLERS, NAMES, ROOM, Cluster
from plenary_lab import Failure, answer_or_none, ask, plenaryd, wait_until

EVERYBODY = (1 << CALLERS) - 1
LIVE = ("id", "status", "from", "to", "room", "application_id", "created_at", "answered_at")  # what both versions tell alike


class Roll(cluster_chaos.Round):
    """One node leaves as docs/upgrading.md says, and comes back as another program."""

    def __init__(self, cluster, number, node, program):
        super().__init__(cluster, number, "restart", random.Random(0), cluster.steady_now())
        self.node, self.program = node, program
        self.of_owner = node.name == self.before["node"]

    def restart(self):
        asked_at = next((one for one in self.survivors() if one.program != self.node.program), self.survivors()[0])
        print(f"    {asked_at.name} ({asked_at.told()}) is asked to drain {self.node.name} ({self.node.told()})", flush=True)
        asked_at.drain(self.node.name)
        time.sleep(cluster_chaos.MOVING_SECONDS)
        for caller in self.cluster.callers:
            if caller.home == self.node.name:
                caller.hang_up()
        status = self.node.child.end(signal.SIGTERM, 15)
        if status != 0:
            self.faults.append(f"{self.node.name} ({self.node.told()}) ended with status {status}, not 0")
        self.node.program = self.program
        self.node.start()


class Kill(cluster_chaos.Round):
    """The room's owner dies, and comes back as it was."""

    def __init__(self, cluster, number):
        super().__init__(cluster, number, "kill", random.Random(0), cluster.steady_now())
        self.node, self.of_owner = cluster.by_name[self.before["node"]], True


class MixedCluster(Cluster):
    """A cluster whose nodes may be of two programs."""

    def __init__(self, previous):
        super().__init__()
        self.moves, self.rounds = set(), 0
        for node in self.nodes:
            node.program = previous

    def steady_now(self):
        room = wait_until(self.steady, cluster_chaos.STEADY_SECONDS)
        if not room:
            raise Failure(f"the room is not steady: {self.story()}")
        return room

    def owner(self):
        return self.by_name[self.steady_now()["node"]]

    def kinds(self):
        return " ".join(f"{node.name}={node.told()}" for node in self.nodes)

    def play(self, round_):
        """The faults of a round; what kind of node the room left and reached is noted."""
        self.rounds += 1
        left = self.by_name[round_.before["node"]].told()
        done = round_.run()
        if done.handover:
            self.handovers.append(done.handover)
        if done.of_owner:
            self.note_move(left, round_.before["epoch"])
        return done.faults

    def note_move(self, left, epoch):
        room = self.steady_now()
        if room["epoch"] != epoch:
            self.moves.add((left, self.by_name[room["node"]].told()))

    def calls(self):
        """Call ids by caller, as they are told by the first node."""
        listed = ask("GET", f"{self.nodes[0].url}/v1/calls", API_KEY)["calls"]
        return {caller: next((each["id"] for each in listed if caller.name in each["from"]), None) for caller in self.callers}


def participants(node):
    return {each["call_id"]: each for each in (node.room() or {}).get("participants", [])}


def status_of(method, url, body=None):
    """Status and JSON of an answer, also of a refusal."""
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode(),
                                     headers={"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or b"null")


def check_calls(cluster):
    """Every node tells every call, and all tell the same of it."""
    faults = []
    for caller, call in cluster.calls().items():
        told = {node.name: answer_or_none(f"{node.url}/v1/calls/{call}", API_KEY) or {} for node in cluster.nodes}
        shown = {json.dumps({name: each.get(name) for name in LIVE}) for each in told.values()}
        first = told[NAMES[0]]
        if len(shown) != 1 or first.get("status") != "in_progress" or first.get("room") != ROOM:
            faults.append(f"{caller.name} ({call}) is told as {told}")
    lists = {node.name: ask("GET", f"{node.url}/v1/calls", API_KEY) for node in cluster.nodes}
    if len({tuple(each["id"] for each in answer["calls"]) for answer in lists.values()}) != 1:
        faults.append(f"the nodes list different calls: {lists}")
    faults += [f"{name} had no answer of {answer['nodes_without_answer']}" for name, answer in lists.items()
               if answer["nodes_without_answer"]]
    return faults


def check_mute(cluster):
    """Asked at each node in turn: whoever is muted is told so everywhere, heard by nobody, and heard again afterwards."""
    faults, calls = [], cluster.calls()
    for asked, caller in zip(cluster.nodes, cluster.callers[1:]):
        others = [one for one in cluster.callers if one is not caller]
        url = f"{asked.url}/v1/rooms/{ROOM}/participants/{calls[caller]}"

        def muted(wanted):
            told = all(participants(node).get(calls[caller], {}).get("muted") is wanted for node in cluster.nodes)
            heard = [bool(one.hears(1 << caller.index, 0.3)) for one in others]
            return told and (not any(heard) if wanted else all(heard))
        for how, wanted in (("mute", True), ("unmute", False)):
            status, answer = status_of("POST", f"{url}/{how}")
            if status != 200 or not wait_until(lambda: muted(wanted), 5):
                faults.append(f"{how} of {caller.name} asked at {asked.name} ({asked.told()}): {status} {answer}, "
                              f"told {[participants(node).get(calls[caller]) for node in cluster.nodes]}")
    return faults


def check_label(cluster):
    """What the previous release does not know is refused as such, and takes effect where both ends know it."""
    faults, owner, calls = [], cluster.owner(), cluster.calls()
    caller = cluster.callers[0]
    for asked in cluster.nodes:
        status, answer = status_of("PATCH", f"{asked.url}/v1/rooms/{ROOM}/participants/{calls[caller]}",
                                   {"label": f"by {asked.name}"})
        code = ((answer or {}).get("error") or {}).get("code")
        knows = asked.program == owner.program == cluster.today
        print(f"    a label by {asked.name} ({asked.told()}) for the room at {owner.name} ({owner.told()}): {status} {code}")
        if knows and (status != 200 or not wait_until(
                lambda: participants(asked).get(calls[caller], {}).get("label") == f"by {asked.name}", 5)):
            faults.append(f"a label asked at {asked.name} has no effect: {status} {answer}")
        if not knows and (status, code) != ((501, "unsupported") if asked.program == cluster.today else (404, "not_found")):
            faults.append(f"a label asked at {asked.name} ({asked.told()}) of {owner.name} ({owner.told()}): {status} {answer}")
    return faults


def check_hang_up(cluster):
    """A call is ended at a node of the other version than its own; its story is then told by all; it calls again."""
    calls, homes = cluster.calls(), cluster.by_name
    pairs = [(caller, asked) for caller in cluster.callers for asked in cluster.nodes
             if asked.program != homes[caller.home].program]
    faults = []
    for caller, asked in {homes[caller.home].program: (caller, asked) for caller, asked in pairs}.values():
        status, answer = status_of("POST", f"{asked.url}/v1/calls/{calls[caller]}/hangup")
        if status not in (200, 202) or not wait_until(lambda: caller.state == "ended", 5):
            faults.append(f"hang-up of {caller.name} at {caller.home}, asked at {asked.name}: {status} {answer}")
            continue

        def told():
            return [(answer_or_none(f"{node.url}/v1/calls/{calls[caller]}", API_KEY) or {}) for node in cluster.nodes]
        if not wait_until(lambda: all((each.get("status"), each.get("ended_by")) == ("completed", "api") for each in told()), 5):
            faults.append(f"the end of {calls[caller]} is told as {told()}")
        faults += cluster.dial_all([caller])
    return faults


def check_kept_mute(cluster):
    """A caller that is muted stays so when its room is drained to a node of the other version."""
    caller, calls, before = cluster.callers[0], cluster.calls(), cluster.steady_now()
    owner = cluster.by_name[before["node"]]
    other = [node for node in cluster.nodes if node.program != owner.program]
    same = [node for node in cluster.nodes if node.program == owner.program and node is not owner]
    started = cluster_chaos.boot_clock()
    status_of("POST", f"{other[0].url}/v1/rooms/{ROOM}/participants/{calls[caller]}/mute")
    for leaving in same + [owner]:
        other[0].drain(leaving.name)
    moved = wait_until(lambda: (other[0].room() or {}).get("node") in [node.name for node in other]
                       and other[0].room()["participant_count"] == CALLERS, 10)
    muted = wait_until(lambda: all(participants(node).get(calls[caller], {}).get("muted") for node in cluster.nodes), 5)
    heard = wait_until(lambda: not any(one.hears(1 << caller.index, 0.3) for one in cluster.callers), 3)
    faults = [] if moved and muted and heard else [
        f"muted {caller.name}, room from {owner.name} ({owner.told()}) to {other[0].told()}: moved {bool(moved)}, told {bool(muted)}, "
        f"silent {bool(heard)}: {cluster.story()}"]
    status_of("POST", f"{owner.url}/v1/rooms/{ROOM}/participants/{calls[caller]}/unmute")
    for leaving in same + [owner]:
        other[0].drain(leaving.name, "DELETE")
    faults += [] if wait_until(settled(cluster), cluster_chaos.STEADY_SECONDS) else [f"not steady after a drain: {cluster.story()}"]
    cluster.handovers.append((started, cluster_chaos.boot_clock()))
    cluster.note_move(owner.told(), before["epoch"])
    return faults


def settled(cluster):
    return lambda: cluster.steady() and cluster.everybody_hears_everybody()


def check_mixed(cluster):
    """Everything that is asked and done while two versions are one cluster."""
    print(f"\n==> two versions side by side: {cluster.kinds()}, the room at {cluster.owner().name}", flush=True)
    faults = []
    for check in (check_calls, check_mute, check_label, check_hang_up, check_kept_mute, check_calls):
        if not wait_until(settled(cluster), cluster_chaos.STEADY_SECONDS):
            faults.append(f"not steady before {check.__name__}: {cluster.story()}")
        found = check(cluster)
        print(f"    {check.__doc__} {'WRONG: ' + '; '.join(found) if found else 'Yes.'}", flush=True)
        faults += found
    return faults


def roll(cluster, program):
    """All nodes become this program, the room's owner first whenever it is of the other; the faults found."""
    faults = []
    while left := [node for node in cluster.nodes if node.program != program]:
        owner = cluster.owner()
        node = owner if owner in left else left[0]
        faults += cluster.play(Roll(cluster, cluster.rounds + 1, node, program))
        if len(left) > 1:
            faults += check_mixed(cluster)
            if len(left) == 2:
                faults += cluster.play(Kill(cluster, cluster.rounds + 1))
    return faults + check_calls(cluster)


def run(cluster):
    cluster.start()
    faults = cluster.dial_all(cluster.callers)
    if not wait_until(settled(cluster), cluster_chaos.STEADY_SECONDS):
        raise Failure(f"the previous release alone is not steady: {cluster.story()}")
    print("\n==> the upgrade", flush=True)
    faults += roll(cluster, cluster.today)
    print("\n==> the way back", flush=True)
    faults += roll(cluster, cluster.previous)
    print(f"\n==> the room went {', '.join(sorted(f'from {a} to {b}' for a, b in cluster.moves))}")
    for wanted in (("previous", "today"), ("today", "previous")):
        if wanted not in cluster.moves:
            faults.append(f"no room went from {wanted[0]} to {wanted[1]}")
    return faults + cluster_chaos.finish(cluster)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    gc.disable()  # as in scripts/cluster: the callers must not be late
    sys.setswitchinterval(0.0005)
    previous = pathlib.Path(sys.argv[1]).resolve()
    print(f"==> previous release: {sys.argv[2]}\n    {previous}\n    today: {plenaryd()}", flush=True)
    cluster = MixedCluster(previous)
    cluster.previous, cluster.today = previous, plenaryd()
    for node in cluster.nodes:
        node.told = lambda node=node: "today" if node.program == cluster.today else "previous"
    started = time.monotonic()
    try:
        faults = run(cluster)
    except Failure as failure:
        faults = [str(failure)]
    finally:
        cluster.end()
    for fault in faults:
        print(f"    WRONG: {fault}")
    print(f"\nUpgrade: {'FAILED' if faults else 'everything is as it must be'} ({time.monotonic() - started:.0f} s)", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
