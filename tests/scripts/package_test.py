"""What `cmake --install` and the Debian package bring, how they are guarded, and that packing gives the same bytes twice.

usage: package_test.py BUILD_FOLDER     (of built plenaryd and plenaryctl)
"""
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]
UNIT = ROOT / "cluster-config/plenary.service"
BUILD = None
# Of an installation below its prefix.
EXPECTED = [
    "bin/plenaryd", "bin/plenaryctl", "bin/plenary-ca", "lib/systemd/system/plenary.service",
    "share/man/man8/plenaryd.8.gz", "share/man/man1/plenaryctl.1.gz", "share/man/man1/plenary-ca.1.gz",
    "share/man/man5/plenary.toml.5.gz", "share/bash-completion/completions/plenaryctl",
    "share/zsh/vendor-completions/_plenaryctl", "share/doc/plenary/README.md", "share/doc/plenary/api.md",
    "share/doc/plenary/third-party.md", "share/doc/plenary/examples/plenary.toml",
    "share/doc/plenary/examples/three-node/node-a.toml", "share/doc/plenary/examples/sample-application",
]


def run(*words, **how):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, stdin=subprocess.DEVNULL, **how)
    return done.returncode, done.stdout


class Temporary(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)

    def must(self, *words, **how):
        status, output = run(*words, **how)
        self.assertEqual(status, 0, output)
        return output


class Installation(Temporary):
    def install(self, prefix, **environment):
        return self.must("cmake", "--install", BUILD, "--strip", "--prefix", prefix, env={**os.environ, **environment})

    def test_everything_comes_below_the_prefix_and_the_programs_run(self):
        prefix = self.folder / "prefix"
        self.install(prefix)
        for path in [*EXPECTED, "share/doc/plenary/LICENSE", "etc/plenary/plenary.toml"]:
            self.assertTrue((prefix / path).is_file(), path)
        self.assertEqual(self.must(prefix / "bin/plenaryd", "--version"), self.must(BUILD / "plenaryd", "--version"))
        status, output = run(prefix / "bin/plenaryd", "--config", prefix / "etc/plenary/plenary.toml", "--check-config")
        self.assertEqual(status, 0, output)
        example = (prefix / "share/doc/plenary/examples/plenary.toml").read_text()
        self.assertEqual(example, self.must(BUILD / "plenaryd", "--print-config"))

    def test_the_unit_names_the_prefix(self):
        prefix = self.folder / "opt"
        self.install(prefix)
        unit = (prefix / "lib/systemd/system/plenary.service").read_text()
        self.assertIn(f"ExecStart={prefix}/bin/plenaryd --config {prefix}/etc/plenary/plenary.toml\n", unit)

    def test_a_staged_system_prefix_has_its_configuration_in_etc(self):
        self.install("/usr", DESTDIR=str(self.folder))
        self.assertTrue((self.folder / "etc/plenary/plenary.toml").is_file())
        unit = (self.folder / "usr/lib/systemd/system/plenary.service").read_text()
        self.assertIn("ExecStart=/usr/bin/plenaryd --config /etc/plenary/plenary.toml\n", unit)
        self.assertNotIn(str(self.folder), unit)

    def test_the_operators_configuration_is_never_overwritten(self):
        prefix = self.folder / "prefix"
        self.install(prefix)
        file = prefix / "etc/plenary/plenary.toml"
        file.write_text("# mine\n")
        self.install(prefix)
        self.assertEqual(file.read_text(), "# mine\n")

    def test_manual_pages_read_well_and_say_what_the_programs_say(self):
        if shutil.which("man") is None:
            self.skipTest("man is missing")
        self.install(self.folder)
        environment = {**os.environ, "MANWIDTH": "200", "LC_ALL": "C.UTF-8", "MANROFFOPT": "-ww", "MANPAGER": "cat"}
        texts = {}
        for page in sorted((self.folder / "share/man").glob("man*/*.gz")):
            done = subprocess.run(["man", "--warnings", "-l", str(page)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, check=True, env=environment)
            self.assertEqual(done.stderr, "", page.name)
            self.assertNotRegex(done.stdout, r"@[A-Z]+@", page.name)
            texts[page.name] = re.sub(r".\x08", "", done.stdout)
        self.assertIn("--check-config", texts["plenaryd.8.gz"])
        for line in self.must(BUILD / "plenaryctl", "help").splitlines():
            self.assertIn(line.strip(), texts["plenaryctl.1.gz"])
        for line in self.must(BUILD / "plenaryd", "--print-config").splitlines():
            self.assertIn(line.strip(), texts["plenary.toml.5.gz"])

    def test_completions_are_what_the_program_prints_and_the_shell_takes(self):
        self.install(self.folder)
        file = self.folder / "share/bash-completion/completions/plenaryctl"
        self.assertEqual(file.read_text(), self.must(BUILD / "plenaryctl", "completion", "bash"))
        self.must("bash", "-n", file)


class Service(Temporary):
    def test_the_unit_is_guarded(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is missing")
        output = self.must("systemd-analyze", "security", "--offline=true", "--threshold=30", UNIT)
        exposure = re.search(r"Overall exposure level for plenary.service: (\d+\.\d)", output)
        self.assertLessEqual(float(exposure[1]), 3.0)

    def test_the_unit_says_what_the_node_needs(self):
        lines = UNIT.read_text().splitlines()
        for line in ("Type=notify", "WatchdogSec=10", "User=plenary", "StateDirectoryMode=0700",
                     "AmbientCapabilities=CAP_SYS_NICE CAP_NET_BIND_SERVICE", "ExecReload=/bin/kill -HUP $MAINPID"):
            self.assertIn(line, lines)
        self.assertNotIn("RestrictRealtime=yes", lines)  # the threads that mix ask for it


class Package(Temporary):
    def pack(self, name, *more, **environment):
        output = self.folder / name
        self.must(ROOT / "scripts/package", "--build", BUILD, "--output", output, "--no-symbols", *more,
                  env={**os.environ, **environment})
        found = list(output.glob("*.deb"))
        self.assertEqual(len(found), 1, found)
        return found[0]

    def test_packing_twice_gives_the_same_bytes_and_the_commits_time(self):
        first = self.pack("first", SOURCE_DATE_EPOCH="1700000000")
        self.assertEqual(first.read_bytes(), self.pack("second", SOURCE_DATE_EPOCH="1700000000").read_bytes())
        times = set(re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", self.must("dpkg-deb", "-c", first, env={**os.environ, "TZ": "UTC"})))
        self.assertEqual(times, {"2023-11-14 22:13"})

        self.look_into(first)
        self.ask_lintian(first)

    def test_a_distributor_names_the_maintainer(self):
        own = "A Distributor <packages@example.org>"
        for package, maintainer in ((self.pack("plain"), "Plenary maintainers <maintainers@plenary.invalid>"),
                                    (self.pack("own", "--maintainer", own), own)):
            root = self.folder / f"root of {package.parent.name}"
            self.must("dpkg-deb", "-x", package, root)
            self.assertEqual(self.must("dpkg-deb", "-f", package, "Maintainer").strip(), maintainer)
            with gzip.open(root / "usr/share/doc/plenary/changelog.Debian.gz", "rt") as changelog:
                self.assertIn(f" -- {maintainer}  ", changelog.read())

    def look_into(self, package):
        root = self.folder / "root"
        self.must("dpkg-deb", "-x", package, root)
        for path in EXPECTED:
            self.assertTrue((root / "usr" / path).is_file(), path)
        for path in ("usr/share/doc/plenary/copyright", "usr/share/doc/plenary/changelog.gz",
                     "usr/share/doc/plenary/changelog.Debian.gz", "etc/plenary/plenary.toml"):
            self.assertTrue((root / path).is_file(), path)
        for program in ("plenaryd", "plenaryctl"):
            sections = self.must("readelf", "-SW", root / "usr/bin" / program)
            self.assertNotRegex(sections, r"\.debug_info|\.symtab")
        for file in root.rglob("*"):
            self.assertEqual(file.lstat().st_mode & 0o022, 0, f"{file} can be written by others")
        control = self.must("dpkg-deb", "-f", package)
        self.assertRegex(control, r"Depends: .*adduser.*libc6")
        conffiles = self.must("dpkg-deb", "-I", package, "conffiles")
        self.assertEqual(conffiles, "/etc/plenary/plenary.toml\n")
        status, output = run("plenaryd", "--config", root / "etc/plenary/plenary.toml", "--check-config",
                             env={"PATH": str(root / "usr/bin")})
        self.assertEqual(status, 0, output)

    def ask_lintian(self, package):
        if shutil.which("lintian") is None:
            return
        _, output = run("lintian", "--tag-display-limit", "0", package)
        errors = [line for line in output.splitlines() if line.startswith("E: ")]
        self.assertEqual(errors, [])


class Release(Temporary):
    def test_no_switch_of_the_tests_builds_reaches_what_operators_run(self):
        self.must("cmake", "--preset", "release", "-B", self.folder / "build", "-DPLENARY_WITH_TESTS=OFF", cwd=ROOT)
        # Generated code, too: a path of the folder in it would make two builds differ.
        commands = [each["command"] for each in json.loads((self.folder / "build/compile_commands.json").read_text())]
        self.assertGreater(len([each for each in commands if "-Wconversion" in each]), 30)
        for command in commands:
            self.assertNotRegex(command, r"-fsanitize|-O0|-O1|tests/|gtest")
            for switch in ("-O2", "-DNDEBUG", "-fstack-protector-strong", f"-ffile-prefix-map={ROOT}=.",
                           f"-ffile-prefix-map={self.folder}/build=./build"):
                self.assertIn(switch, command)
        links = self.must("ninja", "-C", self.folder / "build", "-t", "commands", "-s", "plenaryd", "plenaryctl")
        self.assertNotIn("-fsanitize", links)
        self.assertIn("relro", links)

    def test_what_must_be_installed_grows_with_what_is_done(self):
        step = {name: set(self.must(ROOT / "scripts/deps", name, "--list").split())
                for name in ("--build", "--package", "--demo", "--check")}
        for name in ("--package", "--demo"):
            self.assertLess(step["--build"], step[name])
            self.assertLess(step[name], step["--check"])
        self.assertFalse({"libgtest-dev", "clang-14", "baresip-core", "postgresql", "espeak-ng"} & step["--build"])

    def test_the_image_takes_nothing_built_and_runs_without_rights(self):
        ignored = (ROOT / ".dockerignore").read_text().splitlines()
        self.assertIn("build/", ignored)
        text = (ROOT / "cluster-config/Dockerfile").read_text()
        for source in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
            for each in source.split():
                self.assertTrue((ROOT / each).exists(), each)
        for path in re.findall(r"/source/(\S+)", text):
            self.assertTrue((ROOT / path).exists(), path)
        last = text.split("\nFROM ")[-1]
        self.assertRegex(last, re.compile(r"^USER [1-9]\d*:[1-9]\d*$", re.MULTILINE))
        self.assertIn("--strip", text)
        self.assertIn("scripts/deps --build", text)


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv[1]).resolve()
    unittest.main(argv=sys.argv[:1])
