"""What a round has to tell: alarms once a day, the digest when it is due, and what could not be sent before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from afterstrike.errors import AfterstrikeError
from afterstrike.record._store import records, transaction
from afterstrike.watch._config import WatchConfig

if TYPE_CHECKING:
    import duckdb

    from afterstrike.watch._watch import Round, Watch

__all__ = ["raise_alarms", "tell"]

_TESTED = "alarms_tested"
_SETTLE = timedelta(hours=3)
"""How long after midnight (UTC) a day counts as whole: polls of the late evening are done by then."""


def tell(watch: Watch, done: Round) -> None:
    """Test yesterday's tempo, make the digest that is due, send what waits to be sent."""
    from afterstrike.watch._digest import due_until, make_digest
    from afterstrike.watch._send import send_waiting

    now = watch.now()
    day = (now - _SETTLE).date() - timedelta(days=1)
    config = watch.config
    with watch.record(read_only=True) as con:
        tested = _mark(con, _TESTED)
        is_day_due = tested is None or date.fromisoformat(tested) < day
        until = due_until(con, config, now)
    watch.build(done, is_due=is_day_due or until is not None)
    if is_day_due:
        with watch.record() as con:
            done.alarms = len(raise_alarms(con, config, day, now))
    if config.digest is None:
        return
    if until is not None:
        try:
            with watch.record() as con:
                done.digest = make_digest(con, config, until, now)
        except AfterstrikeError as problem:  # a full disk, a folder that is gone: tried again next round
            done.problems.append(f"{type(problem).__name__}: {problem}")
    done.problems += send_waiting(watch, now)


def raise_alarms(
    con: duckdb.DuckDBPyConnection, config: WatchConfig, day: date, now: datetime
) -> list[dict[str, Any]]:
    """Test every series for the window that ends with a day, and store the alarms, in one transaction.

    A series that raised an alarm of the same direction within the length of a window raises no second one.

    Parameters
    ----------
    con : DuckDBPyConnection
        A record open for writing.
    config : WatchConfig
        Its alarms.
    day : date
        The last day of the window (UTC).
    now : datetime
        When this is done.

    Returns
    -------
    list of dict
        The new alarms, as they stand in `watch_alarms`.
    """
    from afterstrike.watch._series import tempo_of_series
    from afterstrike.watch._tempo import alarm_level

    tested = tempo_of_series(con, config, day)
    level = alarm_level(config.alarms.false_alarms_per_year, len(tested))
    since = day - timedelta(days=config.alarms.window_days)
    found: list[dict[str, Any]] = []
    with transaction(con):
        lately = {
            (row["series"], row["direction"])
            for row in records(
                con, "SELECT series, direction FROM watch_alarms WHERE day > ? AND day <= ?", [since, day]
            )
        }
        for one in tested:
            alarm = one.tempo.alarm(level) if one.tempo else None
            if one.tempo is None or alarm is None or (one.series.name, alarm[0]) in lately:
                continue
            tempo = one.tempo
            words = (
                f"{tempo.count} {one.series.name} first reported in {tempo.window_days} days to {day}, where "
                f"{tempo.expected:.1f} were to be expected from the {tempo.baseline_days} days before"
            )
            if one.left_out:
                words += f"; {len(one.left_out)} days on which sources could not be had are left out"
            row = {
                "series": one.series.name, "at": now.astimezone(UTC).replace(tzinfo=None), "day": day, "count": tempo.count,
                "expected": round(tempo.expected, 3), "p_value": alarm[1], "direction": alarm[0],
                "false_alarms_per_year": config.alarms.false_alarms_per_year, "words": words,
            }  # fmt: skip
            con.execute("INSERT INTO watch_alarms VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", list(row.values()))
            found.append(row)
        con.execute("INSERT OR REPLACE INTO watch_marks VALUES (?, ?)", [_TESTED, day.isoformat()])
    return found


def _mark(con: duckdb.DuckDBPyConnection, name: str) -> str | None:
    row = con.execute("SELECT value FROM watch_marks WHERE name = ?", [name]).fetchone()
    return str(row[0]) if row else None
