"""From the bytes of a report to a ledger of claims, each with the exact span it stands on."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afterstrike.reading._actor import ACTOR_KINDS, actor_kind, canonical_actor, find_actors
    from afterstrike.reading._batch import read_batch, read_lines
    from afterstrike.reading._claim import (
        ATTRIBUTION_KINDS,
        CLAIM_KINDS,
        HEDGINGS,
        SOURCE_KINDS,
        ActorMention,
        AttributionKind,
        AttributionMention,
        Claim,
        ClaimKind,
        DateMention,
        Hedging,
        Ledger,
        PlaceMention,
        Quantity,
        SourceKind,
    )
    from afterstrike.reading._event import Event
    from afterstrike.reading._harm import Harm
    from afterstrike.reading._held import find_attributions
    from afterstrike.reading._mask import Masked, mask_names
    from afterstrike.reading._read import read_document
    from afterstrike.reading.gazetteer import Gazetteer, PlaceQuery, default_gazetteer

__all__ = [
    "ACTOR_KINDS",
    "ATTRIBUTION_KINDS",
    "CLAIM_KINDS",
    "HEDGINGS",
    "SOURCE_KINDS",
    "ActorMention",
    "AttributionKind",
    "AttributionMention",
    "Claim",
    "ClaimKind",
    "DateMention",
    "Event",
    "Gazetteer",
    "Harm",
    "Hedging",
    "Ledger",
    "Masked",
    "PlaceMention",
    "PlaceQuery",
    "Quantity",
    "SourceKind",
    "actor_kind",
    "canonical_actor",
    "default_gazetteer",
    "find_actors",
    "find_attributions",
    "mask_names",
    "read_batch",
    "read_document",
    "read_lines",
]

_WHERE = {
    "read_document": "_read",
    "read_batch": "_batch",
    "read_lines": "_batch",
    "Event": "_event",
    "Harm": "_harm",
    "Masked": "_mask",
    "mask_names": "_mask",
    "ACTOR_KINDS": "_actor",
    "actor_kind": "_actor",
    "canonical_actor": "_actor",
    "find_actors": "_actor",
    "find_attributions": "_held",
    "Gazetteer": "gazetteer",
    "PlaceQuery": "gazetteer",
    "default_gazetteer": "gazetteer",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE.get(name, '_claim')}"), name)
