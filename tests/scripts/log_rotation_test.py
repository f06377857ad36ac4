"""Rotates the log of a node as docs/operations.md says.

usage: log_rotation_test.py PLENARYD
"""
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from one_node import ROOT  # first: it says where the scripts are
from plenary_lab import wait_until

PLENARYD = sys.argv.pop(1) if len(sys.argv) > 1 else str(ROOT / "build/check/plenaryd")
CONFIG = """[node]
name = "node-a"
data_dir = "data"
[sip]
listen = ["udp:127.0.0.1:0"]
[media]
address = "127.0.0.1"
[http]
listen = "127.0.0.1:0"
operator_key = "operator_of_the_rotated_log"
"""


class LogRotation(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="plenary-rotation-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        self.log = self.folder / "plenary.log"
        (self.folder / "plenary.toml").write_text(CONFIG)
        with self.log.open("a") as appended:  # as `2>>` and `StandardError=append:` do
            self.node = subprocess.Popen([PLENARYD, "--config", str(self.folder / "plenary.toml")], cwd=self.folder,
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=appended)
        self.addCleanup(self.end)
        self.assertTrue(wait_until(lambda: self.lines_of(self.log, "ready"), 30), self.log.read_text())

    def end(self):
        if self.node.poll() is None:
            self.node.send_signal(signal.SIGTERM)
            self.assertEqual(self.node.wait(30), 0)

    def lines_of(self, file, event):
        """The lines of this event; every line must be whole."""
        text = file.read_text() if file.exists() else ""
        return [line for line in map(json.loads, text[:text.rfind("\n") + 1].splitlines()) if line["event"] == event]

    def write_line(self, file, count):
        """Lets the node write a line, its `count`th in this file."""
        self.node.send_signal(signal.SIGUSR1)
        self.assertTrue(wait_until(lambda: len(self.lines_of(file, "signal_ignored")) == count, 10), file.read_text())

    def rotate(self):
        """By logrotate with what stands on the page; where it is missing, what it does then."""
        page = (ROOT / "docs/operations.md").read_text()
        rule = re.search(r"```\n(/var/log/plenary\.log \{.*?\n\})\n```", page, re.DOTALL)[1]
        self.assertIn("copytruncate", rule)
        if not shutil.which("logrotate"):
            shutil.copyfile(self.log, f"{self.log}.1")
            with self.log.open("r+") as file:
                file.truncate(0)
            return
        config = self.folder / "logrotate.conf"
        config.write_text(rule.replace("/var/log/plenary.log", str(self.log)) + "\n")
        config.chmod(0o644)
        subprocess.run(["logrotate", "--force", "--state", str(self.folder / "state"), str(config)], check=True,
                       timeout=20)

    def test_copies_and_truncates_and_the_node_writes_on_into_the_same_file(self):
        self.write_line(self.log, 1)
        before = self.log.read_text()

        self.rotate()
        self.write_line(self.log, 1)
        self.write_line(self.log, 2)

        self.assertEqual(pathlib.Path(f"{self.log}.1").read_text(), before)
        self.assertTrue(self.log.read_text().startswith("{"), "it begins at its beginning, without a hole")
        self.rotate()
        self.write_line(self.log, 1)
        self.assertEqual(len(self.lines_of(pathlib.Path(f"{self.log}.1"), "signal_ignored")), 2)

    def test_a_renamed_file_is_written_on_under_its_new_name(self):
        renamed = self.folder / "renamed.log"
        self.log.rename(renamed)

        self.write_line(renamed, 1)
        self.node.send_signal(signal.SIGHUP)

        self.assertTrue(wait_until(lambda: self.lines_of(renamed, "config_reloaded"), 10), renamed.read_text())
        self.assertFalse(self.log.exists())


if __name__ == "__main__":
    unittest.main()
