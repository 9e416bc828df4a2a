"""The words of harm and the patterns that say whom a word of harm speaks of."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, get_args

from afterstrike.reading._people import event_words
from afterstrike.reading._vocabulary import phrase_pattern

__all__ = [
    "OUTCOMES",
    "Outcome",
    "ALONG",
    "BE",
    "CUMULATIVE",
    "GAP_FORWARD",
    "JOIN",
    "NAMES_AFTER",
    "NAMES_BEFORE",
    "NONE",
    "PARTS",
    "AMONG",
    "OF_THEM",
    "STOP_FORWARD",
    "VERB",
    "triggers",
]

Outcome = Literal["killed", "injured", "killed_or_injured", "missing", "detained", "displaced"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)


@cache
def triggers() -> tuple[re.Pattern[str], dict[str, tuple[Outcome, str]]]:
    words = event_words()["harm"]
    table: dict[str, tuple[Outcome, str]] = {}
    for outcome in ("killed", "injured", "missing", "detained", "displaced"):
        for form, key in (
            ("passive", outcome),
            ("active", f"{outcome}_active"),
            ("subject", f"{outcome}_subject"),
            ("nominal", f"{outcome}_nominal"),
        ):
            for phrase in words[key]:
                table.setdefault(phrase, (outcome, form))
    table["casualties"] = ("killed_or_injured", "subject")
    table["harmed"] = ("killed_or_injured", "passive")
    return re.compile(rf"(?<![\w-]){phrase_pattern(table)}(?![\w-])", re.I), table


BE = re.compile(
    r"\b(?:was|were|been|being|be|is|are|get|got|confirmed|reported|left|leaving|found|feared|presumed|declared|"
    r"announced|pronounced)\s+(?:(?:also|all|both|reportedly|allegedly|later|instantly|likely|"
    r"initially|either|thus|confirmed|reported|said|to\s+have\s+been|to\s+be|declared|immediately|fatally|seriously|"
    r"severely|lightly|critically|badly|slightly|moderately|among\s+those|[a-z]+ly)\s+)*$",
    re.I,
)
PARTS = re.compile(
    r"\b(?:includ(?:ing|ed|es|e)|among\s+(?:them|whom|the\s+(?:dead|victims|killed|injured))|of\s+(?:them|whom|which|these)|"
    r"most\s+of\s+(?:them|whom)|(?:almost\s+)?all\s+(?:of\s+)?(?:them|whom|but)|mostly|mainly|at\s+least\s+half|"
    r"namely|identified\s+as|comprising|consisting\s+of)\b|:",
    re.I,
)
STOP_FORWARD = re.compile(
    r"[.;:!?]|\b(?:when|after|while|who|which|that|because|where|whose|during|since|before|if|as\s+they)\b|"
    r"\b(?:said|says|reported|told|stated|added|claimed)\b",
    re.I,
)
OF_THEM = re.compile(r"\s+of\s+(?:them|whom|those|these)\b", re.I)
AMONG = re.compile(r"\bamong\s+(?:the|those|them)\s*$", re.I)
GAP_FORWARD = re.compile(
    r"^\s*(?:(?:and|or|also|at\s+least|up\s+to|as\s+many\s+as|more\s+than|over|about|around|some|nearly|almost|an?|"
    r"the|approximately|roughly|an\s+estimated|estimated|no\s+fewer\s+than|not\s+less\s+than|fewer\s+than|"
    r"less\s+than|between|from|reportedly|allegedly|another|a\s+further|further|a\s+total\s+of|all|both|of|to|"
    r"and\s+at\s+least|at\s+most|under|his|her|their|its|well|just|himself|herself|themselves|itself)\s+){0,5}$",
    re.I,
)
JOIN = re.compile(
    r"^[^.;:!?()]{0,70}?(?:,\s*(?:and\s+)?|\s+and\s+|\s+as\s+well\s+as\s+|\s+along\s+with\s+|\s+alongside\s+|"
    r"\s+together\s+with\s+|\s+plus\s+|\s+in\s+addition\s+to\s+)(?:[^.;:!?()]{0,30})$",
    re.I,
)
VERB = re.compile(
    r"\b(?:was|were|is|are|has|have|had|been|hit|struck|destroyed|damaged|targeted|sheltering|living|fled|bombed|"
    r"shelled|said|reported|injured|wounded|killed|died|targeting|striking|hitting|carried|launched)\b",
    re.I,
)
ALONG = re.compile(
    r"^\s*,?\s*(?:alongside|along\s+with|together\s+with|with|as\s+well\s+as|in\s+addition\s+to)\s+", re.I
)
# "nobody claimed the attack" says nothing of who was harmed
_ACTS = r"\s+(?:(?:has|had|have|immediately|yet)\s+){0,2}(?:claim|t[ao]ke?|admit|sa(?:id|y|w)|kn[eo]w|acknowledg|respond)"
NONE = re.compile(
    r"\b(?:no|without|neither)\s+(?:one|body|(?:[a-z]+\s+){0,3}?(?:casualt\w+|injur\w+|deaths?|fatalit\w+|victims?|"
    r"civilians?(?:\s+(?:casualt\w+|injur\w+|deaths?|fatalit\w+|losses))?|people|soldiers?|troops|losses))\b(?!{_ACTS})|\bnobody\b(?!{_ACTS})".replace(
        "{_ACTS}", _ACTS
    ),
    re.I,
)
# words beside the noun that leave "no casualties" said of everyone
_OF_ALL = frozenset(
    [
        "further",
        "more",
        "other",
        "immediate",
        "reported",
        "known",
        "confirmed",
        "serious",
        "such",
        "additional",
        "official",
    ]
)


# none reported is not none: the report leaves it open
OPEN_END = re.compile(
    r"\s+(?:(?:were|was|has|have|had|been|is|are|immediately|yet|so\s+far)\s+)*(?:reported|recorded|known)\b",
    re.I,
)


def whom_none_names(words: str) -> Literal["civilian", "unknown"] | None:
    """Say of whom a phrase says that none was harmed; None for some side or group only, which no total is.

    Examples
    --------
    >>> whom_none_names("no casualties"), whom_none_names("no civilians"), whom_none_names("no soldiers")
    ('unknown', 'civilian', None)
    """
    found = words.casefold().split()
    if any(word.startswith("civilian") for word in found):
        return "civilian"
    if found[-1].startswith(("soldier", "troop")):
        return None
    beside = [word for word in found[1:-1] if word not in _OF_ALL]
    return None if beside else "unknown"


CUMULATIVE = re.compile(
    r"\b(?:since\s+(?:the\s+)?(?:start|beginning|outbreak|begin\w*|[A-Z][a-z]+\s+\d{4}|\d{4}|october\s+7|[A-Z][a-z]+day|"
    r"[A-Z][a-z]+\s+\d|it\s+began|last\s+(?:year|month|week)|early|mid|late|then|20\d\d|19\d\d)|so\s+far\s+this\s+(?:year|month)|"
    r"to\s+date|brings?\s+(?:the|to)|bringing\s+(?:the|to)|rais(?:es|ing)\s+(?:the|to)|in\s+total\s+since|"
    r"over\s+the\s+(?:past|last)\s+(?:\w+\s+)?(?:years?|months?|weeks?|decades?)|(?:this|last)\s+year|"
    r"since\s+(?:\w+\s+){1,3}?(?:began|started|erupted|broke\s+out)|since\s+(?:the\s+(?:war|conflict|invasion|coup)|january|"
    r"february|march|april|may|june|july|august|september|october|november|december)\b|"
    r"during\s+the\s+(?:war|conflict|civil\s+war)|in\s+the\s+(?:\w+\s+)?(?:war|conflict)\b)",
    re.I,
)
PART = r"(?:(?:al|el|bin|ibn|abu|de|la|von|Abu|Umm)\s+)?(?:[Aa]l-)?[A-Z][\w'’.-]+"
NAME = rf"(?:[A-Z][\w'’.-]+|[Aa]l-[A-Z][\w'’-]+)(?:\s+{PART}){{1,4}}"
NAMES_BEFORE = re.compile(
    rf"(?P<names>{NAME}(?:\s*\([^)]*\))?(?:\s*,\s*(?:and\s+)?{NAME}(?:\s*\([^)]*\))?)*(?:\s*,?\s+and\s+(?:(?:his|her|their)\s+\w+\s+)?{NAME})?)"
    r"(?:\s*\([^)]*\)|,\s+(?:aged?\s+)?\d{1,3},?|,\s+who\b[^,]{1,60},)?\s*,?\s+$"
)
NAMES_AFTER = re.compile(
    rf"^\s+(?:\d{{1,2}}[\s-]years?[\s-]old\s+)?(?P<names>{NAME}(?:\s*\([^)]*\))?(?:\s*,\s*(?:and\s+)?{NAME}(?:\s*\([^)]*\))?)*(?:\s*,?\s+and\s+{NAME})?)"
)
