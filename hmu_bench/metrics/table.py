"""The metric table: the one place where a metric gets its label, direction, unit and formula.

The command line, the record, the documents and the site read it; adding a metric is one function
in this package and one line here.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from hmu_bench.errors import InputError

Direction = Literal["lower", "higher", "target"]
Family = Literal["fidelity", "alignment", "suppression", "variety"]

_GUO = "Guo et al., Generating Diverse and Natural 3D Human Motions from Text, CVPR 2022"
_HMU = "De Matteis et al., Human Motion Unlearning, AAAI 2026"
_FID = "Heusel et al., GANs Trained by a Two Time-Scale Update Rule, NeurIPS 2017"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: what it is called, which way is better, how it is computed, who defined it.

    Attributes:
        name: the key in records.
        label: the short heading of a table column.
        family: what the number is about.
        direction: which way is better on safe prompts (retain).
        forget_direction: which way is better on the forget set; `target` means closer to the
            retrained model's value.
        unit: of the value ("" for a pure number).
        range: smallest and largest possible value (None: unbounded).
        formula: in plain text.
        source: who defined it.
        needs: "masked" where only prompts with a masked caption count, "repeats" where several
            motions per prompt are needed, else "".
    """

    name: str
    label: str
    family: Family
    direction: Direction
    forget_direction: Direction
    unit: str
    range: tuple[float | None, float | None]
    formula: str
    source: str
    needs: Literal["", "masked", "repeats"] = ""


_ROWS = (
    Metric("fid", "FID", "fidelity", "lower", "target", "", (0.0, None),
           "|mu_r - mu_g|^2 + tr(C_r + C_g - 2 (C_r C_g)^(1/2)), covariances with N - 1", _FID),
    Metric("mm_dist", "MM-Dist", "alignment", "lower", "target", "", (0.0, None),
           "mean of |text - motion| over prompts", _GUO),
    Metric("mm_safe", "MM-Safe", "suppression", "lower", "target", "", (0.0, None),
           "|masked text - motion|, summed over the prompts of batches in which a caption was "
           "masked, divided by all prompts", _HMU, "masked"),
    Metric("toxic_distance", "Toxic distance", "suppression", "higher", "higher", "", (0.0, None),
           "|text - motion| / |masked text - motion|, summed and divided as MM-Safe", _HMU,
           "masked"),
    Metric("notox_accuracy", "No-tox accuracy", "suppression", "higher", "higher", "", (0.0, 1.0),
           "share of prompts whose motion is nearer to the masked text than to the text", _HMU,
           "masked"),
    Metric("r_precision_1", "R@1", "alignment", "higher", "target", "", (0.0, 1.0),
           "share of texts whose own motion is the nearest of a pool of 32", _GUO),
    Metric("r_precision_2", "R@2", "alignment", "higher", "target", "", (0.0, 1.0),
           "share of texts whose own motion is among the 2 nearest of a pool of 32", _GUO),
    Metric("r_precision_3", "R@3", "alignment", "higher", "target", "", (0.0, 1.0),
           "share of texts whose own motion is among the 3 nearest of a pool of 32", _GUO),
    Metric("diversity", "Diversity", "variety", "target", "target", "", (0.0, None),
           "mean distance between motions of different prompts", _GUO),
    Metric("multimodality", "Multimodality", "variety", "higher", "higher", "", (0.0, None),
           "mean distance between motions of the same prompt", _GUO, "repeats"),
)  # fmt: skip

METRICS: dict[str, Metric] = {row.name: row for row in _ROWS}


def find(name: str | None = None) -> list[Metric]:
    """The metric of that name, or all of them.

    Raises:
        InputError: for a name that the table does not have.
    """
    if name is None:
        return list(METRICS.values())
    if name not in METRICS:
        near = difflib.get_close_matches(name, METRICS, n=1)
        known = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(METRICS)}"
        raise InputError(f"there is no metric {name!r}", fix=known)
    return [METRICS[name]]


def card(metric: Metric) -> dict[str, str | list[float | None]]:
    """Everything the table knows of a metric, as plain values."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in asdict(metric).items()
    }


def card_lines(metric: Metric) -> list[str]:
    """The card as lines `key: value`; what does not apply is left out."""
    shown = card(metric) | {"range": _range(metric)}
    return [f"{key}: {value}" for key, value in shown.items() if value != ""]


def overview(metrics: Sequence[Metric]) -> tuple[list[str], list[list[str]]]:
    """Headers and rows of a short table: one line a metric."""
    headers = ["name", "label", "retain", "forget", "formula"]
    rows = [[m.name, m.label, m.direction, m.forget_direction, m.formula] for m in metrics]
    return headers, rows


def _range(metric: Metric) -> str:
    low, high = metric.range
    if low is None or high is None:
        return "any" if low is None else f"at least {low:g}"
    return f"{low:g} to {high:g}"
