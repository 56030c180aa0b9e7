"""YAML files of strangers: bounded, plain data only, no key twice, into a strict model.

Read are mappings, lists, texts, numbers, booleans and null. YAML can do more, and nearly all of it
has been used for harm: aliases nest without end, tags ask for objects, `1:30` is an integer of base
60 whose length costs quadratic time, and dates come in forms that fail in the middle of the reader.
Aliases and tags are refused; the rest is text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from hmu_bench.errors import InputError
from hmu_bench.files import read_text
from hmu_bench.models import Strict, bad_model

MAX_YAML_BYTES = 256 << 10

Model = TypeVar("Model", bound=Strict)


class _PlainLoader(yaml.SafeLoader):
    """The safe loader without aliases, without tags and without repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        alias = isinstance(event, yaml.AliasEvent)
        if alias or event.tag is not None:
            what = "aliases" if alias else f"tags ({event.tag[:80]})"
            raise yaml.MarkedYAMLError(
                problem=f"{what} are not allowed", problem_mark=event.start_mark
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


# What a text without quotes is: YAML's own rules for null and booleans, decimal numbers, else text.
# Less than what the writer (`yaml.safe_dump`) puts in quotes, so that every text comes back as one.
_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag.endswith((":null", ":bool"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"), list("-+0123456789")
)
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"(?:[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?|\.[0-9]+(?:[eE][-+][0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
    ),
    list("-+0123456789."),
)


def read_yaml(path: Path, limit: int = MAX_YAML_BYTES) -> dict[str, Any]:
    """The mapping that a YAML file holds.

    Raises:
        InputError: if the file is missing, too large, no UTF-8, no YAML, uses aliases or tags, has
            a key twice, or is not a mapping (with the line where one is known).
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
    return yaml.dump(value, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=100)


class _PlainDumper(yaml.SafeDumper):
    """The safe dumper; texts with line breaks that YAML would change are escaped."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = '"' if any(c in text for c in "\x85\u2028\u2029") else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_PlainDumper.add_representer(str, _PlainDumper.represent_text)


def _short(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
