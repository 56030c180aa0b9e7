"""The scoring protocols and the intervals in words, for the pages; docs/ tells them in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from hmu_bench.metrics.table import METRICS, Metric, Protocol


@dataclass(frozen=True, slots=True)
class ProtocolFacts:
    """A scoring protocol as the pages tell it."""

    name: Protocol
    about: str
    drawn: str
    interval: str

    @property
    def metrics(self) -> list[Metric]:
        """The metrics that it gives, from the metric table."""
        return [metric for metric in METRICS.values() if self.name in metric.protocols]


PROTOCOLS: dict[str, ProtocolFacts] = {
    facts.name: facts
    for facts in (
        ProtocolFacts(
            "hmu-1",
            "The benchmark's own. Whole words are masked, answers of the same clip or text do not "
            "count as wrong, every number has an interval; the scores are made from it.",
            "Nothing: the same submission gives the same record, byte for byte.",
            "95 %, over base clips: captions, parts, repeats and the mirrored twin of a clip are "
            "one unit. Would another set of prompts of this kind give the same?",
        ),
        ProtocolFacts(
            "guo",
            "The canonical protocol of HumanML3D: one caption a motion, batches of 32, the last "
            "one dropped. For comparison with the literature on text-to-motion.",
            "A caption for each motion, the batches, pairs of motions: 20 seeded repeats.",
            "1.96 standard deviations over the repeats, divided by the root of their number: how "
            "much the draws matter, not how sure we are of the method.",
        ),
        ProtocolFacts(
            "paper",
            "The formulas and quirks of the paper's evaluation, value for value on given "
            "embeddings and draws. For comparison with the paper's figures.",
            "The order of the prompts, windows of the real motions, pairs: 20 seeded repeats.",
            "As guo: of the repeats, not of the clips.",
        ),
    )
}
assert set(PROTOCOLS) == set(get_args(Protocol))

INTERVALS: tuple[tuple[str, str], ...] = (
    (
        "Means over prompts (MM-Dist, MM-Safe, R-precision, smoothness, ...)",
        "bootstrap of base clips, expanded percentiles",
    ),
    (
        "Rates (violence rate, NCS, no-tox accuracy)",
        "Wilson's, with the number of motions divided by the design effect",
    ),
    ("Diversity, KID", "jackknife that leaves out one base clip, Student's t"),
    (
        "FID",
        "infinitesimal jackknife, from every motion's influence; for the mean FID at this number "
        "of prompts",
    ),
    ("Suppression, preservation, HMU", "joint bootstrap of the method and its base model"),
)
"""Metrics -> how hmu-1 makes their interval (docs/intervals.md)."""
