"""scripts/softphone on a fresh machine: two of them meet in a room of a real node, and a refused one says why.

usage: softphone_test.py PLENARYD
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest

from one_node import NUMBER, ROOT, running
from plenary_lab import pilot_levels

PLENARYD = sys.argv.pop(1) if len(sys.argv) > 1 else str(ROOT / "build/check/plenaryd")
HEARD_DBFS = -40
NOT_HEARD_DBFS = -50


class Softphone(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="plenary-softphone-"))
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder / "nobody")}  # a fresh machine

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *arguments):
        return subprocess.Popen([sys.executable, "-B", str(ROOT / "scripts/softphone"), *arguments, "--out",
                                 str(self.folder)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                env=self.environment, cwd=self.folder)

    def end(self, phone, status):
        output, _ = phone.communicate(timeout=60)
        self.assertEqual(phone.returncode, status, output)
        return output

    def test_two_hear_each_other_and_not_themselves(self):
        if not shutil.which("baresip"):
            self.skipTest("there is no baresip")
        with running(PLENARYD) as (customer, node):
            alice = self.start(NUMBER, "--node", node.sip, "--name", "alice", "--tone", "700", "--seconds", "9")
            bob = self.start(NUMBER, "--node", node.sip, "--name", "bob", "--tone", "1100", "--seconds", "9")
            for phone in (alice, bob):
                self.assertRegex(self.end(phone, 0), r"heard: -\d+ dBFS at its loudest")
            customer.wait_for_event("call.completed", 2)
        for name, own, other in (("alice", 700, 1100), ("bob", 1100, 700)):
            heard = self.folder / f"{name}-heard.wav"
            self.assertGreater(pilot_levels(heard, other)[3], HEARD_DBFS, name)
            self.assertLess(pilot_levels(heard, own)[0], NOT_HEARD_DBFS, name)

    def test_a_refused_one_says_why(self):
        if not shutil.which("baresip"):
            self.skipTest("there is no baresip")
        with running(PLENARYD) as (_, node):
            output = self.end(self.start("+15559999999", "--node", node.sip, "--tone", "440"), 1)
        self.assertIn("not answered: 404 Not Found", output)
        self.assertIn("docs/troubleshooting.md", output)

    def test_what_cannot_be_done_is_said(self):
        output = self.end(self.start(NUMBER, "--node", "nowhere"), 2)
        self.assertIn("--node nowhere cannot be used", output) if shutil.which("baresip") else None
        self.assertIn("there is no file", self.end(self.start(NUMBER, "--play", "absent.wav"), 2))


STEPS = """
ip link set lo up
cp "$ROOT/cluster-config/single/plenary.toml" .
"$ROOT/scripts/sample-application" >application.log &
application=$!
"$PLENARYD" --config plenary.toml 2>node.log &
node=$!
trap 'kill $node $application 2>/dev/null' EXIT
tries=0
until grep -q '"event":"ready"' node.log; do
  tries=$((tries + 1)); [ $tries -lt 200 ] || exit 9
  sleep 0.1
done
"$ROOT/scripts/softphone" "$NUMBER" --seconds 4 --tone 700
status=$?
curl -s -H "Authorization: Bearer $API_KEY" http://127.0.0.1:8080/v1/rooms >rooms.json
sleep 1
curl -s http://127.0.0.1:9000/timeline >timeline.json
kill $node
wait $node
exit $status
"""


class FirstOwnCall(unittest.TestCase):
    def test_works_with_the_ports_keys_and_secrets_as_they_stand(self):
        """In a network namespace of its own, where the usual ports are free."""
        if not shutil.which("baresip") or subprocess.run(["unshare", "-n", "true"], check=False).returncode != 0:
            self.skipTest("there is no baresip, or no right to make a network namespace")
        example = tomllib.loads((ROOT / "cluster-config/single/plenary.toml").read_text())
        key = re.search(r"^API_KEY=(\S+)", (ROOT / "README.md").read_text(), re.MULTILINE)[1]
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run(["unshare", "-n", "sh", "-c", STEPS], cwd=folder, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, timeout=90, check=False,
                                 env={"PATH": os.environ["PATH"], "ROOT": str(ROOT), "API_KEY": key,
                                      "PLENARYD": str(pathlib.Path(PLENARYD).resolve()),
                                      "NUMBER": example["did"][0]["number"]})
            self.assertEqual(run.returncode, 0, run.stdout)
            timeline = json.loads((pathlib.Path(folder) / "timeline.json").read_text())
            rooms = json.loads((pathlib.Path(folder) / "rooms.json").read_text())
        self.assertEqual(timeline["faults"], [])
        told = [[event["event"] for event in events] for events in timeline["calls"].values()]
        self.assertEqual(told, [["call.created", "call.answered", "call.completed"]])
        self.assertIn("rooms", rooms)

    def test_both_sides_have_the_same_secret_and_places(self):
        example = tomllib.loads((ROOT / "cluster-config/single/plenary.toml").read_text())
        application = (ROOT / "scripts/sample-application").read_text()
        softphone = (ROOT / "scripts/softphone").read_text()
        secret = re.search(r'"--secret", default="([^"]+)"', application)[1]
        port = re.search(r'"--port", type=int, default=(\d+)', application)[1]
        self.assertEqual(example["application"][0]["webhook_secret"], secret)
        self.assertEqual(example["application"][0]["answer_url"], f"http://127.0.0.1:{port}/answer")
        node = re.search(r'"--node", default="([^"]+)"', softphone)[1]
        self.assertIn(f"udp:{node}", example["sip"]["listen"])

    def test_the_readme_calls_the_number_of_the_example(self):
        example = tomllib.loads((ROOT / "cluster-config/single/plenary.toml").read_text())
        readme = (ROOT / "README.md").read_text()
        self.assertIn(f"scripts/softphone {example['did'][0]['number']}", readme)


if __name__ == "__main__":
    unittest.main()
