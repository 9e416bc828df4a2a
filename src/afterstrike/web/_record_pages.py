"""The record: its table and counts, its map, and downloads of exactly what is shown."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from ..record._schema import COLUMNS, DATE_PRECISIONS, GEO_PRECISIONS
from . import _schemas as schemas
from ._index import Index
from ._map import bounds_of, map_json
from ._page import File, Page
from ._parameter import choice, number, text, whole
from ._problem import Problem
from ._select import PAGE_SIZE, SORTS, choose, counts_of, facets_of, order_of, rows_of, series_of
from ._selection import SELECTION, Selection
from ._snapshot import Snapshot
from ._visit import Visit, json_bytes, json_response

__all__ = ["FILES", "PAGES", "about_record"]

_ENDINGS = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
}


def about_record(visit: Visit, snapshot: Snapshot) -> dict[str, Any]:
    """Say which record is shown, as of when, and whether a newer state could not be read yet."""
    return {"name": visit.settings.record.name, "as_of": snapshot.as_of, "version": snapshot.version,
            "trouble": visit.web.store.trouble}  # fmt: skip


def record_data(visit: Visit) -> dict[str, Any]:
    """Give what /record shows: counts, facets, weekly series, one page of rows, and the data sets to cite."""
    snapshot = visit.web.store.current()
    selection = Selection.of(visit.values)
    sort, page = visit.values["sort"], visit.values["page"]
    index = snapshot.index
    chosen, without = choose(index, selection)
    order = snapshot.once(f"order {sort}", lambda: order_of(index, sort))
    counts = counts_of(index, chosen)
    pages = max(1, -(-counts["shown"] // PAGE_SIZE))
    query = selection.query()
    return {
        "selection": selection.to_dict(),
        "query": query,
        "sort": sort,
        "counts": counts,
        **facets_of(index, chosen, without),
        "series": series_of(index, chosen),
        "bounds": bounds_of(index, chosen),
        "page": page,
        "pages": pages,
        "rows": rows_of(index, chosen, sort, page, order),
        "record": about_record(visit, snapshot),
        "as_of": snapshot.as_of,
        "datasets": index.datasets,
        "downloads": {
            ending: f"/record/download.{ending}" + (f"?{query}" if query else "") for ending in _ENDINGS
        },
    }


def _record_page(visit: Visit) -> dict[str, Any]:
    """Add the weekly series of all days, which the first picture draws a chosen window within.

    The twin leaves it out: it is the series of the same address without its days, and would cost each answer half as
    much again.
    """
    context = _context(visit.web.store.current().index, Selection.of(visit.values))
    return {**record_data(visit), "context": context}


def _context(index: Index, selection: Selection) -> dict[str, Any] | None:
    if selection.date_from is None and selection.date_to is None:
        return None
    chosen, _ = choose(index, replace(selection, date_from=None, date_to=None))
    return series_of(index, chosen)


def _record_twin(visit: Visit) -> Response:
    return _kept(visit, "record", ("sort", "page"), lambda: record_data(visit))


def map_data(visit: Visit) -> dict[str, Any]:
    """Give what the map of a selection draws."""
    snapshot = visit.web.store.current()
    selection = Selection.of(visit.values)
    chosen, _ = choose(snapshot.index, selection)
    counts = counts_of(snapshot.index, chosen)
    return {
        "selection": selection.to_dict(),
        "counts": counts,
        **map_json(snapshot.index, chosen, visit.values["zoom"], snapshot.once),
        "as_of": snapshot.as_of,
    }


def _map_twin(visit: Visit) -> Response:
    return _kept(visit, "map", ("zoom",), lambda: map_data(visit))


def _kept(visit: Visit, name: str, further: tuple[str, ...], make: Any) -> Response:
    """Answer from the cache where the same was asked of the same copy of the record before."""
    snapshot = visit.web.store.current()
    asked = Selection.of(visit.values).query(**{key: visit.values[key] for key in further})
    trouble = visit.web.store.trouble
    key = (snapshot.version, name, asked, trouble)
    body = visit.web.cache.get(key)
    if body is None:
        body = json_bytes(make())
        visit.web.cache.put(key, body)
    return json_response(visit.request, body)


def event_data(visit: Visit) -> dict[str, Any]:
    """Give everything the record holds of one event: its row, the publisher's own, its history and mendings."""
    snapshot = visit.web.store.current()
    event_id = visit.values["event_id"]
    from ..record._store import records

    con = snapshot.cursor()
    names = ", ".join(column.name for column in COLUMNS)
    found = records(con, f"SELECT {names} FROM events WHERE event_id = ?", [event_id])
    if not found:
        raise Problem(404, f"no event {event_id[:80]!r} in this record", "", "find it on /record")
    row = found[0]
    dataset = [one for one in snapshot.index.datasets
               if (one["dataset"], one["dataset_version"]) == (row["dataset"], row["dataset_version"])]  # fmt: skip
    publisher = records(
        con, "SELECT import_id, row_number, publisher FROM publisher_columns WHERE event_id = ?", [event_id]
    )
    repairs = records(
        con, "SELECT import_id, repairs FROM repairs WHERE event_id = ? ORDER BY import_id", [event_id]
    )
    history = records(
        con,
        "SELECT c.import_id, i.started_at, i.undone_at, c.change, c.changed FROM changes c JOIN imports i USING (import_id) "
        "WHERE c.event_id = ? ORDER BY i.number LIMIT 200",
        [event_id],
    )
    for entry in history:
        entry["changed"] = [one for one in entry["changed"] or [] if one["column"] != "import_id"]
    return {
        "event": row,
        "meaning": {column.name: column.meaning for column in COLUMNS},
        "date_precision": DATE_PRECISIONS.get(row["date_precision"]),
        "geo_precision": GEO_PRECISIONS.get(row["geo_precision"]),
        "dataset": dataset[0] if dataset else None,
        "publisher": [_unpacked(entry) for entry in publisher],
        "repairs": repairs,
        "history": history,
        "incident": row["event_id"].removeprefix("incidents:") if row["dataset"] == "incidents" else None,
        "record": about_record(visit, snapshot),
    }


def _unpacked(entry: dict[str, Any]) -> dict[str, Any]:
    import orjson

    try:
        columns = orjson.loads(entry["publisher"] or "{}")
    except orjson.JSONDecodeError:
        columns = {"row": entry["publisher"]}
    return {"import_id": entry["import_id"], "row_number": entry["row_number"], "columns": columns}


def download(visit: Visit) -> Response:
    """Write the selected events to a file with licence and citation on every row, and send it."""
    from ..record._export import export_events
    from ..record._query import Filters

    snapshot = visit.web.store.current()
    selection = Selection.of(visit.values)
    ending = visit.request.url.path.rpartition(".")[2]
    query = selection.query()
    host = visit.request.headers.get("host", "")
    page = f"{visit.request.url.scheme}://{host}/record" + (f"?{query}" if query else "")
    about = {"record_as_of": snapshot.as_of, "page": page}
    if ending != "csv":
        cited = {str(one["citation"]) for one in snapshot.index.datasets if one["citation"]}
        about |= {"citation": "; ".join(sorted(cited)), "columns": "see /openapi.json or docs/event-table.md"}
    folder = Path(tempfile.mkdtemp(prefix="download-", dir=snapshot.path.parent.parent))
    path = folder / f"events.{ending}"
    try:
        con = snapshot.cursor()
        export_events(con, path, ending, Filters(**selection.filters()), about=about, for_spreadsheets=True)  # type: ignore[arg-type]
    except BaseException:
        _remove(folder)
        raise
    stem = "".join(
        c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in visit.settings.record.stem
    )[:60]
    name = f"{stem or 'record'}-events-{snapshot.as_of[:10]}.{ending}"
    return FileResponse(
        path, media_type=_ENDINGS[ending], filename=name, background=BackgroundTask(_remove, folder)
    )


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


SORT = choice(
    "sort", SORTS, "Order of the rows; with - downwards. Rows without the value come last.", default="-date"
)
PAGE = whole("page", f"Page of {PAGE_SIZE} rows.", 1, 1_000_000, default=1)
ZOOM = number("zoom", "Zoom of the map; where there are more than 4,000 places it sets the size of the cells.", 0, 22,
              default=4.0)  # fmt: skip
EVENT_ID = text("event_id", "Id of the event.", longest=500)

PAGES = (
    Page("/record", "The record", "Events of a selection: counts, facets, weekly series, a page of rows.", _record_page,
         "record.html.j2", schemas.RECORD, query=(*SELECTION, SORT, PAGE), is_quick=True, twin=_record_twin),
    Page("/record/map", "Map of the record", "What the map of a selection draws, and what it leaves out.", map_data, "",
         schemas.MAP, query=(*SELECTION, ZOOM), is_quick=True, twin=_map_twin, is_twin_only=True),
    Page("/events/{event_id:path}", "Event", "One event: its row, the publisher's own row, its history.", event_data,
         "event.html.j2", schemas.EVENT, in_path=(EVENT_ID,)),
)  # fmt: skip
FILES = tuple(
    File(f"/record/download.{ending}", f"The selected events as {ending}, licence and citation on every row.", download,
         media.partition(";")[0], query=SELECTION)
    for ending, media in _ENDINGS.items()
)  # fmt: skip
