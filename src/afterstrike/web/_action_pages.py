"""What an analyst decides about incidents: merge, split, grade, withdraw. Each is logged with its reason."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from ..errors import RecordError
from ._incident_pages import GRADES, INCIDENT_ID, all_incidents
from ._page import Action
from ._parameter import choice, text, whole
from ._problem import Problem
from ._visit import Visit

__all__ = ["ACTIONS"]


def _decide(visit: Visit, change: Callable[[Any], Any], tellings: Collection[str]) -> dict[str, Any]:
    """Change the record, and lead to the incident that now holds what was decided on."""
    try:
        with visit.web.store.writing() as record:
            built = change(record)
    except RecordError as problem:
        if "is not in this record" in str(problem):
            raise Problem(
                404,
                str(problem).partition(";")[0][:200],
                "",
                "someone changed it meanwhile; load the list again",
            ) from None
        raise
    found = all_incidents(visit.web.store.current())
    wanted = set(tellings)
    see = next(
        (one["incident_id"] for one in found if wanted & {told["told_id"] for told in one["tellings"]}), None
    )
    return {"see": f"/incidents/{see}" if see else "/incidents", "said": built.summary() if built else ""}


def _told_ids(visit: Visit, incident_id: str) -> list[str]:
    found = next(
        (one for one in all_incidents(visit.web.store.current()) if one["incident_id"] == incident_id), None
    )
    if found is None:
        raise Problem(
            404, f"no incident {incident_id[:60]!r}", "", "someone changed it meanwhile; load the list again"
        )
    return [told["told_id"] for told in found["tellings"]]


def merge(visit: Visit) -> dict[str, Any]:
    """Say that two or more incidents are one."""
    ids, reason = visit.values["incident"], visit.values["reason"]
    told = [one for incident_id in ids for one in _told_ids(visit, incident_id)]
    return _decide(visit, lambda record: record.decide("merge", *ids, reason=reason), told)


def split(visit: Visit) -> dict[str, Any]:
    """Say that some tellings are no part of an incident."""
    incident_id, reason = visit.values["incident_id"], visit.values["reason"]
    told = list(visit.values["telling"])
    _told_ids(visit, incident_id)
    return _decide(
        visit, lambda record: record.decide("split", incident_id, tellings=told, reason=reason), told
    )


def grade(visit: Visit) -> dict[str, Any]:
    """Give an incident a grade, whatever its sources."""
    incident_id, reason = visit.values["incident_id"], visit.values["reason"]
    told = _told_ids(visit, incident_id)
    return _decide(
        visit,
        lambda record: record.decide("grade", incident_id, grade=visit.values["grade"], reason=reason),
        told,
    )


def withdraw(visit: Visit) -> dict[str, Any]:
    """Take a decision back; it stays in the log as withdrawn."""
    number = visit.values["number"]
    told: list[str] = []

    def change(record: Any) -> Any:
        from ..record._store import transaction
        from ..record.incidents import decisions
        from ..record.incidents import withdraw as take_back

        with transaction(record.connection):
            take_back(record.connection, number)
            told.extend(
                next(one["told_ids"] for one in decisions(record.connection) if one["number"] == number)
            )
            return record.build_incidents()

    return _decide(visit, change, told) if number else {}


REASON = text("reason", "Why; kept in the log for all to read.", longest=1000)
NUMBER = whole("number", "Number of the decision.", 1, 999_999_999)
ACTIONS = (
    Action("/incidents/merge", "Say that two or more incidents are one.", merge,
           form=(text("incident", "Ids of the incidents.", is_many=True, longest=100), REASON), must=("incident", "reason")),
    Action("/incidents/{incident_id}/split", "Say that tellings are no part of an incident.", split,
           form=(text("telling", "Ids of the tellings.", is_many=True, longest=500), REASON), in_path=(INCIDENT_ID,),
           must=("telling", "reason")),
    Action("/incidents/{incident_id}/grade", "Give an incident a grade, whatever its sources.", grade,
           form=(choice("grade", GRADES, "The grade."), REASON), in_path=(INCIDENT_ID,), must=("grade", "reason")),
    Action("/decisions/{number}/withdraw", "Take a decision back; it stays in the log.", withdraw, in_path=(NUMBER,)),
)  # fmt: skip
