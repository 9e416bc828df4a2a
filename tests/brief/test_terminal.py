from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from afterstrike.brief import Brief, Check
from afterstrike.brief._terminal import print_summary
from afterstrike.brief._wording import summary_sentences
from afterstrike.reading._claim import Claim, Ledger


def test_summary_fits_the_screen_and_counts_right(made_brief: Brief) -> None:
    lines = made_brief.summary().splitlines()
    assert max(len(line) for line in lines) <= 88
    shown = sum(int(line.split()[0]) for line in lines[lines.index("Verdicts") + 1 :])
    assert shown == len(made_brief.ledger.claims)


def test_only_checks_with_evidence_count_as_held(parts: dict[str, Any]) -> None:
    words = " ".join(summary_sentences(parts["ledger"], parts["checks"], ()))
    # Of seven checks three rest on evidence; "cannot tell" without any does not.
    assert "7 claims; 3 could be held" in words
    assert "1 where the evidence cannot tell" in words


def test_escape_sequences_of_an_article_never_reach_the_terminal(assemble: Callable[..., Brief]) -> None:
    text = "\x1b]0;owned\x07 40 tons \x1b[2J \u202e"
    ledger = Ledger(text, (Claim("c1", 0, 5, text[:5], "figure", None, "author", "stated"),), title=text)
    summary = assemble(ledger, (Check("c1", "contradicted", text),)).summary()
    assert all(character.isprintable() for line in summary.splitlines() for character in line)


def test_plain_when_nobody_looks(made_brief: Brief, capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(made_brief, [Path("out/brief.html")])
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert printed.rstrip().endswith("out/brief.html")
