"""Gold labels: captions that careful readers labelled, with the weight of their stratum.

JSON lines. HumanML3D: `clip_id`, `caption`; Motion-X: `subset`, `label`; both: `gold` (V violent,
N not, A ambiguous), `category`, `stratum`, `weight` (captions of the stratum in the population per
labelled caption). Other sources may use the first form and name themselves in `source`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from hmu_bench.concepts import Category
from hmu_bench.errors import InputError
from hmu_bench.files import read_text
from hmu_bench.models import ShortText, Slug, Strict, bad_model
from hmu_bench.text.challenge import load_challenge_captions
from hmu_bench.text.views import text_key

GoldLabel = Literal["V", "N", "A"]
MAX_BYTES = 64 << 20


class GoldLine(Strict):
    """One line of a gold file."""

    source: Slug | None = None
    clip_id: ShortText | None = None
    caption: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    subset: ShortText | None = None
    label: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    clips: Annotated[int, Field(ge=1)] | None = None
    gold: GoldLabel
    category: Category
    annotator_1: GoldLabel | None = None
    annotator_2: GoldLabel | None = None
    stratum: ShortText
    weight: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.caption is None) == (self.label is None):
            raise ValueError("a line has either clip_id and caption, or subset and label")
        if self.caption is not None and self.clip_id is None:
            raise ValueError("a caption needs its clip_id")
        if self.label is not None and self.subset is None:
            raise ValueError("a label needs its subset")
        return self


@dataclass(frozen=True, slots=True)
class GoldItem:
    """A labelled caption.

    Attributes:
        source: whose caption it is.
        judged_as: the source whose manner it has; classifiers are made for that one.
        text: caption or label.
        subset: the Motion-X subset of a label.
        label: V, N or A.
        category: of the violence; `none` or `victim` for N.
        stratum: that it was drawn from.
        weight: captions of the population that it stands for.
        cluster: what is drawn again as one in a bootstrap: the clip, or the label's text.
        annotated: the file says what each of two annotators called it.
    """

    source: str
    judged_as: str
    text: str
    subset: str | None
    label: GoldLabel
    category: Category
    stratum: str
    weight: float
    cluster: str
    annotated: bool = False

    @property
    def context(self) -> dict[str, str]:
        """What a classifier may also see."""
        return {} if self.subset is None else {"subset": self.subset}


def read_gold(path: Path) -> list[GoldItem]:
    """The labelled captions of a file, in its order.

    Raises:
        InputError: with the line, if it is not as the module says; if there are none.
    """
    items: list[GoldItem] = []
    for number, line in enumerate(read_text(path, MAX_BYTES).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = GoldLine.model_validate_json(line)
        except ValidationError as error:
            problem = bad_model(error, path)
            raise InputError(problem.what, where=path, line=number, key=problem.key) from error
        items.append(_item(entry))
    if not items:
        raise InputError("the file has no labelled captions", where=path)
    return items


def _item(entry: GoldLine) -> GoldItem:
    if entry.caption is not None:
        source, text = entry.source or "humanml3d", entry.caption
        cluster = str(entry.clip_id)
    else:
        source, text = entry.source or "motionx", str(entry.label)
        cluster = text_key(text)
    return GoldItem(
        source=source,
        judged_as=source,
        text=text,
        subset=entry.subset,
        label=entry.gold,
        category=entry.category,
        stratum=entry.stratum,
        weight=entry.weight,
        cluster=cluster,
        annotated=entry.annotator_1 is not None and entry.annotator_2 is not None,
    )


def challenge_gold() -> list[GoldItem]:
    """The challenge set as labelled captions: each of weight 1, a pair is a cluster."""
    return [
        GoldItem(
            source="challenge",
            judged_as=caption.style,
            text=caption.text,
            subset=caption.context.get("subset"),
            label="V" if caption.violent else "N",
            category=caption.category,
            stratum=caption.phenomenon,
            weight=1.0,
            cluster=caption.pair_id,
        )
        for caption in load_challenge_captions()
    ]


def by_source(items: Sequence[GoldItem]) -> dict[str, list[GoldItem]]:
    """The items of each source, sources in order of appearance."""
    found: dict[str, list[GoldItem]] = {}
    for item in items:
        found.setdefault(item.source, []).append(item)
    return found
