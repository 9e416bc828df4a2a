"""`afterstrike world`: list, show, check; and the page that documents worlds."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from afterstrike.cli import main
from afterstrike.containment import load_world, parameters, world_text
from afterstrike.containment._world_read import read_world

PAGE = Path(__file__).resolve().parents[2] / "docs" / "worlds.md"
PLACE = {"world": "", "zone": ".zone", "custody": ".system", "camp": ".camp", "seam": ".a/b"}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["world", *arguments])
    told = capsys.readouterr()
    return status, told.out, told.err


def age(name: str) -> int:
    return load_world(name).age_days(date.today())


def test_list_has_the_latest_first_with_its_age(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "list")
    rows = [line for line in out.splitlines() if re.match(r"(feb2026|article|mid2024)  ", line)]
    assert status == 0 and [row.split()[0] for row in rows] == ["feb2026", "article", "mid2024"]
    assert rows[0].split()[1:4] == ["2026-02-13", f"{age('feb2026'):,}", "1,500–6,500"]
    assert "claimed by the article" in out


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "list", "--json")
    found = {row["world"]: row for row in json.loads(out)}
    assert status == 0 and found["mid2024"]["as_of"] == "2024-07-17"
    assert found["feb2026"]["age_days"] == age("feb2026")
    assert found["feb2026"]["detained"] == [6500, 8910]


def test_show_puts_the_worlds_own_numbers_first_and_marks_assumptions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out, _ = run(capsys, "show", "feb2026")
    assert status == 0
    assert out.index("Set by this world: custody") < out.index("Defaults of the model: attacks")
    moved = next(line for line in out.splitlines() if line.startswith("detained.iraq"))
    assert "2026-02-12" in moved and "Iraqi National Centre" in moved and "assumed" not in moved
    assert "S assumed" in next(line for line in out.splitlines() if line.startswith("detained.ne_syria"))
    assert out.count(f"as of 13 February 2026 ({age('feb2026')} days before this run)") == 2
    assert (
        out.index("What led here")
        < out.index("Since then, and not in these numbers")
        < out.index("2026-02-22")
    )
    for name in load_world("feb2026").numbers:
        assert re.search(rf"^{re.escape(name)} ", out, re.M), name


def test_show_labels_what_the_article_claims(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "show", "article")
    assert re.search(r"^detained\.ne_syria +10,000 +10,000 +10,000 +persons +claimed by article", out, re.M)
    assert "Claimed by article, US troops in Syria: 900." in out
    assert "  published: about 2,000 people, 2024-12-19 (US Department of Defense" in out


def test_show_with_notes(capsys: pytest.CaptureFixture[str]) -> None:
    without, with_notes = run(capsys, "show", "feb2026")[1], run(capsys, "show", "feb2026", "--notes")[1]
    note = load_world("feb2026").numbers["detained.ne_syria"].note
    assert note in with_notes and note not in without


def test_show_as_json_and_csv(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    status, out, err = run(capsys, "show", "feb2026", "--json", "--csv", str(path))
    told = json.loads(out)
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert status == 0 and f"Wrote {len(rows)} numbers" in err
    assert [row["name"] for row in rows] == [row["name"] for row in told["numbers"]]
    assert {(row["world"], row["world_as_of"], row["world_age_days"]) for row in rows} == {
        ("feb2026", "2026-02-13", str(age("feb2026")))
    }
    assert told["age_days"] == age("feb2026") and told["events"][-1]["is_after_world"] is True
    assert next(row for row in told["numbers"] if row["name"] == "strike_effect")["median"] == 0


def test_a_csv_that_cannot_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, _, err = run(capsys, "show", "feb2026", "--csv", str(tmp_path / "nowhere" / "x.csv"))
    assert status == 2 and "cannot be written" in err and "Traceback" not in err


def test_show_an_unknown_world(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "show", "febr2026")
    assert status == 2 and not out and "did you mean feb2026?" in err


def test_a_world_of_ones_own_begins_from_a_shipped_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, out, _ = run(capsys, "show", "feb2026", "--toml")
    assert out == world_text("feb2026")
    mine = tmp_path / "mine.toml"
    mine.write_text(out.replace('name = "feb2026"', 'name = "mine"', 1), encoding="utf-8")
    status, out, _ = run(capsys, "check", str(mine))
    assert status == 0
    assert f"{mine} can be used: world mine, as of 13 February 2026" in out
    assert load_world(mine).numbers == load_world("feb2026").numbers


def test_check_tells_what_numbers_rest_on(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "check", "article", "mid2024")
    assert status == 0 and len(out.splitlines()) == 2
    assert re.search(
        r"\d+ estimable from data \(D\), \d+ published \(L\), \d+ assumed \(S\), \d+% of all", out
    )
    assert "1 claimed by an article" in out and "oldest: size_exponent, of 2009-12-17" in out


def test_check_names_the_faults_of_every_file_and_ends_with_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad, empty = tmp_path / "bad.toml", tmp_path / "empty.toml"
    bad.write_text(world_text("feb2026").replace("low = 800", "low = -800"), encoding="utf-8")
    empty.write_text("")
    status, out, err = run(capsys, "check", str(bad), "feb2026", str(empty))
    assert status == 2 and "feb2026 can be used" in out
    number = bad.read_text().splitlines().index("low = -800") + 1
    assert f'line {number}, numbers."detained.ne_syria".low: low is -800, below 0' in err
    assert f"{empty} is empty" in err and "Traceback" not in err


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from afterstrike.cli import main; main(['world', '--help']);"
        "print([m for m in ('numpy', 'numba', 'pandas', 'scipy', 'rich') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]" and "list" in done.stdout


def test_the_page_lists_every_number_as_the_table_has_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.count("|") == 6 and line.startswith("| `")]
    told = {
        row.split("|")[1].strip().strip("`"): [cell.strip() for cell in row.split("|")[2:6]] for row in rows
    }
    assert list(told) == [
        one.name + PLACE[one.scope] for one in sorted(parameters().values(), key=lambda p: p.group_order)
    ]
    for one in parameters().values():
        unit, default, kind, meaning = told[one.name + PLACE[one.scope]]
        assert (unit, meaning) == (one.unit, one.meaning)
        if one.default is None:
            assert default == ("may be left out" if one.is_optional else "**must be stated**")
            continue
        assert kind == one.default.kind
        plain = re.sub(r"(?<=\d),(?=\d)", "", default)
        ends = [float(text) for text in re.findall(r"-?[\d.]+(?:e-?\d+)?", plain)]
        assert ends[:2] == pytest.approx([one.default.low, one.default.high], rel=1e-3), one.name
        assert (ends[2:] or [None]) == [one.default.median], one.name


def test_the_page_has_a_world_that_can_be_used() -> None:
    block = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert block
    world = read_world(block[1].encode(), "docs/worlds.md")
    assert world.name == "small" and len(world.zones) == 1 and not world.systems
    assert len(world.draw(10)["fighters"]) == 10
