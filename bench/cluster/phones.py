"""Telephones of bench/cluster_bench: those of scripts/lab_caller.py, many of them, with the kernel's arrival times."""
import array
import contextlib
import os
import select
import socket
import struct
import threading
import time

import figures
import lab_caller

SO_TIMESTAMPNS = 35  # asm-generic/socket.h; Python has no name for it
QUIET = bytes([0xFF, 0x7F, 0xFE, 0x7E, 0xFD, 0x7D, 0xFC, 0x7C])  # PCMU of the smallest amplitudes
AUDIBLE_SAMPLES = 40  # of 160 in a packet
SILENCE = b"\xff" * lab_caller.FRAME
SLOTS = 10  # of 2 ms: the phones send one after the other, not all at once


def is_audible(payload):
    return len(payload.translate(None, QUIET)) >= AUDIBLE_SAMPLES


def deaf(pairs):
    """Phones that do not hear the other of their pair, or hear themselves."""
    heard = [(phone, other, phone.heard_now()) for pair in pairs for phone, other in (pair, pair[::-1])]
    return [phone for phone, other, packet in heard  # 0.2 ms each: looked at when all have been taken
            if packet is None or lab_caller.pilots_in(packet) != 1 << other.index]


def all_hear(pairs):
    """True when everybody hears somebody; cheap."""
    return all(phone.hears() for pair in pairs for phone in pair)


class Phone(lab_caller.Caller):
    """One telephone; all times are Unix seconds by the kernel, all lists are of the current call."""

    def __init__(self, number):
        super().__init__(number % len(lab_caller.PILOTS))
        self.number, self.received_at = number, 0.0
        self.forget()
        for one in (self.sip, self.rtp):
            one.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def forget(self):
        self.dialed_at = self.answered_at = None
        self.audible = array.array("d")  # arrival times of packets in which somebody is heard
        self.losses = figures.Losses()
        self.turns = []  # when a re-INVITE sent our media elsewhere
        self.latest = b""

    def be_silent(self):
        """Sends packets in which nothing is heard, as a telephone whose owner only listens."""
        self.payload = SILENCE

    def call(self, room, node):
        """Calls in at the node; the application puts us into the room, which our name tells."""
        with self.lock:
            self.forget()
            self.name = f"{room}--{self.number}"
            self.dialed_at = time.time()
            self.dial(node.number, ("127.0.0.1", node.sip), node.name)

    def on_response(self, message, status):
        if self.state == "calling" and status >= 200 and message.get("cseq").endswith("INVITE"):
            self.answered_at = self.received_at
        super().on_response(message, status)

    def aim(self, message):
        before = self.media
        super().aim(message)
        if before and self.media != before:
            self.turns.append(self.received_at)

    def on_rtp(self, data, at):
        if len(data) < 12 + lab_caller.FRAME or data[1] & 0x7F != 0:
            return
        self.losses.add(data[8:12], data[2] << 8 | data[3])
        if is_audible(data[12:]):
            self.latest = data[12:]
            self.audible.append(at)

    def first_heard_at(self):
        return self.audible[0] if self.audible else None

    def hears(self, seconds=0.2):
        """True when anybody was heard just now; cheap, for hundreds of phones."""
        return bool(self.audible) and self.audible[-1] > time.time() - seconds

    def heard_now(self):
        """The latest audible packet when it came within the last second, else nothing."""
        return self.latest if self.hears(1.0) else None


class Fleet:
    """The one thread that serves all phones: reads their sockets and sends a packet of each every 20 ms.
    It takes real-time priority where it may, below the nodes' own: what it measures must not be its own lateness."""

    def __init__(self, count):
        self.phones = [Phone(number) for number in range(count)]
        self.latest_slot = 0.0  # seconds that a packet was sent late at most
        self.epoll, self.sockets = select.epoll(), {}
        for phone in self.phones:
            for one, is_sip in ((phone.sip, True), (phone.rtp, False)):
                self.sockets[one.fileno()] = (one, phone, is_sip)
                self.epoll.register(one.fileno(), select.EPOLLIN)
        self.running = True
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(threading.get_native_id(), os.SCHED_FIFO, os.sched_param(1))
        due, slot = time.monotonic(), 0
        while self.running:
            now = time.monotonic()
            while now >= due:
                self.latest_slot = max(self.latest_slot, now - due)
                self.send(self.phones[slot::SLOTS], now)
                slot = (slot + 1) % SLOTS
                due = due + 0.02 / SLOTS if now - due < 0.2 else now
            for descriptor, _ in self.epoll.poll(max(0.0, due - time.monotonic()), 64):
                self.receive(*self.sockets[descriptor])

    @staticmethod
    def send(phones, now):
        for phone in phones:
            with phone.lock:
                try:
                    phone.on_tick(now)
                except OSError:
                    pass  # the node is dead: its ports refuse

    @staticmethod
    def receive(one, phone, is_sip):
        try:
            data, extra, _, source = one.recvmsg(4096, 64)
        except OSError:
            return  # the port of a dead node refused an earlier packet
        seconds, nanoseconds = struct.unpack("qq", extra[0][2][:16])
        with phone.lock:
            phone.received_at = seconds + nanoseconds / 1e9
            if is_sip:
                phone.on_sip(data, source)
            else:
                phone.on_rtp(data, phone.received_at)

    def hang_up(self):
        for phone in self.phones:
            phone.hang_up()

    def end(self):
        """Ends calls and thread; BYEs that nobody answers are not waited for."""
        self.hang_up()
        self.running = False
        self.thread.join()
        for one, _, _ in self.sockets.values():
            one.close()
