"""What may come next, from stated assumptions: the model's answers to the questions an article raises.

It moves no verdict: what follows from assumptions makes no claim true or false.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from ..reading._claim import Ledger
from ._outlook_cache import kept_or_run
from ._outlook_cues import pattern, raised_questions, says
from ._outlook_model import (
    Outlook,
    OutlookCase,
    OutlookClaimed,
    OutlookPicture,
    OutlookQuestion,
    OutlookSource,
    Raised,
)
from ._outlook_run import run_world
from ._scorable import ScorableForecast, scorable_forecasts
from ._tables import table
from ._words import parse_day, sentence_at

if TYPE_CHECKING:
    from ..containment import World
    from ._outlook_run import RunSettings

__all__ = ["SETTINGS", "outlook_assumptions", "outlook_in", "outlook_sources", "world_for"]

# Declared, the same for every article: runs of each scenario, repeats of a prior draw, base draws of the spread, seed.
SETTINGS: RunSettings = (600, 4, 128, 0)
# Claims of an older picture that an article must make to share it: one alone may be chance.
_LEAST_SHARED = 2
USER = "outlook"
"""What the brief's list of sources calls this section."""


def outlook_in(
    ledger: Ledger,
    *,
    today: date,
    progress: Callable[[str], None] = lambda stage: None,
) -> Outlook | None:
    """Answer the questions that an article raises from the newest world of its countries and armed group.

    Parameters
    ----------
    ledger
        The article.
    today
        The brief's day: no world of a later day is run.
    progress
        Called with a word or two at each stage.

    Returns
    -------
    Outlook or None
        None where the article raises no question, or no shipped world is about what it is about.
    """
    raised = raised_questions(ledger)
    worlds = _shipped() if raised else []
    world = world_for(ledger, worlds, today)
    if world is None:
        return None
    settings = SETTINGS
    kept = kept_or_run(world, settings, partial(run_world, world, settings, progress))
    answers = tuple(
        replace(answer, raised=raised[answer.key]) for answer in kept.answers if answer.key in raised
    )
    used = {"strikes_only"} | {
        rule["scenario"]
        for key, rule in table("outlook")["questions"].items()
        if key in raised and "scenario" in rule
    }
    return replace(
        kept,
        answers=answers,
        scenarios=tuple(one for one in kept.scenarios if one.name in used),
        spread=kept.spread if "prison_weight" in raised else (),
        cases=_cases(ledger, world, raised),
        picture=_picture(ledger, worlds),
        questions=tuple(_question(one) for one in scorable_forecasts(ledger)),
    )


def _question(one: ScorableForecast) -> OutlookQuestion:
    """A forecast of the article in plain values; a question it leaves to others has our probability beside it."""
    ours = one.ours
    return OutlookQuestion(
        claim=one.claim_id,
        quote=one.quote,
        reason=one.reason,
        text=one.text,
        counts=one.counts,
        starts=str(one.starts or ""),
        ends=str(one.ends or ""),
        resolves=str(one.resolves or ""),
        says=one.says,
        stated=one.stated,
        probability=None if ours is None else ours.probability,
        low=None if ours is None else ours.low,
        high=None if ours is None else ours.high,
        level=None if ours is None else ours.level,
        basis="" if ours is None else ours.reference.count_words(),
        no_class=one.no_class,
        note=one.note,
    )


def world_for(ledger: Ledger, worlds: Iterable[World], today: date) -> World | None:
    """Choose the world to run.

    The rule. The country that the article's claims name most lies in the world, and its claims name the world's armed
    group. Of these the newest not after `today`, and not one made of an article's claims. None where it lies more than
    `most_days_after` days behind the article's publication: what the article asks is then long past.
    """
    counts = Counter(place.adm0 for claim in ledger.claims for place in claim.places if place.adm0)
    most = {country for country, n in counts.items() if n == max(counts.values())}
    groups = {actor.name for claim in ledger.claims for actor in claim.actors}
    fitting = [
        world
        for world in worlds
        if most & set(world.areas)
        and (not world.group or world.group in groups)
        and world.as_of <= today
        and not world.claims
    ]
    if not fitting:
        return None
    newest = max(fitting, key=lambda world: world.as_of)
    published = parse_day(ledger.published)
    latest = timedelta(days=table("outlook")["most_days_after"])
    return None if published is not None and newest.as_of - published > latest else newest


def _shipped() -> list[World]:
    from ..containment import load_world, worlds

    return [load_world(name) for name in worlds()]


def _cases(ledger: Ledger, world: World, raised: dict[str, tuple[Raised, ...]]) -> tuple[OutlookCase, ...]:
    """Give the places named where a question is raised, of which attacks by other groups are on record."""
    ids = {one.claim for sentences in raised.values() for one in sentences}
    found = []
    for case in table("outlook")["cases"]:
        claims = tuple(
            claim.id
            for claim in ledger.claims
            if claim.id in ids and pattern(case["pattern"]).search(_sentence(ledger, claim.start, claim.end))
        )
        if not claims or world.group in case["groups"]:
            continue
        group = world.group or "the group that this world counts"
        follows = (
            f"The attacks that these sources record there are by others than {group}, so data on {group} cannot speak of a "
            "lull there."
        )
        sources = tuple(OutlookSource(one["name"], one["url"]) for one in case["sources"])
        found.append(OutlookCase(case["name"], case["said"], follows, sources, claims))
    return tuple(found)


def _sentence(ledger: Ledger, start: int, end: int) -> str:
    left, right = sentence_at(ledger.text, start, end)
    return ledger.text[left:right]


def _picture(ledger: Ledger, worlds: Iterable[World]) -> OutlookPicture | None:
    """Give the older world made of an article's claims whose claims this article makes, most of them first."""
    found = []
    for world in worlds:
        cues = {one["what"]: one["cue"] for one in table("outlook")["pictures"] if one["world"] == world.name}
        rows = tuple(
            OutlookClaimed(one.what, one.claimed, one.published, one.note, claims)
            for one in world.claims
            if one.what in cues and (claims := _claims_saying(ledger, cues[one.what]))
        )
        if len(rows) >= _LEAST_SHARED:
            found.append(OutlookPicture(world.name, world.as_of.isoformat(), world.note, rows))
    return max(found, key=lambda picture: len(picture.rows), default=None)


def _claims_saying(ledger: Ledger, cue: list[str]) -> tuple[str, ...]:
    return tuple(claim.id for claim in ledger.claims if says(cue, claim.quote))


def outlook_sources(outlook: Outlook | None) -> list[tuple[OutlookSource, tuple[str, ...]]]:
    """Give every publication behind the section, with the claims and the section that use it."""
    if outlook is None:
        return []
    found: list[tuple[OutlookSource, tuple[str, ...]]] = []
    for case in outlook.cases:
        found += [(source, (*case.claims, USER)) for source in case.sources]
    for answer in outlook.answers:
        found += [(source, (USER,)) for source in answer.sources]
    found += [(event.source, (USER,)) for event in outlook.events]
    return found


def outlook_assumptions(outlook: Outlook | None) -> list[tuple[str, tuple[str, ...]]]:
    """Give what the section takes for granted, with the claims whose questions rest on it."""
    if outlook is None:
        return []
    claims = _claims_of(outlook)
    said = [
        f"{outlook.assumed} of the {outlook.numbers} numbers of world {outlook.world} are assumptions; the outlook lists "
        "them"
    ]
    said += [f"{one.title}: {text}" for one in outlook.scenarios for text in one.assumptions]
    return [(text, claims) for text in said]


def _claims_of(outlook: Any) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            one.claim for answer in outlook.answers for one in answer.raised if one.claim is not None
        )
    )
