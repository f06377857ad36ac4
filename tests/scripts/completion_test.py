"""What bash, zsh and fish really offer for plenaryctl: every option, and values that a node was asked for.

usage: completion_test.py PLENARYD PLENARYCTL

Each shell runs as one types in it (bash and zsh on a terminal of their own) and completes by the script that plenaryctl prints.
A shell that is not installed is left out with a word.
"""
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from one_node import API_KEY, NUMBER, ROOT, running  # first: it says where the scripts are
from lab_caller import Exchange
from plenary_lab import wait_until

PLENARYCTL = pathlib.Path(sys.argv.pop(2) if len(sys.argv) > 2 else ROOT / "build/check/plenaryctl").resolve()
PLENARYD = sys.argv.pop(1) if len(sys.argv) > 1 else str(ROOT / "build/check/plenaryd")

# What is typed to ask: Control-X, and what a fresh line begins with: Control-U.
ASK, CLEAR = "\x18", "\x15"
BASH = """PS1=; . ./script
told() { _plenaryctl "$@"; printf '%s\\n' "${COMPREPLY[@]}" >offered.new; mv offered.new offered; }
complete -o nosort -F told plenaryctl
bind '"\\C-x": possible-completions' 'set completion-query-items 0' 'set page-completions off'
"""
# compadd is what finally offers words; those calls that only compute (-O, -A, -D) offer nothing.
ZSH = """PS1=; fpath=("$PWD/site" $fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=0
compadd() {
  local -a matching
  case " $* " in *" -O "*|*" -A "*|*" -D "*) builtin compadd "$@"; return ;; esac
  builtin compadd -A matching "$@"
  print -rl -- $matching >>offered.new
  builtin compadd "$@"
}
ask() { : >offered.new; zle list-choices; mv offered.new offered; }
zle -N ask; bindkey '^X' ask; bindkey '^U' kill-whole-line
"""


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, arguments, folder, environment, setup):
        self.folder, self.output = folder, b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(arguments[0], arguments, environment)
        os.set_blocking(self.terminal, False)
        (folder / "setup").write_text(setup + "echo ready >offered\n")
        self.type(". ./setup\r")
        self.answer()

    def type(self, text):
        os.write(self.terminal, text.encode())

    def read(self):
        try:
            self.output += os.read(self.terminal, 65536)
        except OSError:
            pass  # nothing there

    def answer(self, seconds=20):
        """What the shell has written to the file `offered`."""
        file, until = self.folder / "offered", time.monotonic() + seconds
        while not file.exists():
            self.read()
            if time.monotonic() > until:
                raise AssertionError(f"the shell does not answer; it wrote {self.output.decode(errors='replace')[-2000:]}")
            time.sleep(0.01)
        text = file.read_text()
        file.unlink()
        return text

    def offered(self, line):
        self.type(line + ASK)
        words = self.answer()
        self.type(CLEAR)
        return words

    def end(self):
        os.close(self.terminal)  # hangs up, which ends the shell
        os.waitpid(self.pid, 0)


class Fish:
    """fish tells what it would offer without a terminal."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment

    def offered(self, line):
        done = subprocess.run(["fish", "--no-config", "-c", "source script; complete -C $argv[1]", line], cwd=self.folder,
                              env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30,
                              check=False)
        if done.returncode != 0 or done.stderr:
            raise AssertionError(done.stderr)
        return "\n".join(each.split("\t")[0] for each in done.stdout.splitlines())

    def end(self):
        pass


def options_of_help():
    """(option, has a value, commands that take it; none: all) of the program's own help."""
    text = subprocess.run([PLENARYCTL, "help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = re.findall(r"^  (--[a-z-]+)( [A-Z=]+)? +(?:([a-z]+): )?", text.partition("\noptions:\n")[2], re.M)
    return [(name, bool(value), verb) for name, value, verb in found]


def commands_of_help():
    text = subprocess.run([PLENARYCTL, "help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.findall(r"^  ([a-z]+) ", text.partition("commands:\n")[2].partition("\noptions:\n")[0], re.M)


class Shells:
    """What all shells must offer; each shell is a class below."""

    shell = ""

    @classmethod
    def setUpClass(cls):
        if not shutil.which(cls.shell):
            raise unittest.SkipTest(f"{cls.shell} is not installed here (scripts/deps --check installs it)")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"plenary-{cls.shell}-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        script = subprocess.run([PLENARYCTL, "completion", cls.shell], stdout=subprocess.PIPE, text=True, check=True).stdout
        (cls.folder / "script").write_text(script)
        (cls.folder / "site").mkdir()
        (cls.folder / "site/_plenaryctl").write_text(script)
        cls.node = cls.enterClassContext(running(PLENARYD))[1]
        cls.url, exchange = f"http://{cls.node.http}", Exchange(1)
        host, port = cls.node.sip.rsplit(":", 1)
        exchange.callers[0].dial(NUMBER, (host, int(port)), "node-a")
        cls.addClassCleanup(exchange.callers[0].hang_up)
        assert wait_until(lambda: exchange.callers[0].state == "up", 15), exchange.callers[0].why
        cls.call = next(line["call"] for line in cls.node.log() if line["event"] == "call_started")
        environment = {"PATH": f"{PLENARYCTL.parent}:/usr/bin:/bin", "HOME": str(cls.folder), "TERM": "dumb", "LC_ALL": "C.UTF-8",
                       "PLENARY_URL": cls.url, "PLENARY_KEY": API_KEY}
        cls.terminal = cls.start(environment)
        cls.addClassCleanup(cls.terminal.end)

    def offered(self, line):
        """The words that are offered, without the `=` that some shells put behind an option."""
        return {word.strip().rstrip("=") for word in self.terminal.offered(f"plenaryctl {line}").splitlines() if word.strip()}

    def test_offers_every_command(self):
        self.assertEqual(self.offered("") - {name for name, _, _ in options_of_help()}, set(commands_of_help()))
        self.assertEqual(self.offered("ro"), {"rooms", "room"})

    def test_offers_every_option_with_the_commands_that_take_it(self):
        options = options_of_help()
        self.assertGreater(len(options), 10)
        for verb in ("rooms", "doctor", "drain", "top"):
            with self.subTest(verb=verb):
                self.assertEqual(self.offered(f"{verb} --"), {name for name, _, only in options if only in ("", verb)})
        self.assertEqual(self.offered("drain node-a --wa"), {"--wait"})

    def test_offers_names_that_the_node_tells(self):
        self.assertEqual(self.offered("room "), {"daily"})
        self.assertEqual(self.offered("mute d"), {"daily"})
        self.assertEqual(self.offered("mute daily "), {self.call})
        self.assertEqual(self.offered(f"call {self.call[:8]}"), {self.call})
        self.assertEqual(self.offered("completion z"), {"zsh"})
        self.assertEqual(self.offered("names "), {"rooms", "calls", "nodes", "customers"})

    def test_counts_no_option_and_no_value_as_an_operand(self):
        self.assertEqual(self.offered(f"--url {self.url} --timeout 3 mute --json daily "), {self.call})
        self.assertEqual(self.offered(f"--url={self.url} mute daily "), {self.call})
        self.assertEqual(self.offered("mute --timeout=3 --json d"), {"daily"})

    def test_asks_with_the_options_of_the_line(self):
        key = self.folder / "operator.key"
        key.write_text("operator_of_one_node_0001\n")
        self.assertEqual(self.offered("drain "), set(), "the customer's key is told no nodes")
        self.assertEqual(self.offered(f"--key-file {key} drain "), {"node-a"})
        self.assertEqual(self.offered(f"--key-file={key} drain n"), {"node-a"})
        self.assertEqual(self.offered(f"--key-file {key} rooms --customer "), {"cust_demo"})
        self.assertEqual(self.offered(f"--url http://127.0.0.1:1 room "), set())

    def test_offers_files_for_options_that_take_one(self):
        (self.folder / "one.toml").write_text("")
        for line in ("doctor --config on", "rooms --key-file on"):
            with self.subTest(line=line):
                self.assertEqual({pathlib.Path(word).name for word in self.offered(line)}, {"one.toml"})

    def test_offers_nothing_where_only_the_user_knows(self):
        for line in ("rooms --timeout ", "rooms --url ", "room daily "):
            with self.subTest(line=line):
                self.assertEqual(self.offered(line) - {name for name, _, _ in options_of_help()}, set())


class Bash(Shells, unittest.TestCase):
    shell = "bash"

    @classmethod
    def start(cls, environment):
        return Terminal(["bash", "--norc", "--noprofile", "-i"], cls.folder, environment, BASH)


class Zsh(Shells, unittest.TestCase):
    shell = "zsh"

    @classmethod
    def start(cls, environment):
        return Terminal(["zsh", "-f", "-i"], cls.folder, environment, ZSH)


class FishShell(Shells, unittest.TestCase):
    shell = "fish"

    @classmethod
    def start(cls, environment):
        return Fish(cls.folder, environment)


if __name__ == "__main__":
    unittest.main()
