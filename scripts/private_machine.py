"""A Debian 12 of one's own in a folder: what is installed, run and purged in it touches nothing of the machine around it."""
import contextlib
import hashlib
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.parse

from plenary_lab import Child, Failure

RELEASE = "bookworm"
# Each command has mounts of its own; the last word but the command's is the machine's folder.
ENTER = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class CannotTry(Exception):
    """This machine cannot hold another one: no fault of what was to be tried."""


def package_source():
    """The Debian mirror that apt uses here, or Debian's own."""
    if "PLENARY_DEBIAN_MIRROR" in os.environ:
        return os.environ["PLENARY_DEBIAN_MIRROR"]
    apt = pathlib.Path("/etc/apt")
    for file in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]:
        found = re.search(r"https?://\S+/debian/?(?=\s|$)", file.read_text()) if file.is_file() else None
        if found:
            return found[0]
    return "http://deb.debian.org/debian"


def check_that_it_can_be_tried():
    if os.geteuid() != 0:
        raise CannotTry("a folder can become a machine only for root")
    for program in ("debootstrap", "unshare", "chroot", "ip"):
        if shutil.which(program) is None:
            raise CannotTry(f"the program {program} is missing")
    done = subprocess.run(["unshare", "--mount", "--net", "true"], check=False, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise CannotTry(f"no namespaces here: {done.stderr.strip()}")


def check_that_source_answers():
    if any(name.lower() in ("http_proxy", "https_proxy") for name in os.environ):
        return
    address = urllib.parse.urlsplit(package_source())
    try:
        socket.create_connection((address.hostname, address.port or 80), 5).close()
    except OSError as trouble:
        raise CannotTry(f"no package source: {address.hostname}: {trouble}") from trouble


def depends_of(package):
    """Names of the packages that a .deb depends on."""
    text = subprocess.run(["dpkg-deb", "-f", package, "Depends"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return sorted({re.split(r"[ (|]", each.strip(), maxsplit=1)[0] for each in text.split(",")})


def base_system(cache, packages):
    """An archive of a minimal system that holds these packages; made once, kept in `cache`."""
    key = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12]
    archive = pathlib.Path(cache) / f"{RELEASE}-{key}.tar"
    if archive.exists():
        return archive
    check_that_source_answers()
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        log = archive.with_suffix(".log")
        with log.open("w") as out:
            included = [f"--include={','.join(packages)}"] if packages else []
            done = subprocess.run(["debootstrap", "--variant=minbase", *included, RELEASE, f"{folder}/root",
                                   package_source()], check=False, stdout=out, stderr=out)
        if done.returncode != 0:
            raise CannotTry(f"debootstrap could not make a system; see {log}")
        part = archive.with_suffix(".part")
        subprocess.run(["tar", "-C", f"{folder}/root", "--exclude=./var/cache/apt/archives/*.deb", "-cf", str(part), "."],
                       check=True)
        part.rename(archive)
    return archive


class Machine:
    """A system in a folder below `place`, unpacked from an archive; gone with remove()."""

    def __init__(self, archive, place):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="machine-", dir=place))
        self.root.chmod(0o755)
        subprocess.run(["tar", "-C", str(self.root), "--same-owner", "-xpf", str(archive)], check=True)

    def command(self, *words):
        """The arguments that run a command in it; the process keeps its id."""
        return ["unshare", "--mount", "sh", "-c", ENTER, str(self.root), *map(str, words)]

    def run(self, *words, check=True):
        """Status and output of a command in it."""
        environment = {"PATH": PATH, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"}
        done = subprocess.run(self.command(*words), check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, env=environment)
        if check and done.returncode != 0:
            raise Failure(f"{shlex.join(map(str, words))} ended with {done.returncode}:\n{done.stdout}")
        return done.returncode, done.stdout

    def install(self, package):
        shutil.copy(package, self.root / "tmp")
        return self.run("dpkg", "-i", f"/tmp/{pathlib.Path(package).name}")[1]

    def file(self, path):
        return self.root / path.lstrip("/")

    def remove(self):
        shutil.rmtree(self.root)


class Service:
    """The unit of a machine, started as systemd would: user, rights, limits, socket and watchdog are the unit's."""

    def __init__(self, machine, unit, log_folder):
        self.machine, self.log_folder = machine, log_folder
        self.settings = {}
        for line in machine.file(unit).read_text().splitlines():
            name, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                self.settings[name] = value
        self.told = []
        self.child = self.socket = None

    def start(self, seconds):
        """Waits for READY=1, as Type=notify does."""
        if self.settings["Type"] != "notify":
            raise Failure("the unit is not of Type=notify")
        user, group = self.settings["User"], self.settings["Group"]
        place = self.machine.file("/run/service-manager")
        place.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(place))
        place.chmod(0o777)
        rights = ",".join("+" + name.removeprefix("CAP_").lower() for name in self.settings["AmbientCapabilities"].split())
        words = ["env", "-i", f"PATH={PATH}", "NOTIFY_SOCKET=/run/service-manager",
                 f"WATCHDOG_USEC={int(self.settings['WatchdogSec']) * 1000000}",
                 *(f"{name}={value}" for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")),
                 "setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups", "--no-new-privs",
                 f"--inh-caps=-all,{rights}", f"--ambient-caps=-all,{rights}", f"--bounding-set=-all,{rights}",
                 *shlex.split(self.settings["ExecStart"])]
        descriptors, priority = int(self.settings["LimitNOFILE"]), int(self.settings["LimitRTPRIO"])
        limits = {resource.RLIMIT_NOFILE: descriptors, resource.RLIMIT_RTPRIO: priority}
        before = {which: resource.getrlimit(which) for which in limits}
        for which, value in limits.items():
            with contextlib.suppress(ValueError):  # a container may permit less
                resource.setrlimit(which, (value, max(value, before[which][1])))
        try:
            self.child = Child("plenaryd", self.machine.command(*words), self.log_folder)
        finally:
            for which, value in before.items():
                resource.setrlimit(which, value)
        self.await_word("READY=1", seconds)

    def await_word(self, word, seconds):
        """Waits until the node has told this since its start."""
        self.socket.settimeout(seconds)
        while word not in self.told:
            try:
                self.told += self.socket.recv(4096).decode().split("\n")
            except TimeoutError as late:
                raise Failure(f"the node did not say {word} within {seconds} s; see {self.child.log_file}") from late

    def reload(self):
        """The unit's ExecReload."""
        words = self.settings["ExecReload"].replace("$MAINPID", str(self.child.process.pid))
        self.machine.run(*shlex.split(words))

    def end(self, how=signal.SIGTERM):
        """The exit status, once the node has said that it ends."""
        if self.child.process.poll() is None and how is not None:
            self.child.process.send_signal(how)
        self.await_word("STOPPING=1", 30)
        status = self.child.end(None, seconds=30)
        self.forget()
        return status

    def forget(self):
        """Kills what still runs."""
        if self.child:
            self.child.end(signal.SIGKILL)
        if self.socket:
            self.socket.close()
        self.child = self.socket = None
        self.told = []
