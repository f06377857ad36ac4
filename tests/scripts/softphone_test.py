"""scripts/softphone on a fresh machine: two of them meet in a room of a real node, and a refused one says why.

usage: softphone_test.py PLENARYD
"""
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


class FirstOwnCall(unittest.TestCase):
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
