"""Files that hold no events are matched by no layout, and named."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from afterstrike.record.layouts import all_layouts
from afterstrike.record.layouts._known_other import name_other

FILES = {
    "country_month_fatalities/ucdp_country_month_2010_2022.parquet": "country-month totals",
    "country_month_fatalities/views_ged_cm_postpatch.parquet": "country-month totals",
    "forecast/bm_boot240_2018_2022.parquet": "samples of a forecast",
    "forecast/bm_conflictology12_2018_2022.parquet": "samples of a forecast",
    "forecast/bm_last_poisson_2018_2022.parquet": "samples of a forecast",
    "forecast/cm_actuals_2018_2022.parquet": "country-month totals",
    "forecast/cm_actuals_vintage2023_2018_2021.parquet": "country-month totals",
    "forecast/cm_features_nov2017_oct2020.parquet": "country-month totals",
    "forecast/cm_history_1989_2017.parquet": "country-month totals",
    "forecast/countries.parquet": "a list of countries",
    "forecast/official_row_scores_2018_2022.parquet": "scores of a forecast",
    "forecast/reference_scores_2018_2022.csv": "scores of a forecast",
    "forecast/reference_scores_syria_iraq_2018_2022.csv": "scores of a forecast",
    "syria_territory_share_weekly/territory_control.csv": "weekly shares of territory by party",
    "topic_figures/topic_figures.csv": "published figures with their sources",
    "gazetteer_iraq/cities_data.json": "a list of places",
    "gazetteer_iraq/cities_dr5hn_extract.csv": "a list of places",
    "gazetteer_iraq/derived_places_from_nl_mod_strikes.csv": "a list of places",
    "gazetteer_iraq/iraq_names_en_ar_ku.json": "a tree of place names",
    "gazetteer_syria/governorates.json": "a list of places",
    "gazetteer_syria/districts.json": "a list of places",
    "gazetteer_syria/subdistricts.json": "a list of places",
    "boundaries/syria_adm1_geoboundaries.geojson": "boundaries",
    "boundaries/iraq_adm1_simplemaps.geojson": "boundaries",
    "conflict_area_shapes/syria_iraq_conflict_shapes_by_year.geojson": "outlines of conflict areas",
    "airwars_syria/incident_sources.parquet": "sources of Airwars incidents",
    "airwars_syria/columns.csv": "a table that explains columns",
}


def _columns(con: Any, path: Path) -> list[str]:
    if path.suffix in (".json", ".geojson"):
        loaded = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(loaded, list):
            return list(loaded[0])
        if "features" in loaded:
            return list(loaded["features"][0]["properties"])
        return list(loaded)
    if path.suffix == ".gz" or path.suffix == ".jsonl":
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as lines
        ):
            return list(json.loads(lines.readline()))
    delimiter = ";" if "territory" in path.name else ","
    scan = (
        f"'{path}'"
        if path.suffix == ".parquet"
        else f"read_csv('{path}', all_varchar = true, delim = '{delimiter}')"
    )
    return [str(r[0]) for r in con.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()]


@pytest.mark.parametrize("name", FILES)
def test_files_without_events_match_no_layout_and_are_named(shared: Path, con: Any, name: str) -> None:
    columns = _columns(con, shared / "data" / name)
    assert [layout.name for layout in all_layouts().values() if layout.matches(columns)] == []
    what = name_other(columns)
    assert what is not None and what.startswith(FILES[name]) and "not events" in what


def test_labelled_texts_match_no_layout_and_are_named(shared: Path, con: Any) -> None:
    found = sorted([*(shared / "data/text").glob("*/*.jsonl.gz"), *(shared / "data/text").glob("*/*.jsonl")])
    assert len(found) > 20
    for path in found:
        columns = _columns(con, path)
        assert [layout.name for layout in all_layouts().values() if layout.matches(columns)] == [], path
        assert name_other(columns) is not None, (path, columns)


EVENTS = {
    "oir_strike_releases_2014_2016/all.csv": "centcom",
    "oir_strike_releases_2014_2016/all-edited-refined.csv": "centcom",
    "airwars_syria/incidents.parquet": "airwars",
    "tbij_us_strikes/yemen.csv": "tbij",
    "tbij_us_strikes/somalia.csv": "tbij",
    "geocausal_iraq_2007/airstrikes.parquet": "geocausal",
    "geocausal_iraq_2007/insurgencies.parquet": "geocausal",
    "mwa_synthetic/mwa_data.parquet": "mwa",
    "sigacts_iraq_2004_2007/sigacts_iraq.parquet": "sigacts",
    "ucdp_ged_syria/ged_syria_2016_2018.parquet": "ucdp-ged",
    "ucdp_ged_year_only/syria_iraq_region_2003_2018_noday.parquet": "ucdp-ged",
    "ucdp_ged_mexico/ged_mexico_1989_2022.parquet": "ucdp-ged",
    "ucdp_ged_global_sample/ged_v25_1_sample.parquet": "ucdp-ged",
}


@pytest.mark.parametrize("name", EVENTS)
def test_event_files_match_exactly_one_layout(shared: Path, con: Any, name: str) -> None:
    columns = _columns(con, shared / "data" / name)
    assert [layout.name for layout in all_layouts().values() if layout.matches(columns)] == [EVENTS[name]]
    assert name_other(columns) is None


def test_an_unknown_table_is_not_named() -> None:
    assert name_other(["colour", "taste"]) is None
    assert name_other([]) is None
