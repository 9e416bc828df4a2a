"""Applies linear models over words and word pairs: is a sentence uncertain, of which type is an incident.

The weights are made by `python tools/train_models.py` on the training halves of two open corpora: sentences
of Wikipedia marked certain or not (CoNLL-2010 shared task, Farkas et al. 2010; CC BY-SA), and news of 1988-90
from Latin America with coded incidents (Fourth Message Understanding Conference, 1992). What they say is a
likelihood by those texts, not a fact; claims and events are read by rules alone.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from afterstrike.reading.models._relevance import RelevanceModel

__all__ = [
    "TextModel",
    "incident_type",
    "relevance",
    "relevant_from",
    "sentence_marks",
    "uncertainty",
    "word_counts",
]

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
# what marks a sentence that leaves open who says so, how many, or how surely
_MARKS = {
    "vague": """some many most several various numerous few certain others much a_number_of a_variety_of countless
        plenty lots""",
    "nobody": """critics scholars experts observers historians researchers people fans commentators sources analysts
        supporters opponents authors scientists proponents reviewers writers individuals residents locals""",
    "adverb": """often usually generally commonly widely typically frequently largely mainly probably possibly
        perhaps likely arguably reportedly allegedly supposedly apparently presumably sometimes occasionally
        mostly virtually relatively fairly quite somewhat rather highly extremely very particularly
        especially increasingly notably primarily traditionally popularly universally seemingly
        approximately roughly about around almost nearly""",
    "modal": """may might could would can should seem seems seemed appear appears appeared tend tends tended suggest
        suggests suggested indicate indicates indicated""",
    "claim": """claim claims claimed argue argues argued believe believes believed rumor rumors rumour rumours
        theory theories hypothesis opinion controversy controversial speculation speculative popular famous
        important significant notable prominent one_of_the among_the best greatest well-known well_known so-
        called legend""",
    "there": """it_is it_has_been there_are there_is there_were there_have_been""",
}
_PASSIVE = """considered believed thought said regarded known seen viewed called described recognised recognized
        credited rumoured rumored alleged reported claimed assumed suggested speculated expected accepted
        used referred held felt noted cited associated"""


def _any_of(words: str) -> str:
    return "|".join(re.escape(word).replace("_", r"\s+") for word in words.split())


_MARK = {
    "passive": re.compile(
        rf"\b(?:is|are|was|were|been|being)\s+(?:\w+ly\s+)?(?:{_any_of(_PASSIVE)})\b", re.I
    ),
    **{name: re.compile(rf"\b(?:{_any_of(words)})\b", re.I) for name, words in _MARKS.items()},
}


def word_counts(text: str, pairs: bool) -> Counter[str]:
    """Count the words of a text, and with `pairs` those of two neighbours."""
    words = _WORD.findall(text.lower())
    counts = Counter(words)
    if pairs:
        counts.update(f"{a} {b}" for a, b in pairwise(words))
    return counts


def sentence_marks(text: str) -> list[float]:
    """Give the marks of uncertainty of a sentence as numbers from 0 to 1, in a fixed order."""
    marks: list[float] = []
    for pattern in _MARK.values():
        count = len(pattern.findall(text))
        marks += [float(min(count, 1)), min(count, 3) / 3]
    words = len(text.split())
    return [*marks, min(words, 60) / 60, float(words < 6), float(bool(re.search(r"\d", text))), float('"' in text),
            float(bool(re.search(r"[\[(]", text)))]  # fmt: skip


@dataclass(frozen=True)
class TextModel:
    """A linear model: sum of weights times normed tf-idf, plus weights times marks, plus a constant."""

    idf: Mapping[str, float]
    weights: Mapping[str, Mapping[str, float]]  # class -> term -> weight
    marks: Mapping[str, tuple[float, ...]]  # class -> weights of the marks; empty where it has none
    constant: Mapping[str, float]
    threshold: float
    pairs: bool

    @classmethod
    def load(cls, name: str) -> TextModel:
        """Read the model of that name that ships."""
        body = files("afterstrike.reading.models").joinpath(f"{name}.json.gz").read_bytes()
        table: dict[str, Any] = json.loads(gzip.decompress(body))
        return cls(
            table["idf"], table["weights"], {k: tuple(v) for k, v in table["marks"].items()}, table["constant"],
            table["threshold"], table["pairs"],
        )  # fmt: skip

    def scores(self, text: str) -> dict[str, float]:
        """Give the score of each class."""
        values = {
            term: (1 + math.log(count)) * self.idf[term]
            for term, count in word_counts(text, self.pairs).items()
            if term in self.idf
        }
        norm = math.sqrt(sum(value * value for value in values.values())) or 1.0
        marks = sentence_marks(text) if any(self.marks.values()) else []
        return {
            name: sum(weights.get(term, 0.0) * value for term, value in values.items()) / norm
            + sum(w * m for w, m in zip(self.marks[name], marks, strict=False))
            + self.constant[name]
            for name, weights in self.weights.items()
        }

    def chance(self, text: str) -> float:
        """Give the likelihood, 0 to 1, of a model with one class."""
        score = next(iter(self.scores(text).values()))
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))


@cache
def _model(name: str) -> TextModel:
    return TextModel.load(name)


@cache
def _relevance() -> RelevanceModel:
    return RelevanceModel.load()


def uncertainty(sentence: str) -> float:
    """Give how likely a sentence leaves open who says so, how many or how surely, 0 to 1.

    Above `TextModel.load("uncertainty").threshold` it counts as uncertain. English only.

    Examples
    --------
    >>> uncertainty("Some experts believe it may be the best.") > 0.8 > 0.3 > uncertainty("It was built in 1901.")
    True
    """
    return _model("uncertainty").chance(sentence)


def relevance(text: str) -> float:
    """Give how likely a text reports an incident of political violence, 0 to 1, for sorting a stream of
    texts.

    Learnt from news of Latin America in 1988-90: fit to rank, not to count. English only. An incident is an
    attack, bombing, kidnapping, arson or robbery; fighting between armed forces, talk about violence and events
    long past should come out lower, and often do.

    Examples
    --------
    >>> relevance("Gunmen kidnapped two engineers near the plant on Monday, police said.") > relevant_from()
    True
    >>> relevance("The minister opened a trade fair and spoke of growth.") > relevant_from()
    False
    """
    return _relevance().chance(text)


def relevant_from() -> float:
    """Give the likelihood from which a text counts as one that reports an incident."""
    return _relevance().threshold


def incident_type(text: str) -> str:
    """Give the type a text's main incident most likely has: attack, bombing, kidnapping, arson or robbery."""
    scores = _model("incident_type").scores(text)
    return max(scores, key=lambda name: scores[name])
