"""What the tests of datasets share: the paper's rule unless a test says otherwise, a toy rule."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Literal

from hmu_bench import datasets
from hmu_bench.text import Judgement

build = partial(datasets.build, rules=["keywords"])


class MainRule:
    """A stand-in for `calibrated`: kicks are violent, more so for every "very"."""

    rule: ClassVar[str] = "calibrated"
    version: ClassVar[str] = "0"
    reads: ClassVar[Literal["line", "text"]] = "text"

    def judge(self, captions, context=None):
        return [
            Judgement(
                "kick" in text,
                min(1.0, (0.6 if "kick" in text else 0.0) + 0.1 * text.count("very")),
                "kick" if "kick" in text else "none",
                ("kick",) if "kick" in text else (),
                confident="maybe" not in text,
            )
            for text in captions
        ]
