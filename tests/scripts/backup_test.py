"""Copies the store of a node that takes calls, SQLite and PostgreSQL, as docs/operations.md says, and lets a new node go on from
the copy.

usage: backup_test.py PLENARYD
"""
import contextlib
import os
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
from plenary_lab import Child, answer_or_none, application_config, wait_until

PLENARYD = sys.argv.pop(1) if len(sys.argv) > 1 else str(ROOT / "build/check/plenaryd")
SECRET = "whsec_c2VjcmV0LW9mLXRoZS1iYWNrdXA="


def back_up(store, copy):
    """What the page says to type; where the command is missing, the same interface of SQLite by Python."""
    if shutil.which("sqlite3"):
        subprocess.run(["sqlite3", str(store), f".backup {copy}"], check=True, timeout=20)
        return
    with contextlib.closing(sqlite3.connect(store)) as live, contextlib.closing(sqlite3.connect(copy)) as other:
        live.backup(other)


class Postgres:
    """A PostgreSQL of its own, reached by a socket in its folder."""

    def __init__(self, folder):
        self.folder = folder
        self.programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: int(each.parent.name))
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        self.run("initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        self.child = Child("postgres", self.command("postgres", "-D", folder / "data", "-k", folder, "-c", "listen_addresses=",
                                                    "-c", "fsync=off"), folder.parent)
        self.child.wait_for("ready to accept connections", 60)

    def command(self, program, *words):
        """PostgreSQL's server refuses to run as root."""
        rights = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        return [*rights, str(self.programs / program), *map(str, words)]

    def run(self, program, *words):
        subprocess.run(self.command(program, *words), check=True, cwd=self.folder, stdout=subprocess.DEVNULL, timeout=60)

    def make_database(self, name):
        url = f"postgresql:///{name}?host={self.folder}&user=postgres"
        self.run("psql", "-q", "-d", url.replace(f"/{name}?", "/postgres?"), "-c", f"CREATE DATABASE {name}")
        return url


class Backup(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="plenary-backup-"))
        self.folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def customer(self):
        customer = Customer()
        self.addCleanup(customer.close)
        return customer

    def node(self, name, customer, webhook_url, lines=""):
        """A node of an own folder, into whose data folder a store may have been put before."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        config = application_config("demo", NUMBER, (API_KEY, SECRET), customer.url)
        config = config.replace(f'"{customer.url}/webhooks"', f'"{webhook_url}"')
        node = Node(PLENARYD, folder, config, lines)
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

    def assert_told_to(self, customer, ended, cut):
        """Every event of both calls, the end of the one that was cut off last."""
        def told(call):
            return [event["event"] for event in customer.events() if event.get("call", {}).get("id") == call]
        self.assertTrue(wait_until(lambda: "call.completed" in told(ended) and "call.failed" in told(cut), 60))
        self.assertEqual(list(dict.fromkeys(told(ended))), ["call.created", "call.answered", "call.completed"])
        self.assertEqual(told(cut)[-1], "call.failed")

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
        self.assert_told_to(hearing, ended, running)
        self.assertEqual(second.end(), 0)

    @unittest.skipUnless(shutil.which("pg_dump") and list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")),
                         "there is no PostgreSQL")
    def test_of_a_database_that_a_node_writes_to_brings_them_as_well(self):
        server = Postgres(self.folder / "postgres")
        self.addCleanup(server.child.end, signal.SIGINT)
        deaf, hearing = self.customer(), self.customer()
        url = server.make_database("first")
        first = self.node("first", deaf, "http://127.0.0.1:1/webhooks", f'[store]\nurl = "{url}"')
        exchange = Exchange(2)
        ended = self.call(first, exchange.callers[0])
        exchange.callers[0].hang_up()
        self.assertTrue(wait_until(lambda: (self.ask(first, ended) or {}).get("status") == "completed", 10))
        running = self.call(first, exchange.callers[1])
        before = self.ask(first, ended)

        server.run("pg_dump", "-Fc", "-d", url, "-f", server.folder / "copy")
        self.assertEqual(exchange.callers[1].state, "up", "calls go on while it is made")
        first.child.end(signal.SIGKILL)
        other = server.make_database("second")
        server.run("pg_restore", "--exit-on-error", "-d", other, server.folder / "copy")
        second = self.node("second", hearing, f"{hearing.url}/webhooks", f'[store]\nurl = "{other}"')

        self.assertEqual(self.ask(second, ended), before)
        self.assertTrue(wait_until(lambda: (self.ask(second, running) or {}).get("status") == "failed", 20))
        self.assertEqual(self.ask(second, running)["hangup_cause"]["name"], "node_restart")
        self.assert_told_to(hearing, ended, running)
        self.assertEqual(second.end(), 0)


if __name__ == "__main__":
    unittest.main()
