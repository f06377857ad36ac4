#!/usr/bin/env python3
"""Proves from the nodes' logs that no room was mixed by two nodes at once.

usage: bench/chaos/ownership.py [--hold] LOG...

LOG is a node's log, named NODE.log, written with [cluster] tick_log = true. Its `room_mixed` lines tell which stretches
of time (boot clock: comparable between the processes of one machine) a room was mixed in, under which epoch.
Always a fault: two nodes that mixed one epoch of a room. With --hold (on_partition = "hold"), or --strict (there was
no partition), also: two nodes that mixed one room at one time, whatever their epochs. Exits 1 when it finds a fault.
"""
import argparse
import collections
import json
import pathlib
import sys

Stretch = collections.namedtuple("Stretch", "node customer room epoch first last")


def read_log(node, lines):
    """The stretches that one node tells; what is no whole line (the node was killed) is left out."""
    stretches = []
    for line in lines:
        if '"room_mixed"' not in line:
            continue
        try:
            told = json.loads(line)
            stretches.append(Stretch(node, told["customer"], told["room"], told["epoch"], told["first_ns"],
                                     told["last_ns"]))
        except (ValueError, KeyError):
            continue
    return stretches


def by_room(stretches):
    rooms = collections.defaultdict(list)
    for each in stretches:
        rooms[each.customer, each.room].append(each)
    return rooms


def overlaps(stretches):
    """Pairs of stretches of two nodes that share time: each stretch with the one that reaches furthest before it."""
    found, furthest = [], {}
    for each in sorted(stretches, key=lambda one: (one.first, one.last)):
        found += [(other, each) for node, other in furthest.items() if node != each.node and other.last >= each.first]
        if each.node not in furthest or furthest[each.node].last < each.last:
            furthest[each.node] = each
    return found


def shared_epochs(stretches):
    """(epoch, nodes) of each epoch that more than one node has mixed, at whatever time."""
    owners = collections.defaultdict(set)
    for each in stretches:
        owners[each.epoch].add(each.node)
    return [(epoch, sorted(nodes)) for epoch, nodes in sorted(owners.items()) if len(nodes) > 1]


def shared_ms(one, other):
    return (min(one.last, other.last) - max(one.first, other.first)) / 1e6


def longest_overlap(stretches):
    """Milliseconds that two nodes have mixed one room at one time at most, in one pair of stretches."""
    return max((shared_ms(*pair) for told in by_room(stretches).values() for pair in overlaps(told)), default=0.0)


def faults_of(stretches, hold, handovers=()):
    """Sentences, one a fault. A room that moves as planned, within one of the handovers (first and last nanosecond),
    is mixed on both nodes until its last caller has moved; with `hold` it must not be even then."""
    def planned(one, other):
        start = max(one.first, other.first)
        return not hold and any(first <= start <= last for first, last in handovers)
    faults = []
    for (_, room), told in sorted(by_room(stretches).items()):
        faults += [f"room {room}: epoch {epoch} was mixed by {' and '.join(nodes)}"
                   for epoch, nodes in shared_epochs(told)]
        for one, other in overlaps(told):
            if one.epoch == other.epoch or not planned(one, other):
                faults.append(f"room {room}: {one.node} (epoch {one.epoch}) and {other.node} (epoch {other.epoch}) "
                              f"both mixed for {shared_ms(one, other):.1f} ms from {max(one.first, other.first)} ns on")
    return faults


def summary(stretches):
    owners = collections.defaultdict(set)
    for each in stretches:
        owners[each.customer, each.room, each.epoch].add(each.node)
    seconds = sum(each.last - each.first for each in stretches) / 1e9
    return f"{len(stretches)} stretches, {seconds:.1f} s mixed, {len(by_room(stretches))} rooms, {len(owners)} epochs"


def read_files(files):
    stretches = []
    for file in map(pathlib.Path, files):
        with file.open(errors="replace") as lines:
            stretches += read_log(file.stem, lines)
    return stretches


def main():
    parser = argparse.ArgumentParser(description="finds two owners of one room in the nodes' logs")
    parser.add_argument("--hold", "--strict", action="store_true",
                        help="two nodes at one time are a fault under different epochs as well")
    parser.add_argument("logs", nargs="+", metavar="LOG")
    asked = parser.parse_args()
    stretches = read_files(asked.logs)
    always = [(0, sys.maxsize)]
    faults = faults_of(stretches, asked.hold, always)
    if not stretches:
        faults.append("no room_mixed line at all: is cluster.tick_log on?")
    print(f"ownership: {summary(stretches)}, {len(faults)} faults")
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
