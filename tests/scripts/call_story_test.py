"""The log of a real node: a call's whole story by its id, one warning for each refused call, listeners told once.

usage: call_story_test.py PLENARYD
"""
import itertools
import random
import socket
import sys
import threading
import time
import unittest

from one_node import NUMBER, ROOT, running  # first: it says where the scripts are
from lab_caller import Exchange
from plenary_lab import ask, wait_until

PLENARYD = sys.argv.pop(1) if len(sys.argv) > 1 else str(ROOT / "build/check/plenaryd")
SECOND_NUMBER = "+15551230003"
GOOD_SDP = "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
FOREIGN_SDP = "m=audio 40000 RTP/AVP 3\r\na=rtpmap:3 GSM/8000\r\n"
OTHER_APPLICATION = """[[application]]
id = "app_small"
customer_id = "cust_small"
api_key = "mv_test_key_of_the_small_one"
answer_url = "{url}/answer"
max_calls = 1
[[did]]
number = "+15551230003"
application = "app_small"
"""

sources = (f"127.0.0.{n}" for n in itertools.count(20))  # the log holds back what one address repeats


def invite(node, number=NUMBER, source=None, sdp=GOOD_SDP, extra="", cseq="1 INVITE"):
    """One INVITE from an address of its own; the status of the final answer."""
    with socket.socket(type=socket.SOCK_DGRAM) as phone:
        phone.bind((source or next(sources), 0))
        phone.settimeout(10)
        here = "{}:{}".format(*phone.getsockname())
        host, port = node.sip.rsplit(":", 1)
        body = f"v=0\r\no=- 1 1 IN IP4 {here.split(':')[0]}\r\ns=-\r\nc=IN IP4 {here.split(':')[0]}\r\nt=0 0\r\n{sdp}"
        branch, call_id = f"z9hG4bK{random.getrandbits(64):x}", f"{random.getrandbits(64):x}"

        def text(method, to, numbered, content):
            return (f"{method} sip:{number}@{node.sip} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch={branch};rport\r\n"
                    f"Max-Forwards: 70\r\nFrom: <sip:+15550000001@{here}>;tag=a\r\nTo: {to}\r\nCall-ID: {call_id}\r\n"
                    f"CSeq: {numbered}\r\nContact: <sip:a@{here}>\r\n{extra if method == 'INVITE' else ''}"
                    + ("Content-Type: application/sdp\r\n" if content else "")
                    + f"Content-Length: {len(content)}\r\n\r\n{content}").encode()
        phone.sendto(text("INVITE", f"<sip:{number}@{node.sip}>", cseq, body), (host, int(port)))
        while True:
            answer = phone.recv(65535).decode(errors="replace")
            status = int(answer.split()[1])
            if status >= 200:
                break
        to = next(line[4:] for line in answer.split("\r\n") if line.startswith("To: "))
        phone.sendto(text("ACK", to, "1 ACK", ""), (host, int(port)))
        return status


def warnings(node):
    return [line for line in node.log() if line["level"] in ("warning", "error")
            and line["event"] != "no_real_time_priority"]


class Story(unittest.TestCase):
    def call_and_hang_up(self, node):
        exchange = Exchange(1)
        caller = exchange.callers[0]
        host, port = node.sip.rsplit(":", 1)
        caller.dial(NUMBER, (host, int(port)), "node-a")
        self.assertTrue(wait_until(lambda: caller.state != "calling", 10))
        self.assertEqual(caller.state, "up", caller.why)
        time.sleep(0.5)  # some media
        caller.hang_up()

    def events_of(self, node, call):
        return [line["event"] for line in node.log() if line.get("call") == call]

    def test_of_a_call_stands_under_its_id_from_the_first_line_to_the_last(self):
        with running(PLENARYD) as (customer, node):
            self.call_and_hang_up(node)
            call = customer.wait_for_event("call.completed")["call"]["id"]
            self.assertTrue(wait_until(lambda: "call_ended" in self.events_of(node, call), 5))
            lines = node.log()
        story = [line for line in lines if line.get("call") == call]
        told = [line["event"] for line in story]
        wanted = ["call_started", "instructions_answered", "media_agreed", "participant_joined", "call_answered",
                  "participant_left", "call_ended"]
        self.assertEqual([event for event in told if event in wanted], wanted)
        for line in lines:
            if call in str(line):
                self.assertEqual(line.get("call"), call, line)
        self.assertEqual([line for line in story if line["level"] != "info"], [])
        start, end = story[told.index("call_started")], story[told.index("call_ended")]
        for field in ("from", "to", "trunk", "source", "customer", "application", "sip_call_id"):
            self.assertTrue(start[field], field)
        self.assertEqual([end[field] for field in ("status", "cause", "ended_by", "error")],
                         ["completed", "normal_clearing", "caller", ""])

    def test_of_a_call_holds_what_its_application_did_not_take(self):
        with running(PLENARYD) as (customer, node):
            customer.close()
            self.assertEqual(invite(node), 503)
            # Two requests for instructions meet nobody; then the first webhook does.
            self.assertTrue(wait_until(lambda: {"answer_url_failed", "webhook_failed"}
                                       <= {line["event"] for line in node.log()}, 10))
            lines = node.log()
            url = customer.url
        call = next(line["call"] for line in lines if line["event"] == "call_started")
        failed = [line for line in lines if line["event"] == "http_request_failed"]
        self.assertGreaterEqual(len(failed), 3)
        for line in failed:
            self.assertEqual(line["call"], call)
        source = next(line for line in lines if line["event"] == "answer_url_failed")
        self.assertEqual([source[field] for field in ("call", "application", "url", "code", "reason", "asked")],
                         [call, "app_demo", f"{url}/answer", "answer_url_failed", "network", "answer_url"])
        webhook = next(line for line in lines if line["event"] == "webhook_failed")
        self.assertEqual([webhook[field] for field in ("call", "application", "endpoint", "name")],
                         [call, "app_demo", url, "call.created"])

    def test_listeners_are_told_once_when_the_node_starts(self):
        with running(PLENARYD, lines='[cluster]\nsize = 1') as (_, node):
            lines = node.log()
        told = [(line["edge"], line["address"]) for line in lines if line["event"] == "listening"]
        self.assertEqual(sorted(edge for edge, _ in told), ["http", "sip_tcp", "sip_udp"])
        port = node.http.rsplit(":", 1)[1]
        self.assertEqual(sum(f":{port}" in str(line) or f"': {port}" in str(line) for line in lines), 1)


class Links(unittest.TestCase):
    def test_that_cannot_be_made_and_strangers_are_told_once_by_address(self):
        with socket.socket() as unused, socket.socket() as taken:
            unused.bind(("127.0.0.1", 0))
            taken.bind(("127.0.0.1", 0))
            nobody, link = unused.getsockname()[1], taken.getsockname()[1]
        lines = f'[cluster]\nlisten = "127.0.0.1:{link}"\nseeds = ["127.0.0.1:{nobody}"]'
        with running(PLENARYD, lines=lines) as (_, node):
            for _ in range(2):
                with socket.create_connection(("127.0.0.1", link)) as stranger:
                    stranger.sendall(b"GET / HTTP/1.1\r\n\r\n" * 64)
                    stranger.shutdown(socket.SHUT_WR)
                    stranger.settimeout(10)
                    while stranger.recv(4096):
                        pass
            wait_until(lambda: any(line["event"] == "link_handshake_refused" for line in node.log()), 10)
            time.sleep(2)  # several dials
            log = node.log()
        failed = [line for line in log if line["event"] == "link_dial_failed"]
        self.assertEqual([(line["level"], line["address"]) for line in failed], [("info", f"127.0.0.1:{nobody}")])
        self.assertTrue(failed[0]["reason"])
        refused = [line for line in log if line["event"] == "link_handshake_refused"]
        self.assertEqual(len(refused), 1, refused)
        self.assertTrue(refused[0]["source"].startswith("127.0.0.1"), refused)


class Refusals(unittest.TestCase):
    def setUp(self):
        self.stack = running(PLENARYD, lines="[room]\nmax_participants = 1",
                             application=OTHER_APPLICATION.replace("{url}", "http://127.0.0.1:9"))
        self.customer, self.node = self.stack.__enter__()
        self.told = 0

    def tearDown(self):
        self.stack.__exit__(None, None, None)

    def refused(self, status, reason, **how):
        """One warning more than before, and it says why."""
        self.assertEqual(invite(self.node, **how), status, reason)
        wait_until(lambda: len(warnings(self.node)) > self.told, 5)
        time.sleep(0.3)  # a second one would be here by now
        found = [line for line in warnings(self.node)[self.told:] if line["event"] != "webhook_failed"]
        self.told = len(warnings(self.node))
        self.assertEqual([line["event"] for line in found], ["sip_invite_refused"], found)
        self.assertEqual(found[0]["status"], status)
        self.assertEqual(found[0]["reason"], reason)
        self.assertTrue(found[0]["what_to_do"])
        return found[0]

    def test_of_calls_that_never_began_leave_one_warning_each(self):
        self.refused(404, "unknown_did", number="+15559999999")
        self.refused(420, "unsupported", extra="Require: a-feature-of-nobody\r\n")
        self.refused(422, "session_interval", extra="Session-Expires: 30;refresher=uac\r\nMin-SE: 30\r\n"
                                                    "Supported: timer\r\n")
        self.refused(403, "source", source="127.0.0.200")

    def test_of_calls_that_their_flow_ended_leave_one_warning_each_with_their_id(self):
        def by_call(status, instructions, detail, reason="by_call", **how):
            self.customer.instructions = instructions
            line = self.refused(status, reason, **how)
            self.assertIn(detail, line["detail"])
            self.assertTrue(line["call"].startswith("call_"))
            return line["call"]
        room = {"actions": [{"type": "conference", "room": "small"}]}
        by_call(503, (404, {}), "answer_url_failed: HTTP 404")
        by_call(503, (200, b"no JSON"), "answer_url_failed")
        by_call(503, (200, {"actions": [{"say": {"text": "hello"}}]}), "actions[0]")
        by_call(603, (200, {"actions": []}), "call_rejected")
        by_call(488, (200, room), "codec", reason="not_acceptable", sdp=FOREIGN_SDP)
        redirect = {"actions": [{"redirect": {"url": self.customer.url + "/nowhere"}}]}
        by_call(503, lambda path: (200, redirect) if path == "/answer" else (404, {}), "redirect_failed: HTTP 404")
        exchange = Exchange(1)
        host, port = self.node.sip.rsplit(":", 1)
        self.customer.instructions = (200, room)
        exchange.callers[0].dial(NUMBER, (host, int(port)), "node-a")
        self.assertTrue(wait_until(lambda: exchange.callers[0].state == "up", 10))
        call = by_call(503, (200, room), "conference_unavailable: ")
        exchange.callers[0].hang_up()
        record = ask("GET", f"http://{self.node.http}/v1/calls/{call}?customer_id=cust_demo", "operator_of_one_node_0001")
        self.assertEqual([record["error"][member] for member in ("code", "message", "reason")],
                         ["conference_unavailable", "conference room could not be joined", "limit_reached"])

    def test_of_a_limit_leaves_one_warning_and_the_limit_beside_it(self):
        # Nobody answers there for a while: the first call of the small application waits for its second try.
        first = threading.Thread(target=lambda: invite(self.node, number=SECOND_NUMBER))
        first.start()
        wait_until(lambda: any(line["event"] == "call_started" for line in self.node.log()), 5)
        line = self.refused(503, "application_calls", number=SECOND_NUMBER)
        self.assertNotIn("call", line)
        limit = [each for each in self.node.log() if each["event"] == "sip_limit_reached"]
        self.assertEqual([(each["level"], each["name"]) for each in limit], [("info", "app_small")])
        first.join()


if __name__ == "__main__":
    unittest.main()
