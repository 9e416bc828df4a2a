from __future__ import annotations

import os
from pathlib import Path

import pytest

from afterstrike.brief import Brief
from afterstrike.brief._save import save_all
from afterstrike.errors import BriefError


def test_both_files_or_neither(made_brief: Brief, tmp_path: Path) -> None:
    files = made_brief.save(tmp_path / "deep" / "out")
    assert [f.name for f in files] == ["brief.html", "brief.json"]
    assert sorted(p.name for p in (tmp_path / "deep" / "out").iterdir()) == ["brief.html", "brief.json"]


def test_a_file_where_the_folder_should_be(made_brief: Brief, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(BriefError, match=r"cannot be written to .*with -o"):
        made_brief.save(tmp_path / "taken")
    with pytest.raises(BriefError):
        made_brief.save(tmp_path / "taken" / "below")
    assert (tmp_path / "taken").read_text() == "mine"


def test_when_the_second_file_cannot_be_written_the_first_is_as_before(tmp_path: Path) -> None:
    save_all(tmp_path, {"a": b"old"})
    (tmp_path / "b").mkdir()
    with pytest.raises(BriefError, match="b is a folder there"):
        save_all(tmp_path, {"a": b"new", "b": b"new"})
    assert (tmp_path / "a").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(BriefError, match="No space left"):
        save_all(tmp_path / "new", {"a": b"x"})
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(made_brief: Brief, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(BriefError, match="Permission denied"):
        made_brief.save(locked)
    assert not list(locked.iterdir())
