"""Two simulated days of thirty outlets, with faults, edits, copies and retractions, killed at random moments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    import measure_watch

    return measure_watch.run(
        tmp_path_factory.mktemp("run"), outlets=30, reports=110, hours=48.0, kills=6, seed=3, faults=14,
        round_minutes=180.0,
    )  # fmt: skip


@pytest.mark.slow
def test_every_item_is_accounted_for_once_and_every_incident_leads_to_its_bytes(
    run: tuple[dict[str, Any], list[str]],
) -> None:
    figures, wrong = run
    assert wrong == []
    assert figures["kills"] == 6 and figures["simulated hours"] >= 64
    for state in ("read", "duplicate", "retracted", "unreadable"):
        assert figures[f"items {state}"] > 0
    accounted = sum(
        n for name, n in figures.items() if name.startswith("items ") and name != "items published"
    )
    assert accounted == figures["items published"]


@pytest.mark.slow
def test_faults_were_met_digests_arrived_and_nothing_cried_wolf(
    run: tuple[dict[str, Any], list[str]],
) -> None:
    figures, _ = run
    assert figures["polls that met a fault"] > 3 and figures["digests"] >= 2
    assert figures["alarms"] == 0


@pytest.mark.slow
def test_the_check_itself_sees_what_is_lost_doubled_or_altered(tmp_path: Path) -> None:
    """A check that cannot fail would prove nothing: spoil a good record in each way and see it named."""
    import measure_watch
    from afterstrike.record import open_record
    from afterstrike.watch import load_watch
    from watch_check import check_run

    real, kept = measure_watch.check_run, {}

    def check(*given: Any) -> Any:
        figures, wrong = real(*given)
        config = kept["config"] = given[0]
        for name, sql in {
            "lost": "DELETE FROM watch_items WHERE item_key = (SELECT min(item_key) FROM watch_items WHERE state = 'read')",
            "stands 2 times": "INSERT INTO watch_items BY NAME SELECT * REPLACE ('never:' || item_key AS item_key) "
                              "FROM watch_items WHERE state = 'read' LIMIT 1",
            "is not the one that was read": "UPDATE reports SET text_sha256 = 'x' || text_sha256",
            "leads nowhere": "UPDATE watch_items SET sha256 = NULL",
            "rests on nothing": "DELETE FROM incident_members",
        }.items():  # fmt: skip
            copy = config.record.with_name("spoiled.duckdb")
            copy.write_bytes(config.record.read_bytes())
            with open_record(copy) as record:
                record.connection.execute(sql)
            from dataclasses import replace

            _, found = check_run(replace(config, record=copy), *given[1:])
            assert any(name in one for one in found), (name, found[:3])
        return figures, wrong

    measure_watch.check_run = check
    try:
        _, wrong = measure_watch.run(
            tmp_path, outlets=6, reports=24, hours=8.0, kills=0, faults=0, round_minutes=240.0
        )
    finally:
        measure_watch.check_run = real
    assert load_watch(tmp_path / "watch.yaml").record == kept["config"].record and not [
        w for w in wrong if "lost" in w
    ]
