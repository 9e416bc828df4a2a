"""The main job: open an article, read it, check it, flag it, and put the brief together."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..reading._claim import Ledger
from ._assemble import assumption_list, plain, source_list
from ._followed import NO_RECORD, SWITCHED_OFF, followed_in, followed_without
from ._followed_model import Followed
from ._followed_verdict import judge_effects
from ._model import Check, Flag
from ._outlook import outlook_assumptions, outlook_in, outlook_sources
from ._outlook_model import Outlook
from ._past_record import beside_record
from ._provenance import created_now, file_sha256, provenance
from ._record_view import RecordView, view_of_file, view_of_shipped
from ._save import save_all
from ._shift_verdict import judge_shifts

if TYPE_CHECKING:
    from ..sources import Fetcher

__all__ = ["Brief", "build_brief", "parse_published"]

# The first printed weekly newspapers date from 1605; anything earlier is a slip of the keyboard.
_FIRST_NEWSPAPER = 1605


@dataclass(frozen=True, repr=False)
class Brief:
    """What an article claims, what does not add up in it, and what the evidence says.

    Made by `build_brief`. `to_dict` is exactly `brief.json`, `to_html` exactly `brief.html`.
    """

    article: dict[str, Any]
    ledger: Ledger
    checks: tuple[Check, ...]
    flags: tuple[Flag, ...]
    record: RecordView
    followed: Followed
    sources: tuple[dict[str, Any], ...]
    assumptions: tuple[dict[str, Any], ...]
    provenance: dict[str, Any]
    warnings: tuple[str, ...] = ()
    outlook: Outlook | None = None

    def __repr__(self) -> str:
        title = (self.article["title"] or self.provenance["input"]["name"])[:40]
        return f"Brief({title!r}, {len(self.ledger.claims)} claims, {len(self.flags)} flags)"

    def to_dict(self) -> dict[str, Any]:
        """Give the brief as plain JSON values, as `schema.json` describes them."""
        by_claim = {check.claim_id: check for check in self.checks}
        claims = []
        for claim in self.ledger.claims:
            check = by_claim[claim.id].to_dict()
            claims.append({**claim.to_dict(), "verdict": check["verdict"], "evidence": check["evidence"]})
        whole: dict[str, Any] = plain(
            {
                "article": self.article,
                "claims": claims,
                "flags": [flag.to_dict() for flag in self.flags],
                "checks": [check.to_dict() for check in self.checks],
                "record": self.record.to_dict(),
                "followed": asdict(self.followed),
                "outlook": None if self.outlook is None else asdict(self.outlook),
                "sources": self.sources,
                "assumptions": self.assumptions,
                "provenance": self.provenance,
            }
        )
        return whole

    def to_json(self) -> str:
        """Give `brief.json` as text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def to_html(self) -> str:
        """Give the brief as one HTML page that asks for nothing from outside itself."""
        from ._html import page

        return page(self)

    def summary(self) -> str:
        """Give a short plain-text summary: counts of verdicts, the weightiest flags."""
        from ._terminal import summary_text

        return summary_text(self)

    def save(self, folder: str | Path) -> list[Path]:
        """Write `brief.html` and `brief.json` into a folder, both or neither.

        Returns
        -------
        list of Path
            The two files.

        Raises
        ------
        BriefError
            The folder cannot be written to.
        """
        # A lone surrogate is no character: JSON can still escape it, HTML can not.
        content = {
            "brief.html": self.to_html().encode("utf-8", "replace"),
            "brief.json": self.to_json().encode("utf-8", "backslashreplace"),
        }
        return save_all(folder, content)


def parse_published(published: str | date | None) -> tuple[str | None, str | None]:
    """Read a publication date.

    Parameters
    ----------
    published
        A date, or text as `2026-01-20`, or None.

    Returns
    -------
    tuple
        The ISO date and a warning in words, each or both None.

    Raises
    ------
    UsageError
        The text is no date of that form.

    Examples
    --------
    >>> parse_published("2026-01-20")
    ('2026-01-20', None)
    """
    if published is None:
        return None, None
    text = published.isoformat()[:10] if isinstance(published, date) else str(published).strip()
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"published={text!r} is not a date; allowed: YYYY-MM-DD, as 2026-01-20; leave it out if not known"
        ) from None
    if day > date.fromisoformat(created_now()[:10]) + timedelta(days=1):
        return (
            text,
            f"the publication date {text} lies in the future; all is worked out as if it were right",
        )
    if day.year < _FIRST_NEWSPAPER:
        return text, f"the publication date {text} lies before there were newspapers; is the year right?"
    return text, None


def build_brief(
    where: str | Path,
    *,
    published: str | date | None = None,
    record: str | Path | None = None,
    title: str | None = None,
    out: str | Path | None = None,
    sample: str | None = None,
    fetcher: Fetcher | None = None,
    effects: bool = True,
    outlook: bool = True,
    progress: Callable[[str], None] = lambda stage: None,
) -> Brief:
    """Hold an article against the record: read it, check each claim, flag what does not add up.

    Parameters
    ----------
    where
        A file (text, Markdown, HTML, PDF), `-` for standard input, or an http(s) address.
    published
        Publication date as YYYY-MM-DD. Without it relative dates stay open and no claim is called outdated
        unless the page itself names its date.
    record
        A record file made by `afterstrike record add`. Without it the figures and series that ship are used.
    title
        The title to show, where the article's own is missing or wrong.
    out
        A folder to write `brief.html` and `brief.json` into.
    sample
        Name of the shipped sample that `where` is, for the command in the provenance.
    fetcher
        What gets web addresses; by default over the network. An archive or a test hands in its own.
    effects
        With a record, estimate what earlier strikes on it were followed by. A study of the same record is
        taken from the cache the next time.
    outlook
        Where the article raises a question about what comes next, answer it from the newest shipped world of its
        countries and armed group. A run of the same world is taken from the cache the next time.
    progress
        Called with a word at each long stage.

    Returns
    -------
    Brief
        The brief; nothing is written unless `out` is given.

    Raises
    ------
    SourceError, ReadingError
        The article cannot be opened, or holds no text.
    RecordError
        The record cannot be opened.
    BriefError
        The folder cannot be written to.
    UsageError
        `published` is not a date.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     article = Path(folder, "article.txt")
    ...     _ = article.write_text("The army said 14 camps were hit on 3 May 2019 in Homs.")
    ...     made = build_brief(article, published="2019-05-04")
    >>> made.to_dict()["article"]["published"]
    '2019-05-04'
    """
    from ..reading import read_document
    from ..sources import open_source
    from ._check import check_claims
    from ._flag import flag_article

    day, warning = parse_published(published)
    created_at = created_now()
    raw = open_source(where, fetcher=fetcher)
    ledger = read_document(raw, published=day)
    if title:
        ledger = replace(ledger, title=title)
    opened = _open_record(record)
    followed = followed_without(NO_RECORD if opened is None else SWITCHED_OFF)
    try:
        checks = tuple(check_claims(ledger, record=opened))
        if opened is not None and effects:
            followed = followed_in(opened, ledger, cache=file_sha256(Path(str(record))), progress=progress)
        checks = tuple(judge_shifts(ledger, judge_effects(ledger, checks, followed), followed))
        if opened is not None and effects:
            checks = tuple(beside_record(opened, ledger, checks))
        view = view_of_file(opened, Path(str(record)), ledger) if opened else view_of_shipped(ledger)
    finally:
        if opened is not None:
            opened.close()
    flags = tuple(flag_article(ledger, checks))
    warnings = [w for w in (warning,) if w]
    today = date.fromisoformat(created_at[:10])
    ahead = outlook_in(ledger, today=today, progress=progress) if outlook else None
    made = Brief(
        article=_article(ledger, raw),
        ledger=ledger,
        checks=checks,
        flags=flags,
        record=view,
        followed=followed,
        sources=tuple(source_list(checks, flags, view, outlook_sources(ahead))),
        assumptions=tuple(assumption_list(ledger, checks, warnings, outlook_assumptions(ahead))),
        provenance=provenance(
            raw,
            where=str(where),
            published=day,
            title=title,
            sample=sample,
            record=Path(record) if record else None,
            imports=[dict(i) for i in view.imports],
            created_at=created_at,
            outlook=outlook,
        ),
        warnings=tuple(warnings),
        outlook=ahead,
    )
    if out is not None:
        made.save(out)
    return made


def _open_record(record: str | Path | None) -> Any:
    if record is None:
        return None
    from ..record import open_record

    return open_record(record, read_only=True)


def _article(ledger: Ledger, raw: Any) -> dict[str, Any]:
    furniture: Sequence[Sequence[int]] = [list(span) for span in ledger.furniture]
    return {
        "title": ledger.title,
        "text": ledger.text,
        "published": ledger.published,
        "published_from": ledger.published_from,
        "language": ledger.language,
        "media_type": ledger.media_type,
        "encoding": ledger.encoding,
        "sha256": raw.sha256,
        "address": raw.address,
        "notes": list(ledger.notes),
        "furniture": furniture,
    }
