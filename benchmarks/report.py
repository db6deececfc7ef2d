"""From the raw findings to what is read: medians and ratios, tables, Markdown, the picture's words."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median, quantiles
from typing import Any

from catalogue import ENGINES, REFERENCE, TITLES

Record = dict[str, Any]


def summarize(times: list[Record]) -> list[Record]:
    """Add medians, quartiles and ratios to the records of one thread count, all in milliseconds.

    A ratio is the median of the rounds' ratios, so that a disturbance which lasts as long as a
    round touches both sides of it.
    """
    reference = {r["workload"]: r["seconds"] for r in times if r["engine"] == REFERENCE}
    done = []
    for record in times:
        record = dict(record)
        if seconds := record.pop("seconds", None):
            ratios = [a / b for a, b in zip(seconds, reference[record["workload"]], strict=True)]
            record["rounds_ms"] = [round(each * 1e3, 5) for each in seconds]
            record["ms"], record["ms_quartiles"] = spread(record["rounds_ms"])
            record["ratio"], record["ratio_quartiles"] = spread(ratios)
        done.append(record)
    return done


def spread(values: list[float]) -> tuple[float, list[float]]:
    """Median, and first and third quartile."""
    if len(values) == 1:
        return values[0], [values[0], values[0]]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return round(median(values), 5), [round(low, 5), round(high, 5)]


def of(records: Iterable[Record], **wanted: Any) -> Record:
    """The first record with these values; an empty one where there is none."""
    return next((r for r in records if all(r.get(k) == v for k, v in wanted.items())), {})


def significant(value: float) -> str:
    """Three significant digits, without exponents."""
    return f"{value:.0f}" if value >= 100 else f"{value:#.3g}".rstrip(".")


def cell(record: Record) -> str:
    """Ratio and milliseconds, or why there are none."""
    if record.get("status") == "measured":
        return f"{record['ratio']:.2f} ({significant(record['ms'])} ms)"
    return record.get("status", "")


Table = tuple[str, list[str], list[list[str]]]  # title, heads, rows


def tables(result: Record) -> list[Table]:
    """Every table of the result; the printed and the Markdown report show the same ones."""
    engines, workloads = result["engines"], result["workloads"]
    found: list[Table] = []
    for threads in result["threads"]:
        rows = [
            [ENGINES[e].label]
            + [cell(of(result["times"], engine=e, workload=w, threads=threads)) for w in workloads]
            for e in engines
        ]
        word = "thread" if threads == 1 else "threads"
        title = f"Time of a training step as a multiple of PyTorch eager's, {threads} {word}"
        found.append((title, ["Engine", *workloads], rows))
    if result["memory"]:
        rows = [[ENGINES[e].label, *_memory(result, e)] for e in engines]
        heads = ["Engine", "after import", *workloads]
        found.append(("Peak resident memory of a process, MiB, 1 thread", heads, rows))
    if result["imports"]:
        rows = [
            [ENGINES[r["engine"]].label, f"{r['ms']:.0f}"]
            for r in result["imports"]
            if r["status"] == "measured"
        ]
        found.append(("Import time, ms", ["Engine", "import"], rows))
    if result["growth"]:
        rows = [
            [ENGINES[r["engine"]].label, r["title"], str(r["work_ratio"]), f"{r['time_ratio']:.1f}"]
            for r in result["growth"]
        ]
        heads = ["Engine", "what grows", "work", "time"]
        found.append(("Growth of the cost, forward and backward, 1 thread", heads, rows))
    return found


def _memory(result: Record, engine: str) -> list[str]:
    records = [of(result["memory"], engine=engine, workload=w) for w in result["workloads"]]
    imports = [r["imports_mib"] for r in records if r.get("status") == "measured"]
    peaks = [f"{r['peak_mib']:.0f}" if "peak_mib" in r else r.get("status", "") for r in records]
    return [f"{median(imports):.0f}" if imports else "", *peaks]


def notes(result: Record) -> list[str]:
    """Where, when and how it was measured; then why cells are empty. One sentence each."""
    machine, settings = result["machine"], result["settings"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    environment = ", ".join(f"{k}={v}" for k, v in settings["environment"].items())
    lines = [
        f"Measured {machine['date'][:10]} on {machine['cpu']}, {machine['cores_usable']} cores, "
        f"{machine['memory_gib']} GiB, {machine['system']}, Python {machine['python']}: {versions}.",
        "Workloads: " + "; ".join(f"{w}: {TITLES[w]}" for w in result["workloads"]) + ".",
        f"Medians over {settings['rounds']} interleaved rounds; ratios are taken within a round. "
        f"All engines ran under the same settings: {environment} (N: the number of threads), pinned "
        f"to N cores, {settings['allocator']}.",
    ]
    if result["quick"]:
        lines.append("This was a quick run: its figures prove only that the benchmark works.")
    why: dict[tuple[str, str, str], set[str]] = {}
    for r in result["times"] + result["memory"]:
        if r.get("reason"):
            why.setdefault((r["engine"], r["status"], r["reason"]), set()).add(r["workload"])
    lines += [
        f"{ENGINES[engine].label} is {status} in {', '.join(sorted(where))}: {reason}."
        for (engine, status, reason), where in why.items()
    ]
    return lines


def text(result: Record) -> str:
    """The report for a terminal."""
    parts = []
    for title, heads, rows in tables(result):
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        lines = ["  ".join(w.ljust(n) for w, n in zip(row, widths, strict=True)).rstrip()
                 for row in (heads, *rows)]  # fmt: skip
        parts.append("\n".join([title, "", *lines]))
    return "\n\n".join([*parts, "\n".join(notes(result))])


def markdown(result: Record) -> str:
    """The report for a README."""
    parts = []
    for title, heads, rows in tables(result):
        rule = [":--", *["--:"] * (len(heads) - 1)]
        lines = [f"| {' | '.join(row)} |" for row in (heads, rule, *rows)]
        parts.append("\n".join([f"**{title}**", "", *lines]))
    return "\n\n".join([*parts, " ".join(notes(result))]) + "\n"


def alt(result: Record) -> str:
    """What is to be seen on the picture, in words."""
    sentences = [
        "Dot plot, one panel for each workload: time of a training step as a multiple of PyTorch "
        "eager's, on a logarithmic axis with a line at 1; left of it is faster."
    ]
    for w in result["workloads"]:
        for threads in result["threads"]:
            shown = [
                (r["ratio"], f"{ENGINES[r['engine']].label} {r['ratio']:.2f}")
                for r in result["times"]
                if (r["workload"], r["threads"]) == (w, threads) and "ratio" in r
                if r["engine"] != REFERENCE
            ]
            words = ", ".join(words for _, words in sorted(shown))
            if words:
                number = "1 thread" if threads == 1 else f"{threads} threads"
                sentences.append(f"Workload {w} ({TITLES[w]}), {number}: {words}.")
    return " ".join(sentences)
