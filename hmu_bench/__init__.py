"""hmu-bench: the benchmark of Human Motion Unlearning.

The public interface is bound lazily, so that `import hmu_bench` stays light.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

# The one place that names the organisation on the Hugging Face Hub.
HUB_ORGANISATION = "hmu"

# name -> (module, attribute); attribute None exposes the module itself.
_PUBLIC: dict[str, tuple[str, str | None]] = {
    "classify": ("hmu_bench.text.rules", "classify"),
    "compare_results": ("hmu_bench.comparison", "compare_results"),
    "load_evaluator": ("hmu_bench.evaluators.loading", "load_evaluator"),
    "load_submission": ("hmu_bench.submissions", "load_submission"),
    "load_track": ("hmu_bench.tracks", "load_track"),
    "metrics": ("hmu_bench.metrics", None),
    "missing_motions": ("hmu_bench.datasets.motions", "missing_motions"),
    "motion": ("hmu_bench.motion", None),
    "rank_results": ("hmu_bench.comparison", "rank_results"),
    "read_result": ("hmu_bench.scoring.results", "read_result"),
    "score": ("hmu_bench.scoring", "score"),
    "split": ("hmu_bench.datasets", "split"),
    "with_motions": ("hmu_bench.datasets.motions", "with_motions"),
}

__all__ = ["HUB_ORGANISATION", "__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'hmu_bench' has no attribute {name!r}")
    module_name, attribute = _PUBLIC[name]
    module = importlib.import_module(module_name)
    return module if attribute is None else getattr(module, attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
