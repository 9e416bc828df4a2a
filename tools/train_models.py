"""Learns the reader's small models on the open training halves in ../shared and writes their weights.

    python tools/train_models.py

Needs scikit-learn, a development dependency; reading does not. Prints what cross-validation says of each.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_predict

from afterstrike.reading.models._model import sentence_marks
from reading_tasks import main_type, rows
from train_relevance import learn, ships

OUT = Path(__file__).resolve().parents[1] / "src" / "afterstrike" / "reading" / "models"
TOKENS = r"[a-z]+(?:'[a-z]+)?"
LEAST = 0.01  # weights smaller than this are left out


def words(pairs: bool, **more: Any) -> TfidfVectorizer:
    """Make the features that `TextModel` makes."""
    more.setdefault("token_pattern", TOKENS)
    return TfidfVectorizer(ngram_range=(1, 2 if pairs else 1), sublinear_tf=True, **more)


def save(
    name: str,
    maker: TfidfVectorizer,
    model: LogisticRegression,
    classes: list[str],
    threshold: float,
    pairs: bool,
) -> None:
    """Write the weights."""
    terms = list(maker.get_feature_names_out())
    rows_ = model.coef_
    weights = {
        c: {t: round(float(w), 3) for t, w in zip(terms, rows_[n], strict=False) if abs(w) >= LEAST}
        for n, c in enumerate(classes)
    }
    table = {
        # every term counts in the norm, so its idf is kept even where its weight is not
        "idf": {t: round(float(i), 3) for t, i in zip(terms, maker.idf_, strict=True)},
        "weights": weights,
        "marks": {c: [round(float(w), 4) for w in rows_[n][len(terms) :]] for n, c in enumerate(classes)},
        "constant": {c: round(float(model.intercept_[n]), 4) for n, c in enumerate(classes)},
        "threshold": threshold,
        "pairs": pairs,
    }
    body = json.dumps(table, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    (OUT / f"{name}.json.gz").write_bytes(gzip.compress(body, 9, mtime=0))
    print(f"{name}: {len(terms):,} terms, {len(gzip.compress(body, 9)) / 1000:.0f} kB")


def best_threshold(truth: np.ndarray, chance: np.ndarray) -> tuple[float, float]:
    """Give the F1 and the threshold, in steps of 0.02, at which it is best."""
    return max((float(f1_score(truth, chance > t)), round(float(t), 2)) for t in np.arange(0.3, 0.62, 0.02))


def uncertainty() -> None:
    """Learn which sentences are uncertain."""
    train = list(rows("conll2010_wiki_uncertainty/train"))
    texts = [row["text"] for row in train]
    truth = np.array([not row["certain"] for row in train])
    # words that may be names are left out, as in the other models
    terms = words(True, min_df=2).fit(texts).get_feature_names_out()
    maker = words(True, vocabulary=[term for term in terms if all(map(ships, term.split()))])
    x = hstack([maker.fit_transform(texts), csr_matrix(np.array([sentence_marks(t) for t in texts]))]).tocsr()
    model = LogisticRegression(C=1, max_iter=5000)
    chance = cross_val_predict(model, x, truth, cv=10, method="predict_proba")[:, 1]
    f1, threshold = best_threshold(truth, chance)
    print(f"uncertainty: F1 {f1:.3f} at {threshold} in ten-fold cross-validation")
    save("uncertainty", maker, model.fit(x, truth), ["uncertain"], threshold, True)


def incidents() -> None:
    """Learn which texts report an incident, and of which type."""
    train = list(rows("muc4/train"))
    learn(train, OUT / "relevance.json.gz")
    coded = [row for row in train if row["templates"] and main_type(row)]
    types = [main_type(row) for row in coded]
    kept = [n for n, one in enumerate(types) if types.count(one) >= 5]
    # words that may be names are left out, as in the model of relevance
    maker = words(
        False,
        min_df=3,
        max_df=0.6,
        token_pattern=None,
        analyzer=lambda text: [word for word in re.findall(TOKENS, text.lower()) if ships(word)],
    )
    x = maker.fit_transform([coded[n]["text"] for n in kept])
    names = np.array([types[n] for n in kept])
    model = LogisticRegression(C=16, max_iter=5000, class_weight="balanced")
    found = cross_val_predict(model, x, names, cv=5)
    print(f"incident type: {np.mean(found == names):.3f} right in five-fold cross-validation")
    model.fit(x, names)
    save("incident_type", maker, model, [str(c) for c in model.classes_], 0.0, False)


if __name__ == "__main__":
    uncertainty()
    incidents()
