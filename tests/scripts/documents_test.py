"""What the documents name is there: metrics with their labels, options, log lines with their fields, codes, files,
headings; and every cause of ours has its advice.
"""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "docs/operations.md", "docs/troubleshooting.md",
                                  "docs/carriers.md", "docs/hangup-causes.md", "docs/moving-from-minivoice.md",
                                  "docs/api.md", "docs/security.md", "docs/upgrading.md")]
# Words of other programs and standards that the pages name.
FOREIGN = {"pg_dump", "pg_restore"}


def sources():
    return [file for folder in ("actors", "node", "schema") for file in (ROOT / folder).rglob("*.?pp")]


def ticked(page):
    """Everything in backticks outside of fenced blocks."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`([^`\n]+)`", text)


def catalogue():
    """Label values by family, from the generated document."""
    known = {}
    for line in (ROOT / "docs/metrics.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) >= 6 and cells[1].startswith("`"):
            known[cells[1].strip("`")] = set(re.findall(r"`([^`]+)`", cells[3]))
    return known


def options():
    """`section.key` of every option."""
    return set(re.findall(r"^\| `([a-z_]+\.[a-z0-9_]+)` \|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE))


def log_lines():
    """Fields of every log line of the program, by its event; of an event that is written at two places, all."""
    known = {}
    call = re.compile(r"\b(?:debug|info|warning|error|write)\(\s*(?:[^\"();]*,\s*)?(?:[^\"();]*\?\s*)?\"([a-z_]+)\"")
    for file in sources():
        text = file.read_text()
        for found in call.finditer(text):
            end = text.find(");", found.end())
            whole = text[found.start():end]
            other = re.match(r'\s*:\s*"([a-z_]+)"', text[found.end():])
            fields = set(re.findall(r"\{\"([a-z_0-9]+)\",", whole))
            for event in [found[1]] + ([other[1]] if other else []):
                known.setdefault(event, set()).update(fields)
    return known


def literals():
    """Every word that stands in a string of the program or of what an operator copies."""
    words = set()
    for file in sources() + list((ROOT / "scripts").iterdir()) + list((ROOT / "cluster-config").rglob("*.*")):
        if file.is_file():
            words |= set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", file.read_text(errors="replace")))
    return words


def anchors(page):
    return {re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)}


class Documents(unittest.TestCase):
    def test_name_only_metrics_and_labels_that_exist(self):
        known = catalogue()
        seen = 0
        for page in PAGES:
            for name, label in re.findall(r"\b(plenary_[a-z][a-z0-9_]+)(\{[^}]*\})?", page.read_text()):
                family = re.sub(r"_(bucket|sum|count)$", "", name) if name not in known else name
                self.assertTrue(family in known, f"{page.name}: {name}")
                for value in re.findall(r'="([^"]*)"', label):
                    self.assertIn(value, known[family], f"{page.name}: {name}{label}")
                seen += 1
        self.assertGreater(seen, 30)

    def test_name_only_options_that_exist(self):
        known = options()
        sections = {name.split(".")[0] for name in known}
        seen = 0
        for page in PAGES:
            for word in ticked(page):
                for name in re.findall(r"^([a-z_]+\.[a-z0-9_]+)\b(?![./(])", word):
                    if name.split(".")[0] in sections and not name.endswith((".toml", ".key", ".pem", ".cpp", ".hpp")) \
                            and not name.startswith(("room.", "call.")):
                        self.assertIn(name, known, page.name)
                        seen += 1
        self.assertGreater(seen, 60)
        for page in PAGES:
            for name in re.findall(r"`(room\.[a-z_]+)`", page.read_text()):
                events = {"room.started", "room.ended", "room.recovered", "room.merged", "room.moved"}
                self.assertIn(name, known | events, page.name)

    def test_name_only_words_that_the_program_or_its_files_have(self):
        known = literals() | {name.split(".")[1] for name in options()} | FOREIGN
        for page in PAGES:
            if page.name in ("ARCHITECTURE.md",):
                continue
            for word in ticked(page):
                if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", word):
                    self.assertTrue(word in known, f"{page.name}: {word}")

    def test_log_lines_have_the_fields_that_the_table_names(self):
        known = log_lines()
        self.assertGreater(len(known), 70)
        text = (ROOT / "docs/troubleshooting.md").read_text()
        table = text[text.index("| log line |"):]
        rows = re.findall(r"^\| `([a-z_]+)` \| (.*?) \|", table, re.MULTILINE)
        self.assertGreater(len(rows), 20)
        for event, fields in rows:
            self.assertIn(event, known)
            self.assertEqual(set(re.findall(r"`([a-z_0-9]+)`", fields)) - known[event], set(), event)

    def test_log_lines_that_are_about_a_call_say_so_first(self):
        for event, fields in log_lines().items():
            if event.startswith(("call_", "media_", "leg_", "participant_", "webhook_failed", "webhook_dead",
                                 "answer_url", "instructions", "join_failed", "offer_", "action_member")):
                self.assertIn("call", fields, event)

    def test_a_runbook_that_names_fields_names_those_of_its_log_line(self):
        known = log_lines()
        text = (ROOT / "docs/operations.md").read_text()
        claims = re.findall(r"`([a-z_]+)` (?:with|names|says)\s+((?:`[a-z_]+`(?: \([^)]*\))?(?:,\s+| and\s+)?)+)", text)
        checked = 0
        for event, fields in claims:
            if event in known:
                self.assertEqual(set(re.findall(r"`([a-z_]+)`", fields)) - known[event], set(), event)
                checked += 1
        self.assertGreaterEqual(checked, 5)

    def test_links_lead_to_files_and_headings(self):
        for page in PAGES:
            for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
                if target.startswith("http"):
                    continue
                file, _, anchor = target.partition("#")
                where = (page.parent / file).resolve() if file else page
                self.assertTrue(where.exists(), f"{page.name}: {target}")
                if anchor:
                    self.assertIn(anchor, anchors(where), f"{page.name}: {target}")

    def test_every_cause_of_ours_has_its_advice(self):
        codes = (ROOT / "docs/codes.md").read_text()
        section = codes[codes.index("## Causes of an end"):codes.index("When the other side's BYE")]
        causes = re.findall(r"^\| `([a-z_0-9]+)` \| [0-9]+ \|", section, re.MULTILINE)
        self.assertGreater(len(causes), 15)
        advice = re.findall(r"^\| `([a-z_0-9]+)` \|", (ROOT / "docs/hangup-causes.md").read_text(), re.MULTILINE)
        self.assertEqual(sorted(advice), sorted(causes))

    def test_every_reason_of_a_refused_invite_has_its_place_in_troubleshooting(self):
        text = (ROOT / "docs/troubleshooting.md").read_text()
        for reason in catalogue()["plenary_sip_invites_refused_total"] - {"reason"}:
            self.assertIn(f"`{reason}`", text)


if __name__ == "__main__":
    unittest.main()
