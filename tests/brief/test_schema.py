from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from afterstrike.brief import FLAG_KINDS, VERDICTS, Brief, json_schema
from afterstrike.brief._model import EVIDENCE_KINDS, SEVERITIES
from afterstrike.brief._schema import SCHEMA_PATH
from afterstrike.reading._claim import CLAIM_KINDS, HEDGINGS, SOURCE_KINDS

SCHEMA = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


def at(*path: str) -> Any:
    node = SCHEMA
    for name in path:
        node = node[name]
    return node


def test_published_file_is_the_generated_schema() -> None:
    assert json_schema() == SCHEMA, "run: python -m afterstrike.brief._schema"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_enumerations_are_those_of_the_code() -> None:
    claim, flag = (
        at("properties", "claims", "items", "properties"),
        at("properties", "flags", "items", "properties"),
    )
    evidence = claim["evidence"]["items"]["properties"]
    pairs = [
        (claim["kind"], CLAIM_KINDS),
        (claim["hedging"], HEDGINGS),
        (claim["source_kind"], SOURCE_KINDS),
        (claim["verdict"], VERDICTS),
        (flag["kind"], FLAG_KINDS),
        (flag["severity"], SEVERITIES),
        (evidence["kind"], EVIDENCE_KINDS),
    ]
    for node, words in pairs:
        assert node["enum"] == list(words)


def test_a_full_brief_is_valid_and_has_exactly_the_promised_keys(made_brief: Brief) -> None:
    made = json.loads(made_brief.to_json())
    jsonschema.validate(made, SCHEMA)
    keys = [
        "article",
        "claims",
        "flags",
        "checks",
        "record",
        "followed",
        "outlook",
        "sources",
        "assumptions",
        "provenance",
    ]
    assert list(made) == keys
    assert {"value", "low", "high", "unit", "about", "approx", "text"} <= made["claims"][0]["quantities"][
        0
    ].keys()


def test_a_brief_without_anything_is_valid(assemble: Callable[..., Brief]) -> None:
    from afterstrike.reading._claim import Ledger

    jsonschema.validate(assemble(Ledger("", ()), ()).to_dict(), SCHEMA)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("claims", 0, "verdict"), "true"),
        (("claims", 0, "hedging"), "sure"),
        (("flags", 0, "kind"), "typo"),
        (("checks", 0, "verdict"), None),
        (("article", "text"), None),
        (("claims", 0, "start"), "0"),
    ],
)
def test_a_wrong_value_is_refused(made_brief: Brief, path: tuple[Any, ...], value: object) -> None:
    made = copy.deepcopy(made_brief.to_dict())
    node: Any = made
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made, SCHEMA)


def test_spans_point_at_their_quotes(made_brief: Brief) -> None:
    made = made_brief.to_dict()
    for claim in made["claims"]:
        assert made["article"]["text"][claim["start"] : claim["end"]] == claim["quote"]
