"""Yes/no questions and their reference classes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.containment import (
    ReferenceClass,
    YesNo,
    load_question,
    reference_class,
    reference_from_figures,
    yes_no,
)
from afterstrike.containment._forecast._cases import years_with_strikes
from afterstrike.containment._forecast._question_file import EXAMPLE
from afterstrike.errors import EstimateRefused, SourceError, UsageError


def years(outcomes: str, first: int = 2000) -> ReferenceClass:
    """A class of years: y yes, n no, - not known."""
    told = {"y": "yes", "n": "no", "-": ""}
    rows = [
        {"period": str(first + k), "outcome": told[one], "source": "" if one == "-" else "S"}
        for k, one in enumerate(outcomes)
    ]
    return reference_class(pd.DataFrame(rows), words="years of a test")


def ask(reference: ReferenceClass, year: int | None = None, **changes: Any) -> YesNo:
    """A question on a whole year, asked on the last day of the class."""
    last = reference.cases[-1].end
    year = year or last.year + 1
    arguments = {
        "text": "Is there one?", "area": ["Somewhere"], "counts": "One is announced.", "opens": last,
        "starts": date(year, 1, 1), "ends": date(year, 12, 31), "reference": reference,
    } | changes  # fmt: skip
    return yes_no(**arguments)


def test_the_posterior_is_prior_and_counts() -> None:
    """Jeffreys' prior, three yes and one no, worked by hand."""
    found = ask(years("yyny"))
    assert found.posterior == (3.5, 1.5)
    assert found.probability == pytest.approx(3.5 / 5)
    assert found.low < found.probability < found.high
    assert "3 in 4 years" in found.summary()


def test_missing_years_are_in_no_count() -> None:
    """A year not known changes nothing; taken for a no it does."""
    assert ask(years("y--y")).posterior == ask(years("yy")).posterior == (2.5, 0.5)
    assert ask(years("ynny")).posterior == (2.5, 2.5)
    assert "Not known, and in no count: 2001, 2002" in ask(years("y--y")).summary()


def test_what_was_not_over_when_asked_is_left_out() -> None:
    """The year under way and later ones, whatever they hold."""
    opens = date(2003, 6, 1)
    one = ask(years("yynyy"), 2005, opens=opens)
    other = ask(years("yynnn"), 2005, opens=opens)
    assert one.posterior == other.posterior == (2.5, 1.5)
    assert [case.name for case in one.left_out] == ["2003", "2004"]


def test_a_part_of_a_year_has_a_smaller_chance() -> None:
    """The mean of 1 - (1 - p)^f over the posterior, against draws."""
    found = ask(years("ynnnyn"), starts="2006-01-01", ends="2006-03-31")
    draws = np.random.default_rng(0).beta(2.5, 4.5, 400_000)
    fraction = 90 / (6 * 365 + 2) * 6
    assert found.probability == pytest.approx(float(np.mean(1 - (1 - draws) ** fraction)), abs=1e-3)
    low, high = np.quantile(1 - (1 - draws) ** fraction, (0.1, 0.9))
    assert (found.low, found.high) == (pytest.approx(low, abs=2e-3), pytest.approx(high, abs=2e-3))


def test_persistence_counts_what_followed_what() -> None:
    """After a yes: yes twice, no once; a gap breaks a pair; the chance one step on is that of the pairs."""
    found = ask(years("yyynn-y"), persistence=True)
    assert found.posterior == (2.5, 1.5)
    assert found.probability == pytest.approx(2.5 / 4, abs=1e-3)
    assert found.method == "persistence"
    rows = {"period": ["2000", "2001", "2003", "2005"], "outcome": ["yes", "yes", "no", "yes"], "source": "S"}
    gap = ask(reference_class(pd.DataFrame(rows), words="years without a row between"), persistence=True)
    assert gap.posterior == (1.5, 0.5)  # 2001 and 2003 are no neighbours


def test_persistence_fades_with_distance() -> None:
    """Long runs: near ahead the last state rules, far ahead both last states come to the same."""
    runs = "nnnnnnyyyyyynnnnnnyyyyyy"
    ends_yes, ends_no = years(runs), years(runs + "nnnnnn")
    assert (
        ask(ends_yes, persistence=True).probability > 0.75 > 0.25 > ask(ends_no, persistence=True).probability
    )
    far = [ask(one, one.cases[-1].end.year + 40, persistence=True) for one in (ends_yes, ends_no)]
    assert abs(far[0].probability - far[1].probability) < 0.2
    near = ask(ends_yes, persistence=True)
    assert ask(years("y-y-y"), 2006).method == "class"
    assert near.probability > ask(ends_yes, ends_yes.cases[-1].end.year + 5, persistence=True).probability


def test_a_prison_break_is_told_to_a_power_of_ten() -> None:
    """Probability and ends are powers of ten, class and count are stated, and percent is refused."""
    reference = years("nnnnnyn")
    text = "Is there a break from a prison in the area?"
    found = ask(reference, text=text)
    assert found.precision == "magnitude"
    assert {found.probability, found.low, found.high} <= {1e-3, 1e-2, 1e-1, 1.0}
    assert found.low <= found.probability <= found.high
    assert "1 in 7 years" in found.summary() and "in the order of 1 in 10" in found.summary()
    with pytest.raises(UsageError, match="order of magnitude"):
        ask(reference, text=text, precision="percent")


@given(st.text("yn-", min_size=1, max_size=12).filter(lambda text: {"y", "n"} & set(text)))
def test_one_more_yes_raises_it_and_one_more_no_lowers_it(outcomes: str) -> None:
    """Whatever the class, and never quite nought or one."""
    base, up, down = (ask(years(outcomes + more)).probability for more in ("-", "y", "n"))
    assert 0 < down < base < up < 1


def test_what_would_change_it_is_worked_out() -> None:
    """One year more either way, and the missing years either way."""
    found = ask(years("yy-yy-"), would_change=["A truce."])
    assert found.would_change[0] == "One more year with yes makes it 0.92; one with no, 0.75."
    assert found.would_change[1] == "If all 2 missing years were no: 0.64; if all were yes: 0.93."
    assert found.would_change[-1] == "A truce."


def test_the_key_is_of_the_question_not_of_the_answer() -> None:
    """Another class, the same key; another rule, another key."""
    assert ask(years("yy")).key == ask(years("nn")).key
    assert ask(years("yy")).key != ask(years("yy"), counts="Two are announced.").key


def test_plain_values_go_through_json() -> None:
    """Nothing is lost, and the frame has one row."""
    found = ask(years("y-n"))
    told = json.loads(json.dumps(found.to_dict()))
    assert told["reference"]["cases"][1] == {
        "start": "2001-01-01",
        "end": "2001-12-31",
        "outcome": "missing",
        "source": "",
    }
    row = found.to_frame().iloc[0]
    assert (row["yes"], row["no"], row["missing"], row["area"]) == (1, 1, 1, "Somewhere")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": " "}, "text is empty"),
        ({"counts": ""}, "counts is empty"),
        ({"area": "Syria"}, r"as \['Syria'\]"),
        ({"area": []}, "at least one name"),
        ({"ends": date(1999, 1, 1)}, "no later than ends"),
        ({"resolves": "2001-01-01"}, "no later than resolves"),
        ({"opens": "soon"}, "YYYY-MM-DD"),
        ({"prior": (0, 1)}, "above 0"),
        ({"level": 1.0}, "0.5 to 0.99"),
        ({"precision": "exact"}, "allowed 'percent'"),
    ],
)
def test_bad_questions_are_refused(changes: dict[str, Any], words: str) -> None:
    """With what is allowed."""
    with pytest.raises(UsageError, match=words):
        ask(years("yy"), **changes)


def test_a_class_with_nothing_known_is_refused() -> None:
    """No years, no years by then, or no neighbours for persistence."""
    with pytest.raises(EstimateRefused, match="no period of the class"):
        ask(years("--"))
    with pytest.raises(EstimateRefused, match="no period of the class"):
        ask(years("yy"), opens="1999-05-05")
    with pytest.raises(EstimateRefused, match="next to each other"):
        ask(years("y-y"), persistence=True)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"period": "2001", "outcome": "maybe", "source": "S"}], "allowed yes, no"),
        ([{"period": "2001", "outcome": "yes", "source": ""}], "without a source"),
        ([{"period": "spring", "outcome": "yes", "source": "S"}], "allowed 2019"),
        ([{"period": "2001-13", "outcome": "yes", "source": "S"}], "allowed 2019"),
        ([{"start": "2001-05-02", "end": "2001-05-01", "outcome": "yes", "source": "S"}], "before it starts"),
        ([{"period": "2001", "outcome": "yes", "source": "S"}] * 2, "overlap"),
        ([{"period": p, "outcome": "no", "source": "S"} for p in ("2001", "2002-01")], "one length"),
        ([{"when": "2001", "outcome": "yes", "source": "S"}], "it takes period"),
    ],
)
def test_bad_classes_are_refused(rows: list[dict[str, str]], words: str) -> None:
    """Each with its row or its columns."""
    with pytest.raises(UsageError, match=words):
        reference_class(pd.DataFrame(rows), words="a test")


def test_a_class_of_months_from_a_file(tmp_path: Path) -> None:
    """CSV, months, empty cells missing; an absent file is told."""
    path = tmp_path / "months.csv"
    path.write_text("period,outcome,source\n2019-02,yes,A\n2019-01,no,A\n2019-03,,\n", encoding="utf-8")
    found = reference_class(path, words="months")
    assert [case.name for case in found.cases] == ["2019-01", "2019-02", "2019-03"]
    assert found.count_words() == "1 in 2 months"
    with pytest.raises(SourceError, match="cannot be read as CSV"):
        reference_class(tmp_path / "absent.csv", words="months")


def test_figures_of_two_countries_do_not_speak_of_one() -> None:
    """Strikes counted for Iraq and Syria together tell of the two together only."""
    assert years_with_strikes(["SYR", "IRQ"])[2016]
    assert 2016 not in years_with_strikes(["SYR"])


def test_figures_of_later_years_are_not_seen() -> None:
    """As of a day in 2018 only years over by then speak."""
    found = reference_from_figures(["SYR", "IRQ"], as_of=date(2018, 6, 30))
    assert max(case.start.year for case in found.cases) == 2017
    with pytest.raises(EstimateRefused, match="bring a table"):
        reference_from_figures(["SYR", "IRQ"], as_of=date(2013, 1, 1))
    with pytest.raises(UsageError, match="measure 'raids'"):
        reference_from_figures(["SYR"], as_of=date(2018, 6, 30), measures=["raids"])
    with pytest.raises(UsageError, match="area 'XYZ'"):
        reference_from_figures(["XYZ"], as_of=date(2018, 6, 30))


def test_the_example_file_is_a_question(tmp_path: Path) -> None:
    """Every key of it is read."""
    path = tmp_path / "question.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    found = load_question(path)
    assert found.starts == date(2027, 1, 1) and found.resolves == date(2028, 1, 31)
    assert found.reference.yes >= 5 and found.reference.missing
    assert any("withdrawal" in line for line in found.would_change)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("text =", "words =", "key 'words'"),
        ('area = ["Syria"]', 'area = "Syria"', "it is a list"),
        ("ends = 2027-12-31", "", "no ends"),
        ("persistence = false", "persistence = 1", "true or false"),
        ("[reference]", "[reference]\ntable = 'x.csv'", "goes with words"),
        ('areas = ["SYR", "IRQ"]', "", "neither table nor areas"),
        ("opens = 2026-11-01", "opens = 'soon'", "YYYY-MM-DD"),
        ('text = "', 'text = ', "cannot be read as TOML"),
    ],
)  # fmt: skip
def test_bad_files_are_told(tmp_path: Path, old: str, new: str, words: str) -> None:
    """Which key, and what it takes."""
    assert old in EXAMPLE
    path = tmp_path / "question.toml"
    path.write_text(EXAMPLE.replace(old, new), encoding="utf-8")
    with pytest.raises((UsageError, SourceError), match=words):
        load_question(path)
