"""Copies the store of a node that takes calls, as docs/operations.md says, and lets a new node go on from the copy.

usage: backup_test.py PLENARYD
"""
import contextlib
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from one_node import API_KEY, Customer, Node, NUMBER, ROOT  # first: it says where the scripts are
from lab_caller import Exchange
from plenary_lab import answer_or_none, application_config, wait_until

PLENARYD = sys.argv.pop(1) if len(sys.argv) > 1 else str(ROOT / "build/check/plenaryd")
SECRET = "whsec_c2VjcmV0LW9mLXRoZS1iYWNrdXA="


def back_up(store, copy):
    """What the page says to type; where the command is missing, the same interface of SQLite by Python."""
    if shutil.which("sqlite3"):
        subprocess.run(["sqlite3", str(store), f".backup {copy}"], check=True, timeout=20)
        return
    with contextlib.closing(sqlite3.connect(store)) as live, contextlib.closing(sqlite3.connect(copy)) as other:
        live.backup(other)


class Backup(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="plenary-backup-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def customer(self):
        customer = Customer()
        self.addCleanup(customer.close)
        return customer

    def node(self, name, customer, webhook_url):
        """A node of an own folder, into whose data folder a store may have been put before."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        config = application_config("demo", NUMBER, (API_KEY, SECRET), customer.url)
        config = config.replace(f'"{customer.url}/webhooks"', f'"{webhook_url}"')
        node = Node(PLENARYD, folder, config)
        self.addCleanup(node.end)
        return node

    def dial(self, node, caller):
        host, port = node.sip.rsplit(":", 1)
        caller.dial(NUMBER, (host, int(port)), "node-a")

    def call(self, node, caller):
        """The id of a call that was answered."""
        known = {line["call"] for line in node.log() if line["event"] == "call_started"}
        self.dial(node, caller)
        self.assertTrue(wait_until(lambda: caller.state != "calling", 15))
        self.assertEqual(caller.state, "up", caller.why)
        return next(line["call"] for line in node.log()
                    if line["event"] == "call_started" and line["call"] not in known)

    def ask(self, node, call):
        return answer_or_none(f"http://{node.http}/v1/calls/{call}", API_KEY)

    def test_of_a_node_that_takes_calls_brings_records_and_events_that_wait(self):
        deaf, hearing = self.customer(), self.customer()
        first = self.node("first", deaf, "http://127.0.0.1:1/webhooks")
        exchange = Exchange(4)
        ended = self.call(first, exchange.callers[0])
        exchange.callers[0].hang_up()
        self.assertTrue(wait_until(lambda: (self.ask(first, ended) or {}).get("status") == "completed", 10))
        running = self.call(first, exchange.callers[1])
        before = self.ask(first, ended)

        for caller in exchange.callers[2:]:
            self.dial(first, caller)
        copy = self.folder / "plenary.backup"
        back_up(first.folder / "data" / "plenary.db", copy)
        self.assertTrue(wait_until(lambda: all(one.state == "up" for one in exchange.callers[1:]), 15),
                        "calls go on while it is made")
        first.child.end(signal.SIGKILL)

        place = self.folder / "second" / "data"
        place.mkdir(parents=True)
        copy.rename(place / "plenary.db")
        second = self.node("second", hearing, f"{hearing.url}/webhooks")

        self.assertEqual(self.ask(second, ended), before)
        cut = self.ask(second, running)
        self.assertEqual([cut["status"], cut["hangup_cause"]["name"]], ["failed", "node_restart"], cut)

        def told(call):
            return [event["event"] for event in hearing.events() if event.get("call", {}).get("id") == call]
        self.assertTrue(wait_until(lambda: "call.completed" in told(ended) and "call.failed" in told(running), 60))
        self.assertEqual(list(dict.fromkeys(told(ended))), ["call.created", "call.answered", "call.completed"])
        self.assertEqual(told(running)[-1], "call.failed")
        self.assertEqual(second.end(), 0)


if __name__ == "__main__":
    unittest.main()
