"""Web addresses: which are allowed, which lie in a private network, what of them may be written down."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from afterstrike.errors import FetchError, UsageError

__all__ = [
    "allowed_by_environment",
    "checked_private",
    "is_public",
    "origin",
    "redact",
    "safe_headers",
    "typed_private",
]

# Parts of a name of a parameter that say that its value is a secret or names a person.
_SECRET = re.compile(
    r"(^|[_.\-])(api|access|subscription|auth)?_?-?(key|token|e[_.\-]?mail|pass|password|passwd|pwd|passphrase"
    r"|secret|signature|sig|credentials?|auth|authorization|username|jwt|session|j?session[_.\-]?id"
    r"|(access|api|secret)[_.\-]?key[_.\-]?id)$|(api|access|secret|private)keys?$|(email|password|secret|token)$",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SECRET_HEADERS = frozenset(
    ("authorization", "proxy-authorization", "cookie", "set-cookie", "set-cookie2", "x-api-key",
     "x-ucdp-access-token", "www-authenticate", "proxy-authenticate", "authentication-info")
)  # fmt: skip
_HEADERS_WITH_ADDRESS = ("location", "content-location", "link", "referer", "refresh")
# Not private by any registry, and still the inside of a cloud machine: Azure's own service address.
_CLOUD_INSIDE = frozenset((ipaddress.ip_address("168.63.129.16"),))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Special blocks of the IANA registries that some Python versions count to the public internet.
_SPECIAL = tuple(
    ipaddress.ip_network(block)
    for block in ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64",
                  "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16")
)  # fmt: skip
_COMPATIBLE = ipaddress.ip_network("::/96")


def origin(address: str) -> tuple[str, str, int]:
    """Give scheme, host and port of an address.

    Parameters
    ----------
    address : str
        An http or https address.

    Returns
    -------
    tuple
        Scheme and host in small letters (an IPv6 host without brackets), and the port.

    Raises
    ------
    FetchError
        The address is of another kind, or has no host.

    Examples
    --------
    >>> origin("https://Example.org/a"), origin("http://[::1]:8080/")
    (('https', 'example.org', 443), ('http', '::1', 8080))
    """
    shown = redact(address)
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme.lower(), (parts.hostname or "").lower(), parts.port
    except ValueError as problem:
        raise FetchError(f"{shown} is no web address ({problem}); check it") from None
    if scheme not in ("http", "https"):
        raise FetchError(f"{shown} is an address of a kind that is not fetched; allowed: http:// or https://")
    if not host:
        raise FetchError(f"{shown} cannot be reached (it names no host); check the address")
    return scheme, host, port if port is not None else (443 if scheme == "https" else 80)


def is_public(ip: str) -> bool:
    """Say whether an IP address lies in the public internet.

    Parameters
    ----------
    ip : str
        An IPv4 or IPv6 address, as a resolver gives it.

    Returns
    -------
    bool
        False for loopback, private, link-local (with the metadata address of clouds), carrier-grade NAT,
        multicast, reserved and unspecified addresses, and for IPv6 forms that carry one of these.

    Examples
    --------
    >>> [is_public(ip) for ip in ("1.1.1.1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0")]
    [True, False, False, False, False]
    """
    try:
        found = ipaddress.ip_address(ip.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        carried = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in _NAT64 or found in _COMPATIBLE:
            carried.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
        if not all(is_public(str(one)) for one in carried if one is not None):
            return False
        if found.ipv4_mapped is not None or found in _NAT64:
            return True  # the address it carries is public; networks without IPv4 reach it so
        if found.is_site_local:
            return False
    return (
        found.is_global
        and not (found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback)
        and not (found.is_link_local or found.is_private)
        and found not in _CLOUD_INSIDE
        and not any(found in block for block in _SPECIAL)
    )


def redact(address: str) -> str:
    """Give an address without what must not be written down.

    Parameters
    ----------
    address : str
        Any address.

    Returns
    -------
    str
        The address without user name and password, without parameters (parted by `&` or `;`) whose name says
        key, token, email, password, secret or signature, and without the fragment. Two addresses that differ only in
        these are one and the same here.

    Examples
    --------
    >>> redact("https://me:pw@example.org/a?key=123&page=2#top")
    'https://example.org/a?page=2'
    """
    try:
        parts = urlsplit(address)
        netloc = parts.netloc.rpartition("@")[2]
    except ValueError:
        return re.sub(r"//[^/@]*@", "//", address).split("?", 1)[0].split("#", 1)[0]
    pieces = re.split("([&;])", "&" + parts.query)[1:]
    kept = [
        mark + one
        for mark, one in zip(pieces[::2], pieces[1::2], strict=True)
        if not _is_secret(one.split("=", 1)[0])
    ]
    # "/list;jsessionid=5": a parameter of the path
    path = re.sub(r";([^;/=]*)=[^;/]*", lambda found: "" if _is_secret(found[1]) else found[0], parts.path)
    return urlunsplit((parts.scheme, netloc, path if netloc else parts.path, "".join(kept)[1:], ""))


def _is_secret(name: str) -> bool:
    """Say whether the value of a parameter of this name must not be written down."""
    return _SECRET.search(_CAMEL.sub("_", unquote_plus(name))) is not None


def safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Give the headers of an answer that may be stored: names in small letters, no cookies, no keys.

    Examples
    --------
    >>> safe_headers({"ETag": "x", "Set-Cookie": "id=1", "Location": "/a?token=5"})
    {'etag': 'x', 'location': '/a'}
    """
    kept: dict[str, str] = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower in _SECRET_HEADERS or _is_secret(name):
            continue
        if lower in _HEADERS_WITH_ADDRESS:
            value = re.sub(r"[^\s<>;,]*[?@][^\s<>;,]*", lambda found: redact(found[0]), value)
        kept[lower] = value
    return kept


def typed_private(address: str) -> frozenset[str]:
    """Give what a person who typed this address allows: this machine, where the address says so.

    Any other private address, and a name that only resolves to one, is not allowed by typing it, because a
    link that was copied from a page can hold it; `AFTERSTRIKE_ALLOW_PRIVATE=host:port,...` allows it.

    Parameters
    ----------
    address : str
        What was typed.

    Returns
    -------
    frozenset of str
        `host:port`, for `localhost` and a loopback address written out; and what the environment allows.

    Examples
    --------
    >>> typed_private("http://127.0.0.1:8000/x"), typed_private("http://example.org/")
    (frozenset({'127.0.0.1:8000'}), frozenset())
    """
    named = allowed_by_environment()
    try:
        _, host, port = origin(address)
    except FetchError:
        return named
    is_here = host == "localhost"
    with contextlib.suppress(ValueError):
        is_here = is_here or ipaddress.ip_address(host).is_loopback
    return named | {f"{host}:{port}"} if is_here else named


def allowed_by_environment() -> frozenset[str]:
    """Give the `host:port` entries of `AFTERSTRIKE_ALLOW_PRIVATE`.

    Raises
    ------
    UsageError
        An entry has no port.

    Examples
    --------
    >>> allowed_by_environment()
    frozenset()
    """
    return checked_private(
        one.strip() for one in os.environ.get("AFTERSTRIKE_ALLOW_PRIVATE", "").split(",") if one.strip()
    )


def checked_private(entries: Iterable[str]) -> frozenset[str]:
    """Give `host:port` entries in small letters, or raise UsageError for one of another form."""
    found = set()
    for entry in entries:
        host, _, port = str(entry).lower().rpartition(":")
        if not host or not port.isdecimal():
            raise UsageError(f"{entry!r} allows no private address; write host:port, e.g. 127.0.0.1:8123")
        found.add(f"{host.strip('[]')}:{int(port)}")
    return frozenset(found)
