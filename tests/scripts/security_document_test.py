"""What docs/security.md names is there: tests, options, metrics and fuzz targets."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TEST = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)


def named(pattern):
    """What stands in backticks and looks like this, as a whole."""
    return {match.group(1) for match in re.finditer(rf"`({pattern})`", DOCUMENT)}


def tests_of_the_project():
    names = set()
    for file in (ROOT / "tests").rglob("*.cpp"):
        names.update(f"{suite}.{name}" for suite, name in TEST.findall(file.read_text(encoding="utf-8")))
    return names


class WhatTheDocumentNames(unittest.TestCase):
    def check_there(self, kind, wanted, there):
        self.assertTrue(wanted, f"the document names no {kind}")
        self.assertEqual(sorted(wanted - there), [], f"{kind} that do not exist")

    def test_every_test_exists(self):
        self.check_there("tests", named(r"[A-Z]\w+\.[A-Z]\w+"), tests_of_the_project())

    def test_every_option_exists(self):
        configuration = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
        there = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)`", configuration, re.MULTILINE))
        sections = {option.split(".")[0] for option in there}
        wanted = {option for option in named(r"[a-z_]+\.[a-z_]+") if option.split(".")[0] in sections}
        self.check_there("options", wanted, there)

    def test_every_metric_exists(self):
        metrics = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
        self.check_there("metrics", named(r"plenary_\w+"), set(re.findall(r"plenary_\w+", metrics)))

    def test_every_fuzz_target_exists(self):
        there = {file.name.removesuffix("_target.cpp") for file in (ROOT / "tests" / "fuzz").glob("*_target.cpp")}
        wanted = {name.removeprefix("fuzz:") for name in named(r"fuzz:\w+")}
        self.check_there("fuzz targets", wanted, there)
        self.assertEqual(there - wanted, set(), "fuzz targets that the document does not name")


if __name__ == "__main__":
    unittest.main()
