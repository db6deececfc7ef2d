"""The fields of a config, each read with its type and remembered as used."""

from __future__ import annotations

from typing import Any

MISSING: Any = object()


class ConfigError(ValueError):
    """A config cannot be read as a language model; the message says what to do."""


class Fields:
    """The fields of one config; :attr:`used` are those that were asked for."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given
        self.used: set[str] = {"model_type"}

    def whole(self, name: str, default: Any = MISSING) -> int:
        """A whole number; ``default`` where the field is missing or null.

        Raises ConfigError where it is missing without a default, or no whole number.
        """
        value = self._value(name)
        if value is None:
            if default is MISSING:
                kind = self._given.get("model_type")
                raise ConfigError(f'A {kind} config needs "{name}"; it is missing or null.')
            return int(default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise ConfigError(f'"{name}" must be a whole number, not {value!r}.')
        return int(value)

    def flag(self, name: str, default: bool) -> bool:
        """True or false; raises ConfigError for anything else."""
        value = self._value(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise ConfigError(f'"{name}" must be true or false, not {value!r}.')
        return value

    def items(self, name: str) -> list[Any]:
        """A list, empty where the field is missing; raises ConfigError for anything else."""
        value = self._value(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise ConfigError(f'"{name}" must be a list, not {value!r}.')
        return value

    def text(self, name: str, default: str) -> str:
        """A text; raises ConfigError for anything else."""
        value = self._value(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise ConfigError(f'"{name}" must be a text, not {value!r}.')
        return value

    def head_dim(self, hidden: int, heads: int) -> int:
        """Width of a head: as given, else hidden / heads.

        Raises ConfigError when heads do not divide the hidden width and no width is given.
        """
        given = self.whole("head_dim", 0)
        if given:
            return given
        if heads < 1 or hidden % heads:
            raise ConfigError(
                f"This config contradicts itself: {heads} heads do not divide the hidden width {hidden}, and "
                "there is no head_dim. Change one of the two, or give head_dim."
            )
        return hidden // heads

    def _value(self, name: str) -> Any:
        self.used.add(name)
        return self._given.get(name)
