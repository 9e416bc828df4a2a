"""The panel reader: hostile tables end in a clear error or in a panel that says what the table said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.containment import forecast, read_panel
from afterstrike.errors import AfterstrikeError, EstimateRefused, SourceError, UsageError

cells = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.integers(0, 30)),
    st.one_of(st.none(), st.integers(0, 10**6)),
    min_size=3,
    max_size=40,
)


@settings(deadline=None, max_examples=80)
@given(cells, st.randoms(use_true_random=False), st.sampled_from(["number", "month", "week"]))
def test_what_is_said_is_read_and_nothing_else(
    said: dict[tuple[str, int], int | None], chance: object, step: str
) -> None:
    def written(t: int) -> object:
        if step == "number":
            return t
        if step == "month":
            return f"{2001 + t // 12}-{t % 12 + 1:02d}"
        return (pd.Timestamp("2024-01-03") + pd.Timedelta(weeks=t)).date().isoformat()

    rows = [{"unit": u, "time": written(t), "value": v} for (u, t), v in said.items()]
    chance.shuffle(rows)  # type: ignore[attr-defined]
    try:
        panel = read_panel(pd.DataFrame(rows))
    except (UsageError, EstimateRefused) as problem:
        assert "no two of the times" in str(problem) or all(v is None for v in said.values())
        return
    assert int((~np.isnan(panel.values)).sum()) == sum(v is not None for v in said.values())
    for (u, t), v in said.items():
        found = panel.at((u,), (written(t),))[0, 0]
        assert np.isnan(found) if v is None else found == v


@settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "unit": st.one_of(st.none(), st.text(max_size=3), st.integers(0, 3)),
                "time": st.one_of(
                    st.none(), st.text(max_size=8), st.integers(-5, 10**10), st.floats(), st.dates()
                ),
                "value": st.one_of(st.none(), st.text(max_size=3), st.floats(), st.integers(-3, 10**9)),
            }
        ),
        max_size=6,
    )
)
def test_a_hostile_table_never_ends_in_a_traceback(rows: list[dict[str, object]]) -> None:
    try:
        read_panel(pd.DataFrame(rows, columns=["unit", "time", "value"]))
    except AfterstrikeError as problem:
        assert len(str(problem)) > 20


def table(values: list[object], times: list[object] | None = None) -> pd.DataFrame:
    return pd.DataFrame({"unit": "a", "time": times or list(range(len(values))), "value": values})


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (table([1, -2, 3]), "below zero"),
        (table([1, 2.5, 3]), "no whole number"),
        (table([1, "x", 3]), "no number"),
        (table([1, np.inf, 3]), "infinite"),
        (table([1, 2], [5, 5]), "stand twice"),
        (table([1, 2], ["2024-13", "2024-01"]), "no month"),
        (table([1, 2], ["2024-01-01", "2024-01-05"]), "add the counts up"),
        (table([1, 2], [0, 2]), "no two of the times"),
        (table([1, 2], ["yesterday", "today"]), "cannot be read"),
        (table([1, 2]).drop(columns="value"), "no column 'value'"),
        (table([]), "no rows"),
    ],
)
def test_what_is_wrong_is_named(frame: pd.DataFrame, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_panel(frame)


def test_files(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not a file"):
        read_panel(tmp_path / "none.csv")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1nonsense")
    with pytest.raises(SourceError, match="cannot be read"):
        read_panel(tmp_path / "bad.parquet")


def test_origin_and_horizons_are_checked() -> None:
    rows = table(list(range(40)))
    for wrong in ({"origin": 40}, {"origin": -1}, {"origin": "2024-01"}, {"horizons": [0, 1]}, {"horizons": []},
                  {"horizons": [1, 1]}, {"model": "best"}, {"draws": 1}):  # fmt: skip
        with pytest.raises(UsageError):
            forecast(rows, **wrong)  # type: ignore[arg-type]
    with pytest.raises(EstimateRefused, match="a forecast needs 12"):
        forecast(rows, origin=5)
    with pytest.raises(EstimateRefused, match="pooled model needs 38"):
        forecast(rows, origin=30)
