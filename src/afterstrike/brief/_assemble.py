"""The lists a brief carries beside claims, flags and checks: its sources and its assumptions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..reading._claim import Ledger
from ._model import Check, Evidence, Flag
from ._outlook_model import OutlookSource
from ._record_view import RecordView

__all__ = ["assumption_list", "plain", "source_list"]


def plain(value: Any) -> Any:
    """Give a value as strict JSON has it: lists for tuples, null for numbers that are not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value)


def source_list(
    checks: Sequence[Check],
    flags: Sequence[Flag],
    record: RecordView,
    outlook: Iterable[tuple[OutlookSource, Sequence[str]]] = (),
) -> list[dict[str, Any]]:
    """List every source once, numbered in order of first use, with what rests on it.

    Returns
    -------
    list of dict
        `number, name, url, licence, citation, used_by`; `used_by` holds claim ids, `record` and `outlook`.
    """
    found: dict[tuple[str, str | None], dict[str, Any]] = {}

    def add(
        name: str, url: str | None, licence: str | None, citation: str | None, users: Iterable[str]
    ) -> None:
        entry = found.setdefault(
            (name, url),
            {
                "number": len(found) + 1,
                "name": name,
                "url": url,
                "licence": None,
                "citation": None,
                "used_by": [],
            },
        )
        entry["licence"] = entry["licence"] or licence
        entry["citation"] = entry["citation"] or citation
        entry["used_by"] += [user for user in users if user not in entry["used_by"]]

    def add_evidence(evidence: Sequence[Evidence], users: Iterable[str]) -> None:
        for item in evidence:
            if item.source or item.source_url:
                add(item.source or str(item.source_url), item.source_url, item.licence, None, users)

    for check in checks:
        add_evidence(check.evidence, (check.claim_id,))
    for flag in flags:
        add_evidence(flag.evidence, flag.claims)
    for dataset in record.datasets:
        name = str(dataset.get("title") or dataset.get("name") or dataset.get("dataset"))
        version = dataset.get("dataset_version") or dataset.get("version")
        url, licence = dataset.get("url"), dataset.get("licence")
        add(f"{name} {version}" if version else name, url, licence, dataset.get("citation"), ("record",))
    for source, users in outlook:
        add(source.name, source.url or None, None, None, users)
    return list(found.values())


def assumption_list(
    ledger: Ledger,
    checks: Sequence[Check],
    extra: Sequence[str],
    outlook: Iterable[tuple[str, Sequence[str]]] = (),
) -> list[dict[str, Any]]:
    """List every assumption once, with the claims whose dates or verdicts rest on it.

    Returns
    -------
    list of dict
        `text, claims`; the claims in the order of the article.
    """
    found: dict[str, list[str]] = {text: [] for text in extra}
    for claim in ledger.claims:
        for mention in claim.dates:
            if mention.assumption and claim.id not in found.setdefault(mention.assumption, []):
                found[mention.assumption].append(claim.id)
    for check in checks:
        if check.assumption and check.claim_id not in found.setdefault(check.assumption, []):
            found[check.assumption].append(check.claim_id)
    for text, claims in outlook:
        found.setdefault(text, []).extend(claim for claim in claims if claim not in found.get(text, []))
    order = {claim.id: i for i, claim in enumerate(ledger.claims)}
    return [
        {"text": text, "claims": sorted(claims, key=lambda claim: order.get(claim, len(order)))}
        for text, claims in found.items()
    ]
