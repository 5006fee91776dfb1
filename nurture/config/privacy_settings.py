"""The table [privacy] of config/nurture.toml: the words that tell of health at this clinic, besides the usual ones."""

import re

from nurture.config.toml_table import TomlTable

_WORDS = re.compile(r"[^\W_]+(?:[ '-][^\W_]+)*\*?")


def read_private_words(table: TomlTable) -> tuple[str, ...]:
    """The words, in lower case; raises ConfigError naming file and key."""
    words = table.texts("words")
    for each in words:
        if not _WORDS.fullmatch(each):
            raise table.error("words", f"holds {each!r}; a word is letters, such as aqua therapy or hydro*")
    return tuple(each.lower() for each in words)
