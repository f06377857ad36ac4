"""Arithmetic of bench/cluster_bench: percentiles, gaps in what a caller hears, packets lost. No clock, no socket."""
import json
import math
import datetime

FRAME_SECONDS = 0.02
JITTER_SECONDS = 0.06  # a pause between two packets up to this long is lateness, not a loss


def percentile(values, share):
    """The smallest value that `share` of all values do not exceed (nearest rank); nothing of nothing."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(share * len(ordered))) - 1] if ordered else None


def pauses(times, start, end):
    """(first moment, last moment) of each pause between packets of [start, end], its borders included."""
    inside = [start] + [at for at in times if start <= at <= end] + [end]
    return list(zip(inside, inside[1:]))


def longest_gap(times, start, end):
    """(seconds, moment at which it ended) of the longest silence in [start, end]; a packet's own length is no gap."""
    first, last = max(pauses(times, start, end), key=lambda pause: pause[1] - pause[0])
    return max(0.0, last - first - FRAME_SECONDS), last


def frames_unheard(times, start, end):
    """Frames of 20 ms that were not heard in [start, end]: of every pause that is longer than jitter."""
    return sum(round((last - first) / FRAME_SECONDS) - 1 for first, last in pauses(times, start, end)
               if last - first > JITTER_SECONDS)


class Losses:
    """Packets lost on the way: numbers missing within each stream (RFC 3550 5.1), however the streams interleave."""

    def __init__(self):
        self.lost, self.packets, self.expected = 0, 0, {}

    def add(self, ssrc, number):
        self.packets += 1
        ahead = (number - self.expected.get(ssrc, number)) & 0xFFFF
        if ahead < 0x8000:
            self.lost += ahead
            self.expected[ssrc] = number + 1 & 0xFFFF
        else:
            self.lost -= 1  # it came after all, later than its successor


def bucket_percentile(buckets, share):
    """Upper bound of the histogram bucket that holds the percentile; `buckets` maps bounds to cumulative counts."""
    bounds = sorted(buckets)
    wanted = share * buckets[bounds[-1]] if bounds else 0
    return next((bound for bound in bounds if buckets[bound] >= wanted), None) if wanted else None


def parse_metrics(text):
    """{name with labels: value} of a Prometheus text."""
    lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def histogram(metrics, name):
    """{upper bound: cumulative count} of one histogram without further labels."""
    start = f'{name}_bucket{{le="'
    return {float(key[len(start):-2]): value for key, value in metrics.items() if key.startswith(start)}


def parse_log_line(line):
    """(Unix seconds, the line's fields) of a node's log line; nothing when it is none."""
    try:
        fields = json.loads(line)
        return datetime.datetime.fromisoformat(fields["ts"].replace("Z", "+00:00")).timestamp(), fields
    except (ValueError, KeyError, TypeError):
        return None
