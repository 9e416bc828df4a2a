"""Does a text report an incident of political violence: its strongest sentence, and its words as a whole.

Two linear models, one over sentences and one over the text, joined by three numbers. The sentence model was learnt
from sentences that name what a coded incident consists of (who was harmed, what was hit, by whom, with what)
against the sentences of texts that report none, so that one sentence in a long text is enough. Both look at
common words only: what may be a name of a person or a place has no weight. The weights are made by
`python tools/train_models.py` (Fourth Message Understanding Conference, 1992).
"""

from __future__ import annotations

import gzip
import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import combinations, pairwise
from typing import Any

__all__ = ["RelevanceModel", "class_terms", "common_words", "sentences", "with_pairs", "word_classes"]

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\b(?:19|20)\d\d\b")
_PARAGRAPH = re.compile(r"\n\s*\n")
_END = re.compile(r"(?<=[.?!])[\"')\]”’]*\s+|(?<=\])\s+(?=\[)")
_LEAST = 4  # words of a sentence; shorter ones are marks of the page


@cache
def _classes() -> dict[str, re.Pattern[str]]:
    text = files("afterstrike.reading.models").joinpath("incident_words.toml").read_text(encoding="utf-8")
    return {
        name: re.compile("|".join(word.replace("*", ".*") for word in words.split()))
        for name, words in tomllib.loads(text).items()
    }


@lru_cache(maxsize=50_000)
def word_classes(word: str) -> frozenset[str]:
    """Give the classes of `incident_words.toml` that a word in lower case belongs to.

    Examples
    --------
    >>> sorted(word_classes("shot")), sorted(word_classes("teapot"))
    (['attack', 'kill'], [])
    """
    return frozenset(name for name, pattern in _classes().items() if pattern.fullmatch(word))


def common_words(text: str) -> list[str]:
    """Give the words of a text in lower case, in order."""
    return _WORD.findall(text.lower().replace("’", "'"))


def sentences(text: str) -> list[list[str]]:
    """Give the words of each sentence of a text; a text without a whole sentence is one.

    Examples
    --------
    >>> sentences("BOGOTA. A bomb went off today.  Two people died in it.")
    [['a', 'bomb', 'went', 'off', 'today'], ['two', 'people', 'died', 'in', 'it']]
    """
    found = [common_words(s) for part in _PARAGRAPH.split(text) for s in _END.split(part)]
    return [words for words in found if len(words) >= _LEAST] or [common_words(text)]


def class_terms(words: list[str]) -> list[str]:
    """Give the classes of a sentence's words, and every two of them, each once.

    Examples
    --------
    >>> class_terms(["peasants", "murdered"])
    ['civilian', 'kill', 'civilian+kill']
    """
    found = sorted(frozenset().union(*map(word_classes, words)))
    return [*found, *(f"{a}+{b}" for a, b in combinations(found, 2))]


def with_pairs(words: list[str]) -> list[str]:
    """Give the words of a sentence and those of two neighbours.

    Examples
    --------
    >>> with_pairs(["set", "on", "fire"])
    ['set', 'on', 'fire', 'set on', 'on fire']
    """
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


@dataclass(frozen=True)
class RelevanceModel:
    """A sentence's score: mean-normed weights of its words, plus those of its classes. A text's own score: normed
    weights of its words, each by its log-count ratio. The likelihood is a logistic function of the highest
    sentence score and the text's own.
    """

    words: Mapping[str, float]  # and pairs of neighbours, of the sentence model; every one counts in the norm
    classes: Mapping[str, float]
    sentence_constant: float
    ratio: Mapping[str, float]  # of the text model: log-count ratio, the size of a term in the norm
    text_words: Mapping[str, float]  # weight times ratio
    text_constant: float
    join: tuple[float, float, float]  # for the highest sentence score, the text's score, and the constant
    threshold: float

    @classmethod
    def load(cls) -> RelevanceModel:
        """Read the model that ships."""
        body = files("afterstrike.reading.models").joinpath("relevance.json.gz").read_bytes()
        table: dict[str, Any] = json.loads(gzip.decompress(body))
        return cls(**{**table, "join": tuple(table["join"])})

    def sentence_score(self, words: list[str]) -> float:
        """Give the score of one sentence."""
        known = [self.words[term] for term in set(with_pairs(words)) if term in self.words]
        said = sum(self.classes.get(term, 0.0) for term in class_terms(words))
        return math.fsum(known) / math.sqrt(len(known) or 1) + said + self.sentence_constant

    def text_score(self, text: str) -> float:
        """Give the score of a text as a whole."""
        known = [word for word in set(common_words(text)) if word in self.ratio]
        norm = math.sqrt(math.fsum(self.ratio[word] ** 2 for word in known)) or 1.0
        return math.fsum(self.text_words[word] for word in known) / norm + self.text_constant

    def chance(self, text: str) -> float:
        """Give the likelihood, 0 to 1, that a text reports an incident."""
        best = max(self.sentence_score(words) for words in sentences(text))
        by_sentence, by_text, constant = self.join
        score = by_sentence * best + by_text * self.text_score(text) + constant
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))
