"""The running part of scripts/image: builds the image, runs three nodes of it as compose would, and calls them."""
import argparse
import contextlib
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import time

import yaml

from lab_caller import Exchange
from plenary_lab import ROOT, Child, Failure, answer_or_none, wait_until
from private_machine import CannotTry, base_system, check_that_it_can_be_tried

CANNOT_TRY = 77
BASE, IMAGE = "docker.io/library/debian:12-slim", "localhost/plenary:0.1.0"
NUMBER, ROOM = "+15551230002", "daily_support_room"
NAMES = ["node-a", "node-b", "node-c"]
# A container: a root of its own with volumes at their places, and nobody's rights but the image's user's.
CONTAINER = """set -e
root=$1 user=$2; shift 2
mount -t proc proc "$root/proc"
while [ "$1" != -- ]; do mkdir -p "$root$2"; mount --bind "$1" "$root$2"; shift 2; done
shift
exec chroot --userspec="$user" "$root" "$@"
"""


class Builder:
    """buildah with a store of its own."""

    def __init__(self, work):
        self.work = work
        self.program = ["buildah", "--root", str(work / "store"), "--runroot", str(work / "run")]

    def __call__(self, *words, quiet=True):
        done = subprocess.run([*self.program, *map(str, words)], check=False, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE if quiet else None, stderr=subprocess.STDOUT if quiet else None,
                              env={**os.environ, "BUILDAH_ISOLATION": "chroot"})
        if done.returncode != 0:
            raise Failure(f"buildah {shlex.join(map(str, words))} ended with {done.returncode}:\n{done.stdout or ''}")
        return (done.stdout or "").strip()

    def make_base(self, packages):
        """Debian 12 as the Dockerfile's first line asks for it."""
        if BASE in self("images", "--format", "{{.Name}}:{{.Tag}}").split():
            return
        archive = base_system(self.work, packages)
        container = self("from", "scratch")
        subprocess.run(["tar", "-C", self("mount", container), "--same-owner", "-xpf", str(archive)], check=True)
        self("umount", container)
        self("commit", "--rm", container, BASE)

    def build(self, ccache):
        folder = subprocess.run(["ccache", "-k", "cache_dir"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip() \
            if ccache else None
        volume = ["--volume", f"{folder}:/root/.cache/ccache"] if folder else []
        self("bud", "--layers", "--pull-never", *volume, "-f", ROOT / "cluster-config/Dockerfile", "-t", IMAGE, ROOT, quiet=False)


def expect(condition, sentence):
    if not condition:
        raise Failure(sentence)


class Compose:
    """Three nodes of the image and what compose.yaml gives them."""

    def __init__(self, root, config, work):
        self.root, self.config, self.work = root, config, work
        self.file = yaml.safe_load((ROOT / "cluster-config/compose.yaml").read_text())
        self.nodes, self.application = {}, None

    def volume(self, name):
        folder = self.work / "volumes" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def command(self, volumes, user, *words, **environment):
        binds = [str(each) for pair in volumes for each in pair]
        known = [*self.config.get("Env", []), *(f"{name}={value}" for name, value in environment.items())]
        return ["unshare", "--mount", "sh", "-c", CONTAINER, "container", str(self.root), user, *binds, "--", "env", "-i", *known,
                *map(str, words)]

    def volumes_of(self, service):
        return [(self.volume(each.split(":")[0]), each.split(":")[1]) for each in service["volumes"]]

    def prepare(self):
        service = self.file["services"]["prepare"]
        words = [each.replace("$$", "$") for each in service["command"]]
        done = subprocess.run(self.command(self.volumes_of(service), "0:0", *words), check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        expect(done.returncode == 0, f"compose's prepare ended with {done.returncode}:\n{done.stdout}")

    def write_template(self):
        """What an operator changes in it: the application's address, the carrier's."""
        file = self.work / "node.toml.in"
        text = (self.root / "etc/plenary/node.toml.in").read_text()
        text = text.replace("application.example", "127.0.0.1").replace('["198.51.100.10"]', '["127.0.0.1"]')
        file.write_text(text)
        file.chmod(0o644)
        return file

    def start(self, template):
        for index, name in enumerate(NAMES):
            service = self.file["services"][name]
            place = self.volume(f"run-{name}")
            data = self.volume(f"data-{name[-1]}")
            for folder in (place, data):  # a new volume is a copy of the image's folder
                shutil.chown(folder, *map(int, self.config["User"].split(":")))
            (self.work / "template").mkdir(exist_ok=True)
            shutil.copy(template, self.work / "template/node.toml.in")
            environment = {**service["environment"], "NODE_ADDRESS": self.address(index), "CONFIG_TEMPLATE": "/run/template/node.toml.in",
                           "SEEDS": " ".join(f"{self.address(each)}:7400" for each in range(len(NAMES)))}
            volumes = [*self.volumes_of(service), (place, "/run/plenary"), (self.work / "template", "/run/template")]
            self.nodes[name] = Child(name, self.command(volumes, self.config["User"], *self.config["Entrypoint"], **environment), self.work)
        for node in self.nodes.values():
            node.wait_for('"event":"ready"', 60)

    @staticmethod
    def address(index):
        return f"127.0.0.{11 + index}"

    def start_application(self):
        secret = (self.volume("secrets") / "app_demo.webhook").read_text().strip()
        self.application = Child("application", [str(ROOT / "scripts/sample-application"), "--port", "9000", "--room", ROOM,
                                                 "--secret", secret], self.work)
        self.application.wait_for("listening on ", 20)

    def call(self):
        callers = Exchange(2).callers
        for index, caller in enumerate(callers):
            caller.dial(NUMBER, (self.address(index), 5060), NAMES[index])
        hear = wait_until(lambda: callers[0].hears(2) and callers[1].hears(1), 30)
        expect(hear, f"the callers do not hear each other: {[(each.state, each.why) for each in callers]}")
        key = (self.volume("secrets") / "app_demo.key").read_text().strip()
        rooms = [answer_or_none(f"http://{self.address(index)}:8080/v1/rooms/{ROOM}", key) for index in range(len(NAMES))]
        expect(all(room and room["participant_count"] == 2 for room in rooms), f"the nodes tell of the room: {rooms}")
        call = rooms[0]["participants"][0]["call_id"]
        for caller in callers:
            caller.hang_up()

        def told():
            url = "http://127.0.0.1:9000/timeline"
            return [event["event"] for event in (answer_or_none(url) or {"calls": {}})["calls"].get(call, [])]
        expect(wait_until(lambda: "call.completed" in told(), 30), f"{call} was told as {told()}")

    def look_inside(self):
        """What the image must not have, and whose the node's process is."""
        uid = self.config["User"].split(":")[0]
        for name, node in self.nodes.items():
            status = pathlib.Path(f"/proc/{node.process.pid}/status").read_text()
            line = next(each for each in status.splitlines() if each.startswith("Uid:"))
            expect(set(line.split()[1:]) == {uid}, f"{name} runs with {line}")
        expect(not (self.root / "source").exists(), "the sources are in the image")
        program = self.root / "usr/local/bin/plenaryd"
        text = subprocess.run(["readelf", "-S", str(program)], check=True, stdout=subprocess.PIPE, text=True).stdout
        expect(".debug_info" not in text, "plenaryd is not stripped")

    def end(self):
        statuses = {name: node.end(signal.SIGTERM, 20) for name, node in self.nodes.items()}
        if self.application:
            self.application.end()
        return statuses


def run_inside(root, config, work):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    compose = Compose(root, config, work)
    try:
        compose.prepare()
        compose.start_application()
        compose.start(compose.write_template())
        print("    three nodes of the image are ready", flush=True)
        compose.look_inside()
        compose.call()
        print("    two callers at two of them hear each other; their webhooks came", flush=True)
    finally:
        statuses = compose.end()
    expect(set(statuses.values()) == {0}, f"the nodes ended with {statuses}")


def run(arguments, work):
    check_that_it_can_be_tried()
    if shutil.which("buildah") is None:
        raise CannotTry("the program buildah is missing")
    builder = Builder(work)
    began = time.monotonic()
    builder.make_base(["ccache"] if arguments.ccache else [])
    print(f"    {time.monotonic() - began:6.1f} s  a Debian 12 to start from", flush=True)
    builder.build(arguments.ccache)
    print(f"    {time.monotonic() - began:6.1f} s  the image {IMAGE}", flush=True)
    container = builder("from", IMAGE)
    try:
        root = builder("mount", container)
        size = subprocess.run(["du", "-sm", "--exclude=proc", root], check=True, stdout=subprocess.PIPE, text=True).stdout.split()[0]
        print(f"    its root filesystem: {size} MB", flush=True)
        config = json.loads(builder("inspect", "--type", "image", IMAGE))["OCIv1"]["config"]
        again = ["unshare", "--net", sys.executable, "-B", __file__, "--inside", root, json.dumps(config), str(work)]
        status = subprocess.run(again, check=False).returncode
    finally:
        builder("umount", container)
        builder("rm", container)
        if not arguments.keep:
            builder("rmi", IMAGE)
        with contextlib.suppress(OSError):
            shutil.rmtree(work / "volumes")
    return status


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ccache", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--inside", nargs=3, metavar=("ROOT", "CONFIG", "WORK"), help="once the network is private")
    arguments = parser.parse_args()
    work = ROOT / "build/image"
    work.mkdir(parents=True, exist_ok=True)
    try:
        if arguments.inside:
            root, config, folder = arguments.inside
            run_inside(pathlib.Path(root), json.loads(config), pathlib.Path(folder))
            return 0
        status = run(arguments, work)
    except CannotTry as why:
        print(f"image: skipped: {why}")
        return CANNOT_TRY
    except (Failure, OSError) as failure:
        print(f"image: FAILED: {failure}")
        return 1
    if status == 0:
        print("image: everything is as it must be")
    return status


if __name__ == "__main__":
    sys.exit(main())
