"""A study: who is treated, compared and counted, over which region, period, days and km.

Checked before computing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import EstimateRefused, UsageError
from ._own_events import WHY, own_events
from ._standard import Selector, select, standardise

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CONTROL", "OTHER", "OUTCOME", "TREATMENT", "Study", "StudyRows"]

Region = str | tuple[float, float, float, float]

# Codes of a row's role, as the counting kernel takes them.
OUTCOME, TREATMENT, CONTROL, OTHER = 0, 1, 2, -1
# Without a declared horizon, periods further apart than this share no wake.
_WIDEST_GAP_DAYS = 30.0
_ROLES = {"treatment": TREATMENT, "control": CONTROL, "outcome": OUTCOME, "others": OTHER}


@dataclass(frozen=True)
class StudyRows:
    """All rows of a study in the order of the table they came from, as arrays.

    Parameters
    ----------
    time_ms
        Milliseconds since 1970, UTC.
    time_text
        The times as the table wrote them; see `Study`.
    lat, lon
        Degrees, WGS84.
    role
        `TREATMENT`, `CONTROL`, `OUTCOME` or `OTHER` of each row.
    frame
        The same rows with every column of the table.
    """

    time_ms: npt.NDArray[np.int64]
    time_text: npt.NDArray[np.str_]
    lat: npt.NDArray[np.float64]
    lon: npt.NDArray[np.float64]
    role: npt.NDArray[np.int8]
    frame: pd.DataFrame = field(repr=False)


@dataclass(frozen=True)
class Study:
    """Declare what is compared, before anything is estimated: the target-trial table.

    Parameters
    ----------
    treatment, outcome
        Event frames: the strikes, and the attacks that are counted. They share no row. Outcome rows whose
        `source_text` tells of a strike from the air, within a day and 25 km of a treatment row, are the
        strikes' own events: left out and counted.
    control
        Events or place-days to compare with, or None for designs that draw their own.
    region
        A name, for the table only, or `(west, south, east, north)` in degrees: rows outside are left out and
        counted.
    period
        `(first day, last day)`, both inclusive; rows outside are left out and counted.
    horizon_days, radius_km
        The H and R declared in advance.
    notes
        What else a reader must know, by heading: co-treatments known and not known, exclusions, sources.
    others
        Rows of the same table in no role. The convention `mwa-0.5` looks at the first and last row of the
        whole table.
    columns
        Where the table keeps `time`, `lat`, `lon` and `kind`; names of the event table are found without it.
    coarse_dates
        Rows with a year or month but no day: `refuse` the study, or `exclude` and count them.

    Raises
    ------
    UsageError
        A column is missing, or treatment and outcome share rows.
    EstimateRefused
        Dates without a day, no treatment or outcome left, or periods that do not overlap.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "kind": ["strike", "attack", "attack"], "date_start": ["2018-01-02", "2018-01-03", "2018-01-09"],
    ...     "lat": [35.0, 35.1, 35.0], "lon": [40.0, 40.0, None]})
    >>> study = Study.from_frame(events, treatment="strike", outcome="attack")
    >>> study
    Study(1 treatment, 0 control, 1 outcome, 2018-01-02 to 2018-01-03)
    >>> study.exclusions
    {'outcome: no coordinates': 1}
    """

    treatment: pd.DataFrame
    outcome: pd.DataFrame
    control: pd.DataFrame | None = None
    region: Region | None = None
    period: tuple[str, str] | None = None
    horizon_days: float | None = None
    radius_km: float | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    others: pd.DataFrame | None = None
    columns: Mapping[str, str] | None = None
    coarse_dates: Literal["refuse", "exclude"] = "refuse"
    exclusions: dict[str, int] = field(init=False, default_factory=dict)
    duplicates: dict[str, int] = field(init=False, default_factory=dict)
    rows: StudyRows = field(init=False)

    def __post_init__(self) -> None:
        _check_options(self)
        frames: dict[str, pd.DataFrame] = {}
        offset = 0
        for role in _ROLES:
            raw = getattr(self, role)
            if raw is None:
                continue
            frames[role], left_out = standardise(
                raw,
                role=role,
                columns=self.columns,
                region=self.region,
                period=self.period,
                coarse_dates=self.coarse_dates,
                first_row=offset,
            )
            offset += len(raw)
            self.exclusions.update({f"{role}: {why}": count for why, count in left_out.items()})
            object.__setattr__(self, role, frames[role])
        hidden = own_events(frames["outcome"], frames["treatment"])
        if hidden.any():
            self.exclusions[f"outcome: {WHY}"] = int(hidden.sum())
            frames["outcome"] = frames["outcome"][~hidden].reset_index(drop=True)
            object.__setattr__(self, "outcome", frames["outcome"])
        _check_roles(frames, self.exclusions, self.horizon_days)
        for role in ("treatment", "control", "outcome"):
            if role in frames and (count := _repeated(frames[role])):
                self.duplicates[role] = count
        object.__setattr__(self, "rows", _all_rows(frames))

    @classmethod
    def from_frame(
        cls,
        df: pd.DataFrame,
        *,
        treatment: Selector,
        outcome: Selector,
        control: Selector | None = None,
        columns: Mapping[str, str] | None = None,
        **declared: Any,
    ) -> Study:
        """Make a study from one table in which a column says what each row is.

        Parameters
        ----------
        df
            One row an event. It is not changed.
        treatment, outcome, control
            Which rows: a value of the kind column (`"strike"`), conditions (`"kind=strike;initiator=US-led
            coalition"`, all of which must hold; a mapping says the same), or one True or False for each row.
        columns
            Where the table keeps `time`, `lat`, `lon` and `kind`. The event table's `date_start`,
            `time_start`, `lat`, `lon` and `kind` are found without it.
        declared
            Any other field of `Study`: region, period, horizon_days, radius_km, notes, coarse_dates.

        Returns
        -------
        Study
            With the rows in no role kept as `others`.

        Raises
        ------
        UsageError
            A column is missing, a selection holds no row, or a row has two roles.
        EstimateRefused
            See `Study`.
        """
        unknown = set(declared) - {"region", "period", "horizon_days", "radius_km", "notes", "coarse_dates"}
        if unknown:
            raise UsageError(
                f"from_frame() got {', '.join(sorted(unknown))}; allowed beside the roles and columns: "
                "region, period, horizon_days, radius_km, notes, coarse_dates"
            )
        chosen = select(df, {"treatment": treatment, "control": control, "outcome": outcome}, columns)
        numbered = df.assign(row=np.arange(len(df)))
        masked = {role: numbered[mask] for role, mask in chosen.items()}
        rest = numbered[~np.logical_or.reduce(list(chosen.values()))]
        return cls(
            treatment=masked["treatment"],
            outcome=masked["outcome"],
            control=masked.get("control"),
            others=rest if len(rest) else None,
            columns=columns,
            **declared,
        )

    def to_frame(self) -> pd.DataFrame:
        """Give the target-trial table: one row a part of the design, as declared and as found."""
        import pandas as pd

        days = self._days()
        listed: list[tuple[str, object]] = [
            ("treatment", len(self.treatment)),
            ("control", 0 if self.control is None else len(self.control)),
            ("outcome", len(self.outcome)),
            ("region", self.region or "not declared"),
            ("period", self.period or f"not declared; rows span {days}"),
            ("horizon_days", self.horizon_days or "not declared"),
            ("radius_km", self.radius_km or "not declared"),
            *((f"left out: {why}", count) for why, count in self.exclusions.items()),
            *((f"repeated rows: {role}", count) for role, count in self.duplicates.items()),
            *self.notes.items(),
        ]
        return pd.DataFrame(listed, columns=["part", "value"])

    def fingerprint(self) -> str:
        """Give a SHA-256 of the rows and their roles; equal data give equal fingerprints."""
        digest = hashlib.sha256()
        for part in (self.rows.time_ms, self.rows.lat, self.rows.lon, self.rows.role):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()

    def declaration_sha256(self) -> str:
        """Give a SHA-256 of the target-trial table: what was declared, and what was left out and counted."""
        table = "\n".join(f"{row.part}\t{row.value}" for row in self.to_frame().itertuples(index=False))
        return hashlib.sha256(table.encode()).hexdigest()

    def _days(self) -> str:
        return f"{_day(self.rows.time_ms.min())} to {_day(self.rows.time_ms.max())}"

    def __repr__(self) -> str:
        control = 0 if self.control is None else len(self.control)
        counts = f"{len(self.treatment)} treatment, {control} control, {len(self.outcome)} outcome"
        return f"Study({counts}, {self._days()})"


def _check_options(study: Study) -> None:
    if study.coarse_dates not in ("refuse", "exclude"):
        raise UsageError(f"coarse_dates={study.coarse_dates!r}; allowed 'refuse', 'exclude'")
    for name in ("horizon_days", "radius_km"):
        value = getattr(study, name)
        if value is not None and not (isinstance(value, int | float) and 0 < value < float("inf")):
            raise UsageError(f"{name}={value!r}; allowed a positive number, or None where not declared")


def _check_roles(
    frames: dict[str, pd.DataFrame], exclusions: dict[str, int], horizon_days: float | None
) -> None:
    """Refuse what no estimator could use: an empty role, shared rows, periods that do not meet."""
    told = "; ".join(f"{why} ({count})" for why, count in exclusions.items()) or "none"
    for role in ("treatment", "outcome"):
        if not len(frames[role]):
            raise EstimateRefused(f"no {role} rows are left; rows left out: {told}")
    for role in ("treatment", "control"):
        if role in frames and (count := _shared(frames[role], frames["outcome"])):
            raise UsageError(
                f"{count} rows are both {role} and outcome: an estimate would count its own cause; "
                "select outcomes that exclude them, for example by kind or initiator"
            )
    _check_spans(
        frames["treatment"]["time_ms"], frames["outcome"]["time_ms"], horizon_days or _WIDEST_GAP_DAYS
    )


def _check_spans(strikes: pd.Series[int], attacks: pd.Series[int], gap_days: float) -> None:
    """Refuse treatment and outcome rows whose periods lie further apart than any wake could reach."""
    gap = max(attacks.min() - strikes.max(), strikes.min() - attacks.max())
    if gap <= gap_days * 86_400_000:
        return
    one, two = (f"{_day(times.min())} to {_day(times.max())}" for times in (strikes, attacks))
    raise EstimateRefused(
        f"treatment rows span {one} and outcome rows {two}: the periods do not overlap; "
        "use sources that cover the same time"
    )


def _day(ms: float) -> str:
    return str(np.datetime64(int(ms), "ms").astype("datetime64[D]"))


def _shared(one: pd.DataFrame, two: pd.DataFrame) -> int:
    """Count the rows of `one` that are in `two`: by event_id, else by time, place and kind together."""
    if "event_id" in one and "event_id" in two:
        return int(one["event_id"].dropna().isin(two["event_id"].dropna()).sum())
    keys = ["time_ms", "lat", "lon", *(["kind"] if "kind" in one and "kind" in two else [])]
    if "kind" not in keys:
        # Without kinds, one shared time and place may be chance; the same table given twice is not.
        same = len(one.merge(two[keys].drop_duplicates(), on=keys))
        return same if same == len(one) else 0
    return len(one.merge(two[keys].drop_duplicates(), on=keys))


def _repeated(frame: pd.DataFrame) -> int:
    keys = ["time_ms", "lat", "lon", *(["kind"] if "kind" in frame else [])]
    return int(frame.duplicated(keys).sum())


def _all_rows(frames: dict[str, pd.DataFrame]) -> StudyRows:
    import pandas as pd

    parts = [frame.assign(role=np.int8(_ROLES[role])) for role, frame in frames.items()]
    together = pd.concat([part for part in parts if len(part)], ignore_index=True)
    together = together.iloc[np.argsort(together["row"].to_numpy(), kind="stable")].reset_index(drop=True)
    return StudyRows(
        time_ms=together["time_ms"].to_numpy(np.int64),
        time_text=together["time_text"].to_numpy(np.str_),
        lat=together["lat"].to_numpy(np.float64),
        lon=together["lon"].to_numpy(np.float64),
        role=together["role"].to_numpy(np.int8),
        frame=together,
    )
