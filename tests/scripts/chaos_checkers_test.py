"""bench/chaos/ownership.py and delivery.py must find each kind of fault and nothing else."""
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).parents[2] / "bench" / "chaos"
sys.path.insert(0, str(FOLDER))
import delivery  # noqa: E402
import ownership  # noqa: E402


def mixed(epoch, first, last, room="blue"):
    return json.dumps({"ts": "2026-01-01T00:00:00.000Z", "level": "info", "event": "room_mixed", "room": room,
                       "customer": "cust", "epoch": epoch, "first_ns": first, "last_ns": last})


def stretches(**logs):
    """Of logs by node: node_a=[line, ...]."""
    return [each for node, lines in logs.items() for each in ownership.read_log(node, lines)]


class Ownership(unittest.TestCase):
    def test_accepts_owners_one_after_the_other(self):
        told = stretches(node_a=[mixed(1, 100, 200), mixed(1, 220, 300)], node_b=[mixed(2, 301, 400)])

        self.assertEqual(ownership.faults_of(told, hold=True), [])

    def test_accepts_rooms_of_other_names_at_one_time(self):
        told = stretches(node_a=[mixed(1, 100, 200, "blue")], node_b=[mixed(1, 100, 200, "red")])

        self.assertEqual(ownership.faults_of(told, hold=True), [])

    def test_finds_one_epoch_on_two_nodes_at_any_time(self):
        told = stretches(node_a=[mixed(7, 100, 200)], node_b=[mixed(7, 900, 950)])

        self.assertEqual(ownership.faults_of(told, hold=False),
                         ["room blue: epoch 7 was mixed by node_a and node_b"])

    def test_finds_one_epoch_on_two_nodes_at_one_time_within_a_handover(self):
        told = stretches(node_a=[mixed(7, 100, 200)], node_b=[mixed(7, 150, 250)])

        self.assertEqual(len(ownership.faults_of(told, hold=False, handovers=[(0, 1000)])), 2)

    def test_finds_two_nodes_at_one_time_under_different_epochs(self):
        told = stretches(node_a=[mixed(1, 100, 200)], node_b=[mixed(2, 200, 300)])

        self.assertEqual(len(ownership.faults_of(told, hold=False)), 1)

    def test_finds_a_single_tick_inside_the_other_nodes_stretch(self):
        told = stretches(node_a=[mixed(1, 150, 150)], node_b=[mixed(2, 100, 180), mixed(2, 181, 300)])

        self.assertEqual(len(ownership.faults_of(told, hold=False)), 1)

    def test_finds_an_overlap_with_a_stretch_that_began_long_before(self):
        told = stretches(node_a=[mixed(1, 0, 1000)], node_b=[mixed(2, 1001, 1100)], node_c=[mixed(3, 500, 510)])

        self.assertEqual(len(ownership.faults_of(told, hold=False)), 1)

    def test_accepts_both_nodes_during_a_planned_handover_but_not_when_the_minority_holds(self):
        told = stretches(node_a=[mixed(1, 100, 200)], node_b=[mixed(2, 150, 300)])

        self.assertEqual(ownership.faults_of(told, hold=False, handovers=[(140, 160)]), [])
        self.assertEqual(len(ownership.faults_of(told, hold=True, handovers=[(140, 160)])), 1)
        self.assertEqual(len(ownership.faults_of(told, hold=False, handovers=[(201, 300)])), 1)

    def test_agrees_with_the_plain_comparison_of_all_pairs_on_whether_there_is_an_overlap(self):
        for seed in range(300):
            told = generated(seed)

            pairs = [(a, b) for a in told for b in told if a.node < b.node and a.first <= b.last and b.first <= a.last]

            self.assertEqual(bool(ownership.overlaps(told)), bool(pairs), f"seed {seed}: {told}")

    def test_leaves_out_the_line_that_a_killed_node_did_not_finish(self):
        told = stretches(node_a=[mixed(1, 100, 200), mixed(1, 220, 300)[:-9], "no JSON at all"])

        self.assertEqual([each.first for each in told], [100])

    def test_program_names_nodes_by_their_logs_and_fails_without_any_stretch(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder, name) for name in ("node-a.log", "node-b.log", "node-c.log")]
            for path, text in zip(paths, (mixed(1, 1, 9), mixed(1, 5, 8), "")):
                path.write_text(text + "\n")

            wrong, empty = run_ownership(paths), run_ownership(paths[2:])

            self.assertEqual(wrong.returncode, 1)
            self.assertIn("epoch 1 was mixed by node-a and node-b", wrong.stdout)
            self.assertEqual(empty.returncode, 1)
            self.assertEqual(run_ownership(paths[:1]).returncode, 0)


def generated(seed):
    """A few short stretches of three nodes, by a linear congruence: the same on every machine."""
    state, told = seed * 2654435761 + 1, []
    for _ in range(6):
        state = (state * 1103515245 + 12345) % 2**31
        node, first, length = f"node-{state >> 8 & 1}", state >> 10 & 127, state >> 20 & 15
        told.append(ownership.Stretch(node, "cust", "blue", 1, first, first + length))
    return told


def run_ownership(paths):
    return subprocess.run([sys.executable, "-B", FOLDER / "ownership.py", *paths], capture_output=True, text=True,
                          check=False)


def events(*names, first=1):
    return [{"id": f"evt_{n}", "event": name, "sequence": n} for n, name in enumerate(names, first)]


class Delivery(unittest.TestCase):
    whole = ("call.created", "call.answered", "call.completed")

    def faults(self, committed, received, waiting=0, given_up=0, signatures=()):
        timeline = {"calls": received, "rooms": {}, "faults": list(signatures)}
        return delivery.check(committed, waiting, given_up, timeline)[1]

    def test_accepts_calls_that_were_told_to_their_end(self):
        figures, faults = delivery.check({"c1": 3}, 0, 0, {"calls": {"c1": events(*self.whole)}, "faults": []})

        self.assertEqual(faults, [])
        self.assertIn("committed - received = 0", figures)

    def test_finds_an_event_that_never_came(self):
        self.assertEqual(self.faults({"c1": 4}, {"c1": events(*self.whole)}), ["c1: 4 events committed, 3 received"])

    def test_finds_a_call_of_which_nothing_came(self):
        self.assertEqual(len(self.faults({"c1": 3}, {})), 2)

    def test_finds_two_terminal_events_and_none(self):
        twice = events(*self.whole, "call.failed")

        self.assertEqual(len(self.faults({"c1": 4}, {"c1": twice})), 1)
        self.assertEqual(len(self.faults({"c1": 2}, {"c1": events(*self.whole[:2])})), 1)

    def test_finds_events_out_of_order(self):
        told = events(*self.whole)
        told[0], told[1] = told[1], told[0]

        self.assertEqual(self.faults({"c1": 3}, {"c1": told}), ["c1: received as [2, 1, 3]"])

    def test_finds_what_waits_was_given_up_was_signed_wrong_or_is_of_no_store(self):
        wrong = [{"event": "call.created", "faults": ["webhook-signature"]}]

        faults = self.faults({}, {"c1": events(*self.whole)}, waiting=1, given_up=2, signatures=wrong)

        self.assertEqual(faults, ["c1: received, but in no store", "1 events wait", "2 events were given up",
                                  "signature of call.created: webhook-signature"])

    def test_reads_the_stores_of_several_nodes(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder, name) for name in ("a.db", "b.db")]
            for file, call in zip(files, ("c1", "c2")):
                write_store(file, call)

            self.assertEqual(delivery.read_stores(files), ({"c1": 3, "c2": 3}, 2, 0))


def write_store(file, call):
    connection = sqlite3.connect(file)
    connection.executescript("CREATE TABLE calls (id TEXT, record TEXT); CREATE TABLE outbox (id TEXT);"
                             "CREATE TABLE dead_letters (id TEXT);")
    connection.execute("INSERT INTO calls VALUES (?, ?)", (call, json.dumps({"last_sequence": 3})))
    connection.execute("INSERT INTO outbox VALUES ('evt')")
    connection.commit()
    connection.close()


if __name__ == "__main__":
    unittest.main()
