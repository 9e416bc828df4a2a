"""Measure the verdicts against claims that were read and coded twice.

Reads tests/fixtures/verdict_pairs.jsonl (claims) and tests/fixtures/verdict_labels.csv (id, verdict_1,
verdict_2), runs the checks, and prints: how far the two coders agree (share and Cohen's kappa), the confusion
matrix, and the precision of each verdict with its 95% Wilson interval, where both coders agree and against
each.
Odd ids are the half on which the rules were improved, even ids the half held back. `fresh` is another set
(verdict_pairs_fresh.jsonl, verdict_labels_fresh.csv): running text of several sentences by another hand, who
knew the figures but not the rules; its odd half then served to improve the rules. `final` is a third set,
made in the same way by a third hand.

    python tools/measure_verdicts.py --split fresh
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from collections.abc import Sequence
from math import sqrt
from pathlib import Path

from afterstrike.brief._check import check_claims
from afterstrike.brief._model import VERDICTS
from afterstrike.reading import read_document

FIXTURES = Path(__file__).resolve().parents[1] / "tests" / "fixtures"
BAR = 0.95  # what the precision of `contradicted` must reach


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Give the Wilson interval of a share.

    Examples
    --------
    >>> [round(x, 2) for x in wilson(19, 20)]
    [0.76, 0.99]
    """
    if of == 0:
        return 0.0, 1.0
    share = hits / of
    middle = share + z * z / (2 * of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    below = 1 + z * z / of
    return max(0.0, (middle - half) / below), min(1.0, (middle + half) / below)


def kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Give Cohen's kappa of two codings.

    Examples
    --------
    >>> kappa(["a", "b", "a", "b"], ["a", "b", "a", "b"])
    1.0
    """
    n = len(first)
    if n == 0:
        return float("nan")
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    one, two = Counter(first), Counter(second)
    chance = sum(one[k] * two[k] for k in one) / (n * n)
    return 1.0 if chance == 1 else (agreed - chance) / (1 - chance)


def verdict_of(pair: dict[str, str]) -> tuple[str, str]:
    """Run the checks on one claim and give the verdict, and its sentence, on the words the pair is about."""
    ledger = read_document(pair["text"], published=pair["published"])
    focus = pair.get("focus") or pair["about"]
    start = ledger.text.find(focus)
    end = start + len(focus)
    checks = {c.claim_id: c for c in check_claims(ledger)}
    near = [c for c in ledger.claims if c.start < end and c.end > start]
    if not near:
        return "not_checkable", "no claim was read"
    best = max(near, key=lambda c: min(c.end, end) - max(c.start, start))
    return checks[best.id].verdict, checks[best.id].sentence


def chosen(split: str) -> list[dict[str, str]]:
    """Give the pairs of a half: dev (odd ids), held (even ids) or all; or of another set."""
    kind = split.split("-")[0]
    name = f"verdict_pairs_{kind}.jsonl" if kind in ("fresh", "final") else "verdict_pairs.jsonl"
    lines = (FIXTURES / name).read_text(encoding="utf-8").splitlines()
    pairs = [json.loads(line) for line in lines if line.strip()]
    keep = {"dev": (1,), "held": (0,), "fresh-dev": (1,), "fresh-held": (0,)}.get(split, (0, 1))
    return [p for p in pairs if int(p["id"][1:]) % 2 in keep]


def labels() -> dict[str, tuple[str, str]]:
    """Give both coders' verdicts by id, of both sets."""
    coded: dict[str, tuple[str, str]] = {}
    for name in ("verdict_labels.csv", "verdict_labels_fresh.csv", "verdict_labels_final.csv"):
        with (FIXTURES / name).open(encoding="utf-8", newline="") as handle:
            coded |= {r["id"]: (r["verdict_1"], r["verdict_2"]) for r in csv.DictReader(handle)}
    return coded


def _precision(name: str, given: dict[str, str], truth: dict[str, str]) -> None:
    print(f"\nprecision, {name}")
    for verdict in VERDICTS:
        mine = [i for i, v in given.items() if v == verdict and i in truth]
        if not mine:
            continue
        hits = sum(truth[i] == verdict for i in mine)
        low, high = wilson(hits, len(mine))
        there = sum(v == verdict for i, v in truth.items() if i in given)
        bar = (
            f"   bar {BAR:.2f}: {'met' if hits / len(mine) >= BAR else 'MISSED'}"
            if verdict == "contradicted"
            else ""
        )
        print(f"  {verdict:<18} {hits:>3} of {len(mine):>3} = {hits / len(mine):.2f} "
              f"({low:.2f} to {high:.2f})"
              f"   recall {hits} of {there}{bar}")  # fmt: skip


def main() -> None:
    """Print the measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--split", choices=("dev", "held", "all", "fresh", "fresh-dev", "fresh-held", "final"), default="all"
    )
    parser.add_argument("--show", action="store_true", help="print each pair that differs from a coder")
    options = parser.parse_args()
    pairs, coded = chosen(options.split), labels()
    given = {p["id"]: verdict_of(p) for p in pairs}
    verdicts = {i: v for i, (v, _) in given.items()}
    first = {i: coded[i][0] for i in verdicts if i in coded}
    second = {i: coded[i][1] for i in verdicts if i in coded}
    ids = list(first)
    both = {i: first[i] for i in ids if first[i] == second[i]}
    print(f"{len(ids)} pairs ({options.split}); coders agree on {len(both)} "
          f"({len(both) / max(1, len(ids)):.0%}), "
          f"kappa {kappa([first[i] for i in ids], [second[i] for i in ids]):.2f}")  # fmt: skip
    table = Counter((verdicts[i], both[i]) for i in both)
    print(
        f"\nverdict given -> coded by both ({sum(n for (a, b), n in table.items() if a == b)} of "
        f"{len(both)} equal)"
    )
    for (mine, theirs), n in sorted(table.items()):
        print(f"  {mine:<18} {theirs:<18} {n}")
    _precision("where both coders agree", verdicts, both)
    _precision("against coder 1", verdicts, first)
    _precision("against coder 2", verdicts, second)
    if options.show:
        text = {p["id"]: p["text"] for p in pairs}
        for i in ids:
            if {first[i], second[i]} != {verdicts[i]}:
                print(
                    f"\n{i} {text[i]}\n   given {given[i][0]}, coded {first[i]} / {second[i]}: "
                    f"{given[i][1][:300]}"
                )


if __name__ == "__main__":
    main()
