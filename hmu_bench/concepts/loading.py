"""Finding and reading concepts: the ones that ship with the package, and a user's own file."""

from __future__ import annotations

from pathlib import Path

from hmu_bench.concepts.schema import Concept
from hmu_bench.errors import InputError
from hmu_bench.yaml_files import read_yaml_model

FOLDER = Path(__file__).parent


def concept_names() -> tuple[str, ...]:
    """The concepts that ship with the package, sorted.

    >>> "violence" in concept_names()
    True
    """
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def load_concept(name: str | Path) -> Concept:
    """A concept by its name, or from a YAML file of your own.

    Args:
        name: one of `concept_names()`, or the path of a file that ends in .yaml or .yml.

    Raises:
        InputError: if there is no such concept, or the file is wrong (file and key are named).

    >>> list(load_concept("kick").keywords_for("motionx").keywords)
    ['kick']
    """
    if isinstance(name, Path) or name.endswith((".yaml", ".yml")):
        return read_yaml_model(Path(name), Concept)
    if name not in concept_names():
        raise InputError(
            f"there is no concept {name!r} (there are: {', '.join(concept_names())})",
            fix="or give the path of a .yaml file",
        )
    concept = read_yaml_model(FOLDER / f"{name}.yaml", Concept)
    if concept.name != name:
        raise RuntimeError(f"{name}.yaml calls itself {concept.name!r}")
    return concept
