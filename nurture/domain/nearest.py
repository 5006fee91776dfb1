"""What somebody meant who mistyped a word that we know."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'three'?` for `thre`: the known word that is nearest, to put behind a refusal; else nothing."""
    by_lower = {each.lower(): str(each) for each in known}
    nearest = get_close_matches(word.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[nearest[0]]!r}?" if nearest else ""
