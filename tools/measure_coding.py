"""Measure the coding rule against 200 rows that were read twice, and print the result as Markdown.

The labels are codes only (tests/fixtures/ged_labels.csv); the rows come from the UCDP GED Syria file, which
is not part of this repository. Half of the rows (`unread`) were kept unread while the rule was written.

    python tools/measure_coding.py ../shared/data/ucdp_ged_syria/ged_syria_2016_2018.parquet --split unread
"""

from __future__ import annotations

import argparse
import csv
import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from afterstrike.record import open_record
from afterstrike.record._coding_store import recode

ROOT = Path(__file__).resolve().parents[1]
LABELS = ROOT / "tests" / "fixtures" / "ged_labels.csv"
GED = ROOT.parent / "shared" / "data" / "ucdp_ged_syria" / "ged_syria_2016_2018.parquet"
UNCLEAR = "unclear"
# The codebook names parties shortly; every armed group it does not list is coded `Syrian insurgents`.
SHORT = {
    "IS": "IS", "SDF": "SDF", "YPG": "SDF", "PYD": "SDF", "US-led coalition": "US-led coalition",
    "Government of Syria": "Government of Syria", "Government of Russia": "Russia",
    "Government of Turkey": "Turkey", "Government of Russia (Soviet Union)": "Russia",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One labelled row: two readings, and what the rule says."""

    event_id: str
    split: str
    kinds: tuple[str, str]
    initiators: tuple[str, str]
    kind: str
    initiator: str
    confidence: str


def short(name: str | None) -> str:
    """Give the codebook's name of an initiator."""
    if name is None:
        return UNCLEAR
    if name in SHORT:
        return SHORT[name]
    return name if name.startswith("Government of") else "Syrian insurgents"


def wilson(hits: int, n: int) -> str:
    """Give a share with Wilson's 95% interval."""
    if n == 0:
        return "none"
    z, p = 1.959964, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{p:.2f} ({middle - half:.2f} to {middle + half:.2f})"


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Give Cohen's kappa of two readings."""
    n = len(pairs)
    same = sum(a == b for a, b in pairs) / n
    names = {x for pair in pairs for x in pair}
    chance = sum(sum(a == x for a, _ in pairs) * sum(b == x for _, b in pairs) for x in names) / n**2
    return 1.0 if chance == 1 else (same - chance) / (1 - chance)


def read_rows(ged: Path, labels: Path, rule: str | None) -> list[Row]:
    """Import the file into a record of its own and set the rule's codes beside the labels."""
    with labels.open(encoding="utf-8", newline="") as handle:
        wanted = {row["event_id"]: row for row in csv.DictReader(handle)}
    with tempfile.TemporaryDirectory() as folder, open_record(Path(folder) / "measure.duckdb") as record:
        record.add(ged)
        if rule:
            recode(record.connection, rule)
        marks = ", ".join("?" * len(wanted))
        coded = record.connection.execute(
            f"SELECT event_id, kind, initiator, confidence FROM events WHERE event_id IN ({marks})",
            list(wanted),
        ).fetchall()
    if len(coded) != len(wanted):
        raise SystemExit(
            f"{ged} holds {len(coded)} of the {len(wanted)} labelled rows; it is another release"
        )
    return [
        Row(event_id, w["split"], (w["kind_1"], w["kind_2"]), (w["initiator_1"], w["initiator_2"]), kind,
            short(initiator), confidence or "none")
        for event_id, kind, initiator, confidence in sorted(coded)
        for w in [wanted[event_id]]
    ]  # fmt: skip


def print_agreement(rows: Sequence[Row]) -> None:
    """Print how far the two readings agree."""
    kinds, initiators = [r.kinds for r in rows], [r.initiators for r in rows]
    print("| reading 1 and reading 2 | n | agree | Cohen's kappa |\n|---|---|---|---|")
    for name, pairs in (("kind", kinds), ("initiator", initiators)):
        same = wilson(sum(a == b for a, b in pairs), len(pairs))
        print(f"| {name} | {len(pairs)} | {same} | {kappa(pairs):.2f} |")
    print()


def print_scores(
    title: str, rows: Sequence[Row], true: Callable[[Row], str], said: Callable[[Row], str]
) -> None:
    """Print precision, recall and F1 for each code."""
    right = sum(true(r) == said(r) for r in rows)
    print(f"**{title}**: {right} of {len(rows)} right, {wilson(right, len(rows))}\n")
    print("| code | labelled | given by the rule | precision | recall | F1 |\n|---|---|---|---|---|---|")
    for code in sorted({true(r) for r in rows} | {said(r) for r in rows}):
        hits = sum(true(r) == said(r) == code for r in rows)
        labelled, given = sum(true(r) == code for r in rows), sum(said(r) == code for r in rows)
        f1 = f"{2 * hits / (labelled + given):.2f}"
        print(f"| {code} | {labelled} | {given} | {wilson(hits, given)} | {wilson(hits, labelled)} | {f1} |")
    print()


def print_confidence(rows: Sequence[Row]) -> None:
    """Print how often each level of confidence is right, on rows whose two readings agree."""
    print("| confidence | rows | kind right | initiator right |\n|---|---|---|---|")
    for level in ("high", "moderate", "low", "none"):
        some = [r for r in rows if r.confidence == level]
        if some:
            kind = [r for r in some if r.kinds[0] == r.kinds[1]]
            who = [r for r in some if r.initiators[0] == r.initiators[1]]
            print(
                f"| {level} | {len(some)} | {wilson(sum(r.kind == r.kinds[0] for r in kind), len(kind))} "
                f"| {wilson(sum(r.initiator == r.initiators[0] for r in who), len(who))} |"
            )
    print()


def print_split(name: str, rows: Sequence[Row]) -> None:
    """Print everything about one half of the labelled rows."""
    print(f"### Split `{name}`: {len(rows)} rows\n")
    print_agreement(rows)
    agreed = [r for r in rows if r.kinds[0] == r.kinds[1]]
    print_scores("Kind, rows where both readings agree", agreed, lambda r: r.kinds[0], lambda r: r.kind)
    agreed = [r for r in rows if r.initiators[0] == r.initiators[1]]
    print_scores(
        "Initiator, rows where both readings agree", agreed, lambda r: r.initiators[0], lambda r: r.initiator
    )
    for number in (0, 1):
        print_scores(f"Kind, reading {number + 1}", rows, lambda r, i=number: r.kinds[i], lambda r: r.kind)
        print_scores(
            f"Initiator, reading {number + 1}",
            rows,
            lambda r, i=number: r.initiators[i],
            lambda r: r.initiator,
        )
    print_confidence(rows)
    named = sum(r.initiator != UNCLEAR for r in rows)
    labelled = sum(r.initiators[0] != UNCLEAR for r in rows)
    print(
        f"Rows given an initiator by the rule: {wilson(named, len(rows))}; "
        f"by reading 1: {wilson(labelled, len(rows))}."
    )
    struck = [r for r in rows if r.kinds == ("strike", "strike")]
    wrong = sum(r.kind == "attack" for r in struck)
    print(f"Rows both readings call a strike that the rule calls an attack: {wrong} of {len(struck)}.\n")


def main() -> None:
    """Read the arguments and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "ged", type=Path, nargs="?", default=GED, help="the UCDP GED Syria file (41 columns, 2016 to 2018)"
    )
    parser.add_argument("--split", choices=("open", "unread", "both"), default="both")
    parser.add_argument("--rule", help="another rule: a TOML file or a CSV of codes")
    parser.add_argument("--labels", type=Path, default=LABELS)
    given = parser.parse_args()
    rows = read_rows(given.ged, given.labels, given.rule)
    for split in ("open", "unread"):
        if given.split in (split, "both"):
            print_split(split, [r for r in rows if r.split == split])


if __name__ == "__main__":
    main()
