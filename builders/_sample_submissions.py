"""What every submission to a track of the sample says of itself."""

from __future__ import annotations

from typing import Any

from hmu_bench.submissions.schema import SubmissionInfo

ORIGINAL = "sample-retrieval-original"
"""The base model of all others."""


def submission_info(name: str, track: str, repeats: int, **facts: Any) -> SubmissionInfo:
    """`submission.yaml` of a method of ours that answers with features.

    Args:
        name: id of its record.
        track: what it answers.
        repeats: motions a prompt.
        facts: the method's own keys (`method`, `description`, ...).
    """
    return SubmissionInfo(
        name=name,
        track=track,
        repeats=repeats,
        base_model=None if name == ORIGINAL else ORIGINAL,
        authors=["The hmu-bench developers"],
        license="MIT",
        representation="humanml3d-263",
        **facts,
    )
