"""The telephone of scripts/cluster must hear what is there, measure gaps right, and follow re-INVITEs."""
import pathlib
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts"))
import lab_caller as lab  # noqa: E402


def packet_of(pilots):
    """PCMU of the pilots whose bits are set, summed as a mixer does."""
    chosen = [lab.WAVES[n][1] for n in range(len(lab.PILOTS)) if pilots >> n & 1]
    return bytes(lab.to_pcmu(round(lab.AMPLITUDE * sum(wave[i] for wave in chosen))) for i in range(lab.FRAME))


class Hearing(unittest.TestCase):
    def test_pcmu_survives_the_round_trip(self):
        for code in range(256):
            if code != 0x7F:  # minus zero
                self.assertEqual(lab.to_pcmu(lab.from_pcmu(code)), code)

    def test_tells_every_set_of_callers_from_one_packet(self):
        for pilots in range(1 << len(lab.PILOTS)):
            self.assertEqual(lab.pilots_in(packet_of(pilots)), pilots)

    def test_tells_them_wherever_the_packet_was_cut(self):
        twice = packet_of(0b101010) * 2

        for start in range(0, lab.FRAME, 7):
            self.assertEqual(lab.pilots_in(twice[start: start + lab.FRAME]), 0b101010)


class Gaps(unittest.TestCase):
    def setUp(self):
        self.caller = lab.Caller(0)
        self.addCleanup(self.caller.sip.close)
        self.addCleanup(self.caller.rtp.close)

    def hear(self, pilots, start, end):
        """A packet each 20 ms of [start, end), times in milliseconds."""
        self.caller.heard += [(ms / 1000, pilots) for ms in range(start, end, 20)]

    def test_unbroken_sound_has_no_gap(self):
        self.hear(0b10, 0, 1000)

        self.assertAlmostEqual(self.caller.longest_silence(0b10, 0.0, 1.0), 0.0, delta=0.001)

    def test_a_gap_is_as_long_as_what_is_missing(self):
        self.hear(0b10, 0, 1000)
        self.hear(0b10, 1500, 3000)

        self.assertAlmostEqual(self.caller.longest_silence(0b10, 0.0, 3.0), 0.5, delta=0.021)

    def test_packets_without_the_pilot_do_not_end_its_gap(self):
        self.hear(0b10, 0, 1000)
        self.hear(0b100, 1000, 1500)
        self.hear(0b110, 1500, 2000)

        self.assertAlmostEqual(self.caller.longest_silence(0b10, 0.0, 2.0), 0.5, delta=0.021)
        self.assertAlmostEqual(self.caller.longest_silence(0b110, 0.0, 2.0), 0.0, delta=0.001)

    def test_silence_until_the_end_counts(self):
        self.hear(0b10, 0, 1000)

        self.assertAlmostEqual(self.caller.longest_silence(0b10, 0.0, 4.0), 3.0, delta=0.05)

    def test_who_hears_the_own_pilot_hears_itself(self):
        self.hear(0b10, 0, 100)
        self.assertFalse(self.caller.heard_itself(0.0, 1.0))

        self.hear(0b11, 100, 120)

        self.assertTrue(self.caller.heard_itself(0.0, 1.0))


class Signalling(unittest.TestCase):
    """Against a socket that plays the node, without the exchange's thread."""

    def setUp(self):
        self.node = socket.socket(type=socket.SOCK_DGRAM)
        self.node.bind((lab.HOST, 0))
        self.node.settimeout(5)
        self.caller = lab.Caller(0)
        for each in (self.node, self.caller.sip, self.caller.rtp):
            self.addCleanup(each.close)
        self.caller.dial("100", self.node.getsockname(), "node-a")
        self.invite = self.received()

    def received(self):
        return lab.Message(self.node.recv(4096))

    def deliver(self, line, cseq, media_port=None, to_tag=";tag=n"):
        sdp = f"v=0\r\nc=IN IP4 {lab.HOST}\r\nm=audio {media_port} RTP/AVP 0\r\n" if media_port else ""
        text = (f"{line}\r\nVia: {self.invite.get('via')}\r\nFrom: {self.invite.get('from')}\r\n"
                f"To: {self.invite.get('to')}{to_tag}\r\nCall-ID: {self.invite.get('call-id')}\r\nCSeq: {cseq}\r\n"
                f"Contact: <sip:node@{lab.HOST}:{self.node.getsockname()[1]}>\r\n\r\n{sdp}")
        self.caller.on_sip(text.encode(), self.node.getsockname())
        return self.received()

    def answer(self):
        return self.deliver("SIP/2.0 200 OK", "1 INVITE", media_port=4000)

    def test_acknowledges_the_answer_and_sends_media_where_it_says(self):
        ack = self.answer()

        self.assertTrue(ack.line.startswith("ACK sip:node@"))
        self.assertNotEqual(ack.get("via"), self.invite.get("via"))
        self.assertEqual((self.caller.state, self.caller.media), ("up", (lab.HOST, 4000)))

    def test_follows_a_reinvite_and_answers_it_with_its_own_description(self):
        self.answer()

        answer = self.deliver("INVITE sip:caller-1@127.0.0.1 SIP/2.0", "7 INVITE", media_port=5000)

        self.assertEqual(answer.line, "SIP/2.0 200 OK")
        self.assertEqual(answer.media(), self.caller.rtp.getsockname())
        self.assertEqual([media for _, media in self.caller.moves], [(lab.HOST, 4000), (lab.HOST, 5000)])

    def test_a_bye_ends_the_call_and_a_refusal_never_starts_one(self):
        self.answer()
        self.assertEqual(self.deliver("BYE sip:caller-1@127.0.0.1 SIP/2.0", "8 BYE").line, "SIP/2.0 200 OK")
        self.assertEqual((self.caller.state, self.caller.media), ("ended", None))

        self.caller.dial("100", self.node.getsockname(), "node-a")
        self.invite = self.received()
        ack = self.deliver("SIP/2.0 503 Service Unavailable", "1 INVITE")

        self.assertEqual(ack.get("via"), self.invite.get("via"))
        self.assertEqual((self.caller.state, self.caller.why), ("ended", "503 Service Unavailable"))


if __name__ == "__main__":
    unittest.main()
