"""docs/api.md against a real node: its samples verify real webhooks, its examples have the members of real documents,
its routes and codes are there.

usage: api_document_test.py PLENARYD
"""
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from one_node import API_KEY, NUMBER, OPERATOR_KEY, ROOT, running  # first: it says where the scripts are
from lab_caller import Exchange
from plenary_lab import ask, wait_until

PLENARYD = sys.argv.pop(1) if len(sys.argv) > 1 else str(ROOT / "build/check/plenaryd")
TEXT = (ROOT / "docs/api.md").read_text()
SECRETS = ["whsec_c2VjcmV0LW9mLW9uZS1ub2Rl", "a plain text of a secret"]


def blocks(language):
    """The text of every fenced block of this language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def names_in(text):
    """Every word in backticks."""
    return set(re.findall(r"`([a-z0-9_.]+)`", text))


def members(document, prefix=""):
    """Dotted names of every member of an object, those of inner objects too."""
    found = set()
    for name, value in document.items():
        found.add(prefix + name)
        if isinstance(value, dict):
            found |= members(value, f"{prefix}{name}.")
    return found


def answer_of(method, url, key=None, body=None):
    """Status and JSON, whatever the status is."""
    request = urllib.request.Request(url, method=method, data=body,
                                     headers={"Authorization": f"Bearer {key}"} if key else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or b"null")


class Real:
    """One call of a real node from beginning to end, and everything that was told of it."""

    def __init__(self, secret):
        with running(PLENARYD, secret) as (customer, node):
            exchange = Exchange(1)
            host, port = node.sip.rsplit(":", 1)
            exchange.callers[0].dial(NUMBER, (host, int(port)), "node-a")
            assert wait_until(lambda: exchange.callers[0].state == "up", 10), exchange.callers[0].why
            base = f"http://{node.http}"
            wait_until(lambda: ask("GET", f"{base}/v1/rooms", API_KEY)["rooms"], 5)
            self.room = ask("GET", f"{base}/v1/rooms/daily", API_KEY)
            self.call = ask("GET", f"{base}/v1/calls/{self.room['participants'][0]['call_id']}", API_KEY)
            self.answers = self.try_routes(base)
            exchange.callers[0].hang_up()
            self.completed = customer.wait_for_event("call.completed")
            self.ended = ask("GET", f"{base}/v1/calls/{self.call['id']}", API_KEY)
            wait_until(lambda: customer.events("room.ended"), 10)
            self.events = customer.events()
            self.requests = list(customer.requests)

    def try_routes(self, base):
        """What each route of the document's table answers, by `METHOD path` as it stands there."""
        found = {}
        for cells in re.findall(r"^\| (`.*?) \|", TEXT[TEXT.index("## Routes"):], re.MULTILINE):
            methods = re.findall(r"\b(GET|POST|PATCH|DELETE)\b", cells) or ["GET"]
            paths = re.findall(r"(/[^`, ]+)", cells)
            for path in paths:
                whole = path if path.startswith(("/v1", "/metrics", "/livez", "/readyz")) else None
                whole = whole or paths[0].rsplit("/", 1)[0] + path
                real = (whole.replace("/rooms/{name}", "/rooms/daily").replace("/nodes/{name}", "/nodes/node-a")
                        .replace("{call_id}", self.call["id"]).replace("{id}", self.call["id"]))
                for method in methods:
                    if "hangup" in real or real.endswith(("/end", "/kick", "/drain", "/metrics")):
                        found[f"{method} {whole}"] = (answer_of("OPTIONS", base + real)[0], None)
                    else:
                        key = OPERATOR_KEY if real.startswith(("/v1/nodes", "/v1/customers")) else API_KEY
                        body = b'{"label":"someone"}' if method == "PATCH" else None
                        found[f"{method} {whole}"] = answer_of(method, base + real, key, body)
        return found


class Samples(unittest.TestCase):
    """The samples of the document verify what a real node signed."""

    @classmethod
    def setUpClass(cls):
        cls.real = {secret: Real(secret) for secret in SECRETS}

    def cases(self):
        """(secret, headers by lower-case name, body, whether it is genuine)"""
        for secret, real in self.real.items():
            other = next(each for each in SECRETS if each != secret)
            for path, headers, body in real.requests:
                lower = {name.lower(): value for name, value in headers.items()}
                yield secret, lower, body, True
                yield other, lower, body, False
                yield secret, lower, body + b" ", False
                old = {**lower, "webhook-timestamp": "1700000000", "x-minivoice-timestamp": "1700000000"}
                yield secret, old, body, False
            yield secret, {}, b"{}", False

    def test_in_python_verify_what_a_node_delivers(self):
        names = {}
        exec(blocks("python")[0], names)  # noqa: S102: the document's own text
        count = 0
        for secret, headers, body, genuine in self.cases():
            self.assertEqual(names["is_genuine"](secret, headers, body), genuine)
            self.assertEqual(names["is_genuine_minivoice"](secret, headers, body), genuine)
            count += genuine
        self.assertGreater(count, 10)

    def test_in_node_js_verify_what_a_node_delivers(self):
        if not shutil.which("node"):
            self.skipTest("there is no node")
        cases = [[secret, headers, body.decode("latin-1"), genuine] for secret, headers, body, genuine in self.cases()]
        program = blocks("js")[0] + """
for (const [secret, headers, text, genuine] of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
  const body = Buffer.from(text, "latin1");
  for (const check of [isGenuine, isGenuineMiniVoice])
    if (check(secret, headers, body) !== genuine) {
      console.log(check.name, secret, headers, text);
      process.exit(1);
    }
}
console.log("all as they must be");
"""
        with tempfile.NamedTemporaryFile("w", suffix=".js") as file:
            file.write(program)
            file.flush()
            run = subprocess.run(["node", file.name], input=json.dumps(cases), capture_output=True, text=True,
                                 timeout=60, check=False)
        self.assertEqual((run.returncode, run.stdout), (0, "all as they must be\n"), run.stderr)


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.real = Real(SECRETS[0])

    def test_the_request_for_instructions_has_the_members_of_the_example(self):
        _, _, body = next(each for each in self.real.requests if each[0] == "/answer")
        example = json.loads(blocks("json")[0])
        real = json.loads(body)
        self.assertEqual(members(example) - members(real), set())
        self.assertEqual({name for name in members(real) - members(example)} - {"call.sip_call_id"}, set())

    def test_the_last_event_has_the_members_of_the_example(self):
        example = json.loads(next(each for each in blocks("json") if '"call.completed"' in each))
        wanted = members(example) - {"call...."}
        self.assertEqual({name for name in wanted if name != "call...."} - members(self.real.completed), set())
        for name in ("event", "data"):
            self.assertEqual(type(example[name]), type(self.real.completed[name]))
        self.assertEqual(example["data"]["hangup_cause"], self.real.completed["data"]["hangup_cause"])

    def test_the_example_of_an_error_is_what_the_program_tells(self):
        example = json.loads(next(each for each in blocks("json") if '"detail"' in each))
        codes = (ROOT / "docs/codes.md").read_text()
        self.assertIn(f"| `{example['code']}` | {example['message']} |", codes)
        self.assertIn(f"| `{example['reason']}` |", codes)

    def test_a_call_a_room_and_a_participant_have_the_members_that_the_table_names(self):
        row = next(line for line in TEXT.splitlines() if line.startswith("| `GET /v1/calls/{id}`"))
        for name in ("room", "node", "last_sequence", "hangup_cause", "duration_seconds", "ended_by", "error"):
            self.assertIn(f"`{name}`", row)
            self.assertIn(name, self.real.call)
        self.assertEqual(self.real.ended["ended_by"], "caller")
        row = next(line for line in TEXT.splitlines() if line.startswith("| `GET /v1/rooms/{name}`"))
        self.assertEqual(set(self.real.room["participants"][0]), names_in(row) - {"participants", "noise_suppression"})
        self.assertIn("noise_suppression", self.real.room)
        row = next(line for line in TEXT.splitlines() if line.startswith("| `GET /v1/rooms` "))
        self.assertEqual(set(self.real.room) - {"participants", "noise_suppression"}, names_in(row) - {"rooms", "limit", "after"})

    def test_every_route_of_the_table_is_there(self):
        self.assertGreater(len(self.real.answers), 15)
        for route, (status, document) in self.real.answers.items():
            self.assertIn(status, (200, 202, 204), f"{route}: {status} {document}")

    def test_events_of_rooms_hold_what_the_table_says(self):
        table = {name: names_in(cell) for name, cell in
                 re.findall(r"^\| `((?:room|participant)\.[a-z]+)` \|(.*?)\|", TEXT, re.MULTILINE)}
        told = {event["event"]: event for event in self.real.events}
        for name in ("room.started", "participant.joined", "participant.left", "room.ended"):
            data = set(told[name]["data"]) - {"room", "event_key"}
            self.assertEqual(data, table[name] - {"left", "kicked", "room_ended"}, name)
            self.assertIsNone(told[name]["call"])

    def test_codes_of_the_table_are_those_of_the_program(self):
        codes = (ROOT / "docs/codes.md").read_text()
        section = codes[codes.index("## Errors of the API"):codes.index("## Errors of a call")]
        known = {}
        for name, statuses in re.findall(r"^\| `([a-z_]+)` \| ([0-9, ]+) \|", section, re.MULTILINE):
            known[name] = {int(each) for each in statuses.split(",")}
        named = set()
        for statuses, cell in re.findall(r"^\| ([0-9]{3}(?:, [0-9]{3})*) \| (.*) \|$", TEXT, re.MULTILINE):
            for name in names_in(cell) & set(known):
                named.add(name)
                self.assertTrue(known[name] & {int(each) for each in statuses.split(",")}, name)
        self.assertEqual(named, set(known))


if __name__ == "__main__":
    unittest.main()
