"""The sample articles that ship with the package, written for it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError

__all__ = ["Sample", "open_sample", "samples"]

_FOLDER = Path(__file__).with_name("samples")


@dataclass(frozen=True)
class Sample:
    """One sample article: its name, file, title, publication date and language."""

    name: str
    path: Path
    title: str
    published: str
    language: str


def samples() -> list[Sample]:
    """List the sample articles.

    Returns
    -------
    list of Sample
        In the order of `samples/samples.toml`.

    Examples
    --------
    >>> all(sample.path.is_file() for sample in samples())
    True
    """
    table = tomllib.loads((_FOLDER / "samples.toml").read_text(encoding="utf-8"))
    return [
        Sample(
            name,
            _FOLDER / f"{name}.txt",
            str(entry["title"]),
            str(entry["published"]),
            str(entry.get("language", "en")),
        )
        for name, entry in table.items()
        if isinstance(entry, dict)
    ]


def open_sample(name: str) -> Sample:
    """Give one sample article by name.

    Parameters
    ----------
    name
        Its name; `samples()` lists them.

    Returns
    -------
    Sample
        Where it is, and what is known of it.

    Raises
    ------
    UsageError
        There is no sample of that name.
    """
    known = samples()
    for sample in known:
        if sample.name == name:
            return sample
    names = ", ".join(sample.name for sample in known)
    raise UsageError(f"sample {name!r} does not exist; allowed: {names}")
