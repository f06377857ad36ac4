"""A telephone in a few lines: SIP over UDP, PCMU, follows re-INVITEs, speaks a pilot tone, notes which tones it hears.

A pilot is a multiple of 50 Hz, so that each 20 ms packet holds whole periods: one packet tells who is in it.
"""
import contextlib
import math
import operator
import os
import random
import select
import socket
import threading
import time

HOST = "127.0.0.1"
RATE, FRAME = 8000, 160
PILOTS = (500, 700, 900, 1100, 1300, 1550)
AMPLITUDE = 1640  # -26 dBFS
HEARD_AMPLITUDE = 500
SILENT_GAP = 0.02  # a packet's own length is no gap
RETRY_SECONDS = 0.5  # T1: RFC 3261 17.1.1.1


def to_pcmu(sample):
    """ITU-T G.711 mu-law."""
    sign, magnitude = (0x80 if sample < 0 else 0), min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | (magnitude >> (exponent + 3)) & 15) & 0xFF


def from_pcmu(code):
    code = ~code & 0xFF
    magnitude = (((code & 15) << 3) + 132 << (code >> 4 & 7)) - 132
    return -magnitude if code & 0x80 else magnitude


DECODED = [from_pcmu(code) for code in range(256)]
WAVES = [([math.cos(2 * math.pi * hertz * i / RATE) for i in range(FRAME)],
          [math.sin(2 * math.pi * hertz * i / RATE) for i in range(FRAME)]) for hertz in PILOTS]


def pilots_in(payload):
    """Bit n is set when pilot n is heard in one packet."""
    samples = [DECODED[code] for code in payload[:FRAME]]
    heard = 0
    for n, (cosine, sine) in enumerate(WAVES):
        real = sum(map(operator.mul, samples, cosine))
        imaginary = sum(map(operator.mul, samples, sine))
        if math.hypot(real, imaginary) * 2 / FRAME > HEARD_AMPLITUDE:
            heard |= 1 << n
    return heard


class Message:
    """A SIP message: first line, headers by lower-case name (all values, in order), body."""

    def __init__(self, data):
        head, _, self.body = data.decode(errors="replace").partition("\r\n\r\n")
        self.line, *fields = head.split("\r\n")
        self.headers = {}
        for field in fields:
            name, _, value = field.partition(":")
            self.headers.setdefault(name.strip().lower(), []).append(value.strip())

    def get(self, name):
        return self.headers.get(name, [""])[0]

    def media(self):
        """Where the SDP wants audio; nothing without SDP."""
        host, port = HOST, None
        for line in self.body.splitlines():
            if line.startswith("c=IN IP4 "):
                host = line.split()[2]
            elif line.startswith("m=audio "):
                port = int(line.split()[1])
        return (host, port) if port else None


class Caller:
    """One telephone; all its methods but dial, hang_up and the questions belong to the exchange's thread."""

    def __init__(self, index):
        self.index, self.name = index, f"caller-{index + 1}"
        self.sip = self.bind()
        self.rtp = self.bind()
        sine = WAVES[index][1]
        self.payload = bytes(to_pcmu(round(AMPLITUDE * value)) for value in sine)
        self.heard = []     # (monotonic seconds, pilots) of each packet
        self.moves = []     # (monotonic seconds, address) of each change of where media goes
        self.state, self.why, self.home = "idle", "", None
        self.lock = threading.RLock()

    @staticmethod
    def bind():
        one = socket.socket(type=socket.SOCK_DGRAM)
        one.bind((HOST, 0))
        one.setblocking(False)
        return one

    def dial(self, number, address, home):
        """Calls the number at address (host, port); `home` is the node's name."""
        with self.lock:
            self.home, self.node = home, address
            self.state, self.why = "calling", ""
            self.call_id, self.tag = f"{random.getrandbits(64):x}@lab", f"{random.getrandbits(32):x}"
            self.target = f"sip:{number}@{address[0]}:{address[1]}"
            self.local = f"<sip:{self.name}@{HOST}>;tag={self.tag}"
            self.remote = f"<{self.target}>"
            self.cseq, self.version, self.media = 1, 1, None
            self.ssrc, self.sequence, self.stamp = random.getrandbits(32), 0, 0
            self.answers, self.branch = {}, f"z9hG4bK{random.getrandbits(64):x}"
            self.repeat(self.request("INVITE", self.sdp()), 8)

    def hang_up(self):
        with self.lock:
            if self.state == "up":
                self.cseq += 1
                self.repeat(self.request("BYE"), 4)
            self.state, self.media = "ended", None

    def repeat(self, data, times):
        self.pending, self.left, self.again = data, times, time.monotonic() + RETRY_SECONDS
        self.sip.sendto(data, self.node)

    def sdp(self):
        return (f"v=0\r\no=- {self.index + 1} {self.version} IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
                f"m=audio {self.rtp.getsockname()[1]} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=sendrecv\r\n")

    def request(self, method, body=""):
        if method == "INVITE" or (method == "ACK" and self.state != "up"):
            branch = self.branch  # RFC 3261 17.1.1.3: the ACK of a refusal belongs to the INVITE's transaction
        else:
            branch = f"z9hG4bK{random.getrandbits(64):x}"
        here = f"{HOST}:{self.sip.getsockname()[1]}"
        lines = [f"{method} {self.target} SIP/2.0",
                 f"Via: SIP/2.0/UDP {here};branch={branch};rport", "Max-Forwards: 70",
                 f"From: {self.local}", f"To: {self.remote}", f"Call-ID: {self.call_id}",
                 f"CSeq: {self.cseq} {method}", f"Contact: <sip:{self.name}@{here}>",
                 "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE"]
        return self.finish(lines, body)

    @staticmethod
    def finish(lines, body):
        if body:
            lines.append("Content-Type: application/sdp")
        return ("\r\n".join(lines + [f"Content-Length: {len(body)}"]) + "\r\n\r\n" + body).encode()

    def respond(self, message, status, body=""):
        lines = [f"SIP/2.0 {status}"] + [f"Via: {via}" for via in message.headers.get("via", [])]
        lines += [f"{name}: {message.get(name.lower())}" for name in ("From", "To", "Call-ID", "CSeq")]
        lines.append(f"Contact: <sip:{self.name}@{HOST}:{self.sip.getsockname()[1]}>")
        return self.finish(lines, body)

    def on_sip(self, data, source):
        message = Message(data)
        if message.get("call-id") != getattr(self, "call_id", None):
            return
        if message.line.startswith("SIP/2.0"):
            self.on_response(message, int(message.line.split()[1]))
        else:
            self.on_request(message, message.line.split()[0], source)

    def on_response(self, message, status):
        method = message.get("cseq").split()[-1]
        if method == "BYE" or (method == "INVITE" and status >= 100):
            self.pending = None
        if method != "INVITE" or status < 200:
            return
        self.remote = message.get("to")
        if status < 300 and "<" in message.get("contact"):
            self.target = message.get("contact").partition("<")[2].partition(">")[0]
        if self.state == "calling":
            self.state, self.why = ("up", "") if status < 300 else ("ended", message.line[8:])
            if status < 300:
                self.aim(message)
        self.sip.sendto(self.request("ACK"), self.node)

    def on_request(self, message, method, source):
        if method == "ACK":
            self.aim(message)
            return
        key = message.get("cseq")
        if key not in self.answers:
            body = ""
            if self.state != "up":
                status = "481 Call/Transaction Does Not Exist"
            else:
                status = "200 OK"
                if method == "INVITE" or message.body:
                    self.version += 1
                    body = self.sdp()
                    self.aim(message)
                if method == "BYE":
                    self.state, self.media, self.why = "ended", None, message.get("reason") or "BYE"
            self.answers[key] = self.respond(message, status, body)
        self.sip.sendto(self.answers[key], source)

    def aim(self, message):
        media = message.media()
        if media and media != self.media:
            self.media = media
            self.moves.append((time.monotonic(), media))

    def on_tick(self, now):
        if self.pending_due(now):
            self.left -= 1
            self.again = now + RETRY_SECONDS
            self.sip.sendto(self.pending, self.node)
        if self.state != "up" or self.media is None:
            return
        header = (b"\x80\x00" + self.sequence.to_bytes(2, "big") + self.stamp.to_bytes(4, "big")
                  + self.ssrc.to_bytes(4, "big"))
        self.sequence, self.stamp = (self.sequence + 1) & 0xFFFF, (self.stamp + FRAME) & 0xFFFFFFFF
        self.rtp.sendto(header + self.payload, self.media)

    def pending_due(self, now):
        return getattr(self, "pending", None) and self.left > 0 and now >= self.again

    def on_rtp(self, data, now):
        if len(data) >= 12 + FRAME and data[1] & 0x7F == 0:
            self.heard.append((now, pilots_in(data[12:])))

    def longest_silence(self, pilots, start, end):
        """Seconds of the longest stretch of [start, end] in which none of these pilots was heard."""
        longest, last = 0.0, start
        for at, heard in list(self.heard):
            if start <= at <= end and heard & pilots:
                longest, last = max(longest, at - last), at
        return max(0.0, max(longest, end - last) - SILENT_GAP)

    def heard_itself(self, start, end):
        return any(start <= at <= end and pilots >> self.index & 1 for at, pilots in list(self.heard))

    def hears(self, pilots, seconds=0.5):
        """Which of these pilots were heard just now."""
        since, heard = time.monotonic() - seconds, 0
        for at, present in reversed(self.heard):
            if at < since:
                break
            heard |= present
        return heard & pilots


class Exchange:
    """The one thread that serves all callers: reads their sockets and sends a packet of each every 20 ms.
    It takes real-time priority where it may, below the nodes' own: on a busy machine it would measure itself."""

    def __init__(self, count):
        self.callers = [Caller(index) for index in range(count)]
        self.latest_tick = 0.0  # seconds that a tick was late at most: what the measurement itself may add
        self.sockets = {one.sip: (one, True) for one in self.callers} | {one.rtp: (one, False) for one in self.callers}
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(threading.get_native_id(), os.SCHED_FIFO, os.sched_param(1))
        due = time.monotonic()
        while True:
            now = time.monotonic()
            if now >= due:
                self.latest_tick = max(self.latest_tick, now - due)
                due = due + 0.02 if now - due < 0.2 else now + 0.02
                for caller in self.callers:
                    with caller.lock:
                        self.quietly(caller.on_tick, now)
            ready, _, _ = select.select(list(self.sockets), [], [], max(0.0, due - time.monotonic()))
            for one in ready:
                self.receive(one)

    def receive(self, one):
        caller, is_sip = self.sockets[one]
        try:
            while True:
                data, source = one.recvfrom(4096)
                with caller.lock:
                    if is_sip:
                        caller.on_sip(data, source)
                    else:
                        caller.on_rtp(data, time.monotonic())
        except OSError:
            pass  # nothing more, or the port of a dead node refused an earlier packet

    @staticmethod
    def quietly(action, now):
        try:
            action(now)
        except OSError:
            pass  # the node is dead: its ports refuse
