"""Spellings of place names brought together: Latin and Arabic script, and one to the other.

Four keys are made from a name, each more forgiving than the one before:

    plain   letter case, diacritics, apostrophes, hyphens, harakat, tatweel, forms of alef and hamza
    bare    plain without articles (al-, ar-, ...) and spaces; Abu and Bu are one
    folded  bare with the vowels and finals that transliteration tables disagree on brought together
    skeleton  consonants only, in classes that both scripts share: الرقة, ar-Raqqah and Rakka meet here
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import product
from math import prod

__all__ = ["ARABIC", "bare", "folded", "is_code", "plain", "skeletons", "sound"]

ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

# Letters that no decomposition takes apart: Latin specials, then Farsi, Kurdish and Urdu letters and
# the two Arabic finals, each to the letter an Arabic gazetteer would write.
_LETTERS = str.maketrans(
    {
        "ı": "i",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ŧ": "t",
        "ə": "e",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "þ": "th",
        "ٱ": "ا",
        "ء": "",
        **dict.fromkeys("کگڪ", "ك"),
        **dict.fromkeys("یێېىے", "ي"),
        **dict.fromkeys("ۆۇۋ", "و"),
        **dict.fromkeys("ةۀەہھۃ", "ه"),
        "ڕ": "ر",
        "ڵ": "ل",
        "ڤ": "ف",
        "ڨ": "ق",
        "پ": "ب",
        "ڈ": "د",
        "ٹ": "ت",
        "ں": "ن",
    }
)
_DROP = re.compile("['`´‘’‚‛′ʹʻʼʽʾʿˈˊˋ\u02be\u02bf\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_KURDISH_E = re.compile(r"ە(?=\w)")
_SEPARATORS = re.compile(r"[\W_]+")
_LATIN_ARTICLES = frozenset({"al", "el", "ul", "l"})
# Articles that take the first letter of the next word, as in ar-Raqqah, ash-Shaddadi, ez-Zor.
_ASSIMILATED = re.compile(r"[aeu](r|s|sh|d|t|z|n|dh|th|l|ch|dj|j)$")
_KUNYA = frozenset({"abu", "abou", "abo", "bou", "bu", "ابو", "ابي", "بو"})


@lru_cache(maxsize=65536)
def is_code(name: str) -> bool:
    """Say whether a spelling is a code, of an airport or a station: up to three capitals of the Latin alphabet.

    Gazetteers list them among the names, where they would meet words of other meaning: RUT is Rutland's.

    Examples
    --------
    >>> is_code("RUT"), is_code("Ur"), is_code("NOLA")
    (True, False, False)
    """
    return len(name) <= 3 and name.isascii() and name.isalpha() and name.isupper()


def plain(name: str) -> str:
    """Give a name in lower case without diacritics, apostrophes, hyphens or Arabic letter variants."""
    text = name
    if _NOT_ASCII.search(text):
        # The Kurdish vowel ە is a letter of its own inside a word and a final like ه at its end.
        text = _KURDISH_E.sub("", _DROP.sub("", text)).translate(_LETTERS)
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if not unicodedata.combining(c))
        # Twice: a compatibility form may decompose into a letter that the table maps.
        text = _DROP.sub("", text.casefold()).translate(_LETTERS)
        text = "".join(str(unicodedata.digit(c, c)) if c.isdigit() else c for c in text)
        text = unicodedata.normalize("NFKC", text)
    else:
        text = text.lower().replace("'", "").replace("`", "")
    return _SEPARATORS.sub(" ", text).strip()


def _words(name: str) -> list[str]:
    """Give the words of a name without articles, Abu and Bu as one; never an empty list for a real name."""
    tokens = plain(name).split()
    words: list[str] = []
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else ""
        if following and token in _LATIN_ARTICLES:
            continue
        if following and (m := _ASSIMILATED.match(token)) and following.startswith(m[1]):
            continue
        if token in _KUNYA and following:
            token = "بو" if ARABIC.match(token) else "bu"
        elif token.startswith("albu") and len(token) > 5:
            token = token[2:]
        while token.startswith("ال") and len(token) >= 5:
            token = token[2:]
        words.append(token)
    return words


# A name in which none of this occurs has neither article nor kunya to take off.
_MAY_CHANGE = re.compile(
    r"\b(?:[aeu]?l|[aeu](?:r|sh?|d[hj]?|t[h]?|z|n|ch|j)|ab[ou]u?|bo?u) |\balbu|ال|ابو |ابي |بو "
)


@lru_cache(maxsize=65536)
def bare(name: str) -> str:
    """Give the plain name without articles and spaces: `Dayr az-Zawr` becomes `dayrzawr`."""
    text = plain(name)
    return "".join(_words(name)) if _MAY_CHANGE.search(text) else text.replace(" ", "")


# Words that open very many names and are written in very many ways.
_OPENERS = {
    **dict.fromkeys(("tall", "tell", "tel", "til", "tal"), "tal"),
    **dict.fromkeys(("dayr", "dair", "deir", "der", "deyr", "dir", "dar"), "dir"),
    **dict.fromkeys(("kafr", "kafar", "kefr", "kfar", "kufr", "kafer"), "kafr"),
    **dict.fromkeys(("jabal", "jebel", "jabel", "gebel", "djebel", "gabal"), "jabal"),
    **dict.fromkeys(("umm", "um", "oum", "om", "em"), "um"),
    **dict.fromkeys(("khan", "xan"), "khan"),
    **dict.fromkeys(("maarat", "maarret", "maaret", "maarrat", "marat", "maarit"), "marat"),
}
_LATIN_RULES = tuple(
    (re.compile(pattern), into)
    for pattern, into in (
        (r"tch|sch|ch|sh|ş", "š"),
        (r"kh|x", "ḵ"),
        (r"gh|g|q|ck|c(?![ei])|k", "k"),
        (r"dh|th(?=$)|ż", "d"),
        (r"th", "t"),
        (r"dj", "j"),
        (r"ph|v", "f"),
        (r"c", "s"),
        (r"p", "b"),
        (r"ou|oo|aw|au|ow|uw|o|w", "u"),
        (r"ay|ai|ei|ey|ee|ie|iy|e|y", "i"),
        (r"(.)\1+", r"\1"),
        (r"(?<=..)[aih]+$", ""),
    )
)
_ARABIC_FINAL = re.compile("(?<=..)[اهي]+$")


@lru_cache(maxsize=65536)
def folded(name: str) -> str:
    """Give the bare name with spellings of one sound brought together: `tell`/`tal`, `ou`/`u`, `-ah`/`-a`."""
    words = _words(name)
    text = "".join(_OPENERS.get(word, word) for word in words)
    if ARABIC.search(text):
        return _ARABIC_FINAL.sub("", text)
    for pattern, into in _LATIN_RULES:
        text = pattern.sub(into, text)
    return text


_ARABIC_SOUNDS = str.maketrans(
    {
        **dict(zip("بتثجحخدذرزسشصضطظغفقكلمنهويا", "bttjhḵddrzsšsdtdkfkklmnhuia", strict=True)),
        "ع": "",
        "چ": "š",
        "ژ": "j",
    }
)


@lru_cache(maxsize=65536)
def sound(name: str) -> str:
    """Give the folded name in one alphabet, to compare two spellings; Arabic ones lack short vowels."""
    words = _words(name)
    if not ARABIC.search("".join(words)):
        return folded(name)
    return "".join(re.sub("(?<=..)[اه]$", "", word) for word in words).translate(_ARABIC_SOUNDS)


# Consonant classes. A letter that transliterations split (ذ as dh, z or d) stands for each of them.
_ARABIC_CLASSES = {
    **dict(zip("بتجحخدرزسشصطغفقكلمن", "BTJHXDRZSCSTKFKKLMN", strict=True)),
    "ث": "TS",
    "ذ": "DZ",
    "ض": "D",
    "ظ": "DZ",
    "ه": "H",
    "چ": "C",
    "ژ": "JZ",
}
_LATIN_UNITS = re.compile(r"tch|sch|sh|ch|kh|gh|dh|th|dj|ph|ck|[a-z]")
_LATIN_CLASSES = {
    **dict(zip("bdfhjklmnprstvxz", "BDFHJKLMNBRSTFXZ", strict=True)),
    "tch": "C",
    "sch": "C",
    "sh": "C",
    "ch": "C",
    "kh": "X",
    "gh": "K",
    "dh": "DZ",
    "th": "TDS",
    "dj": "J",
    "ph": "F",
    "ck": "K",
    "g": "KJ",
    "q": "K",
    "c": "KS",
}
_MOST_VARIANTS = 8


@lru_cache(maxsize=65536)
def skeletons(name: str) -> tuple[str, ...]:
    """Give the consonant skeletons of a name, the same for both scripts; empty where too little is left.

    Examples
    --------
    >>> set(skeletons("الرقة")) & set(skeletons("ar-Raqqah"))
    {'RK'}
    """
    words = _words(name)
    if not words:
        return ()
    units: list[tuple[str, ...]] = []
    for i, word in enumerate(words):
        of_word = _arabic_units if ARABIC.search(word) else _latin_units
        units += of_word(word, last=i == len(words) - 1)
    first = _initial(words[0])
    if prod(map(len, units)) > _MOST_VARIANTS:
        units = [unit[:1] for unit in units]
    found = {first + "".join(variant) for variant in product(*units)}
    return tuple(sorted(skeleton for skeleton in found if len(skeleton) > 1))


def _arabic_units(word: str, *, last: bool) -> list[tuple[str, ...]]:
    """Give the classes of the consonants of an Arabic word, one tuple of possible classes for each."""
    units = [tuple(_ARABIC_CLASSES[c]) for c in word[:-1] if c in _ARABIC_CLASSES]
    if word[-1] == "ه":
        # A final ta marbuta is silent, but a t before the word that owns it: معرة النعمان, Maarat al-Numan.
        return units if last else [*units, ("", "T")]
    return [*units, tuple(_ARABIC_CLASSES[word[-1]])] if word[-1] in _ARABIC_CLASSES else units


def _latin_units(word: str, *, last: bool) -> list[tuple[str, ...]]:
    """Give the classes of the consonants of a Latin word, one tuple of possible classes for each."""
    text = re.sub(r"(.)\1+", r"\1", re.sub(r"(?<=..)h$", "", word))
    units = [tuple(_LATIN_CLASSES[c]) for c in _LATIN_UNITS.findall(text) if c in _LATIN_CLASSES]
    return [*units, ("", "T")] if not last and re.search("[ae]h?$", word) else units


def _initial(word: str) -> str:
    """Mark how a name opens, since vowels carry the difference between Arbil and Rabil."""
    if re.match("w|و|ou[aeiu]", word):
        return "W"
    if word[0] in "yي":
        return "Y"
    return "A" if word[0] in "aeiouاع" else ""
