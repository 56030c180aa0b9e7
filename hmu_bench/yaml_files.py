"""YAML files of strangers: bounded, safe-loaded, no aliases, no key twice, into a strict model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from hmu_bench.errors import InputError
from hmu_bench.files import read_text
from hmu_bench.models import Strict, bad_model

MAX_YAML_BYTES = 1 << 20

Model = TypeVar("Model", bound=Strict)


class _PlainLoader(yaml.SafeLoader):
    """The safe loader without aliases (they can nest without end) and without repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="aliases are not allowed", problem_mark=event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a key must be a plain text", problem_mark=key.start_mark
                )
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} is given twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path, limit: int = MAX_YAML_BYTES) -> dict[str, Any]:
    """The mapping that a YAML file holds.

    Raises:
        InputError: if the file is missing, too large, no UTF-8, no YAML, uses aliases, has a key
            twice, or is not a mapping (with the line where one is known).
    """
    text = read_text(path, limit)
    try:
        value = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(
            f"not valid YAML ({error.problem or error.context})",
            where=path,
            line=None if mark is None else mark.line + 1,
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"not valid YAML ({_short(error)})", where=path) from error
    if not isinstance(value, dict):
        raise InputError("the file must hold a mapping (key: value)", where=path)
    return value


def read_yaml_model(path: Path, model: type[Model], limit: int = MAX_YAML_BYTES) -> Model:
    """A YAML file, checked against a strict model.

    Raises:
        InputError: as `read_yaml`, and for a key that is unknown, missing or wrong.
    """
    value = read_yaml(path, limit)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise bad_model(error, path) from error


def write_yaml(value: dict[str, Any]) -> str:
    r"""YAML text of plain data: keys in the given order, UTF-8, the same text for the same value.

    >>> write_yaml({"name": "a", "fps": 20})
    'name: a\nfps: 20\n'
    """
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)


def _short(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
