"""The section "What may come next, from stated assumptions", as the templates take it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from ._outlook_model import (
    Outlook,
    OutlookAnswer,
    OutlookAssumed,
    OutlookCase,
    OutlookNumber,
    OutlookPicture,
    OutlookQuestion,
    OutlookSource,
)
from ._wording import plural
from ._words import day, joined, parse_day

__all__ = ["outlook_view"]

_MOST_QUOTES = 3
Numbered = Mapping[tuple[str, str | None], int]


def outlook_view(
    outlook: Outlook | None,
    *,
    today: date,
    published: str | None,
    numbers: Numbered,
    quotes: Mapping[str, str],
) -> dict[str, Any] | None:
    """Give the section; the world's age is counted here, so that the kept numbers hold no day of a run.

    Parameters
    ----------
    outlook
        The section's content; None gives None.
    today
        The day on which the brief was made.
    published
        The article's day.
    numbers
        Numbers in the list of sources, by name and address.
    quotes
        The article's claims by their id.
    """
    if outlook is None:
        return None
    from ._outlook_chart import fan_view, spread_view

    return {
        "said": _said(outlook, today, parse_day(published)),
        "events": [
            {"text": _dated(event.date, event.what), "sources": _sources((event.source,), numbers)}
            for event in outlook.events
        ],
        "picture": _picture(outlook.picture, quotes),
        "answers": [_answer(answer, numbers) for answer in outlook.answers],
        "cases": [_case(case, numbers) for case in outlook.cases],
        "questions": [_question(one) for one in outlook.questions],
        "fan": fan_view(outlook),
        "fan_rows": [
            (one.day[:7], _written(one.median), *(_range(one, level) for level in (50, 80, 95)))
            for one in outlook.fan
        ],
        "spread": spread_view(outlook),
        "scenarios": [{"title": one.title, "assumptions": one.assumptions} for one in outlook.scenarios],
        "assumed": [_assumed(one) for one in outlook.assumptions],
    }


def _question(one: OutlookQuestion) -> dict[str, Any]:
    """A forecast of the article as a question: what it says, the rule to score it, our number or why there is none."""
    says = "" if one.reason else f"The article says {one.says}"
    if one.stated is not None:
        says += f", with probability {one.stated:.2f}"
    ours = one.no_class and f"No probability of ours: {one.no_class}"
    if one.probability is not None and one.low is not None and one.high is not None and one.level is not None:
        ours = (
            f"Ours: {one.probability:.2f} ({one.low:.2f} to {one.high:.2f}, {100 * one.level:.0f} %), by the class alone: "
            f"{one.basis}; no skill beyond it is claimed"
        )
    return {
        "claim": one.claim,
        "quote": one.quote,
        "text": one.text,
        "reason": one.reason,
        "rule": ""
        if one.reason
        else f"{one.counts} From {one.starts} to {one.ends}; to be resolved from {one.resolves}.",
        "says": says,
        "ours": ours,
        "note": one.note,
    }


def _said(outlook: Outlook, today: date, published: date | None) -> list[str]:
    as_of, share = date.fromisoformat(outlook.as_of), 100 * outlook.assumed / outlook.numbers
    gap = ""
    if published is not None and published != as_of:
        apart = (as_of - published).days
        gap = (
            f" and {plural(abs(apart), 'day')} {'after' if apart > 0 else 'before'} the article was published"
        )
    age = plural((today - as_of).days, "day")
    return [
        f"A model was run on the world “{outlook.world}” ({_lower(outlook.title)}), as of {day(as_of)}: {age} old when this "
        f"brief was made{gap}. {outlook.assumed} of its {outlook.numbers} numbers ({share:.0f} %) are assumptions that no data "
        "test.",
        "What stands here follows from stated assumptions. It is no forecast, it says nothing of any place below a zone, and "
        "no verdict above rests on it.",
    ]


def _lower(title: str) -> str:
    """Give a title as it stands inside a sentence; a word of capitals keeps them."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _dated(iso: str, what: str) -> str:
    """Give an event with its day, once."""
    words = day(date.fromisoformat(iso))
    return what if words in what else f"{words}: {what}"


def _picture(picture: OutlookPicture | None, quotes: Mapping[str, str]) -> dict[str, Any] | None:
    if picture is None:
        return None
    return {
        "said": f"The article's own picture is an older one: that of the world “{picture.world}”, which can hold at the latest "
        f"on {day(date.fromisoformat(picture.as_of))}. These claims of it the article makes; none is a number of the run here.",
        "rows": [
            {
                "what": row.what,
                "claimed": [{"claim": claim, "quote": quotes[claim]} for claim in row.claims],
                "published": row.published,
                "note": row.note,
            }
            for row in picture.rows
        ],
    }


def _answer(answer: OutlookAnswer, numbers: Numbered) -> dict[str, Any]:
    told = answer.standing != "cannot be answered"
    return {
        "id": f"outlook-{answer.key.replace('_', '-')}",
        "question": answer.question,
        "standing": f"rests on {answer.standing}" if told else "cannot be answered from public data",
        "sign": "∴" if told else "?",
        "text": answer.text,
        "raised": [{"claim": one.claim, "quote": one.quote} for one in answer.raised[:_MOST_QUOTES]],
        "more": len(answer.raised) - min(len(answer.raised), _MOST_QUOTES),
        "numbers": [_number(one) for one in answer.numbers],
        "sources": _sources(answer.sources, numbers),
    }


def _number(one: OutlookNumber) -> tuple[str, str, str, str]:
    ends = ""
    if one.low is not None and one.high is not None:
        ends = f"{_sized(one.low, one.unit)} to {_sized(one.high, one.unit)}"
        ends += f" ({100 * one.level:.0f} %)" if one.level is not None else ""
    # A share is written as one, and a unit that the words name already is not named again.
    is_named = one.unit in ("share", "probability") or one.unit in one.what
    what = one.what if is_named else f"{one.what}, {one.unit}"
    return what, "" if one.median is None else _sized(one.median, one.unit), ends, one.basis


def _sized(value: float, unit: str) -> str:
    """Write a number so that it does not look more exact than it is."""
    if unit == "share":
        return "under 1 %" if 0 < value < 0.005 else f"{100 * value:.0f} %"
    return f"{value:.2f}" if unit == "probability" else _written(value)


def _written(value: float) -> str:
    from ..containment._words import number

    return number(value)


def _range(month: Any, level: int) -> str:
    return f"{_written(getattr(month, f'low_{level}'))} to {_written(getattr(month, f'high_{level}'))}"


def _case(case: OutlookCase, numbers: Numbered) -> dict[str, Any]:
    return {
        "name": case.name[0].upper() + case.name[1:],
        "text": f"{case.said} {case.follows}",
        "claims": case.claims,
        "sources": _sources(case.sources, numbers),
    }


def _sources(sources: tuple[OutlookSource, ...], numbers: Numbered) -> list[dict[str, Any]]:
    """Give each publisher once, with the numbers of its publications in the list of sources."""
    found: dict[str, dict[str, Any]] = {}
    for one in sources:
        entry = found.setdefault(one.name, {"name": one.name, "url": one.url, "refs": []})
        number = numbers.get((one.name, one.url or None))
        entry["refs"] += [number] if number else []
    return list(found.values())


def _assumed(one: OutlookAssumed) -> tuple[str, str, str]:
    bare, _, place = one.name.partition(".")
    places = joined(part.replace("_", " ") for part in place.split("/"))
    name = bare.replace("_", " ") + (f" ({places})" if places else "")
    low, high = (_exact(end) for end in (one.low, one.high))
    ends = low if low == high else f"{low} to {high}"
    return name, f"{ends} {one.unit}", one.note


def _exact(value: float) -> str:
    """Write an end of a range as the world's file has it."""
    if value and math.isfinite(value) and abs(value) < 1e-3:
        return f"{value:.0e}".replace("e-0", "e-")
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
