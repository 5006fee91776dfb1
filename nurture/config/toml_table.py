"""TOML files read with care: every error names file and key, and a key nobody asked for is refused."""

import tomllib
import unicodedata
from pathlib import Path
from typing import Any

from nurture.contact.address import parse_address
from nurture.domain.errors import ConfigError, Refusal
from nurture.domain.nearest import did_you_mean


def read_toml(file: Path) -> dict[str, Any]:
    """The tables of a TOML file; raises ConfigError naming the file and line."""
    try:
        # Windows' editors put a byte-order mark before the first letter.
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"{file} does not exist. Run Nurture in its home folder or set NURTURE_HOME; `nurture init DIR` makes one."
        ) from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"{file} is not saved as UTF-8 (see line {line}), so nothing was changed. Save it again as UTF-8."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}. Nothing was changed.") from error


class TomlTable:
    """One TOML table that remembers which of its keys were asked for, so that the rest can be refused."""

    def __init__(self, file: Path, values: dict[str, Any], where: str = "") -> None:
        self.file, self._values, self._where, self._asked = file, values, where, set[str]()

    def has(self, key: str) -> bool:
        """Tell whether the key is there, without counting it as asked for."""
        return key in self._values

    def value(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """The value under the key, of that type; raises ConfigError when it is absent (without default) or not."""
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is None:
            hint = did_you_mean(key, self._values.keys() - self._asked)
            raise self.error(key, f"is missing{hint.replace('did you mean', 'is it')}")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(key, f"cannot be {value!r}")
        return value

    def text(self, key: str, default: str | None = None, *, empty: bool = False) -> str:
        """The string under the key: one line without control characters, and not empty unless allowed."""
        text: str = self.value(key, str, default)
        is_line = all(unicodedata.category(each) not in {"Cc", "Zl", "Zp"} for each in text)
        if not is_line or (not text.strip() and not empty and default is None):
            raise self.error(key, "must be one line of text")
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of strings under the key, empty when it is absent."""
        values = self.value(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise self.error(key, "must be a list of texts")
        return tuple(values)

    def number(self, key: str, *, least: float, most: float) -> float:
        """The number under the key, from `least` to `most`."""
        number: float = self.value(key, (int, float))
        # Written so that `nan`, which is neither more nor less than anything, is refused as well.
        if not least <= number <= most:
            raise self.error(key, f"is {number}; it must be a number from {least:g} to {most:g}")
        return number

    def whole(self, key: str, *, least: int, most: int) -> int:
        """The whole number under the key, from `least` to `most`."""
        number = self.number(key, least=least, most=most)
        if number != int(number):
            raise self.error(key, f"is {number}; it must be a whole number")
        return int(number)

    def address(self, key: str) -> str:
        """The mail address under the key."""
        address = parse_address(self.text(key))
        if isinstance(address, Refusal):
            raise self.error(key, "is not a mail address")
        return address

    def table(self, key: str, *, optional: bool = False) -> "TomlTable":
        """The table under the key; an optional one is empty when it is absent."""
        return TomlTable(self.file, self.value(key, dict, {} if optional else None), f"{self._where}{key}.")

    def tables(self, key: str) -> list["TomlTable"]:
        """The array of tables under the key."""
        values = self.value(key, list)
        if not all(isinstance(value, dict) for value in values):
            raise self.error(key, f"must be written as tables [[{key}]]")
        return [TomlTable(self.file, value, f"{self._where}{key}[{n}].") for n, value in enumerate(values, 1)]

    def refuse_unknown(self) -> None:
        """Raise ConfigError when the table holds a key that nothing asked for."""
        for key in self._values:
            if key not in self._asked:
                hint = did_you_mean(key, self._asked - self._values.keys())
                known = ", ".join(sorted(self._asked))
                raise self.error(key, f"is not a known key (known here: {known}){hint}")

    def error(self, key: str, problem: str) -> ConfigError:
        """The error that names the file and the key."""
        end = "" if problem.endswith("?") else "."
        return ConfigError(f"{self.file}: {self._where}{key} {problem}{end} Nothing was changed.")
