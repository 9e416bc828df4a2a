"""The archive: bytes once, a log of every retrieval, WARC."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from afterstrike.errors import SourceError
from afterstrike.sources import Archive, Fetch, archive_of

ABOUT: dict[str, Any] = {
    "address": "https://example.org/a", "final_address": "https://example.org/b", "status": 200,
    "headers": {"Content-Type": "text/plain", "Content-Encoding": "gzip"},
    "retrieved_at": "2026-01-02T03:04:05+00:00",
}  # fmt: skip


def test_bytes_are_kept_once_and_retrievals_each(archive: Archive, tmp_path: Path) -> None:
    first = archive.put(b"one", **ABOUT)
    outside = tmp_path / "outside.bin"
    outside.write_bytes(b"one")
    second = archive.put(outside, **ABOUT)
    assert outside.exists()
    inside = archive.folder / "inside.bin"
    inside.write_bytes(b"two")
    third = archive.put(inside, **ABOUT)
    assert not inside.exists()
    assert [one.number for one in archive.fetches()] == [first.number, second.number, third.number]
    assert first.sha256 == second.sha256
    assert archive.bytes(third.sha256) == b"two"
    assert len([one for one in (archive.folder / "objects").rglob("*") if one.is_file()]) == 2
    assert archive.latest(ABOUT["address"]) == third
    assert archive.latest("https://example.org/other") is None
    assert first == Fetch(
        1, "https://example.org/a", "https://example.org/b", 200,
        {"content-type": "text/plain", "content-encoding": "gzip"}, first.sha256, 3,
        "2026-01-02T03:04:05+00:00",
    )  # fmt: skip


def test_another_opening_sees_the_same(archive: Archive) -> None:
    fetch = archive.put(b"one", **ABOUT)
    again = Archive(archive.folder, read_only=True)
    assert again.fetches() == [fetch]
    assert again.bytes(fetch.sha256) == b"one"
    with pytest.raises(SourceError, match="read only"):
        again.put(b"two", **ABOUT)


def test_an_absent_archive_is_empty_and_stays_absent(tmp_path: Path) -> None:
    found = Archive(tmp_path / "none", read_only=True)
    assert found.fetches() == []
    assert not (tmp_path / "none").exists()


def test_damaged_bytes_are_found_out(archive: Archive) -> None:
    fetch = archive.put(b"one", **ABOUT)
    archive.path(fetch.sha256).write_bytes(b"two")
    with pytest.raises(SourceError, match="changed or damaged"):
        archive.bytes(fetch.sha256)
    archive.path(fetch.sha256).unlink()
    with pytest.raises(SourceError, match="holds no bytes"):
        archive.bytes(fetch.sha256)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "a" * 63, "a" * 63 + "/"])
def test_a_hash_that_is_none_reaches_no_file(archive: Archive, name: str) -> None:
    with pytest.raises(SourceError, match="is no SHA-256"):
        archive.open(name)


def test_a_limit_on_reading(archive: Archive) -> None:
    fetch = archive.put(b"x" * 100, **ABOUT)
    with pytest.raises(SourceError, match="larger than"):
        archive.bytes(fetch.sha256, max_bytes=99)
    assert len(archive.bytes(fetch.sha256, max_bytes=100)) == 100


def test_a_folder_that_cannot_be_an_archive(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match="cannot be used as an archive"):
        Archive(tmp_path / "file")
    broken = Archive(tmp_path / "broken")
    (broken.folder / "fetches.sqlite").write_bytes(b"no database at all, whatever its name" * 100)
    for suffix in ("-wal", "-shm"):
        (broken.folder / f"fetches.sqlite{suffix}").unlink(missing_ok=True)
    with pytest.raises(SourceError, match="cannot be read"):
        Archive(broken.folder, read_only=True).fetches()


def test_many_threads_may_write(archive: Archive) -> None:
    def work(start: int) -> None:
        for number in range(start, start + 10):
            archive.put(b"%d" % (number // 2), **ABOUT)

    threads = [threading.Thread(target=work, args=(10 * one,)) for one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(archive.fetches()) == 40
    assert {archive.bytes(one.sha256) for one in archive.fetches()} == {b"%d" % one for one in range(20)}


_PUT = """
import os, sys
from pathlib import Path
from afterstrike.sources import Archive, _archive
real = Path.replace
def killed(self, target):
    os.kill(os.getpid(), 9)
Path.replace = killed
Archive(Path(sys.argv[1])).put(b"x" * 1000, address="http://a/", final_address="http://a/", status=200,
    headers={}, retrieved_at="2026-01-01T00:00:00+00:00")
"""


def test_a_kill_while_storing_leaves_nothing_half(archive: Archive) -> None:
    done = subprocess.run([sys.executable, "-c", _PUT, str(archive.folder)], check=False)
    assert done.returncode == -9
    assert archive.fetches() == []
    names = [one.name for one in (archive.folder / "objects").rglob("*") if one.is_file()]
    assert all(name.endswith(".part") for name in names)
    assert archive.bytes(archive.put(b"x" * 1000, **ABOUT).sha256) == b"x" * 1000


def test_warc_holds_every_retrieval_and_each_body_once(archive: Archive, tmp_path: Path) -> None:
    archive.put(b"one", **ABOUT, licence="CC BY 4.0", citation="Some\nbody")
    archive.put(b"one", **{**ABOUT, "retrieved_at": "2026-02-02T00:00:00+00:00"})
    archive.put(b"\xff\0two", **{**ABOUT, "address": "https://example.org/c"})
    path = tmp_path / "out" / "all.warc.gz"
    assert archive.export_warc(path) == 3
    with path.open("rb") as stream:
        found = [
            (
                one.rec_type,
                one.rec_headers.get_header("WARC-Date"),
                one.content_stream().read(),
                one.http_headers,
                one.rec_headers.get_header("WARC-Payload-Digest"),
            )
            for one in ArchiveIterator(stream)
        ]
    kinds = [one[0] for one in found]
    assert kinds == ["warcinfo", "response", "metadata", "revisit", "metadata", "response", "metadata"]
    assert found[1][1:3] == ("2026-01-02T03:04:05Z", b"one")
    assert found[1][3].get_header("content-type") == "text/plain"
    assert found[1][3].get_header("content-encoding") is None
    assert found[1][4].startswith("sha256:7692c3ad")
    assert b"licence: CC BY 4.0" in found[2][2] and b"citation: Some body" in found[2][2]
    assert (found[3][1], found[3][2]) == ("2026-02-02T00:00:00Z", b"")
    assert found[5][2] == b"\xff\0two"
    assert archive.export_warc(path, address="https://example.org/c") == 1


def test_a_warc_that_cannot_be_written_whole_is_not_written(archive: Archive, tmp_path: Path) -> None:
    fetch = archive.put(b"one", **ABOUT)
    archive.path(fetch.sha256).unlink()
    path = tmp_path / "all.warc.gz"
    path.write_bytes(b"earlier")
    with pytest.raises(SourceError):
        archive.export_warc(path)
    assert path.read_bytes() == b"earlier"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["all.warc.gz"]


def test_the_archive_of_a_record() -> None:
    assert archive_of(Path("x/y.duckdb")) == Path("x/y.archive")


def test_what_is_put_in_is_stored_without_keys(archive: Archive) -> None:
    about = ABOUT | {
        "address": "https://u:geheim@example.org/a?key=geheim&page=2",
        "final_address": "https://example.org/b?token=geheim",
        "headers": {"Set-Cookie": "geheim", "Authorization": "geheim", "ETag": "1"},
    }
    fetch = archive.put(b"one", **about)
    assert (fetch.address, fetch.headers) == ("https://example.org/a?page=2", {"etag": "1"})
    assert archive.latest(about["address"]) == fetch
    for path in archive.folder.rglob("*"):
        assert not path.is_file() or b"geheim" not in path.read_bytes()
