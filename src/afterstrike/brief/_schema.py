"""The JSON Schema of `brief.json`, made from the dataclasses so that the two cannot drift apart.

`python -m afterstrike.brief._schema` writes it to `schema.json` beside this file.
"""

from __future__ import annotations

import json
import types
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..reading._claim import Claim
from ._followed_model import Followed
from ._model import Check, Evidence, Flag, Verdict
from ._outlook_model import Outlook

__all__ = ["SCHEMA_PATH", "json_schema"]

SCHEMA_PATH = Path(__file__).with_name("schema.json")
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}
_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}


def _of_type(hint: Any) -> dict[str, Any]:
    """Give the schema of one annotation."""
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if is_dataclass(hint):
        return _of_class(hint)
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(parts)}
    if origin is tuple and len(parts) == 2 and parts[1] is Ellipsis:
        return {"type": "array", "items": _of_type(parts[0])}
    if origin is tuple:
        return {
            "type": "array",
            "prefixItems": [_of_type(p) for p in parts],
            "minItems": len(parts),
            "items": False,
        }
    if origin in (Union, types.UnionType):
        inner = [_of_type(p) for p in parts if p is not type(None)]
        if len(inner) == 1 and isinstance(inner[0].get("type"), str) and list(inner[0]) == ["type"]:
            return {"type": [inner[0]["type"], "null"]}
        return {"anyOf": [*inner, {"type": "null"}]}
    raise TypeError(f"no schema for {hint!r}")


def _of_class(cls: Any) -> dict[str, Any]:
    hints = get_type_hints(cls)
    names = [f.name for f in fields(cls)]
    return _object({name: _of_type(hints[name]) for name in names})


def _object(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        **more,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _record_schema() -> dict[str, Any]:
    week = {
        "type": "array",
        "prefixItems": [_TEXT, {"type": ["number", "null"]}],
        "minItems": 2,
        "items": False,
    }
    span = {"type": "array", "prefixItems": [_TEXT, _TEXT], "minItems": 2, "items": False}
    return _object(
        {
            "kind": {"enum": ["file", "shipped", "none"]},
            "name": _TEXT_OR_NULL,
            "datasets": _list({"type": "object"}),
            "weekly": _list(_object({"title": _TEXT, "weeks": _list(week), "coverage": _list(span)})),
            "map": {
                "anyOf": [
                    _object(
                        {
                            name: {"type": "integer"}
                            for name in ("events", "drawn", "without_place", "imprecise")
                        }
                    ),
                    {"type": "null"},
                ]
            },
            "notes": _list(_TEXT),
        }
    )


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of `brief.json`.

    Returns
    -------
    dict
        The schema; the same as the file `schema.json` that the package ships.

    Examples
    --------
    >>> list(json_schema()["properties"])[:4]
    ['article', 'claims', 'flags', 'checks']
    """
    claim = _of_class(Claim)
    claim["properties"] |= {"verdict": _of_type(Verdict), "evidence": _list(_of_class(Evidence))}
    claim["required"] += ["verdict", "evidence"]
    span = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
    article: dict[str, Any] = dict.fromkeys(
        ("title", "published", "published_from", "encoding", "address"), _TEXT_OR_NULL
    )
    article |= dict.fromkeys(("text", "language", "media_type", "sha256"), _TEXT)
    article |= {"notes": _list(_TEXT), "furniture": _list(span)}
    source = {"name": _TEXT, "url": _TEXT_OR_NULL, "licence": _TEXT_OR_NULL, "citation": _TEXT_OR_NULL}
    properties = {
        "article": _object(article),
        "claims": _list(claim),
        "flags": _list(_of_class(Flag)),
        "checks": _list(_of_class(Check)),
        "record": _record_schema(),
        "followed": _of_class(Followed),
        "outlook": _of_type(Outlook | None),
        "sources": _list(_object({"number": {"type": "integer"}, **source, "used_by": _list(_TEXT)})),
        "assumptions": _list(_object({"text": _TEXT, "claims": _list(_TEXT)})),
        "provenance": {"type": "object", "required": ["input", "package", "command", "created_at"]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "afterstrike brief",
        "description": "What an article claims, what does not add up in it, and what the evidence says. "
        "Offsets are code points into article.text, end exclusive.",
        **_object(properties),
    }


if __name__ == "__main__":
    SCHEMA_PATH.write_text(json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
