"""Reads the YAML of a watch and checks it: unknown keys, wrong values, what is missing, each with its line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from afterstrike.errors import UsageError
from afterstrike.watch._config import AlarmConfig, DigestConfig, SmtpConfig, SourceConfig, WatchConfig
from afterstrike.watch._config_faults import Faults as _Faults

__all__ = ["ALARM_KINDS", "read_config"]

ALARM_KINDS = (
    "civilian_harm", "strike", "attack", "clash", "violence_against_civilians", "prison_break", "detention",
    "displacement",
)  # fmt: skip
_KEYS = {
    "": ("record", "archive", "sources", "languages", "places", "actors", "alarms", "digest", "recheck_hours",
         "allow_private", "contact"),
    "sources": ("name", "feed", "page", "list", "lang", "outlet", "every", "licence", "citation", "links"),
    "alarms": ("false_alarms_per_year", "window_days", "baseline_days", "kinds"),
    "digest": ("folder", "at", "webhook", "smtp"),
    "smtp": ("host", "port", "security", "from", "to", "user"),
}  # fmt: skip
_EVERY = re.compile(r"(\d+)\s*(m|min|h|d)?")
_MINUTES = {"m": 1, "min": 1, "h": 60, "d": 1440}
_MOST_BYTES = 1_000_000
_SECRETS = {
    "password": "AFTERSTRIKE_SMTP_PASSWORD",
    "token": "AFTERSTRIKE_WEBHOOK_TOKEN",
    "secret": "AFTERSTRIKE_WEBHOOK_TOKEN",
}


def read_config(path: Path) -> WatchConfig:
    """Read and check; see `load_watch`."""
    data, faults = _parse(path)
    folder = path.parent
    keys = _known(data, "", (), faults)
    record = _file(keys, "record", folder, faults, "watch.duckdb")
    archive = _file(keys, "archive", folder, faults, record.with_suffix(".archive").name, record)
    recheck = _numbers(keys, "recheck_hours", faults, default=(6, 24, 72))
    config = WatchConfig(
        record,
        archive,
        _sources(keys.get("sources"), faults),
        _choice(keys, "languages", ("en", "ar"), ("en", "ar"), (), faults),
        _texts(keys, "places", (), faults),
        _texts(keys, "actors", (), faults),
        _alarms(keys.get("alarms"), faults),
        _digest(keys.get("digest"), folder, faults),
        recheck,
        _private(keys, faults),
        _text(keys, "contact", (), faults, default="") or None,
    )
    if faults.found:
        shown = "\n".join(f"  line {line}: {words}" for line, words in sorted(faults.found)[:12])
        more = f"\n  and {len(faults.found) - 12} more" if len(faults.found) > 12 else ""
        raise UsageError(
            f"{path} cannot be used:\n{shown}{more}\nSee docs/watch.md, or `afterstrike watch init`"
        )
    return config


def _parse(path: Path) -> tuple[dict[str, Any], _Faults]:
    try:
        body = path.read_bytes()[: _MOST_BYTES + 1]
    except OSError as problem:
        raise UsageError(
            f"{path} cannot be read ({problem.strerror or problem}); `afterstrike watch init {path}` writes an example"
        ) from None
    if len(body) > _MOST_BYTES:
        raise UsageError(
            f"{path} is larger than {_MOST_BYTES / 1e6:g} MB, more than a watch file has; give another"
        )
    lines: dict[tuple[Any, ...], int] = {}
    try:
        loader = yaml.SafeLoader(body)
        try:
            node = loader.get_single_node()
            data = loader.construct_document(node) if node else None
        finally:
            loader.dispose()
        faults = _Faults(lines)
        _walk(node, (), faults, 0)
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        what = getattr(problem, "problem", None) or str(problem).split("\n")[0]
        raise UsageError(
            f"{path} is no YAML{where} ({what}); mend that line, or begin with `watch init`"
        ) from None
    if not isinstance(data, dict):
        raise UsageError(f"{path} holds no settings; it is a YAML mapping with at least `sources`")
    return data, faults


def _walk(node: yaml.Node | None, path: tuple[Any, ...], faults: _Faults, depth: int) -> None:
    """Note the line of every value; say which key stands twice."""
    if node is None or depth > 8:
        return
    faults.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            faults.lines[(*path, key.value)] = key.start_mark.line + 1
            if key.value in seen:
                faults.say((*path, key.value), f"`{key.value}` stands twice; keep one")
            seen.add(key.value)
            _walk(value, (*path, key.value), faults, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _walk(value, (*path, number), faults, depth + 1)


def _known(value: Any, group: str, path: tuple[Any, ...], faults: _Faults) -> dict[str, Any]:
    """Give a mapping; every key that is not known is a fault with the nearest known one."""
    if not isinstance(value, dict):
        faults.say(path, f"`{group}` is {_shown(value)}; it is a mapping of {', '.join(_KEYS[group])}")
        return {}
    for key in value:
        name = str(key)
        if name in _KEYS[group]:
            continue
        if name in _SECRETS:
            faults.say(
                (*path, key), f"`{name}` does not belong in a file; set {_SECRETS[name]} in the environment"
            )
            continue
        near = difflib.get_close_matches(name, _KEYS[group], n=1, cutoff=0.5)
        hint = f" (did you mean `{near[0]}`?)" if near else ""
        faults.say((*path, key), f"`{name}` is not known{hint}; allowed: {', '.join(_KEYS[group])}")
    return {str(key): one for key, one in value.items()}


def _shown(value: Any) -> str:
    return "empty" if value is None else repr(value)[:60]


def _text(
    keys: dict[str, Any], name: str, path: tuple[Any, ...], faults: _Faults, *, default: str | None = None
) -> str:
    if name not in keys and default is not None:
        return default
    value = keys.get(name)
    if not isinstance(value, str) or not value.strip():
        what = "is missing" if name not in keys else f"is {_shown(value)}"
        faults.say((*path, name), f"`{name}` {what}; it is words")
        return default or ""
    return value.strip()


def _file(
    keys: dict[str, Any], name: str, folder: Path, faults: _Faults, default: str, beside: Path | None = None
) -> Path:
    """Give the path of a file or folder to be written; what can name none is a fault."""
    words = _text(keys, name, (), faults, default=default)
    usual = (beside or folder / default).with_name(default)
    if name not in keys:
        return usual
    if "\0" in words or not Path(words).name or Path(words).name == "..":
        faults.say((name,), f"`{name}` is {_shown(words)}, which names no file; give one such as {default}")
        return usual
    found = folder / words
    is_wrong = found.is_dir() if name == "record" else found.is_file()
    if is_wrong:
        what, needed = ("a folder", "a file") if name == "record" else ("a file", "a folder")
        faults.say((name,), f"`{name}` is {_shown(words)}, {what}; give {needed} such as {default}")
        return usual
    return found


def _private(keys: dict[str, Any], faults: _Faults) -> tuple[str, ...]:
    from afterstrike.sources._address import checked_private

    values = _texts(keys, "allow_private", (), faults)
    for one in values:
        try:
            is_port = 0 < int(next(iter(checked_private([one]))).rpartition(":")[2]) <= 65_535
        except (UsageError, ValueError):
            is_port = False
        if not is_port:
            faults.say(
                ("allow_private",),
                f"`allow_private` has {one[:60]!r}; it is host:port, such as 127.0.0.1:8123, with a port up to 65535",
            )
    return values


def _texts(keys: dict[str, Any], name: str, path: tuple[Any, ...], faults: _Faults) -> tuple[str, ...]:
    value = keys.get(name)
    if value is None:
        return ()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) and one.strip() for one in values):
        faults.say((*path, name), f"`{name}` is {_shown(value)}; it is a list of words, such as [one, two]")
        return ()
    return tuple(dict.fromkeys(one.strip() for one in values))


def _choice(
    keys: dict[str, Any], name: str, allowed: tuple[str, ...], default: tuple[str, ...], path: tuple[Any, ...],
    faults: _Faults,
) -> tuple[str, ...]:  # fmt: skip
    values = _texts(keys, name, path, faults) or default
    for one in values:
        if one not in allowed:
            near = difflib.get_close_matches(one, allowed, n=1, cutoff=0.5)
            hint = f" (did you mean {near[0]}?)" if near else ""
            faults.say((*path, name), f"`{name}` has {one!r}{hint}; allowed: {', '.join(allowed)}")
    return values


def _number(
    keys: dict[str, Any],
    name: str,
    low: float,
    high: float,
    default: float,
    path: tuple[Any, ...],
    faults: _Faults,
) -> float:
    value = keys.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        faults.say((*path, name), f"`{name}` is {_shown(value)}; it is a number from {low:g} to {high:g}")
        return default
    return value


def _numbers(
    keys: dict[str, Any], name: str, faults: _Faults, *, default: tuple[int, ...]
) -> tuple[int, ...]:
    value = keys.get(name, list(default))
    good = isinstance(value, list) and all(type(one) is int and 0 < one <= 8760 for one in value)
    if not good:
        faults.say((name,), f"`{name}` is {_shown(value)}; it is a list of whole hours, such as [6, 24, 72]")
        return default
    return tuple(sorted(set(value)))


def _sources(value: Any, faults: _Faults) -> tuple[SourceConfig, ...]:
    if not isinstance(value, list) or not value:
        faults.say(("sources",), f"`sources` is {_shown(value)}; it is a list with at least one source")
        return ()
    found: list[SourceConfig] = []
    for number, one in enumerate(value):
        source = _source(one, ("sources", number), faults)
        if source is None:
            continue
        if source.name in {other.name for other in found}:
            faults.say(
                ("sources", number, "name"),
                f"the name {source.name!r} is given to two sources; each has its own",
            )
        found.append(source)
    return tuple(found)


def _source(value: Any, path: tuple[Any, ...], faults: _Faults) -> SourceConfig | None:
    keys = _known(value, "sources", path, faults)
    if not keys:
        return None
    kinds = [kind for kind in ("feed", "page", "list") if kind in keys]
    if len(kinds) != 1:
        faults.say(
            path, f"a source has exactly one of feed, page, list; this has {', '.join(kinds) or 'none'}"
        )
        return None
    address = _text(keys, kinds[0], path, faults)
    if address and not _is_web(address):
        faults.say((*path, kinds[0]), f"`{kinds[0]}` is {address[:80]!r}; it begins with http:// or https://")
    lang = keys.get("lang")
    if lang not in (None, "en", "ar"):
        faults.say((*path, "lang"), f"`lang` is {_shown(lang)}; allowed: en, ar, or left out")
    links = _optional(keys, "links", path, faults)
    try:
        re.compile(links or "")
    except re.error as problem:
        faults.say((*path, "links"), f"`links` is no regular expression ({problem})")
    return SourceConfig(
        _text(keys, "name", path, faults),
        kinds[0],
        address,
        lang,
        _optional(keys, "outlet", path, faults),
        _every(keys, path, faults),
        _optional(keys, "licence", path, faults),
        _optional(keys, "citation", path, faults),
        links,
    )


def _optional(keys: dict[str, Any], name: str, path: tuple[Any, ...], faults: _Faults) -> str | None:
    return _text(keys, name, path, faults) or None if keys.get(name) is not None else None


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _every(keys: dict[str, Any], path: tuple[Any, ...], faults: _Faults) -> int:
    value = keys.get("every", 30)
    match = _EVERY.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    minutes = int(match[1]) * _MINUTES[match[2] or "m"] if match and len(match[1]) < 7 else 0
    if not 5 <= minutes <= 10_080:
        faults.say(
            (*path, "every"),
            f"`every` is {_shown(value)}; it is minutes, or 15m, 2h, 1d, from 5 minutes to 7 days",
        )
        return 30
    return minutes


def _alarms(value: Any, faults: _Faults) -> AlarmConfig:
    if value is None:
        return AlarmConfig()
    keys, path = _known(value, "alarms", ("alarms",), faults), ("alarms",)
    window = int(_number(keys, "window_days", 1, 28, 7, path, faults))
    baseline = int(_number(keys, "baseline_days", 28, 728, 56, path, faults))
    return AlarmConfig(
        float(_number(keys, "false_alarms_per_year", 0.01, 365, 2.0, path, faults)),
        window,
        baseline,
        _choice(keys, "kinds", ALARM_KINDS, AlarmConfig().kinds, path, faults),
    )


def _digest(value: Any, folder: Path, faults: _Faults) -> DigestConfig | None:
    if value is None:
        return None
    path = ("digest",)
    keys = _known(value, "digest", path, faults)
    webhook = _optional(keys, "webhook", path, faults)
    if webhook and not _is_web(webhook):
        faults.say((*path, "webhook"), f"`webhook` is {webhook[:80]!r}; it begins with http:// or https://")
    return DigestConfig(
        folder / _text(keys, "folder", path, faults, default="digests"),
        _at(keys.get("at", "06:00"), faults),
        webhook,
        _smtp(keys.get("smtp"), faults) if keys.get("smtp") is not None else None,
    )


def _at(value: Any, faults: _Faults) -> str:
    if type(value) is int and value > 99:
        value = (
            f"{value // 60:02}:{value % 60:02}"  # YAML 1.1 reads 16:30 without quotes as a number to base 60
        )
    if not isinstance(value, str) or not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        faults.say(("digest", "at"), f'`at` is {_shown(value)}; it is a time of day in UTC, such as "06:00"')
        return "06:00"
    return value.zfill(5)


def _smtp(value: Any, faults: _Faults) -> SmtpConfig | None:
    path = ("digest", "smtp")
    keys = _known(value, "smtp", path, faults)
    if not keys:
        return None
    (security,) = _choice(keys, "security", ("starttls", "tls", "none"), ("starttls",), path, faults)[:1]
    to = _texts(keys, "to", path, faults)
    sender = _text(keys, "from", path, faults)
    for name, one in [("from", sender), *(("to", one) for one in to)]:
        _check_mail((*path, name), name, one, faults)
    if not to:
        faults.say((*path, "to"), "`to` is missing; it is one address of mail or a list of them")
    port = int(
        _number(
            keys,
            "port",
            1,
            65_535,
            {"starttls": 587, "tls": 465, "none": 25}.get(security, 587),
            path,
            faults,
        )
    )
    return SmtpConfig(
        _text(keys, "host", path, faults), sender, to, port, security, _optional(keys, "user", path, faults)  # type: ignore[arg-type]
    )  # fmt: skip


def _check_mail(path: Iterable[Any], name: str, value: str, faults: _Faults) -> None:
    if value and not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", value):
        faults.say(
            tuple(path), f"`{name}` has {value[:60]!r}; it is an address of mail such as desk@example.org"
        )
