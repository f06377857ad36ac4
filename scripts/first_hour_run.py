"""The running part of scripts/first-hour."""
import argparse
import contextlib
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import time
import urllib.request

from lab_caller import Exchange
from plenary_lab import ROOT, Child, Failure, answer_or_none, get, wait_until
from private_machine import CannotTry, Machine, Service, base_system, check_that_it_can_be_tried, depends_of

CANNOT_TRY = 77
UNIT = "/usr/lib/systemd/system/plenary.service"
CONFIG = "/etc/plenary/plenary.toml"
DATA = "/var/lib/plenary"
SIP = ("127.0.0.1", 5060)
API = "http://127.0.0.1:8080"
NUMBER, SECOND_NUMBER = "+15551230002", "+15551230003"
ROOM = "daily_support_room"
SECRETS = """set -e
install -d -o root -g plenary -m 750 /etc/plenary/secrets
openssl rand -hex 24 > /etc/plenary/secrets/operator.key
openssl rand -hex 24 > /etc/plenary/secrets/app.key
echo "whsec_$(openssl rand -base64 32)" > /etc/plenary/secrets/app.webhook
chgrp plenary /etc/plenary/secrets/*
chmod 640 /etc/plenary/secrets/*
"""


def expect(condition, sentence):
    if not condition:
        raise Failure(sentence)


class Clock:
    """Prints what is done and how long it took."""

    @staticmethod
    @contextlib.contextmanager
    def step(what):
        began = time.monotonic()
        yield
        print(f"    {time.monotonic() - began:6.1f} s  {what}", flush=True)


def owner_of(machine, path):
    """user:group mode, by the machine's own names."""
    return machine.run("stat", "-c", "%U:%G %a", path)[1].strip()


class FirstHour:
    def __init__(self, build, work):
        self.build, self.work = build, work
        self.clock = Clock()
        self.machine = self.service = self.application = None
        self.exchange = None
        self.packages = {}

    def package(self, revision):
        """Builds the package; its file."""
        folder = self.work / f"revision-{revision}"
        shutil.rmtree(folder, ignore_errors=True)
        done = subprocess.run([str(ROOT / "scripts/package"), "--build", str(self.build), "--output", str(folder),
                               "--revision", str(revision), "--no-symbols"], check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        expect(done.returncode == 0, f"scripts/package failed:\n{done.stdout}")
        found = list(folder.glob("plenary_*.deb"))
        expect(len(found) == 1, f"scripts/package made {found}")
        return found[0]

    # -- steps ---------------------------------------------------------------------------------------------------------

    def install(self):
        text = self.machine.install(self.packages[1])
        expect("error" not in text.lower(), f"dpkg said:\n{text}")
        for path, wanted in {"/etc/plenary": "root:plenary 750", CONFIG: "root:plenary 640",
                             DATA: "plenary:plenary 700", "/usr/bin/plenaryd": "root:root 755"}.items():
            expect(owner_of(self.machine, path) == wanted, f"{path} is {owner_of(self.machine, path)}, not {wanted}")
        enabled = self.machine.file("/etc/systemd/system/multi-user.target.wants/plenary.service")
        expect(enabled.is_symlink(), "the service is not enabled")
        _, version = self.machine.run("plenaryd", "--version")
        expect(re.fullmatch(r"plenaryd \d+\.\d+\.\d+\n", version.splitlines(keepends=True)[0]), version)

    def configure(self):
        """What the comments of the installed file say: secrets, and the three tables without their marks."""
        self.machine.run("sh", "-c", SECRETS)
        file = self.machine.file(CONFIG)
        text = re.sub(r"(?m)^#(?=\[\[|\w+ = )", "", file.read_text())
        text = re.sub(r'inbound_ips = \[".*?"\]', 'inbound_ips = ["127.0.0.1"]', text)
        text = text.replace("[http]\n", '[http]\noperator_key_file = "secrets/operator.key"\n')
        file.write_text(text)
        status, said = self.machine.run("plenaryd", "--config", CONFIG, "--check-config", check=False)
        expect(status == 0, f"--check-config ended with {status}:\n{said}")

    def key(self, name):
        return self.machine.file(f"/etc/plenary/secrets/{name}").read_text().strip()

    def start_application(self):
        self.application = Child("application", [sys.executable, "-B",
                                                 str(self.machine.file("/usr/share/doc/plenary/examples/sample-application")),
                                                 "--port", "9000", "--room", ROOM, "--secret", self.key("app.webhook")],
                                 self.work)
        self.application.wait_for("listening on ", 20)

    def start_node(self):
        self.service.start(60)
        pid = self.service.child.process.pid
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        expect(re.search(r"Uid:\s+(?!0\b)\d+", status), "the node runs as root")
        mode = stat.S_IMODE(self.machine.file(DATA).stat().st_mode)
        expect(mode == 0o700, f"{DATA} has mode {mode:o}")

    def call(self, number):
        """Two callers hear each other; the id of one call."""
        self.exchange = self.exchange or Exchange(2)
        callers = self.exchange.callers
        for caller in callers:
            caller.heard.clear()
            caller.dial(number, SIP, "node-a")
        hear = wait_until(lambda: callers[0].hears(2) and callers[1].hears(1), 30)
        expect(hear, f"the callers do not hear each other: {[(each.state, each.why) for each in callers]}; "
                     f"see {self.service.child.log_file}")
        room = get(f"{API}/v1/rooms/{ROOM}", self.key("app.key"))
        expect(len(room["participants"]) == 2, f"the room says {room}")
        for caller in callers:
            caller.hang_up()
        return room["participants"][0]["call_id"]

    def webhook(self, call):
        url = "http://127.0.0.1:9000/timeline"

        def told():
            return [event["event"] for event in get(url)["calls"].get(call, [])]
        wait_until(lambda: "call.completed" in told(), 30)
        expect(told() == ["call.created", "call.answered", "call.completed"], f"{call} was told as {told()}")
        expect(get(url)["faults"] == [], f"signatures: {get(url)['faults']}")

    def metric(self, name):
        with urllib.request.urlopen(f"{API}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        found = re.search(rf"^{name}(?:{{.*?}})? (\S+)$", text, re.MULTILINE)
        expect(found, f"/metrics does not tell {name}")
        return float(found[1])

    def control(self, *words):
        return self.machine.run("plenaryctl", *words, "--key-file", "/etc/plenary/secrets/operator.key")[1]

    def add_number(self):
        with self.machine.file(CONFIG).open("a") as file:
            file.write(f'\n[[did]]\nnumber = "{SECOND_NUMBER}"\napplication = "app_main"\n')
        self.service.reload()
        line = self.service.child.wait_for('"event":"config_reloaded"', 20)
        expect('"numbers":2' in line, f"the log does not tell two numbers: {line}")

    def drain(self):
        expect("node-a" in self.control("nodes"), "plenaryctl nodes does not show node-a")
        self.control("drain", "node-a", "--wait=30")
        status = self.service.end(None)
        expect(status == 0, f"the drained node ended with {status}")

    def upgrade(self):
        before = self.machine.file(CONFIG).read_text()
        text = self.machine.install(self.packages[2])
        _, version = self.machine.run("dpkg-query", "-W", "-f", "${Version}", "plenary")
        expect(version.endswith("-2"), f"after the upgrade the version is {version}:\n{text}")
        expect(self.machine.file(CONFIG).read_text() == before, "the upgrade changed the operator's configuration")
        expect(owner_of(self.machine, CONFIG) == "root:plenary 640", "the upgrade changed whose the configuration is")

    def remembers(self, call):
        record = answer_or_none(f"{API}/v1/calls/{call}", self.key("app.key"), 10)
        expect(record and record["status"] == "completed", f"after the upgrade, {call} is {record}")

    def remove_and_purge(self):
        self.machine.run("dpkg", "-r", "plenary")
        expect(not self.machine.file("/usr/bin/plenaryd").exists(), "removed, plenaryd is still there")
        for path in (CONFIG, DATA):
            expect(self.machine.file(path).exists(), f"removing took {path} away")
        shutil.rmtree(self.machine.file("/etc/plenary/secrets"))
        self.machine.run("dpkg", "-P", "plenary")
        for path in ("/etc/plenary", DATA, UNIT, "/etc/systemd/system/multi-user.target.wants/plenary.service",
                     "/usr/share/doc/plenary", "/var/lib/dpkg/info/plenary.list"):
            file = self.machine.file(path)
            expect(not file.exists() and not file.is_symlink(), f"purged, {path} is still there")
        status, _ = self.machine.run("getent", "passwd", "plenary", check=False)
        expect(status != 0, "purged, the user plenary is still there")

    # -- the hour ------------------------------------------------------------------------------------------------------

    def run(self, archive):
        step = self.clock.step
        with step("a fresh Debian 12, unpacked"):
            self.machine = Machine(archive, self.work)
        with step("installed (dpkg -i): user, folders, service enabled"):
            self.install()
        with step("configured one number, --check-config agrees"):
            self.configure()
        self.service = Service(self.machine, UNIT, self.work)
        self.start_application()
        with step("started as the unit says; READY=1"):
            self.start_node()
        with step(f"called {NUMBER}: two callers hear each other in {ROOM}"):
            call = self.call(NUMBER)
        with step("webhooks of the call came, in order, both signatures verified"):
            self.webhook(call)
        with step("read a metric; plenaryctl explains the call"):
            expect(self.metric("plenary_calls_ended_total") >= 1, "plenary_calls_ended_total counts no call")
            expect("completed" in self.control("explain", call, "--customer", "cust_main"), "the story has no end")
        with step(f"added {SECOND_NUMBER} and reloaded (SIGHUP): it takes calls"):
            self.add_number()
            self.webhook(self.call(SECOND_NUMBER))
        with step("drained by plenaryctl; the node ended with 0"):
            self.drain()
        with step("upgraded: the configuration is the operator's"):
            self.upgrade()
        with step("started again: it remembers the call of before, and takes new ones"):
            self.start_node()
            self.remembers(call)
            self.webhook(self.call(NUMBER))
        with step("SIGTERM: ended with 0"):
            status = self.service.end()
            expect(status == 0, f"the node ended with {status}")
        with step("removed, then purged: nothing is left"):
            self.remove_and_purge()

    def close(self, keep):
        if self.service:
            self.service.forget()
        if self.application:
            self.application.end()
        if self.machine and keep:
            print(f"    the system stays in {self.machine.root}")
        elif self.machine:
            self.machine.remove()


def prepare(hour):
    """What needs the machine's network: the packages' dependencies. Where the minimal system is kept."""
    check_that_it_can_be_tried()
    with hour.clock.step("package plenary, and a later revision of it"):
        hour.packages = {revision: hour.package(revision) for revision in (1, 2)}
    with hour.clock.step("a minimal Debian 12 by debootstrap (kept for the next time)"):
        return base_system(hour.work, depends_of(hour.packages[1]))


def run_inside(hour, arguments):
    """The steps that need no network but one of their own; this process lives in it."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    hour.packages = {revision: next((hour.work / f"revision-{revision}").glob("plenary_*.deb")) for revision in (1, 2)}
    try:
        hour.run(arguments.inside)
    finally:
        hour.close(arguments.keep)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--inside", type=pathlib.Path, help="the archive of the system, once the network is private")
    arguments = parser.parse_args()
    work = arguments.build / "first-hour"
    work.mkdir(exist_ok=True)
    began = time.monotonic()
    try:
        hour = FirstHour(arguments.build, work)
        if arguments.inside:
            run_inside(hour, arguments)
            return 0
        print("==> the first hour of a newcomer", flush=True)
        again = ["unshare", "--net", sys.executable, "-B", *sys.argv, "--inside", str(prepare(hour))]
        status = subprocess.run(again, check=False).returncode
    except CannotTry as why:
        print(f"first-hour: skipped: {why}")
        return CANNOT_TRY
    except (Failure, OSError) as failure:  # OSError: an HTTP request that failed, too
        print(f"first-hour: FAILED: {failure}")
        return 1
    if status == 0:
        print(f"first-hour: everything is as it must be, {time.monotonic() - began:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main())
