"""Reads Arabic numbers in digits and words, both genders and all cases, and the bounds around them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from afterstrike.reading.arabic._fold import Phrases, Token, fold_words, words

__all__ = ["Amount", "bounds_of", "number_at"]


@dataclass(frozen=True)
class Amount:
    """A number of `size` tokens; a vague word has bounds and no value."""

    size: int
    value: float | None
    low: float | None
    high: float | None
    is_vague: bool = False


@cache
def _table(name: str) -> dict[str, float]:
    return {fold_words(word): float(value) for word, value in words()["numbers"][name].items()}


@cache
def _vague() -> tuple[Phrases, dict[str, tuple[float, float]]]:
    bounds = {fold_words(word): (float(a), float(b)) for word, (a, b) in words()["numbers"]["vague"].items()}
    return Phrases({word: [word] for word in bounds}), bounds


@cache
def _teens() -> Phrases:
    words_of: dict[str, list[str]] = {}
    for word, value in _table("teens").items():
        words_of.setdefault(str(value), []).append(word)
    return Phrases(words_of)


def _word_value(token: Token, name: str) -> float | None:
    table = _table(name)
    found = next((table[stem] for stem in token.stems if stem in table), None)
    if found is None and len(token.text) == 3 and token.text[0] in "وفبل":
        found = table.get(token.text[1:])  # "بست": stems leave so short a word whole
    return found


def number_at(row: list[Token], place: int) -> Amount | None:
    """Read the number that begins at a token, or give None.

    Examples
    --------
    >>> from afterstrike.reading.arabic._fold import fold, tokens
    >>> def value(text):
    ...     amount = number_at(tokens(fold(text).text), 0)
    ...     return amount and (amount.value, amount.low)
    >>> value("خمسة وعشرين مدنياً"), value("ثلاثة آلاف شخص"), value("العشرات من المدنيين"), value("مئة وسبعة قتلى")
    ((25.0, 25.0), (3000.0, 3000.0), (None, 20.0), (107.0, 107.0))
    """
    phrases, bounds = _vague()
    hit = phrases.at(row, place)
    if hit:
        low, high = bounds[hit[1]]
        return Amount(hit[0], None, low, high or None, True)
    between = _between(row, place)
    if between:
        return between
    at = place
    total, current = 0.0, 0.0
    seen = False
    while at < len(row):
        token = row[at]
        if seen and not token.is_joined and _word_value(token, "scales") is None:
            break
        size, value, is_scale = _piece(row, at)
        if value is None:
            break
        if is_scale:
            current = (current or 1) * value
            total, current = total + current, 0.0
        elif token.is_number and seen:
            break
        else:
            current += value
        seen = True
        at += size
    if not seen:
        return None
    value = total + current
    return Amount(at - place, value, value, value)


def _between(row: list[Token], place: int) -> Amount | None:
    """Read "بين 15 و20", "بين عشرة إلى عشرين": two bounds, which are not added up."""
    if not place or row[place - 1].text not in ("بين", "وبين"):
        return None
    size, low, _ = _piece(row, place)
    at = place + size
    if at + 1 < len(row) and row[at].text in ("الي", "و"):
        at += 1
    elif at >= len(row) or not row[at].is_joined:
        return None
    size, high, _ = _piece(row, at)
    if low is None or high is None or high <= low:
        return None
    return Amount(at + size - place, None, low, high)


def _piece(row: list[Token], at: int) -> tuple[int, float | None, bool]:
    token = row[at]
    if token.is_number:
        digits = (
            token.text.replace(",", "")
            if "," in token.text and len(token.text.split(",")[-1]) == 3
            else token.text
        )
        try:
            return 1, float(digits), False
        except ValueError:
            return 1, None, False
    teen = _teens().at(row, at)
    if teen:
        return teen[0], float(teen[1]), False
    for name in ("units", "tens", "hundreds", "duals"):
        value = _word_value(token, name)
        if value is not None:
            return 1, value, False
    return 1, _word_value(token, "scales"), True


@cache
def _bound_words() -> Phrases:
    numbers = words()["numbers"]
    return Phrases(
        {"low": numbers["low_before"], "high": numbers["high_before"], "approx": numbers["approx_before"]}
    )


@cache
def _bound_after() -> Phrases:
    numbers = words()["numbers"]
    return Phrases({"low": numbers["low_after"], "approx": numbers["approx_after"]})


def bounds_of(row: list[Token], place: int, behind: int, amount: Amount) -> tuple[Amount, bool]:
    """Give the amount with the bounds that the words in front and behind set, and whether it is approximate."""
    if amount.value is None:
        return amount, amount.is_vague
    labels = set()
    for size in (4, 3, 2, 1):
        if place - size >= 0:
            hit = _bound_words().at(row, place - size)
            if hit and hit[0] >= size - 1 and place - size + hit[0] <= place:
                labels.add(hit[1])
                break
    for at in (behind, behind - 1):
        if 0 <= at < len(row):
            hit = _bound_after().at(row, at)
            if hit:
                labels.add(hit[1])
    value = amount.value
    if "low" in labels:
        return Amount(amount.size, value, value, None), "approx" in labels
    if "high" in labels:
        return Amount(amount.size, value, None, value), "approx" in labels
    if "approx" in labels:
        return Amount(amount.size, value, None, None), True
    return amount, False
