"""The YAML of a watch: what is wrong is named with its line, what is allowed and the nearest known key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.errors import UsageError
from afterstrike.watch import load_watch

GOOD = "sources:\n  - {name: a, feed: 'https://a.example/rss'}\n"


def load(tmp_path: Path, text: str) -> object:
    file = tmp_path / "watch.yaml"
    file.write_text(text, encoding="utf-8")
    return load_watch(file)


def test_the_example_can_be_used_and_the_rest_has_defaults(tmp_path: Path, root: Path) -> None:
    example = (root / "src/afterstrike/watch/example.yaml").read_text(encoding="utf-8")
    config = load(tmp_path, example)
    assert [source.kind for source in config.sources] == ["feed", "list", "page"]
    assert config.digest.at_minutes == 360 and config.record == tmp_path / "watch.duckdb"
    plain = load(tmp_path, GOOD)
    assert (plain.archive, plain.languages, plain.digest) == (tmp_path / "watch.archive", ("en", "ar"), None)
    assert plain.sources[0].every_minutes == 30 and plain.alarms.false_alarms_per_year == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (GOOD + "languges: [en]\n", 3, "did you mean `languages`"),
        (GOOD + "languages: [english]\n", 3, "allowed: en, ar"),
        ("sources:\n  - name: a\n    fead: x\n", 3, "did you mean `feed`"),
        (
            "sources:\n  - {name: a, feed: 'https://a.example', page: 'https://b.example'}\n",
            2,
            "exactly one of",
        ),
        ("sources:\n  - {name: a, feed: 'file:///etc/passwd'}\n", 2, "begins with http"),
        (GOOD + "  - {name: a, feed: 'https://b.example'}\n", 3, "given to two sources"),
        (GOOD + "  - {name: b, feed: 'https://b.example', every: 2s}\n", 3, "from 5 minutes"),
        (GOOD + "  - {name: b, list: 'https://b.example', links: '('}\n", 3, "regular expression"),
        (GOOD + "alarms:\n  false_alarms_per_year: many\n", 4, "a number from 0.01"),
        (GOOD + "alarms:\n  kinds: [strikes]\n", 4, "did you mean strike"),
        (GOOD + "digest:\n  at: noon\n", 4, "a time of day in UTC"),
        (GOOD + "digest:\n  smtp:\n    password: secret\n", 5, "AFTERSTRIKE_SMTP_PASSWORD"),
        (GOOD + "digest:\n  token: secret\n", 4, "AFTERSTRIKE_WEBHOOK_TOKEN"),
        (GOOD + "digest:\n  smtp: {host: m, from: a, to: [b@c.d]}\n", 4, "address of mail"),
        (GOOD + "record: a.duckdb\nrecord: b.duckdb\n", 4, "stands twice"),
        (GOOD + "recheck_hours: 6\n", 3, "list of whole hours"),
        (GOOD + 'record: "a\\0b"\n', 3, "names no file"),
        (GOOD + "record: .\n", 3, "names no file"),
        (GOOD + "record: /\n", 3, "names no file"),
        (GOOD + "record: ..\n", 3, "names no file"),
        (GOOD + 'archive: "a\\0b"\n', 3, "names no file"),
        (GOOD + "archive: watch.yaml\n", 3, "a file; give a folder"),
        (GOOD + "allow_private: [foo]\n", 3, "'foo'; it is host:port"),
        (GOOD + "allow_private: ['127.0.0.1:99999']\n", 3, "a port up to 65535"),
        (GOOD + "allow_private: ['127.0.0.1:0']\n", 3, "a port up to 65535"),
        ("sources: []\n", 1, "at least one source"),
        ("record: [", 2, "no YAML"),
        ("a: &a [*a]", 1, "not known"),
        ("just words", 1, "YAML mapping"),
        ("when: 2026-99-99\n" + GOOD, 1, ""),
    ],
)
def test_faults_are_named_with_their_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, text)
    assert words in str(caught.value)
    if "cannot be used" in str(caught.value):
        assert f"line {line}: " in str(caught.value)
    assert "secret" not in str(caught.value)


def test_all_faults_come_at_once_and_a_missing_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, GOOD + "one: 1\ntwo: 2\n")
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0].strip() for line in lines[1:3]] == ["line 3", "line 4"]
    with pytest.raises(UsageError, match="watch init"):
        load_watch(tmp_path / "none.yaml")


def test_a_time_without_quotes_is_read_as_meant(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD + "digest:\n  at: 16:30\n").digest.at == "16:30"


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200))
def test_any_text_is_taken_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(UsageError):
        load_watch(file)
