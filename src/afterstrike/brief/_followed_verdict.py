"""Verdicts on claims of cause and on forecasts, from the studies of the record and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..reading._claim import Claim, Ledger
from ._effect_words import Direction, direction_of
from ._followed_model import Followed, FollowedStudy
from ._model import Check, Verdict

__all__ = ["judge_effects"]

_WAYS = {"fewer": "fewer attacks behind strikes", "more": "more attacks behind strikes"}


def judge_effects(ledger: Ledger, checks: Sequence[Check], followed: Followed) -> list[Check]:
    """Give causal claims and forecasts about strikes the verdict that the record's studies allow.

    The rule. The claim names strikes and one direction. `consistent_with`: at least one study has an answer
    and all that do answer in the claim's direction. `not_consistent_with`: all that do answer in the other.
    Else `cannot_tell`, with what stands against an answer. An answer needs all that `open_points` asks for, and
    no other design on the same rows that answers the other way.
    Other checks are given back as they are.
    """
    claims = {claim.id: claim for claim in ledger.claims}
    return [_judged(ledger, claims[check.claim_id], check, followed) for check in checks]


def _judged(ledger: Ledger, claim: Claim, check: Check, followed: Followed) -> Check:
    if claim.kind not in ("causal", "forecast") or not followed.studies:
        return check
    way = direction_of(ledger, claim)
    if way is None:
        return check
    verdict, sentence = _verdict(way, followed.studies)
    # What a dated fact has to say of the claim stays behind it.
    kept = check.sentence.split("No estimate is made for this strike.", 1)[-1].strip()
    return replace(
        check,
        verdict=verdict,
        sentence=f"{sentence} {kept}".strip(),
        rule="studies of the record that answer, all in one direction; anything open leaves it untold",
    )


def _verdict(way: Direction, studies: Sequence[FollowedStudy]) -> tuple[Verdict, str]:
    told = [study for study in studies if study.answer in ("fewer", "more")]
    answers = {study.answer for study in told}
    transport = " ".join(study.transport for study in (told or studies[:1]))
    against = _against(told)
    if len(answers) == 1 and against:
        names = ", ".join(against)
        return (
            "cannot_tell",
            f"{' '.join(study.finding for study in told)} Other designs on the same rows answer the other way "
            f"({names}), so it cannot be told. {transport}",
        )
    if len(answers) == 1:
        found = next(iter(answers))
        verdict: Verdict = "consistent_with" if found == way else "not_consistent_with"
        words = "consistent" if found == way else "not consistent"
        said = " ".join(study.finding for study in told)
        return (
            verdict,
            f"It says: {_WAYS[way]}. That is {words} with the evidence held here. {said} {transport}",
        )
    if answers:
        return (
            "cannot_tell",
            f"Studies of the record answer in both directions, so it cannot be told. {transport}",
        )
    first = studies[0]
    why = "; ".join(first.open_points[:3])
    return "cannot_tell", f"{first.finding} The evidence held here cannot tell: {why}. {transport}"


def _against(studies: Sequence[FollowedStudy]) -> list[str]:
    """Name the designs that answer, on the rows of a study, the other way than the study does."""
    return list(
        dict.fromkeys(
            row.design
            for study in studies
            for row in (study.beside.rows if study.beside is not None else ())
            if row.is_main and row.role == "design" and {row.answer, study.answer} == {"fewer", "more"}
        )
    )
