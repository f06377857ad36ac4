"""docs/third-party.md must name what the programs are linked with, and the licence that each library's package tells.

usage: third_party_test.py PLENARYD PLENARYCTL
"""
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[2]
PAGE = (ROOT / "docs/third-party.md").read_text()
PROGRAMS = {}
# Of a build for tests alone, or there or not as the compiler likes.
NOT_OURS = re.compile(r"lib(asan|ubsan|tsan|clang_rt.*|m)\.so|ld-linux.*\.so")
# What a copyright file says of a licence that the page names in short.
SAYS = {
    "BSD-3-Clause": r"BSD-3-clause|Redistributions? in binary form", "BSL-1.0": r"BSL-1\.0|Boost Software License",
    "MIT": r"\bMIT\b", "Expat (MIT)": r"Expat", "Apache-2.0": r"Apache-2\.0|Apache License", "curl": r"^License: curl$",
    "PostgreSQL": r"^License: PostgreSQL", "LGPL-2.1": r"LGPL 2\.1|Lesser General\s+Public License|LGPL-2\.1",
    "public domain": r"public.domain", "CC0-1.0": r"CC0-1\.0",
    "GPL-3 with the GCC runtime exception": r"(?is)runtime\s+library\s+exception",
}


def rows(heading):
    """Cells of the table under a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


def needed(program):
    """Libraries that a program asks the loader for, without their versions."""
    text = subprocess.run(["readelf", "-d", program], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = re.findall(r"\(NEEDED\).*\[(.+?)\]", text)
    # libcapnp-0.9.2.so and libcaf_core.so.0.17.6 have their versions in two places.
    plain = {re.sub(r"(-[0-9.]+)?\.so.*", ".so", each) for each in found}
    return {each for each in plain if not NOT_OURS.fullmatch(each)}


class ThirdParty(unittest.TestCase):
    def test_every_linked_library_has_a_row_and_every_row_is_linked(self):
        for program, path in PROGRAMS.items():
            told = {name for file, _, _, users, _ in rows("Linked dynamically") if program in users.split(", ")
                    for name in names(file) if not NOT_OURS.fullmatch(name)}
            self.assertEqual(told, needed(path), program)

    def test_libraries_of_others_are_not_linked_statically(self):
        commands = subprocess.run(["ninja", "-C", str(pathlib.Path(PROGRAMS["plenaryd"]).parent), "-t", "commands", "-s",
                                   "plenaryd", "plenaryctl"], check=True, stdout=subprocess.PIPE, text=True).stdout
        archives = set(re.findall(r"\S+\.a\b", commands))
        self.assertTrue(archives)
        foreign = {each for each in archives if not re.search(r"(^|/)libplenary_\w+\.a$", each)}
        self.assertEqual(foreign, set())

    def test_each_package_tells_the_licence_that_the_page_tells(self):
        checked = 0
        for _, package, licence, _, _ in rows("Linked dynamically") + rows("Compiled in, from headers"):
            for name in names(package):
                file = pathlib.Path("/usr/share/doc") / name / "copyright"
                if not file.exists():
                    continue  # another version of the package serves as well
                text = file.read_text(errors="replace")
                for each in licence.split(" or "):
                    self.assertRegex(text, re.compile(SAYS[each], re.MULTILINE), f"{name}: {each}")
                checked += 1
        self.assertGreater(checked, 10)

    def test_what_the_gpl_alone_covers_is_never_linked(self):
        for path in PROGRAMS.values():
            loaded = subprocess.run(["ldd", path], check=True, stdout=subprocess.PIPE, text=True).stdout
            for each in ("espeak", "sox", "baresip", "readline"):
                self.assertNotIn(f"lib{each}", loaded)


if __name__ == "__main__":
    PROGRAMS.update(plenaryd=sys.argv[1], plenaryctl=sys.argv[2])
    unittest.main(argv=sys.argv[:1])
