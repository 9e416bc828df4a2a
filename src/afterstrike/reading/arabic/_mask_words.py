"""The Arabic word lists of `mask_names`, and what sort of word a word is. All of it in folded spelling."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from afterstrike.reading.arabic._fold import fold_words, words

__all__ = ["MaskLists", "mask_lists", "sort_of"]


@dataclass(frozen=True)
class MaskLists:
    """The lists, each a set of words."""

    given: frozenset[str]
    weak: frozenset[str]
    person: frozenset[str]
    kin: frozenset[str]
    family: frozenset[str]
    bearers: frozenset[str]
    stop: frozenset[str]


@cache
def mask_lists() -> MaskLists:
    """Give the word lists, read once; words the reader knows as no name are added to `stop`."""
    text = files("afterstrike.reading.arabic").joinpath("mask_words.toml").read_text(encoding="utf-8")
    table = {k: frozenset(map(fold_words, v.split())) for k, v in tomllib.loads(text).items()}
    stop = set(table["stop"])
    known = words()
    for group in ("people", "harm", "events", "counted", "speech", "hedges", "places"):
        for value in known[group].values():
            if isinstance(value, (list, dict)):
                stop |= {fold_words(w) for phrase in value for w in phrase.split() if len(w) > 2}
    stop |= {fold_words(w) for k in ("weekdays", "months") for p in known["dates"][k] for w in p.split()}
    stop |= {
        fold_words(w) for forms in known["countries"].values() for f in forms for w in f.split() if len(w) > 2
    }
    weak = table["weak_given"]
    given = table["given"] - weak
    stop = {w for w in stop if w not in given | weak or w in table["stop"]} - given
    bearers = table["bearers"] | {fold_words(w) for w in known["places"]["features"] if " " not in w}
    return MaskLists(given, weak, table["person"], table["kin"], table["family"], bearers, frozenset(stop))


@lru_cache(maxsize=50_000)
def sort_of(text: str, stems: tuple[str, ...]) -> tuple[str, int]:
    """Say what a word is (given, weak, person, kin, family, bearer, stop, part, latin or word), and how many
    letters stand on it in front of a name.
    """
    lists = mask_lists()
    if not "\u0600" <= text[0] <= "\u06ff":
        return "latin", 0
    groups = (
        ("weak", lists.weak), ("person", lists.person), ("kin", lists.kin), ("family", lists.family),
        ("bearer", lists.bearers), ("stop", lists.stop),
    )  # fmt: skip
    for form in (text, *([text[1:]] if text[0] == "و" and len(text) > 3 else [])):
        offset = len(text) - len(form)
        if form in ("بن", "ابن", "بنت", "ابو", "ابي", "ابا", "ام", "ال", "عبد"):
            return "part", offset
        if form in lists.given or (form.startswith("عبدال") and len(form) > 6):
            return "given", offset
        for sort, group in groups:
            if form in group:
                return sort, offset
    for form in stems[1:]:
        if form == "عبد":
            return "part", len(text) - len(form)
        if form in lists.given and not text.startswith(("ال", "وال", "لل")) and len(form) > 3:
            return "given", len(text) - len(form)
        if form in lists.person and len(form) > 3:
            return "person", 0
        # "لقصف": a particle and a word that is no name; "العلي" with an article may be one
        if form in lists.stop and not text.startswith("ال"):
            return "stop", 0
    offset = 1 if text.startswith("وال") and len(text) > 5 else 0
    return ("stop" if len(text) < 2 or _is_verb(text) else "word"), offset


def _is_verb(text: str) -> bool:
    """Say whether a word has the shape of a verb in the present or future."""
    bare = text.removeprefix("و") if len(text) > 4 else text
    if len(bare) > 4 and bare.startswith(("سي", "ست")):
        return True
    return len(bare) > 3 and bare[0] in "يتن" and not bare.endswith("ي")
