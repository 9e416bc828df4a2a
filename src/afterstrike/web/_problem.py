"""What is said to a visitor who cannot have what was asked for: what was got, what is allowed, what to do."""

from __future__ import annotations

from typing import Any

from ..errors import AfterstrikeError

__all__ = ["Problem", "problem_of"]


class Problem(AfterstrikeError):
    """A request that is refused, with its HTTP status.

    Parameters
    ----------
    status : int
        400 to 503; never 500, which is a defect of ours.
    got, allowed, do : str
        What was asked, what may be asked, and what to do now.
    """

    def __init__(self, status: int, got: str, allowed: str = "", do: str = "") -> None:
        super().__init__("; ".join(part for part in (got, allowed and f"allowed: {allowed}", do) if part))
        self.status, self.got, self.allowed, self.do = status, got, allowed, do

    def to_dict(self) -> dict[str, Any]:
        """Give what the JSON answer says."""
        return {"error": {"status": self.status, "got": self.got, "allowed": self.allowed, "do": self.do}}


def problem_of(error: AfterstrikeError, status: int = 400) -> Problem:
    """Turn an error of the library into an answer; its message already says what to do, after a semicolon.

    Examples
    --------
    >>> problem_of(AfterstrikeError("kind 'x' is not known; allowed: strike")).to_dict()["error"]["got"]
    "kind 'x' is not known"
    """
    if isinstance(error, Problem):
        return error
    got, _, rest = str(error).partition("; ")
    allowed, do = "", rest
    if rest.startswith("allowed"):
        allowed, _, do = rest.removeprefix("allowed").lstrip(": ").partition("; ")
    return Problem(status, got, allowed, do)
