"""Numbers that look like a held figure and are not: none of them may be called contradicted or outdated.

The texts are invented. Measure words, area, time or actor of a held figure stand near a number of another
thing: another force, theatre or group, a part, a plan, a rate, a change, another time, a denial, a rumour.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from afterstrike.brief._check import check_claims
from afterstrike.reading import read_document

LINES = (Path(__file__).parents[1] / "fixtures" / "verdict_near_misses.jsonl").read_text(encoding="utf-8")
NEAR_MISSES = [json.loads(line) for line in LINES.splitlines()]


@pytest.mark.parametrize("pair", NEAR_MISSES, ids=lambda pair: pair["text"][:40])
def test_a_near_miss_is_neither_contradicted_nor_outdated(pair: dict[str, str]) -> None:
    checks = check_claims(read_document(pair["text"], published=pair["published"]))
    wrong = [(c.verdict, c.sentence) for c in checks if c.verdict in ("contradicted", "outdated")]
    assert not wrong


def test_the_near_misses_hold_many_numbers() -> None:
    ledgers = [read_document(pair["text"], published=pair["published"]) for pair in NEAR_MISSES]
    assert sum(bool(claim.quantities) for ledger in ledgers for claim in ledger.claims) > len(NEAR_MISSES) / 2
