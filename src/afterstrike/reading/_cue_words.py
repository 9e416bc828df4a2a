"""The words of attribution by their forms: verbs, nouns and adjectives, each with the kind of attribution it makes."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import get_args

from afterstrike.reading._claim import ATTRIBUTION_KINDS, HEDGINGS, AttributionKind, Hedging
from afterstrike.reading._vocabulary import phrase_pattern

__all__ = ["Cue", "CueWords", "Form", "cue_words", "find_cues", "is_passive"]


_PHRASE_ONLY = ("appear", "put", "brief", "term")  # cues in the longer forms of `cues.csv` only


@dataclass(frozen=True)
class Form:
    """One form of a verb: what it attributes (None: nothing by itself) and which form it is."""

    lemma: str
    kind: AttributionKind | None
    is_base: bool = False  # "claim": also a noun, or an infinitive
    is_s: bool = False
    is_past: bool = False  # past tense or participle
    is_ing: bool = False


@dataclass(frozen=True)
class CueWords:
    """All words, looked up by a single word in small letters."""

    verbs: dict[str, Form] = field(default_factory=dict)
    nouns: dict[str, AttributionKind] = field(default_factory=dict)
    adjectives: dict[str, AttributionKind] = field(default_factory=dict)
    light: frozenset[str] = frozenset()
    only_with: frozenset[str] = frozenset()
    holding: frozenset[str] = frozenset()
    clausal: frozenset[str] = frozenset()
    object_control: frozenset[str] = frozenset()
    inverted: frozenset[str] = frozenset()
    plain: dict[str, Hedging] = field(
        default_factory=dict
    )  # verbs that state by themselves: "said", "warned"
    adverbs: frozenset[str] = frozenset()


def _text(name: str) -> str:
    return files("afterstrike.reading").joinpath(name).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Cue:
    """A form of a word in `cues.csv`."""

    pattern: re.Pattern[str]
    hedging: Hedging
    is_base: bool  # "claim", "report": a noun as well, so only behind a plural
    needs_content: bool  # "found", "showed": an act as well, so only with "that", a colon or a quotation
    kind: AttributionKind = "says"


@cache
def _cues() -> dict[str, tuple[Cue, ...]]:
    """Give the cue words by their first word: looking words up is much faster than one long alternation."""
    table: dict[str, list[Cue]] = {}
    grades = dict(zip(HEDGINGS, HEDGINGS, strict=True))
    kinds = dict(zip(ATTRIBUTION_KINDS, ATTRIBUTION_KINDS, strict=True))
    for row in csv.DictReader(_text("cues.csv").splitlines()):
        forms = row["forms"].split("|")
        for form in dict.fromkeys([*forms, row["cue"]]):
            pattern = re.compile(phrase_pattern([form]) + r"\b", re.I)
            is_base = form == row["cue"] and form != "said"
            hedging, kind = grades[row["hedging"]], kinds[row["kind"] or "says"]
            cue = Cue(pattern, hedging, is_base, bool(row["needs_content"]), kind)  # type: ignore[arg-type]
            table.setdefault(form.split()[0], []).append(cue)
    return {
        first: tuple(sorted(forms, key=lambda form: -len(form.pattern.pattern)))
        for first, forms in table.items()
    }


def find_cues(simple: str, skip: Collection[tuple[int, int]] = ()) -> Iterator[tuple[re.Match[str], Cue]]:
    """Find the cue words of a text outside the spans to skip, whether anybody is named behind them or not."""
    cues = _cues()
    reached = 0
    for word in re.finditer(r"[A-Za-z]+", simple):
        if word.start() < reached or any(a <= word.start() < b for a, b in skip):
            continue
        for cue in cues.get(word.group().lower(), ()):
            match = cue.pattern.match(simple, word.start())
            if match:
                reached = match.end()
                yield match, cue
                break


@cache
def cue_words() -> CueWords:
    """Give the words, read once; a verb of two kinds counts as the one that stands first in the tables."""
    table = tomllib.loads(_text("attributions.toml"))
    shape = {name: words.split() for name, words in table.pop("shape").items()}
    irregular = {lemma: (past, done) for lemma, past, done in (w.split(":") for w in shape["irregular"])}
    sets = {name: frozenset(shape[name]) for name in shape if name not in ("irregular", "others")}
    words = CueWords(**sets)  # type: ignore[arg-type]
    known = {kind: kind for kind in get_args(AttributionKind)}
    kinds: dict[str, AttributionKind | None] = {}
    spelled: list[tuple[str, str]] = []
    for row in csv.DictReader(_text("cues.csv").splitlines()):
        if " " in row["cue"] or row["cue"] in _PHRASE_ONLY:
            continue
        kinds[row["cue"]] = known[row["kind"] or "says"]
        if not (row["kind"] or row["needs_content"]):
            words.plain[row["cue"]] = row["hedging"]  # type: ignore[assignment]
        spelled += [(form, row["cue"]) for form in row["forms"].split("|") if form.isalpha()]
    for kind in known:
        for word in table[kind].get("verbs", "").split():
            kinds.setdefault(word, kind)
        for word in table[kind].get("nouns", "").split():
            words.nouns.setdefault(word, kind)
        for word in table[kind].get("adjectives", "").split():
            words.adjectives.setdefault(word, kind)
    for word in shape["only_with"]:
        kinds.setdefault(word, "says")
    for word in (*shape["light"], *shape["others"]):
        kinds.setdefault(word, None)
    for lemma, meant in kinds.items():
        for made, form in _forms(lemma, meant, irregular.get(lemma)):
            words.verbs.setdefault(made, form)
    for word, lemma in spelled:  # "criticized" beside "criticised"
        past, ing, third = (word.endswith(end) for end in ("ed", "ing", "s"))
        words.verbs.setdefault(word, Form(lemma, kinds[lemma], is_past=past, is_ing=ing, is_s=third))
    return words


def _forms(
    lemma: str, kind: AttributionKind | None, irregular: tuple[str, str] | None
) -> list[tuple[str, Form]]:
    """Make the forms of a verb; one that doubles its last letter gets both spellings, the wrong one harms nobody."""
    stem = lemma[:-1] if lemma.endswith("e") else lemma
    is_y = lemma.endswith("y") and lemma[-2] not in "aeiou"
    third = (
        lemma[:-1] + "ies"
        if is_y
        else lemma + ("es" if lemma.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    )
    past = [lemma[:-1] + "ied"] if is_y else [stem + "ed"]
    ing = [(lemma if lemma.endswith("ee") else stem) + "ing"]
    if lemma[-1] in "bdglmnprt" and lemma[-2] in "aeiou":
        past.append(lemma + lemma[-1] + "ed")
        ing.append(lemma + lemma[-1] + "ing")
    if lemma in ("lie", "tie", "die"):
        ing = [lemma[:-2] + "ying"]
    if irregular:
        past = list(irregular)
    return [
        *((word, Form(lemma, kind, is_past=True)) for word in dict.fromkeys(past) if word != lemma),
        *((word, Form(lemma, kind, is_ing=True)) for word in ing),
        (third, Form(lemma, kind, is_s=True)),
        (lemma, Form(lemma, kind, is_base=True, is_past=bool(irregular and lemma in irregular))),
    ]


# "the article was said to be copied", "the army was accused of": the subject does not speak
_BE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+(?:(?:not|never|still|now|also|long|first|later|earlier|once|[a-z]+ly)\s+){0,2}$"
)


# "Army accused of killing 22", "Car bomb kills 15, army blamed": who accuses has an object
_CHARGED = frozenset({"accused", "blamed", "suspected", "criticised", "criticized", "condemned"})
_NO_OBJECT = re.compile(r"\s+(?:of|for|by)\b|\s*(?:[.;,]|$)")


def is_passive(cue: str, before: str, after: str) -> bool:
    """Say whether a cue tells what others say of the words in front: "was accused", not "is worried", "was quoted".

    Examples
    --------
    >>> is_passive("accused", "The army was widely ", " of"), is_passive("accused", "The army ", " the rebels of")
    (True, False)
    """
    form = cue_words().verbs.get(cue)
    if form is None or not form.is_past or form.lemma == "quote" or cue in cue_words().adjectives:
        return False
    return _BE.search(before) is not None or (cue in _CHARGED and _NO_OBJECT.match(after) is not None)
