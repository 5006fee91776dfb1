"""A list of words as one pattern: whole words, in every form. Knows no list."""

import re
from collections.abc import Iterable


def pattern_of(words: Iterable[str], before: Iterable[str] = ()) -> str:
    """A pattern of any of the words, where any of those `before` stands in front."""
    found = "|".join(map(_forms, words))
    return rf"\b(?:{'|'.join(before)})[ -](?:{found})\b" if before else rf"\b(?:{found})\b"


def _forms(word: str) -> str:
    """The word and its plural, its blanks also hyphens or nothing; with a star, whatever begins so."""
    stem, star, _ = word.partition("*")
    pattern = re.escape(stem).replace(r"\ ", "[ -]?")
    if star:
        return rf"{pattern}\w*"
    if re.search(r"[^aeiou]y$", stem):
        return rf"{pattern[:-1]}(?:y|ies)"
    return pattern + ("(?:es)?" if re.search(r"(?:s|x|ch|sh)$", stem) else "s?")
