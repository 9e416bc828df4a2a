"""Matched sets: who is compared with whom, and each place's share in the estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Refinement", "Sets", "matched_sets"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Refinement = Literal["mahalanobis", "propensity_weights", "none"]


@dataclass(frozen=True, eq=False)
class Sets:
    """Sums by place, which is all that the estimate and its bootstrap need.

    `change_by_place` (places, relative weeks): changes since the reference, plus for struck place-weeks,
    minus by weight for their matches. `observed_by_place`: outcomes of the matched struck place-weeks.
    `n_by_place`: their number. `pairs`: struck place, week, matched place, weight.
    """

    change_by_place: Floats
    observed_by_place: Floats
    n_by_place: Floats
    n_struck: int
    n_controls: int
    pairs: list[tuple[int, int, Ints, Floats]]

    @property
    def n_matched(self) -> int:
        """Struck place-weeks with a match."""
        return int(self.n_by_place.sum())

    def estimate(self) -> tuple[Floats, Floats]:
        """Give the estimates and the observed means."""
        total = self.n_by_place.sum()
        return self.change_by_place.sum(axis=0) / total, self.observed_by_place.sum(axis=0) / total

    def to_frame(self) -> pd.DataFrame:
        """Give one row a match: positions of the struck and the matched place, the week, the weight."""
        import pandas as pd

        return pd.DataFrame(
            [
                (struck, week, int(other), float(weight))
                for struck, week, others, shares in self.pairs
                for other, weight in zip(others, shares, strict=True)
            ],
            columns=["struck_place", "week", "matched_place", "weight"],
        )


def matched_sets(
    outcome: Floats, treated: Bools, history: int, before: int, after: int, refine: Refinement, size: int
) -> Sets:
    """Match each place-week in which strikes begin, week by week."""
    n_places, n_weeks = treated.shape
    n_columns = before + after + 2
    change, seen = np.zeros((n_places, n_columns)), np.zeros((n_places, n_columns))
    number, pairs = np.zeros(n_places), []
    weeks = [
        week
        for week in range(max(before, 1), n_weeks - after)
        if np.isfinite(outcome[0, week - before : week + after + 1]).all()
    ]
    roots = np.sqrt(outcome)
    scale = _scale(roots, weeks, history) if refine == "mahalanobis" else np.zeros((history, history))
    odds = _odds(roots, treated, weeks, history) if refine == "propensity_weights" else {}
    n_struck = n_controls = 0
    for week in weeks:
        begins = np.flatnonzero(treated[:, week] & ~treated[:, week - 1])
        n_struck += len(begins)
        free = np.flatnonzero(~treated[:, week])
        if not len(begins) or not len(free):
            continue
        window = outcome[:, week - before : week + after + 1]
        columns = np.column_stack([window, window[:, before + 1 :].mean(axis=1)])
        changes = columns - columns[:, [before - 1]]
        past = treated[:, week - history : week] @ (2 ** np.arange(history))
        drawn: set[int] = set()
        for place in begins:
            pool = free[past[free] == past[place]]
            if not len(pool):
                continue
            if refine == "mahalanobis":
                away = (roots[pool, week - history : week] - roots[place, week - history : week]) @ scale
                pool, weight = _nearest(pool, (away * away).sum(axis=1), size)
            elif refine == "propensity_weights":
                weight = odds[week][pool] / odds[week][pool].sum()
            else:
                weight = np.full(len(pool), 1 / len(pool))
            change[place] += changes[place]
            # A drawn place may stand twice in a resampled panel; its rows are distinct positions.
            change[pool] -= weight[:, None] * changes[pool]
            seen[place] += columns[place]
            number[place] += 1
            pairs.append((int(place), week, pool, weight))
            drawn.update(pool.tolist())
        n_controls += len(drawn)
    return Sets(change, seen, number, n_struck, n_controls, pairs)


def _nearest(pool: Ints, squared: Floats, size: int) -> tuple[Ints, Floats]:
    """Give the nearest of a pool; those as near as the last are all taken, so that order decides nothing."""
    if len(pool) > size:
        last = np.partition(squared, size - 1)[size - 1]
        pool = pool[squared <= last * (1 + 1e-9) + 1e-12]
    return pool, np.full(len(pool), 1 / len(pool))


def _histories(roots: Floats, weeks: list[int], history: int) -> Floats:
    return np.concatenate([roots[:, week - history : week] for week in weeks])


def _scale(roots: Floats, weeks: list[int], history: int) -> Floats:
    """Give the matrix that turns differences in outcome history into Mahalanobis units."""
    if not weeks:
        return np.eye(history)
    covariance = np.atleast_2d(np.cov(_histories(roots, weeks, history), rowvar=False))
    values, axes = np.linalg.eigh(covariance)
    # Directions in which histories do not differ count for nothing.
    inverse = np.where(values > values.max() * 1e-10, 1 / np.sqrt(np.maximum(values, 1e-300)), 0.0)
    scaled: Floats = axes * inverse
    return scaled


def _odds(roots: Floats, treated: Bools, weeks: list[int], history: int) -> dict[int, Floats]:
    """Give for each week the odds of strikes beginning at each place, by logistic regression on histories."""
    if not weeks:
        return {}
    past = np.concatenate([treated[:, week - history : week] for week in weeks]).astype(np.float64)
    design = np.column_stack([np.ones(len(past)), _histories(roots, weeks, history), past])
    struck = np.concatenate([treated[:, week] for week in weeks]).astype(np.float64)
    # Only place-weeks that could begin: not struck the week before.
    could = past[:, -1] == 0
    beta = _logistic(design[could], struck[could])
    odds = np.exp(np.clip(design @ beta, -30, 30)).reshape(len(weeks), -1)
    return dict(zip(weeks, odds, strict=True))


def _logistic(design: Floats, hit: Floats) -> Floats:
    """Fit by Newton's method; a slight ridge keeps a column that never varies, or splits the data, finite."""
    beta = np.zeros(design.shape[1])
    beta[0] = np.log((hit.sum() + 0.5) / (len(hit) - hit.sum() + 0.5))
    ridge = np.diag([0.0, *[1e-3] * (len(beta) - 1)]) + 1e-9 * np.eye(len(beta))
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        step = np.linalg.solve(
            (design * (p * (1 - p))[:, None]).T @ design + ridge, design.T @ (hit - p) - ridge @ beta
        )
        beta = beta + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-8:
            break
    return beta
