"""One item of a source: its identity, its own words, and whether it corrects or takes back something."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

__all__ = [
    "Item",
    "Notice",
    "clean_address",
    "identity_of",
    "notice_in",
    "plain_words",
    "report_id_of",
    "text_key",
]

Notice = Literal["correction", "retraction"]

_TRACKING = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|dclid|yclid|msclkid|mc_[ce]id|igshid|twclid|_ga|ocid|cmpid|xtor|smid|ftag|spm|ref_src|"
    r"at_(?:medium|campaign|custom\d|link_\w+|format|ptr_name)|rss|fromrss|traffic_source|guccounter)$",
    re.I,
)
_BLOCKS = frozenset(
    {"p", "br", "div", "li", "h1", "h2", "h3", "h4", "tr", "blockquote", "section", "article", "ul", "ol"}
)
_TAG = re.compile(r"<(?:[a-z/!?][^<>]*)?>?", re.I)
_SILENT = frozenset({"script", "style", "template", "noscript"})
_RETRACTED = re.compile(
    r"^\W*(?:retraction|retracted|withdrawn|story (?:removed|withdrawn)|article (?:removed|withdrawn))\b"
    r"|\bthis (?:article|story|report|item|post)\s+(?:has been|was|is)\s+"
    r"(?:retracted|withdrawn|removed|deleted|taken down)\b"
    r"|\bwe (?:have |hereby )?(?:retract|retracted|withdraw|withdrew|withdrawn) (?:this|the|our) (?:article|story|report)\b"
    r"|^\W*(?:سحب|إلغاء|حذف|اعتذار وسحب)\s+(?:خبر|الخبر|تقرير|التقرير|المادة|المقال)"
    r"|(?:تم|جرى)\s+(?:سحب|حذف|إلغاء)\s+(?:هذا\s+|هذه\s+)?(?:الخبر|التقرير|المادة|المقال)"
    r"|(?:سُحب|سحبنا|نسحب|حذفنا)\s+(?:هذا\s+|هذه\s+)?(?:الخبر|التقرير|المادة|المقال)",
    re.I,
)
_CORRECTED = re.compile(
    r"^\W*(?:correction|corrected|corrects|clarification|clarified)\b"
    r"|\b(?:correction|clarification|editor'?s note)\s*[:(]"
    r"|\bearlier version of (?:this|the) (?:article|story|report)\b"
    r"|^\W*(?:تصحيح|تصويب|توضيح|استدراك)(?=[\s:،.])"
    r"|(?:تصحيح|تصويب|استدراك)\s*:"
    r"|نسخة سابقة من (?:هذا|هذه|الخبر|التقرير|المقال)",
    re.I,
)
_HEAD = 600  # characters; a notice stands at the top of a page, or at its end
_TAIL = 400


@dataclass(frozen=True)
class Item:
    """What a source lists: one article, or one report in the feed's own words."""

    key: str  # the publisher's id, else the address without tracking, else the hash of the words
    address: str | None  # to be fetched
    published: str | None  # UTC, ISO
    words: str  # headline and summary or content as the source gives them, plain
    notice: Notice | None = None
    refers: tuple[str, ...] = ()  # identities of the pages that its words link to

    @property
    def fingerprint(self) -> str:
        """Give a hash that changes when the source changes the item."""
        return hashlib.sha256(
            f"{identity_of(self.address)}\n{' '.join(self.words.split())}".encode()
        ).hexdigest()[:32]


def clean_address(address: str, base: str = "") -> str | None:
    """Give an address without tracking and fragment, made whole; None where it is no web address.

    Examples
    --------
    >>> clean_address("/a?id=3&utm_source=rss#top", "https://north.example/feed")
    'https://north.example/a?id=3'
    """
    try:
        parts = urlsplit(urljoin(base, address.strip()))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        port = (
            f":{parts.port}" if parts.port and parts.port != {"http": 80, "https": 443}[parts.scheme] else ""
        )
        pairs = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k)]
    except (ValueError, UnicodeError):
        return None
    return urlunsplit((parts.scheme, parts.hostname + port, parts.path or "/", urlencode(pairs), ""))


def identity_of(address: str | None) -> str | None:
    """Give what two addresses of one page have in common: no scheme, no `www.`, no order of parameters.

    Examples
    --------
    >>> identity_of("http://www.north.example/a/?b=2&a=1") == identity_of("https://north.example/a?a=1&b=2#x")
    True
    """
    whole = clean_address(address) if address else None
    if whole is None:
        return None
    parts = urlsplit(whole)
    query = "&".join(sorted(filter(None, parts.query.split("&"))))
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}{'?' + query if query else ''}"


def report_id_of(source: str, key: str) -> str:
    """Give the id of an item's report, the same in every run."""
    slug = re.sub(r"[^\w-]+", "-", source)[:40]
    whole = f"{source}\n{key}".encode("utf-8", "replace")
    return f"{slug}:{hashlib.sha256(whole).hexdigest()[:12]}"


def text_key(words: Iterable[int]) -> str | None:
    """Give a key that two texts of the same words share; None for a text too short to tell."""
    found = sorted(set(words))
    return hashlib.sha256(",".join(map(str, found)).encode()).hexdigest()[:32] if len(found) >= 8 else None


def notice_in(text: str) -> Notice | None:
    """Say whether a text says of itself that it was taken back or corrected.

    Examples
    --------
    >>> notice_in("Correction: an earlier headline misstated the day."), notice_in("سحب خبر: تبين أنه غير صحيح")
    ('correction', 'retraction')
    >>> notice_in("Troops were withdrawn from the town on Monday.") is None
    True
    """
    plain = text.replace("\u0651", "").replace("’", "'")
    parts = (plain[:_HEAD], plain[-_TAIL:] if len(plain) > _HEAD else "")
    if any(_RETRACTED.search(part) for part in parts):
        return "retraction"
    return "correction" if any(_CORRECTED.search(part) for part in parts) else None


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        self.parts += ["\n"] if tag in _BLOCKS else []
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        self.parts += ["\n"] if tag in _BLOCKS else []

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)

    @property
    def is_silent(self) -> bool:
        """Say whether the parser stands in something that is no text."""
        return self._silent > 0


def plain_words(markup: str) -> tuple[str, list[str]]:
    """Give the words of a piece of HTML, line by line, and the addresses it links to.

    Examples
    --------
    >>> plain_words("<p>Two raids.</p><script>x()</script><a href='/b'>more</a>")
    ('Two raids.\\nmore', ['/b'])
    """
    if "<" not in markup and "&" not in markup:
        return "\n".join(filter(None, (" ".join(line.split()) for line in markup.splitlines()))), []
    parser = _Words()
    parser.feed(markup)
    # the parser is not closed: it would look through what is left once for every tag without an end in it,
    # which takes minutes where hostile markup holds thousands of them
    if not parser.is_silent:
        parser.parts.append(unescape(_TAG.sub(" ", parser.rawdata)))
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return "\n".join(filter(None, lines)), parser.links
