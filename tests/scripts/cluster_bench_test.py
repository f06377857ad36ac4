"""The arithmetic of bench/cluster_bench, and that it knows where names belong as the nodes do."""
import json
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "bench/cluster"), str(ROOT / "scripts")]
import figures  # noqa: E402
import lab_caller  # noqa: E402
import phones  # noqa: E402
import placing  # noqa: E402


class Percentiles(unittest.TestCase):
    def test_are_the_nearest_rank(self):
        values = list(range(100, 0, -1))

        self.assertEqual(figures.percentile(values, 0.5), 50)
        self.assertEqual(figures.percentile(values, 0.99), 99)
        self.assertEqual(figures.percentile([7], 0.99), 7)

    def test_of_nothing_are_nothing(self):
        self.assertIsNone(figures.percentile([], 0.5))

    def test_of_a_histogram_are_the_bound_of_their_bucket(self):
        buckets = {0.1: 1.0, 0.5: 98.0, 1.0: 100.0, float("inf"): 100.0}

        self.assertEqual(figures.bucket_percentile(buckets, 0.5), 0.5)
        self.assertEqual(figures.bucket_percentile(buckets, 0.99), 1.0)
        self.assertIsNone(figures.bucket_percentile({0.1: 0.0}, 0.5))


class Gaps(unittest.TestCase):
    def test_unbroken_sound_has_none(self):
        times = [ms / 1000 for ms in range(0, 1000, 20)]

        self.assertAlmostEqual(figures.longest_gap(times, 0.0, 1.0)[0], 0.0, delta=0.001)
        self.assertEqual(figures.frames_unheard(times, 0.0, 1.0), 0)

    def test_are_as_long_as_what_is_missing_and_know_when_they_ended(self):
        times = [ms / 1000 for ms in range(0, 3000, 20) if not 1000 <= ms < 1500]

        gap, ended = figures.longest_gap(times, 0.0, 3.0)

        self.assertAlmostEqual(gap, 0.5, delta=0.001)
        self.assertAlmostEqual(ended, 1.5, delta=0.001)
        self.assertEqual(figures.frames_unheard(times, 0.0, 3.0), 25)

    def test_who_never_hears_again_has_a_gap_until_the_end(self):
        self.assertAlmostEqual(figures.longest_gap([0.0, 0.02], 0.0, 4.0)[0], 3.96, delta=0.001)

    def test_a_late_packet_is_no_frame_unheard(self):
        self.assertEqual(figures.frames_unheard([0.0, 0.05, 0.052, 0.06], 0.0, 0.08), 0)


class Losses(unittest.TestCase):
    @staticmethod
    def lost(packets):
        losses = figures.Losses()
        for ssrc, number in packets:
            losses.add(ssrc, number)
        return losses.lost

    def test_are_numbers_missing_within_a_stream(self):
        self.assertEqual(self.lost([("a", 1), ("a", 2), ("a", 5)]), 2)

    def test_do_not_see_a_new_stream_as_a_loss(self):
        self.assertEqual(self.lost([("a", 1), ("b", 900), ("a", 2), ("b", 901)]), 0)

    def test_count_over_the_wrap_of_the_numbers(self):
        self.assertEqual(self.lost([("a", 65534), ("a", 65535), ("a", 1)]), 1)

    def test_take_back_what_comes_late(self):
        self.assertEqual(self.lost([("a", 1), ("a", 3), ("a", 2), ("a", 4)]), 0)


class Texts(unittest.TestCase):
    def test_metrics_and_their_histograms_are_read(self):
        metrics = figures.parse_metrics('# TYPE x histogram\nx_bucket{le="0.1"} 1\nx_bucket{le="+Inf"} 3\nx_sum 0.5\n')

        self.assertEqual(metrics["x_sum"], 0.5)
        self.assertEqual(figures.histogram(metrics, "x"), {0.1: 1.0, float("inf"): 3.0})

    def test_log_lines_tell_their_moment_and_what_is_none_tells_nothing(self):
        moment, fields = figures.parse_log_line('{"ts":"1970-01-01T00:00:01.250Z","event":"member_lost"}')

        self.assertEqual((moment, fields["event"]), (1.25, "member_lost"))
        self.assertIsNone(figures.parse_log_line('{"ts":"1970-01-01T00:0'))


class Hearing(unittest.TestCase):
    def test_a_caller_is_audible_and_silence_is_not(self):
        tone = bytes(lab_caller.to_pcmu(round(lab_caller.AMPLITUDE * value)) for value in lab_caller.WAVES[0][1])

        self.assertTrue(phones.is_audible(tone))
        self.assertFalse(phones.is_audible(b"\xff\x7e" * 80))


class Placing(unittest.TestCase):
    def test_agrees_with_the_golden_vectors_of_the_nodes(self):
        golden = json.loads((ROOT / "tests/golden/placement.json").read_text())["vectors"]

        for vector in golden:
            self.assertEqual(placing.rank(vector["key"], dict(vector["members"])), vector["rank"], vector)


if __name__ == "__main__":
    unittest.main()
