"""A ledger of issued forecasts and questions: lines are added, never edited; outcomes come later, with their source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...errors import RecordError, SourceError, UsageError
from ._ledger_find import current, day_of, find_entry, in_time, needs_source, not_before
from ._ledger_lines import Entry, EntryKind, append_entry, read_entries

if TYPE_CHECKING:
    import pandas as pd

    from ._ledger_scores import LedgerScores
    from ._yes_no import YesNo

__all__ = ["ForecastLedger", "Outcome"]

Outcome = Literal["yes", "no", "void"]
OUTCOMES = ("yes", "no", "void")
_MAY_CORRECT: dict[EntryKind, tuple[str, ...]] = {
    "question": ("text", "counts"),
    "forecast": ("rule",),
    "outcome": ("outcome", "source"),
    "correction": (),
}


@dataclass(frozen=True)
class ForecastLedger:
    """Issued forecasts in a JSON Lines file whose lines are chained by their hashes.

    Every method that adds a line checks the whole file first, under a lock, and writes one line or none. A line is never
    edited; `correct` adds one that names the old. What the issuer said, a probability or draws, cannot be corrected: issue
    it anew, and both are scored.

    Parameters
    ----------
    path
        The file; made by the first issue.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import UTC
    >>> from afterstrike.containment import reference_from_figures, yes_no
    >>> past = reference_from_figures(["SYR", "IRQ"], as_of=date(2026, 2, 13))
    >>> question = yes_no("Is there an announced US strike on ISIS in Syria in March 2026?", area=["Syria"],
    ...     counts="CENTCOM announces at least one.", opens="2026-02-13", starts="2026-03-01", ends="2026-03-31",
    ...     reference=past)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ledger = ForecastLedger(Path(folder, "ledger.jsonl"))
    ...     one = ledger.issue(question, now=datetime(2026, 2, 14, tzinfo=UTC))
    ...     _ = ledger.resolve(one.id, "yes", source="a release", now=datetime(2026, 4, 1, tzinfo=UTC))
    ...     len(ledger.entries()), ledger.scores().to_frame()["outcome"].tolist()
    (2, ['yes'])
    """

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))

    def entries(self, *, head: str | None = None) -> list[Entry]:
        """Give all lines after checking them; `head` is a hash noted earlier that must still be among them.

        Raises
        ------
        SourceError
            The file cannot be read, a line is cut off or was changed, or the noted line is gone.
        """
        return read_entries(self.path, head=head)

    def issue(
        self,
        question: YesNo,
        *,
        model: str = "reference class",
        probability: float | None = None,
        vintage: str = "shipped figures",
        note: str = "",
        now: datetime | None = None,
    ) -> Entry:
        """Add a question with a probability.

        Parameters
        ----------
        question
            Of `yes_no` or `load_question`.
        model
            Whose probability it is: "reference class", or another name where `probability` is given.
        probability
            Another than the question's own, 0 to 1: an article's or an analyst's, beside ours.
        vintage
            Which data it rests on.
        note
            Anything a later reader should know.
        now
            The time of issue, with its zone; the clock's if not given.

        Raises
        ------
        UsageError
            The probability is no probability, or is given without a name for its model.
        RecordError
            The question's last day has passed, or it is asked on a day to come.
        SourceError
            The ledger is broken.
        """
        given = question.probability if probability is None else probability
        if not (isinstance(given, int | float) and 0 <= given <= 1):
            raise UsageError(f"probability={given!r}; allowed 0 to 1")
        if probability is not None and model == "reference class":
            raise UsageError("a probability of one's own needs a name: give model='article' or the like")
        body = {"key": question.key, "model": model, "probability": float(given), "vintage": vintage, "note": note,
                "question": question.to_dict()}  # fmt: skip

        def make(entries: list[Entry], at: datetime) -> tuple[EntryKind, Mapping[str, Any]]:
            in_time(at, question.ends, question.opens)
            return "question", body

        return append_entry(self.path, make, now)

    def issue_forecast(
        self,
        draws: str | Path,
        *,
        rule: str,
        resolves: date | str,
        model: str | None = None,
        origin: str | None = None,
        vintage: str | None = None,
        note: str = "",
        now: datetime | None = None,
    ) -> Entry:
        """Add a forecast of counts by the file of its draws, which is kept apart and known by its hash.

        Parameters
        ----------
        draws
            Parquet file with the columns `unit, time, draw, value`.
        rule
            What is counted, by whose word, in which units.
        resolves
            The day from which it can be resolved.
        model, origin, vintage
            What made it, the last time it looked at, which state of the data; as the file says, if not given.
        note, now
            As in `issue`.

        Raises
        ------
        SourceError
            The draws cannot be read, or the ledger is broken.
        UsageError
            A text is empty, or the draws are not as they must be.
        RecordError
            The day of resolution has passed.
        """
        from ._ledger_draws import describe_draws

        last = day_of("resolves", resolves)
        told = describe_draws(Path(draws))
        about = told.pop("about")
        given = {"rule": rule, "model": model, "origin": origin, "vintage": vintage}
        texts = {name: str(about.get(name, "") if text is None else text) for name, text in given.items()}
        for name, text in texts.items():
            if not text.strip():
                raise UsageError(f"{name} is empty and the file does not say it; a forecast in a ledger does")
        body = {**texts, "data_sha256": about.get("panel_sha256", ""), "resolves": last.isoformat(), "note": note,
                "draws": told}  # fmt: skip

        def make(entries: list[Entry], at: datetime) -> tuple[EntryKind, Mapping[str, Any]]:
            in_time(at, last, None)
            return "forecast", body

        return append_entry(self.path, make, now)

    def resolve(
        self, identifier: str, outcome: Outcome, *, source: str, note: str = "", now: datetime | None = None
    ) -> Entry:
        """Add the outcome of a question, for all its issues.

        Parameters
        ----------
        identifier
            The id of an issue, or the question's key; the first digits do where they are of one only.
        outcome
            `yes`, `no`, or `void` where the rule cannot be applied; void is not scored.
        source
            Who states it.
        note, now
            As in `issue`.

        Returns
        -------
        Entry
            The line; where the same outcome was there already, that line, and nothing is added.

        Raises
        ------
        UsageError
            No such id, no such outcome, or no source.
        RecordError
            The day of resolution is not there yet, or the question was resolved otherwise: `correct` that line.
        SourceError
            The ledger is broken.
        """
        if outcome not in OUTCOMES:
            raise UsageError(f"outcome={outcome!r}; allowed {', '.join(OUTCOMES)}")
        needs_source(source)
        self._must_exist()

        def make(entries: list[Entry], at: datetime) -> tuple[EntryKind, Mapping[str, Any]] | Entry:
            issue = find_entry(entries, identifier, ("question", "forecast"), self.path.name)
            if issue.kind != "question":
                raise UsageError(f"{issue.id} is a forecast of counts; resolve it with a table of outcomes")
            asked = issue.body["question"]
            not_before(at, date.fromisoformat(asked["resolves"]), issue.id)
            key = issue.body["key"]
            for entry in entries:
                if entry.kind == "outcome" and entry.body.get("key") == key:
                    held = current(entries, entry)["outcome"]
                    if held == outcome:
                        return entry
                    raise RecordError(
                        f"the question {key} was resolved {held} by {entry.id}, now {outcome}; if that was wrong, correct "
                        f"{entry.id} and say why"
                    )
            return "outcome", {"key": key, "outcome": outcome, "source": source, "note": note}

        return append_entry(self.path, make, now)

    def resolve_forecast(
        self,
        identifier: str,
        outcomes: pd.DataFrame | str | Path,
        *,
        source: str,
        vintage: str,
        draws: str | Path | None = None,
        note: str = "",
        now: datetime | None = None,
    ) -> Entry:
        """Add the scores of a forecast of counts against what happened.

        Parameters
        ----------
        identifier
            The id of the issue.
        outcomes
            Frame, CSV or Parquet with the columns `unit, time, value`; rows without a value are missing, not zero.
        source, vintage
            Who states it, and which state of it: outcomes are revised, and each vintage is scored apart.
        draws
            The file of draws; beside the ledger, by its name, if not given. It must have the hash it was issued with.
        note, now
            As in `issue`.

        Raises
        ------
        UsageError
            No such id, no source, or no row that fits.
        RecordError
            Too early, another file of draws, or this vintage was scored with other outcomes.
        SourceError
            A file cannot be read or the ledger is broken.
        """
        from ._ledger_draws import score_draws

        needs_source(source)
        if not vintage.strip():
            raise UsageError("vintage is empty; name the state of the outcomes, as 'UCDP 26.1'")
        self._must_exist()
        issue = find_entry(self.entries(), identifier, ("question", "forecast"), self.path.name)
        if issue.kind != "forecast":
            raise UsageError(f"{issue.id} is a question; resolve it with yes, no or void")
        told = issue.body["draws"]
        file = Path(draws) if draws is not None else self.path.with_name(told["file"])
        found: dict[str, Any] = {}

        def make(entries: list[Entry], at: datetime) -> tuple[EntryKind, Mapping[str, Any]] | Entry:
            not_before(at, date.fromisoformat(issue.body["resolves"]), issue.id)
            found.update(score_draws(file, told, outcomes))
            for entry in entries:
                same = entry.kind == "outcome" and entry.body.get("issue") == issue.id
                if same and entry.body["vintage"] == vintage:
                    if entry.body["scores"]["outcomes_sha256"] == found["outcomes_sha256"]:
                        return entry
                    raise RecordError(
                        f"{issue.id} was scored on the vintage {vintage!r} by {entry.id} with other outcomes; name the new "
                        "state of the data as a vintage of its own"
                    )
            body = {"issue": issue.id, "source": source, "vintage": vintage, "note": note, "scores": found}
            return "outcome", body

        return append_entry(self.path, make, now)

    def correct(
        self, identifier: str, changes: Mapping[str, str], *, because: str, now: datetime | None = None
    ) -> Entry:
        """Add a line that corrects another and names it; the old line stays.

        Parameters
        ----------
        identifier
            The id of the line.
        changes
            Of a question: `text`, `counts`. Of a forecast: `rule`. Of a question's outcome: `outcome`, `source`.
        because
            Why.
        now
            As in `issue`.

        Raises
        ------
        UsageError
            No such line, a field that cannot be corrected, or no reason.
        SourceError
            The ledger is broken.
        """
        if not because.strip():
            raise UsageError("because is empty; a correction says why")
        self._must_exist()

        def make(entries: list[Entry], at: datetime) -> tuple[EntryKind, Mapping[str, Any]]:
            kinds: Sequence[EntryKind] = ("question", "forecast", "outcome")
            entry = find_entry(entries, identifier, kinds, self.path.name)
            allowed = _MAY_CORRECT[entry.kind] if "scores" not in entry.body else ("source",)
            wrong = [name for name in changes if name not in allowed]
            if wrong or not changes or not all(str(text).strip() for text in changes.values()):
                raise UsageError(
                    f"changes to {', '.join(changes) or 'nothing'}; of this {entry.kind} can be corrected: "
                    f"{', '.join(allowed)}, each to some text. What was forecast cannot: issue it anew"
                )
            if changes.get("outcome", "yes") not in OUTCOMES:
                raise UsageError(f"outcome={changes['outcome']!r}; allowed {', '.join(OUTCOMES)}")
            return "correction", {"corrects": entry.id, "because": because, "changes": dict(changes)}

        return append_entry(self.path, make, now)

    def scores(self) -> LedgerScores:
        """Score every resolved issue: Brier and log score of questions, CRPS of counts. See `LedgerScores`."""
        from ._ledger_scores import score_entries

        return score_entries(self.entries())

    def _must_exist(self) -> None:
        if not self.path.is_file():
            raise SourceError(f"{self.path}: there is no ledger; `afterstrike forecast issue` begins one")
