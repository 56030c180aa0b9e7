"""Scoring protocol `paper`: the formulas and quirks of the paper's own code, on purpose.

Written from a description of its behaviour; each quirk is named in the docstring of the function
that has it and pinned by a test that says why. Nothing here should be copied into another
protocol: `hmu_bench.metrics` holds the corrected functions.
"""

from __future__ import annotations

from hmu_bench.metrics.paper.draws import (
    DIVERSITY_TIMES,
    GENERATIONS,
    MULTIMODALITY_BATCHES,
    MULTIMODALITY_TIMES,
    REPEATS,
    Draws,
    batches_of,
    draw,
    draw_repeats,
)
from hmu_bench.metrics.paper.entries import (
    Crop,
    Entry,
    Line,
    dataset_entries,
    draw_crops,
)
from hmu_bench.metrics.paper.evaluation import (
    NAMES,
    Outcome,
    paper_metrics,
    summarise,
    summarise_repeats,
)
from hmu_bench.metrics.paper.formulas import (
    Masked,
    batch_hits,
    drawn_diversity,
    drawn_multimodality,
    half_width,
    masked_metrics,
)
from hmu_bench.metrics.paper.masking import (
    MAX_TOKENS,
    mask_caption,
    mask_tokens,
    padded_tokens,
)
from hmu_bench.metrics.paper.similarity import PaperNcs, Retrieval, first_rank, paper_ncs

__all__ = [
    "DIVERSITY_TIMES",
    "GENERATIONS",
    "MAX_TOKENS",
    "MULTIMODALITY_BATCHES",
    "MULTIMODALITY_TIMES",
    "NAMES",
    "REPEATS",
    "Crop",
    "Draws",
    "Entry",
    "Line",
    "Masked",
    "Outcome",
    "PaperNcs",
    "Retrieval",
    "batch_hits",
    "batches_of",
    "dataset_entries",
    "draw",
    "draw_crops",
    "draw_repeats",
    "drawn_diversity",
    "drawn_multimodality",
    "first_rank",
    "half_width",
    "mask_caption",
    "mask_tokens",
    "masked_metrics",
    "padded_tokens",
    "paper_metrics",
    "paper_ncs",
    "summarise",
    "summarise_repeats",
]
