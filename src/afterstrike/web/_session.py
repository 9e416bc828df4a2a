"""Who a visitor is: a signed cookie, the token that lets others in, and the mark that a form is our own."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers

from ._settings import Settings

__all__ = ["Session", "cookie_of", "is_token", "session_of"]

_MONTH_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Session:
    """A visitor's session. `is_admitted` where no token is needed or the right one was shown."""

    number: str
    is_admitted: bool
    is_new: bool
    csrf: str
    is_bearer: bool = False  # a program that sends the token itself, not a browser that may be led to send it


def _mac(settings: Settings, purpose: str, text: str) -> str:
    return hmac.new(settings.secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def cookie_name(host: str) -> str:
    """Name the cookie after the port: cookies of one machine are shared by all its ports."""
    port = host.rpartition(":")[2]
    return f"afterstrike_{port}" if port.isascii() and port.isdigit() else "afterstrike"


def is_token(settings: Settings, given: str) -> bool:
    """Compare with the token in a time that does not tell how much of it was right."""
    if settings.token is None:
        return False
    return hmac.compare_digest(settings.token.encode("utf-8", "replace"), given.encode("utf-8", "replace"))


def session_of(settings: Settings, headers: Headers) -> Session:
    """Read the visitor's session from the request, or begin one.

    Parameters
    ----------
    settings : Settings
        With the secret that signs, and the token if one is needed.
    headers : Headers
        Of the request.

    Returns
    -------
    Session
        A cookie that we did not sign begins a new one.
    """
    kind, _, given = headers.get("authorization", "").partition(" ")
    is_bearer = kind.lower() == "bearer" and is_token(settings, given.strip())
    number, was_admitted = _cookie(settings, headers)
    is_new = number is None
    number = number or secrets.token_urlsafe(18)
    is_admitted = settings.token is None or is_bearer or was_admitted
    return Session(number, is_admitted, is_new, _mac(settings, "csrf", number), is_bearer)


def _cookie(settings: Settings, headers: Headers) -> tuple[str | None, bool]:
    name = cookie_name(headers.get("host", ""))
    try:
        found = SimpleCookie(headers.get("cookie", "")[:4096]).get(name)
    except CookieError:
        found = None
    number, _, rest = (found.value if found else "").partition(".")
    admitted, _, mac = rest.partition(".")
    if not number or not hmac.compare_digest(
        _mac(settings, "session", f"{number}.{admitted}").encode(), mac.encode("utf-8", "replace")
    ):
        return None, False
    return number, admitted == "1"


def cookie_of(settings: Settings, session: Session, host: str, *, is_admitted: bool, is_https: bool) -> str:
    """Write the Set-Cookie header of a session; scripts cannot read it and other sites cannot have it sent."""
    value = f"{session.number}.{int(is_admitted)}"
    text = (
        f"{cookie_name(host)}={value}.{_mac(settings, 'session', value)}; Path=/; HttpOnly; SameSite=Strict"
    )
    return f"{text}; Max-Age={_MONTH_SECONDS}" + ("; Secure" if is_https else "")
