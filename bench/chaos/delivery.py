#!/usr/bin/env python3
"""Proves from the nodes' stores and the application's timeline that every event of every call was told.

usage: bench/chaos/delivery.py --timeline FILE STORE...

STORE is a node's plenary.db (SQLite), FILE what the sample application gives at /timeline. For each call: as many
events came as the store has committed, numbered without a hole and in order, and exactly one of them is terminal.
Nothing waits, nothing was given up, no signature was wrong. Exits 1 when it finds a fault.
"""
import argparse
import json
import pathlib
import sqlite3
import sys

TERMINAL = {"call.completed", "call.failed", "call.canceled"}


def read_store(file):
    """Committed events by call, events that wait, events given up."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)
    try:
        committed = {call: json.loads(record)["last_sequence"]
                     for call, record in connection.execute("SELECT id, record FROM calls")}
        waiting = connection.execute("SELECT count(*) FROM outbox").fetchone()[0]
        given_up = connection.execute("SELECT count(*) FROM dead_letters").fetchone()[0]
    finally:
        connection.close()
    return committed, waiting, given_up


def read_stores(files):
    committed, waiting, given_up = {}, 0, 0
    for file in files:
        calls, waits, dead = read_store(file)
        for call, count in calls.items():
            committed[call] = max(count, committed.get(call, 0))
        waiting, given_up = waiting + waits, given_up + dead
    return committed, waiting, given_up


def faults_of_call(call, committed, events):
    numbers = [event["sequence"] for event in events]
    ends = [event["event"] for event in events if event["event"] in TERMINAL]
    faults = []
    if len(events) != committed:
        faults.append(f"{call}: {committed} events committed, {len(events)} received")
    if numbers != list(range(1, len(numbers) + 1)):
        faults.append(f"{call}: received as {numbers}")
    if len(ends) != 1:
        faults.append(f"{call}: {len(ends)} terminal events {ends}")
    return faults


def check(committed, waiting, given_up, timeline):
    """One line of figures, and the faults."""
    received = timeline["calls"]
    faults = [fault for call in sorted(committed) for fault in
              faults_of_call(call, committed[call], received.get(call, []))]
    faults += [f"{call}: received, but in no store" for call in sorted(set(received) - set(committed))]
    faults += [f"{waiting} events wait"] if waiting else []
    faults += [f"{given_up} events were given up"] if given_up else []
    faults += [f"signature of {fault['event']}: {', '.join(fault['faults'])}" for fault in timeline["faults"]]
    count, came = sum(committed.values()), sum(map(len, received.values()))
    figures = (f"{len(committed)} calls, {count} events committed, {came} received, committed - received = {count - came}, "
               f"signature faults {len(timeline['faults'])}")
    return figures, faults


def main():
    parser = argparse.ArgumentParser(description="compares committed with received events")
    parser.add_argument("--timeline", required=True)
    parser.add_argument("stores", nargs="+", metavar="STORE")
    asked = parser.parse_args()
    figures, faults = check(*read_stores(asked.stores), json.loads(pathlib.Path(asked.timeline).read_text()))
    print(f"delivery: {figures}")
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
