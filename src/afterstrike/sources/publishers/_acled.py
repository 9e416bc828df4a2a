"""ACLED, with the user's own account.

Rests on https://acleddata.com/api-documentation/ (getting started; elements of the API; ACLED endpoint) as of
autumn 2026: a token is asked for at /oauth/token with user name and password (`grant_type=password`,
`client_id=acled`), and sent as a Bearer with /api/acled/read. A request narrows by `iso` (numeric) and
`event_date` with `event_date_where=BETWEEN`; `limit` is at most 5000 rows and `page` counts from 1. Which
rows an account may see depends on its access level: recent rows may be left out without a word.

User name and password come from ACLED_USERNAME and ACLED_PASSWORD, or a token from ACLED_TOKEN. None of them
is written anywhere.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from afterstrike.errors import FetchError, SourceError, UsageError
from afterstrike.sources._web import WebFetcher
from afterstrike.sources.publishers._countries import country
from afterstrike.sources.publishers._publisher import Delivery, Request, Tell
from afterstrike.sources.publishers._tables import JoinedTable, check_columns, columns_of, json_of, whole_file

__all__ = ["ACLED"]

_SITE = "https://acleddata.com"
_ROWS = 5000
_MOST_PAGES = 2000
NEEDED, KNOWN = columns_of("acled")


@dataclass(frozen=True)
class _Acled:
    name: str = "acled"
    title: str = "ACLED"
    licence: str = "ACLED terms of use (own account; no redistribution of rows; see acleddata.com)"
    citation: str = "Armed Conflict Location & Event Data Project (ACLED), www.acleddata.com."
    environment: tuple[str, ...] = ("ACLED_USERNAME", "ACLED_PASSWORD", "ACLED_TOKEN")

    def plan(self, request: Request) -> list[str]:
        """Say what would be asked."""
        site = request.base or _SITE
        sign_in = [] if os.environ.get("ACLED_TOKEN") else [f"{site}/oauth/token (sign-in)"]
        pages = [_address(request, iso, 1) + " (and its further pages)" for iso in _isos(request)]
        return sign_in + pages

    def fetch(self, request: Request, web: WebFetcher, folder: Path, tell: Tell) -> Delivery:
        """Get the events of the countries and days asked for, page by page, into one CSV file."""
        isos = _isos(request)
        headers = {"Authorization": f"Bearer {self._token(request, web)}"}
        parts = ["acled", *(one.upper() for one in request.countries)]
        parts += [str(day) for day in (request.date_from, request.date_to) if day is not None]
        target = folder / ("-".join(parts).replace(" ", "_") + ".csv")
        with whole_file(target) as out:
            table = JoinedTable(out, self.title)
            for iso in isos:
                self._country(request, web, iso, headers, table, tell)
            if not table.rows:
                raise SourceError(
                    "ACLED has no event that fits and that this account may see; nothing was written"
                )
        return Delivery(
            (target,), table.rows, self.licence, self.citation, "afterstrike record add FILE --record RECORD",
            ("ACLED shows each account what its access level allows; recent events may be left out",),
        )  # fmt: skip

    def _country(
        self, request: Request, web: WebFetcher, iso: str | None, headers: dict[str, str], table: JoinedTable,
        tell: Tell,
    ) -> None:  # fmt: skip
        """Add the pages of one country until one is not full."""
        for page in range(1, _MOST_PAGES + 1):
            got = web.get(
                _address(request, iso, page), headers=headers, conditional=False, licence=self.licence,
                citation=self.citation,
            )  # fmt: skip
            answer = json_of(got, "a page of events", "check the account's access at acleddata.com")
            rows = answer.get("data") if isinstance(answer, dict) else None
            if not isinstance(rows, list) or answer.get("status", 200) != 200:
                said = " ".join(str(answer.get("message") or answer.get("error") or "no reason"
                                    if isinstance(answer, dict) else "no reason").split())[:200]  # fmt: skip
                raise FetchError(f"ACLED refused the request ({said}); check the account's access")
            if rows:
                check_columns(rows[0], NEEDED, KNOWN, what=self.title, got=got)
            table.add(rows, got)
            total = answer.get("total_count")
            tell("ACLED: events", table.rows, total if isinstance(total, int) else None)
            if len(rows) < _ROWS:
                return

    def _token(self, request: Request, web: WebFetcher) -> str:
        """Give the token of the environment, or ask for one."""
        token = os.environ.get("ACLED_TOKEN", "").strip()
        if token:
            return token
        name, password = os.environ.get("ACLED_USERNAME"), os.environ.get("ACLED_PASSWORD")
        if not name or not password:
            raise UsageError(
                "ACLED needs your own account: set ACLED_USERNAME and ACLED_PASSWORD (or ACLED_TOKEN); "
                "register at acleddata.com"
            )
        form = {"username": name, "password": password, "grant_type": "password", "client_id": "acled"}
        answer = web.post_form(f"{request.base or _SITE}/oauth/token", form)
        found = answer.get("access_token")
        if not isinstance(found, str) or not found:
            raise FetchError("ACLED's sign-in answered without a token; check the account at acleddata.com")
        return found


def _isos(request: Request) -> list[str | None]:
    if not request.countries and request.date_from is None:
        raise UsageError("ACLED holds millions of rows; give --country, or a period with --from")
    return [country(text).numeric for text in request.countries] or [None]


def _address(request: Request, iso: str | None, page: int) -> str:
    query = {"_format": "json", "limit": str(_ROWS), "page": str(page)}
    if iso is not None:
        query["iso"] = iso
    if request.date_from or request.date_to:
        first = request.date_from or date(1997, 1, 1)  # ACLED's first year
        last = request.date_to or date(2100, 1, 1)
        query |= {"event_date": f"{first}|{last}", "event_date_where": "BETWEEN"}
    return f"{request.base or _SITE}/api/acled/read?{urlencode(query)}"


ACLED = _Acled()
