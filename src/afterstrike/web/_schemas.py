"""JSON Schemas of the twins: what a program may rely on. Further members may come; none of these goes."""

from __future__ import annotations

from typing import Any

from ..record._schema import COLUMNS, EVENT_KINDS

__all__ = ["DOCUMENT", "ERROR", "EVENT", "MAP", "RECORD", "list_of", "object_of"]

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
ANY: Schema = {}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
MAYBE_COUNT: Schema = {"type": ["integer", "null"]}
DAY: Schema = {"type": "string", "format": "date"}


def object_of(*optional: str, **members: Schema) -> Schema:
    """Describe an object whose members are all there, but for those named first."""
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required}


def list_of(item: Schema) -> Schema:
    """Describe a list."""
    return {"type": "array", "items": item}


def map_of(value: Schema) -> Schema:
    """Describe an object with any names."""
    return {"type": "object", "additionalProperties": value}


def either(*schemas: Schema) -> Schema:
    """Describe what fits any of these."""
    return {"anyOf": list(schemas)}


DOCUMENT: Schema = {"type": "object"}
NONE: Schema = {"type": "null"}
ERROR = object_of(error=object_of(status={"type": "integer"}, got=TEXT, allowed=TEXT, do=TEXT))
ABOUT = object_of(name=TEXT, as_of=TEXT, version=COUNT, trouble=MAYBE_TEXT)
DATASET = object_of(dataset=TEXT, dataset_version=MAYBE_TEXT, title=MAYBE_TEXT, licence=TEXT, citation=MAYBE_TEXT,
                    is_sample=FLAG, events=COUNT, first_date=MAYBE_TEXT, last_date=MAYBE_TEXT)  # fmt: skip
KINDS: Schema = {
    "type": "object",
    "propertyNames": {"enum": list(EVENT_KINDS)},
    "additionalProperties": COUNT,
}
_NUMBERS = {"INTEGER": MAYBE_COUNT, "TINYINT": MAYBE_COUNT, "DOUBLE": {"type": ["number", "null"]}}
_ROW = {c.name: _NUMBERS.get(c.sql_type, MAYBE_TEXT if c.nullable else TEXT) for c in COLUMNS}
_ONLY_ON_EVENT = ("time_start", "date_precision_source", "geo_precision_source", "source_id", "source_text", "licence",
                  "import_id", "coding_evidence")  # fmt: skip
ROW = object_of(**{name: schema for name, schema in _ROW.items() if name not in _ONLY_ON_EVENT})
COUNTS = object_of(shown=COUNT, total=COUNT, exact=COUNT, imprecise=COUNT, without_place=COUNT, country_only=COUNT,
                   drawn=COUNT, without_day=COUNT)  # fmt: skip
FACET = list_of({"type": "array", "minItems": 2, "maxItems": 2})
_FACETS = ("kind", "initiator", "side", "adm0", "adm1", "dataset")
_BBOX = {"type": "array", "items": NUMBER, "minItems": 4, "maxItems": 4}
SERIES = object_of(weeks=list_of(DAY), kinds=map_of(list_of(COUNT)), is_whole=FLAG,
                   left_out=object_of(no_day=COUNT, month_or_wider=COUNT))  # fmt: skip
RECORD = object_of(
    selection=DOCUMENT, query=TEXT, sort=TEXT, counts=COUNTS, two_sides=COUNT, choices=map_of(FACET),
    facets=object_of(**dict.fromkeys(_FACETS, FACET)),
    more=object_of(**dict.fromkeys(_FACETS, object_of(values=COUNT, events=COUNT))),
    series=SERIES, bounds=either(_BBOX, NONE),
    page={"type": "integer", "minimum": 1}, pages={"type": "integer", "minimum": 1},
    rows={"type": "array", "items": ROW, "maxItems": 100}, record=ABOUT, as_of=TEXT, datasets=list_of(DATASET),
    downloads=map_of(TEXT),
)  # fmt: skip
_AT = {"lat": NUMBER, "lon": NUMBER, "n": {"type": "integer", "minimum": 1}, "kinds": KINDS}
MAP = object_of(
    selection=DOCUMENT, counts=COUNTS, is_cells=FLAG, sites=COUNT, drawn=COUNT, as_of=TEXT,
    points=list_of(object_of(**_AT, precision={"enum": [1, 2, 3, 4]}, place=MAYBE_TEXT)),
    cells=list_of(object_of(**_AT, sites=COUNT, precisions=map_of(COUNT), bbox=_BBOX)),
    left_out=object_of(no_place=COUNT, no_place_by_adm0=map_of(COUNT), country_only=map_of(COUNT)),
    radius_km=map_of(NUMBER),
)  # fmt: skip
CHANGED = list_of(object_of(column=TEXT, before=MAYBE_TEXT, after=MAYBE_TEXT))
EVENT = object_of(
    event=object_of(**_ROW), meaning=map_of(TEXT), date_precision=MAYBE_TEXT, geo_precision=MAYBE_TEXT,
    dataset=either(DATASET, NONE), publisher=list_of(object_of(import_id=TEXT, row_number=MAYBE_COUNT, columns=DOCUMENT)),
    repairs=list_of(object_of(import_id=TEXT, repairs=TEXT)),
    history=list_of(object_of(import_id=TEXT, started_at=TEXT, undone_at=MAYBE_TEXT, change=TEXT, changed=CHANGED)),
    incident=MAYBE_TEXT, record=ABOUT,
)  # fmt: skip
_TELLING_COUNTS = ("fatalities_low", "fatalities_high", "civilian_fatalities_low", "civilian_fatalities_high", "injured_low",
                   "injured_high")  # fmt: skip
INCIDENT_LINE = object_of(
    incident_id=TEXT, grade=TEXT, reason=TEXT, graded_by=TEXT, kind=MAYBE_TEXT, date_start=MAYBE_TEXT, date_end=MAYBE_TEXT,
    date_precision=MAYBE_COUNT, place=MAYBE_TEXT, adm0=MAYBE_TEXT, adm1=MAYBE_TEXT, lat={"type": ["number", "null"]},
    lon={"type": ["number", "null"]}, geo_precision=MAYBE_COUNT, initiator=MAYBE_TEXT, hedging=MAYBE_TEXT, is_harm=FLAG,
    civilian_status=MAYBE_TEXT,
    reports=COUNT, fatalities_best=MAYBE_COUNT, civilian_fatalities_best=MAYBE_COUNT,
    **dict.fromkeys(_TELLING_COUNTS, MAYBE_COUNT),
)  # fmt: skip
INCIDENTS = object_of(
    filters=DOCUMENT, grades=map_of(COUNT), page=COUNT, pages=COUNT, incidents=list_of(INCIDENT_LINE), record=ABOUT,
    counts=object_of(shown=COUNT, total=COUNT, harm=COUNT, without_place=COUNT, without_day=COUNT),
)  # fmt: skip
QUOTE = object_of(start=COUNT, end=COUNT, spans=list_of(list_of(COUNT)),
                  pieces=list_of(object_of(text=TEXT, is_quote=FLAG)))  # fmt: skip
TELLING = object_of(
    told_id=TEXT, report_id=TEXT, lang=MAYBE_TEXT, published=MAYBE_TEXT, outlet=MAYBE_TEXT, source=MAYBE_TEXT,
    hedging=MAYBE_TEXT, kind=MAYBE_TEXT, date_start=MAYBE_TEXT, place=MAYBE_TEXT, initiator=MAYBE_TEXT, civilian_status=ANY,
    file=TEXT, text_sha256=TEXT, statements=list_of(list_of(COUNT)), quotes=list_of(QUOTE), no_quote=MAYBE_TEXT,
    address=MAYBE_TEXT, title=MAYBE_TEXT, state=MAYBE_TEXT, archive=MAYBE_TEXT,
    **dict.fromkeys(_TELLING_COUNTS, MAYBE_COUNT),
)  # fmt: skip
DECISION = object_of(number=COUNT, decided_at=TEXT, verb=TEXT, told_ids=list_of(TEXT), apart_from=ANY, grade=MAYBE_TEXT,
                     reason=MAYBE_TEXT, withdrawn_at=MAYBE_TEXT)  # fmt: skip
INCIDENT = object_of(
    incident=DOCUMENT, event_id=TEXT, tellings=list_of(TELLING), links=list_of(object_of(pair=TEXT, reasons=list_of(TEXT))),
    rivals=list_of(object_of(name=TEXT, values=list_of(object_of(value=ANY, told_by=list_of(TEXT))))),
    decisions=list_of(DECISION), history=list_of(object_of(changed_at=TEXT, change=TEXT, before=ANY, after=ANY)),
    grades=list_of(TEXT), record=ABOUT,
)  # fmt: skip
ARCHIVE = object_of(
    names_left_out=MAYBE_COUNT,
    sha256=TEXT, size=COUNT, text=MAYBE_TEXT, is_cut=FLAG, text_sha256=MAYBE_TEXT, why_no_text=MAYBE_TEXT, raw=TEXT,
    fetches=list_of(object_of(address=MAYBE_TEXT, final_address=MAYBE_TEXT, status=MAYBE_COUNT, retrieved_at=MAYBE_TEXT,
                              licence=MAYBE_TEXT, citation=MAYBE_TEXT)),
)  # fmt: skip
JOB_STATE = object_of(number=TEXT, task={"enum": ["brief", "effect"]}, title=TEXT, stage=TEXT, said=TEXT, see=MAYBE_TEXT,
                      state={"enum": ["waiting", "running", "done", "refused", "failed", "stopped"]}, asked_at=TEXT,
                      ended_at=MAYBE_TEXT, is_over=FLAG)  # fmt: skip
JOB = object_of(job=JOB_STATE)
BRIEFS = object_of(
    total=COUNT, jobs=list_of(JOB_STATE), limits=DOCUMENT,
    briefs=list_of(object_of(name=TEXT, title=MAYBE_TEXT, published=MAYBE_TEXT, language=MAYBE_TEXT, claims=MAYBE_COUNT,
                             flags=MAYBE_COUNT, verdicts=map_of(COUNT), created_at=MAYBE_TEXT, record=MAYBE_TEXT,
                             trouble=MAYBE_TEXT)),
)  # fmt: skip
EFFECTS = object_of(
    total=COUNT, jobs=list_of(JOB_STATE), limits=DOCUMENT, kinds=list_of(TEXT), initiators=list_of(TEXT),
    effects=list_of(object_of(name=TEXT, estimand=MAYBE_TEXT, windows=list_of(DOCUMENT), checks=map_of(COUNT),
                              created_at=MAYBE_TEXT, trouble=MAYBE_TEXT)),
)  # fmt: skip
EFFECT = object_of(
    name=TEXT, estimand=TEXT, assumptions=ANY, summary=TEXT, windows=list_of(DOCUMENT), failed=list_of(TEXT),
    checks=list_of(object_of(check_name=TEXT, passed={"type": ["boolean", "null"]}, text=TEXT,
                             verdict={"enum": ["passed", "failed", "told"]})),
    study=list_of(DOCUMENT), provenance=DOCUMENT, figure=TEXT, table=TEXT,
)  # fmt: skip
SOURCES = object_of(
    datasets=list_of(DATASET), is_watched=FLAG, alarms=list_of(DOCUMENT), unreadable=list_of(DOCUMENT), record=ABOUT,
    sources=list_of(object_of(name=TEXT, kind=MAYBE_TEXT, address=MAYBE_TEXT, last_poll=MAYBE_TEXT, last_outcome=MAYBE_TEXT,
                              last_good=MAYBE_TEXT, polls=COUNT, outages=COUNT, items=map_of(COUNT))),
)  # fmt: skip
IMPORT = object_of(import_id=TEXT, started_at=TEXT, undone_at=MAYBE_TEXT, layout=MAYBE_TEXT, dataset=MAYBE_TEXT, file=TEXT,
                   is_made=FLAG, is_undone=FLAG, is_rebuild=FLAG, notes=list_of(TEXT),
                   columns_changed=list_of(object_of(column=TEXT, rows=COUNT)))  # fmt: skip
CHANGES = object_of(
    **{"from": DAY, "import": MAYBE_TEXT}, to=DAY, imports=list_of(IMPORT), page=COUNT, pages=COUNT, record=ABOUT,
    counts=object_of(added=COUNT, updated=COUNT, removed=COUNT, restored=COUNT, rows=COUNT),
    rows=list_of(object_of(import_id=TEXT, event_id=TEXT, change=TEXT, changed=CHANGED, by_undo=FLAG)),
    incidents=object_of(is_kept=FLAG, counts=map_of(COUNT), changes=list_of(DOCUMENT)), decisions=list_of(DECISION),
)  # fmt: skip
HEALTH = object_of(state=TEXT, version=TEXT, is_stale=FLAG)
LOGIN = object_of(needs_token=FLAG, is_admitted=FLAG)
DONE = object_of("said", "job", see=TEXT, said=TEXT, job=JOB_STATE)
