"""The running part of scripts/cluster: three nodes, Prometheus, application, six callers. Writes cluster-output/."""
import argparse
import gc
import signal
import sys
import time

import cluster_chaos
import cluster_softphone
from cluster_lab import API_KEY, CALLERS, NAMES, NUMBER, OPERATOR_KEY, ROOM, Cluster
from plenary_lab import Failure, wait_until


def options():
    parser = argparse.ArgumentParser(prog="scripts/cluster", description="a cluster of three nodes on this machine")
    parser.add_argument("--chaos", action="store_true", help="kill, freeze, drain and restart nodes")
    parser.add_argument("--rounds", type=int, default=6, help="how often, with --chaos")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of node and fault")
    parser.add_argument("--fault", choices=cluster_chaos.FAULTS, help="this one alone, with --chaos")
    parser.add_argument("--hold", action="store_true", help='on_partition = "hold" instead of "split"')
    parser.add_argument("--keep", action="store_true", help="leave everything running")
    return parser.parse_args()


def show_nodes(cluster):
    """Prints who is where, as every node tells it; the faults found."""
    print("\n==> who is where, asked on every node", flush=True)
    steady = wait_until(cluster.steady, 15)
    for node in cluster.nodes:
        room = node.room() or {}
        members = node.members()
        states = " ".join(f"{name}={each['state']}({each['rooms']} rooms, {each['calls']} calls)"
                          for name, each in sorted(members.items()))
        print(f"    {node.name}: {states}")
        print(f"            /v1/rooms/{ROOM}: node {room.get('node')}, epoch {room.get('epoch')}, "
              f"{room.get('participant_count')} participants", flush=True)
    return [] if steady else [f"the nodes do not agree on the room: {cluster.story()}"]


def show_hearing(cluster):
    """Prints who hears whom at this moment; the faults found."""
    print("\n==> who hears whom across the nodes (pilot tones, last half second)")
    wait_until(cluster.everybody_hears_everybody, 10)
    faults = []
    print(" " * 27 + " ".join(f"{caller.name:>9}" for caller in cluster.callers))
    for listener in cluster.callers:
        heard = listener.hears((1 << CALLERS) - 1)
        row = f"    {listener.name} at {listener.home:<10}"
        for speaker in cluster.callers:
            hears, own = bool(heard >> speaker.index & 1), speaker is listener
            row += f" {'heard' if hears else '-':>6} {'!!' if hears == own else 'ok'}"
            if hears == own:
                faults.append(f"{listener.name} {'hears itself' if own else 'does not hear ' + speaker.name}")
        print(row, flush=True)
    print("    media sent to: " + ", ".join(f"{caller.name} -> port {caller.media[1] if caller.media else None}"
                                             for caller in cluster.callers))
    return faults


def show_prometheus(cluster):
    """Prints what Prometheus has seen; the faults found."""
    print(f"\n==> what Prometheus sees ({cluster.prometheus.url}, one job for all nodes)")
    wanted = {'sum(up{job="plenary"})': len(NAMES), 'min(sum by (node) (plenary_cluster_members{state="live"}))':
              len(NAMES), "sum(plenary_calls_active)": CALLERS, "sum(plenary_room_participants)": CALLERS,
              "sum(plenary_rooms_active)": 1}
    prometheus = cluster.prometheus
    wait_until(lambda: all(prometheus.value(text) == value for text, value in wanted.items()), 10, 0.5)
    faults = []
    for text, value in wanted.items():
        seen = prometheus.value(text)
        print(f"    {text:<66} {seen}")
        if seen != value:
            faults.append(f"Prometheus sees {text} = {seen}, not {value}")
    for labels, value in prometheus.query("plenary_legs_active"):
        print(f"    plenary_legs_active of {labels['node']:<43} {value}")
    return faults


def timed_handover(cluster):
    """The softphone's part moves the room as planned: the ownership checker has to know when."""
    started = cluster_chaos.boot_clock()
    faults = cluster_softphone.follow(cluster)
    cluster.handovers.append((started, cluster_chaos.boot_clock()))
    return faults


def keep_running(cluster):
    print("\n==> running; call in by hand on any node:")
    for node in cluster.nodes:
        print(f"    {node.name}: sip:{NUMBER}@127.0.0.1:{node.sip}   {node.url}/metrics   (process {node.child.process.pid})")
    first = cluster.nodes[0].url
    print(f"""    members:     curl -H 'Authorization: Bearer {OPERATOR_KEY}' {first}/v1/nodes
    the room:    curl -H 'Authorization: Bearer {API_KEY}' {first}/v1/rooms/{ROOM}
    drain:       curl -X POST -H 'Authorization: Bearer {OPERATOR_KEY}' {first}/v1/nodes/node-b/drain
    Prometheus:  {cluster.prometheus.url}/graph?g0.expr=plenary_cluster_members
    events:      curl {cluster.application_url}/timeline
    files:       cluster-output/ (configuration, logs and store of each node)
    Ctrl-C ends everything.""", flush=True)
    signal.pause()


def tell_verdict(faults):
    for fault in faults:
        print(f"    WRONG: {fault}")
    print("\nCluster: FAILED" if faults else "\nCluster: everything is as it must be.", flush=True)
    return 1 if faults else 0


def run(cluster, asked):
    cluster.start()
    print(f"\n==> {CALLERS} callers call {NUMBER}, two at each node, into one room", flush=True)
    faults = cluster.dial_all(cluster.callers)
    faults += show_nodes(cluster) + show_hearing(cluster) + show_prometheus(cluster)
    if not faults:
        faults += timed_handover(cluster)
    if asked.chaos:
        faults += cluster_chaos.run(cluster, asked.rounds, asked.seed, asked.fault)
    if asked.keep:
        tell_verdict(faults)
        keep_running(cluster)
    faults += cluster_chaos.finish(cluster)
    return tell_verdict(faults)


def main():
    asked = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    gc.disable()  # a collection, or a thread that keeps the interpreter for 5 ms, would make the callers late
    sys.setswitchinterval(0.0005)
    cluster = Cluster(asked.hold)
    started = time.monotonic()
    try:
        return run(cluster, asked)
    except Failure as failure:
        print(f"\nCluster: FAILED: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nended by hand")
        return 130
    finally:
        cluster.end()
        print(f"    {time.monotonic() - started:.0f} s; everything is in cluster-output/", flush=True)


if __name__ == "__main__":
    sys.exit(main())
