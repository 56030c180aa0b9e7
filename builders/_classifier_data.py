"""The captions that a classifier learns from, and which of them must stay together.

Gold labels (given on the command line), the challenge set, and training captions written for this
project (`classifier_data/`). Captions of a clip, of a challenge pair and captions of equal text
never lie in different folds of a cross-validation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field, RootModel, ValidationError

from hmu_bench.concepts import CATEGORIES, Category
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_bytes
from hmu_bench.models import bad_model
from hmu_bench.text.challenge import load_challenge_captions
from hmu_bench.text.gold import GoldLabel, read_gold
from hmu_bench.text.views import is_label, text_key
from hmu_bench.yaml_files import read_yaml

WRITTEN = Path(__file__).with_name("classifier_data")
SAFE: tuple[Category, ...] = ("none", "victim")

Captions = Annotated[list[Annotated[str, Field(min_length=1, max_length=400)]], Field(min_length=1)]


class WrittenCaptions(RootModel[dict[Category, Captions]]):
    """Category -> captions written for training."""


@dataclass(frozen=True, slots=True)
class Item:
    """A caption to learn from.

    Attributes:
        origin: `gold humanml3d`, `gold motionx`, `challenge` or `written`.
        text: caption or label.
        subset: of a label.
        is_label: a short label, not a sentence.
        label: V, N or A; A is not learned from.
        category: of the violence.
        weight: captions of the population that it stands for; 1 where there is no population.
        group: what must stay in one fold.
    """

    origin: str
    text: str
    subset: str | None
    is_label: bool
    label: GoldLabel
    category: Category
    weight: float
    group: str


def gold_items(path: Path) -> Iterator[Item]:
    """The captions of a gold file (InputError as `read_gold`)."""
    for item in read_gold(path):
        yield Item(
            origin=f"gold {item.source}",
            text=item.text,
            subset=item.subset,
            is_label=is_label(item.source, item.subset),
            label=item.label,
            category=item.category,
            weight=item.weight,
            group=f"{item.source} {item.cluster}",
        )


def challenge_items() -> Iterator[Item]:
    """The captions of the challenge set."""
    for caption in load_challenge_captions():
        subset = caption.context.get("subset")
        yield Item(
            origin="challenge",
            text=caption.text,
            subset=subset,
            is_label=caption.style == "motionx",
            label="V" if caption.violent else "N",
            category=caption.category,
            weight=1.0,
            group=f"challenge {caption.pair_id}",
        )


def written_items(folder: Path = WRITTEN) -> Iterator[Item]:
    """The captions written for training.

    Raises:
        InputError: if a file is not as `README.md` in its folder says.
    """
    sentences = _written(folder / "humanml3d.yaml", read_yaml(folder / "humanml3d.yaml"))
    yield from _from(sentences, None)
    path = folder / "motionx.yaml"
    for subset, captions in read_yaml(path).items():
        yield from _from(_written(path, captions, subset), subset)


def _written(path: Path, value: object, key: str | None = None) -> WrittenCaptions:
    try:
        return WrittenCaptions.model_validate(value)
    except ValidationError as error:
        problem = bad_model(error, path)
        raise InputError(problem.what, where=path, key=key or problem.key) from error


def _from(captions: WrittenCaptions, subset: str | None) -> Iterator[Item]:
    for category, texts in captions.root.items():
        for text in texts:
            yield Item(
                origin="written",
                text=text,
                subset=subset,
                is_label=subset is not None,
                label="N" if category in SAFE else "V",
                category=category,
                weight=1.0,
                group=f"written {text_key(text)}",
            )


def joined_groups(items: Sequence[Item]) -> list[str]:
    """One name a caption: equal where group or text (whatever the subset) is equal, step by step.

    >>> def item(text, group):
    ...     return Item("written", text, None, False, "N", "none", 1.0, group)
    >>> joined_groups([item("a", "1"), item("b", "1"), item("B.", "2"), item("c", "3")])
    ['1', '1', '1', '3']
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = name = parent[parent[name]]
        return name

    for item in items:
        first, second = root(item.group), root(f"text {text_key(item.text)}")
        low, high = sorted((first, second))
        parent[high] = low
    return [root(item.group) for item in items]


def deal_folds(
    items: Sequence[Item], groups: Sequence[str], folds: int, salt: str = ""
) -> npt.NDArray[np.int64]:
    """The fold of each caption: groups of one kind are dealt like cards, in the order of a hash.

    The kind of a group is its first caption's origin and whether any of it is violent, so every
    fold gets about the same share of everything.
    """
    kinds: dict[str, tuple[str, bool]] = {}
    for item, group in zip(items, groups, strict=True):
        origin, violent = kinds.get(group, (item.origin, False))
        kinds[group] = (origin, violent or item.label == "V")
    order = sorted(kinds, key=lambda g: (kinds[g], sha256_bytes(f"{salt}\0{g}".encode())))
    fold = {group: number % folds for number, group in enumerate(order)}
    return np.array([fold[group] for group in groups], dtype=np.int64)


def counts(items: Iterable[Item]) -> dict[str, int]:
    """How many captions of each origin and label, sorted by name."""
    found: dict[str, int] = {}
    for item in items:
        name = f"{item.origin} {item.label}"
        found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items()))


ATTACKS: tuple[Category, ...] = tuple(c for c in CATEGORIES if c not in SAFE)
