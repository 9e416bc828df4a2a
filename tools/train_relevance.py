"""Learns which texts report an incident, on the training half of MUC-4; `train_models.py` runs it.

Judged by cross-validation on texts of other times: the texts stand in order of time, and neighbours tell of the
same incidents, so folds are stretches of neighbours. Folds drawn at random are printed beside, as they are kinder.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import normalize

from afterstrike.reading._mask_words import sort_of
from afterstrike.reading.models._relevance import (
    class_terms,
    common_words,
    sentences,
    with_pairs,
    word_classes,
)

SLOTS = (
    "hum_tgt_name", "hum_tgt_description", "phys_tgt_id", "perp_individual_id", "perp_organization_id",
    "incident_instrument_id",
)  # fmt: skip
FOLDS = 10
WORD_SIZE, CLASS_SIZE = 3.0, 0.3  # how easily words and classes take weight; in the weights that ship
Row = dict[str, Any]
Fold = tuple[np.ndarray, np.ndarray]


@cache
def ships(word: str) -> bool:
    """Say whether a word may stand in a model that ships: common words, no name of a person or a place.

    The corpus is in capitals, which tell nothing there, so a word has to be in a list of the reader: what
    `mask_names` takes for a common word, or a word of `incident_words.toml`. Months and years are of that time
    only: they count as classes, not as words.
    """
    if word_classes(word) & {"month", "year"}:
        return False
    return sort_of(word) in ("common", "title", "cut", "head", "prefix") or bool(word_classes(word))


def fillers(template: Row) -> list[list[str]]:
    """Give the strings of a template, one list a slot, as words in lower case."""
    said = [
        [" ".join(common_words(s)) for v in template.get(slot) or [] for s in re.findall(r'"((?:[^"\\]|\\.)+)"', v)]
        for slot in SLOTS
    ]  # fmt: skip
    return [kept for strings in said if (kept := [s for s in strings if s])]


def marked(row: Row) -> list[int]:
    """Mark each sentence of a text: 1 where it names more of an incident than any other does, 0 where the text
    reports none, -1 elsewhere.
    """
    said = [f" {' '.join(words)} " for words in sentences(row["text"])]
    if not row["templates"]:
        return [0] * len(said)
    marks = [-1] * len(said)
    for template in row["templates"]:
        slots = fillers(template)
        count = [sum(any(f" {string} " in s for string in slot) for slot in slots) for s in said]
        most = max(count)
        marks = [1 if most and n == most else mark for n, mark in zip(count, marks, strict=True)]
    return marks


def bag(texts: Iterable[list[str]], least: int, keep: set[str] | None) -> tuple[csr_matrix, list[str]]:
    """Give the presence of terms as a matrix, and the terms."""
    maker = CountVectorizer(
        analyzer=(lambda words: [w for w in words if keep is None or w in keep]), min_df=least, binary=True
    )
    return maker.fit_transform(texts).tocsr(), list(maker.get_feature_names_out())


class Material:
    """The training half as matrices."""

    def __init__(self, train: Sequence[Row]) -> None:
        self.truth = np.array([bool(row["relevant"]) for row in train])
        whole = [common_words(row["text"]) for row in train]
        keep = {word for words in whole for word in words if ships(word)}
        self.texts, self.terms = bag(whole, 5, keep)
        split = [sentences(row["text"]) for row in train]
        self.of = np.repeat(np.arange(len(train)), [len(s) for s in split])
        self.first = np.r_[0, np.cumsum([len(s) for s in split])]
        self.marks = np.array([mark for row in train for mark in marked(row)])
        said = [words for s in split for words in s]
        kept = set(self.terms)
        words, self.words = bag(said, 5, kept)
        pairs, terms = bag(
            ([p for p in with_pairs(s) if kept.issuperset(p.split()) and " " in p] for s in said), 10, None
        )
        words, self.words = hstack([words, pairs]), self.words + terms
        classes, self.classes = bag(map(class_terms, said), 5, None)
        self.sentences = hstack([WORD_SIZE * normalize(words), CLASS_SIZE * classes]).tocsr()

    def sentence_model(self, train: np.ndarray) -> LogisticRegression:
        """Fit the sentence model on some texts, in which every text counts alike, however long."""
        known = np.isin(self.of, train) & (self.marks >= 0)
        weight = 1 / np.bincount(self.of[known], minlength=len(self.truth))[self.of[known]]
        model = LogisticRegression(C=0.3, solver="liblinear")
        return model.fit(self.sentences[known], self.marks[known], sample_weight=weight / weight.mean())

    def text_model(self, train: np.ndarray) -> tuple[np.ndarray, LogisticRegression]:
        """Fit the model of whole texts: log-count ratios as sizes of terms (Wang and Manning 2012)."""
        x, truth = self.texts[train], self.truth[train]
        yes, no = (np.asarray(x[truth == t].sum(0)).ravel() + 1 for t in (True, False))
        ratio = np.log((yes / yes.sum()) / (no / no.sum()))
        model = LogisticRegression(C=4, solver="liblinear").fit(normalize(x @ diags(ratio)), truth)
        return ratio, model

    def scores(self, train: np.ndarray) -> np.ndarray:
        """Give the two scores of every text by models of some texts."""
        said = self.sentence_model(train).decision_function(self.sentences)
        ratio, model = self.text_model(train)
        whole = model.decision_function(normalize(self.texts @ diags(ratio)))
        return np.column_stack([np.maximum.reduceat(said, self.first[:-1]), whole])

    def across(self, folds: Iterable[Fold]) -> np.ndarray:
        """Give the two scores of every text by models that saw none of its fold."""
        found = np.zeros((len(self.truth), 2))
        for train, rest in folds:
            found[rest] = self.scores(train)[rest]
        return found


def stretches(count: int, parts: int = FOLDS) -> list[Fold]:
    """Cut rows into stretches of neighbours, each once left out."""
    edges = np.linspace(0, count, parts + 1).astype(int)
    each = np.arange(count)
    return [(each[(each < a) | (each >= b)], each[a:b]) for a, b in pairwise(edges)]


def best_f1(truth: np.ndarray, score: np.ndarray, share: float | None = None) -> float:
    """Give the best F1 over all thresholds, with the relevant texts weighed to be this share."""
    order = np.argsort(-score, kind="stable")
    real = truth.mean()
    odds = 1.0 if share is None else share / (1 - share) * (1 - real) / real
    hits, false = odds * np.cumsum(truth[order]), np.cumsum(~truth[order])
    return float(np.max(2 * hits / (hits + false + odds * truth.sum())))


def learn(train: Sequence[Row], out: Path) -> None:
    """Learn, print what cross-validation says, and write the weights."""
    all_of = Material(train)
    truth = all_of.truth
    apart = all_of.across(stretches(len(train)))
    joint = LogisticRegression(C=100).fit(apart, truth)

    def tell(name: str, scores: np.ndarray, threshold: float) -> None:
        chance = joint.predict_proba(scores)[:, 1]
        print(
            f"relevance, {name}: F1 {f1_score(truth, chance > threshold):.3f} at {threshold:.2f}, "
            f"{best_f1(truth, chance):.3f} at its best, {best_f1(truth, chance, 0.6):.3f} were 60% relevant; "
            f"ROC AUC {roc_auc_score(truth, chance):.3f}"
        )

    # half of the best F1 is the threshold at which expected F1 is best, if likelihoods are right
    threshold = round(best_f1(truth, joint.predict_proba(apart)[:, 1]) / 2, 2)
    tell("stretches left out", apart, threshold)
    for parts in (7, 13):
        tell(f"{parts} stretches", all_of.across(stretches(len(train), parts)), threshold)
    for seed in range(2):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(truth, truth)
        tell(f"folds at random, {seed}", all_of.across(folds), threshold)
    save(all_of, joint, threshold, out)


def save(all_of: Material, joint: LogisticRegression, threshold: float, out: Path) -> None:
    """Fit on all texts and write the weights."""
    everything = np.arange(len(all_of.truth))
    said = all_of.sentence_model(everything)
    ratio, whole = all_of.text_model(everything)
    size = len(all_of.words)
    weights = said.coef_[0]
    table = {
        "words": _rounded(all_of.words, WORD_SIZE * weights[:size]),
        "classes": _rounded(all_of.classes, CLASS_SIZE * weights[size:]),
        "sentence_constant": round(float(said.intercept_[0]), 4),
        "ratio": _rounded(all_of.terms, ratio),
        "text_words": _rounded(all_of.terms, ratio * whole.coef_[0]),
        "text_constant": round(float(whole.intercept_[0]), 4),
        "join": [round(float(w), 4) for w in (*joint.coef_[0], joint.intercept_[0])],
        "threshold": threshold,
    }
    body = json.dumps(table, separators=(",", ":"), sort_keys=True).encode()
    packed = gzip.compress(body, 9, mtime=0)
    out.write_bytes(packed)
    print(f"relevance: {len(all_of.terms):,} words, {size:,} in sentences, {len(packed) / 1000:.0f} kB")


def _rounded(terms: Sequence[str], values: np.ndarray) -> dict[str, float]:
    return {term: round(float(value), 3) for term, value in zip(terms, values, strict=True)}
