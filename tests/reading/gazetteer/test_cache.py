"""The index on disk: whole or absent, rebuilt when damaged, safe when several processes build it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from afterstrike.reading.gazetteer._cache import Country, Index, Place
from afterstrike.sources import _cache_dir


def places(count: int = 300) -> list[Place]:
    return [
        Place(
            name=f"Town {i}", names=(f"Alias {i}",), lat=i / 10, lon=-i / 10, adm0="XXX", adm1=None,
            adm1_code="01", population=i, feature="city", geo_precision=1, gazetteer="test",
            gazetteer_id=str(i), timezone="UTC",
        )
        for i in range(count)
    ]  # fmt: skip


def load() -> tuple[list[Place], list[Country]]:
    return places(), [Country("XXX", "Exland", "Town 1", "UTC", ("YYY",))]


def refuse() -> tuple[list[Place], list[Country]]:
    raise AssertionError("a whole index must not be built again")


BUILD = """
import sys
from pathlib import Path
from afterstrike.reading.gazetteer._cache import Index, Place

places = [
    Place(f"Town {i}", (), 1.0, 2.0, "XXX", None, None, i, "city", 1, "test", str(i)) for i in range(3000)
]
print(len(Index.cached(Path(sys.argv[1]), lambda: (places, ())).find(["ptown 7", "ptown 2999"])))
"""


def test_built_once_and_found_by_name_and_alias(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    Index.cached(path, load)
    index = Index.cached(path, refuse)
    found = index.find(["ptown 7", "palias 8", "pnothing"])
    assert {key: hits[0].gazetteer_id for key, hits in found.items()} == {"ptown 7": "7", "palias 8": "8"}
    assert [hits[0].is_primary for hits in found.values()].count(True) == 1
    assert index.countries()["XXX"].neighbours == ("YYY",)
    assert [p.name for p in tmp_path.iterdir()] == ["index.sqlite"]


@pytest.mark.parametrize("damage", ["garbage", "empty", "truncated", "unfinished"])
def test_a_damaged_index_is_built_again(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "index.sqlite"
    Index.cached(path, load)
    if damage == "garbage":
        path.write_bytes(b"not a database" * 1000)
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:-8192])
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM meta")
    assert len(Index.cached(path, load).find(["ptown 299"])) == 1
    assert len(Index.cached(path, refuse).find(["ptown 299"])) == 1


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> tuple[list[Place], list[Country]]:
        raise OSError("no such package data")

    with pytest.raises(OSError, match="package data"):
        Index.cached(tmp_path / "index.sqlite", broken)
    assert list(tmp_path.iterdir()) == []


def test_processes_that_build_at_once_all_end_with_a_whole_index(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    command = [sys.executable, "-c", BUILD, str(path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate(timeout=60)[0].strip() for process in started] == ["2"] * 4
    assert [p.name for p in tmp_path.iterdir()] == ["index.sqlite"]


def test_unwritable_cache_falls_back_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder is wanted")
    monkeypatch.setenv("AFTERSTRIKE_CACHE_DIR", str(blocked / "cache"))
    folder = _cache_dir.cache_dir()
    assert folder.is_dir() and blocked not in folder.parents
    assert _cache_dir.cache_dir() == folder
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and "AFTERSTRIKE_CACHE_DIR" in message


def test_cache_folder_follows_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("AFTERSTRIKE_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert _cache_dir.cache_dir() == tmp_path / "xdg" / "afterstrike"
    monkeypatch.setenv("AFTERSTRIKE_CACHE_DIR", str(tmp_path / "own"))
    assert _cache_dir.cache_dir() == tmp_path / "own"
