"""Rows of bench/cluster_bench: what was measured, beside the goal, as text and as JSON."""
import figures


class Report:
    """Collects rows and prints each table when its part is done."""

    def __init__(self):
        self.parts, self.misses = [], []

    def table(self, title, rows, notes=()):
        """Prints one table; `rows` are dictionaries with the same keys."""
        notes = list(notes)
        self.parts.append({"part": title, "rows": rows, "notes": notes})
        print(f"\n{title}\n")
        heads = list(rows[0])
        cells = [heads] + [[shown(row[head]) for head in heads] for row in rows]
        widths = [max(len(line[n]) for line in cells) for n in range(len(heads))]
        for number, line in enumerate(cells):
            padded = [line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
            print("| " + " | ".join(padded) + " |")
            if number == 0:
                print("| " + " | ".join("-" * width for width in widths) + " |")
        for note in notes:
            print(f"- {note}")
        print(flush=True)

    def miss(self, sentence):
        """Something that was promised and not kept: the exit status is 1."""
        self.misses.append(sentence)
        print(f"NOT MET: {sentence}", flush=True)


def shown(value):
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def spread(name, seconds, scale=1000.0):
    """A row of number, p50, p99 and maximum, in milliseconds when `scale` is not given."""
    values = [each * scale for each in seconds]
    return {"ms": name, "n": len(values), "p50": figures.percentile(values, 0.5),
            "p99": figures.percentile(values, 0.99), "max": max(values, default=None)}


def ratio_row(name, one, other):
    """How much longer `one` takes than `other`, two rows of the same run."""
    def ratio(key):
        return one[key] / other[key] if one[key] and other[key] else None
    return {"ms": name, "n": "", "p50": ratio("p50"), "p99": ratio("p99"), "max": None}
