"""Reading, checking and packing what strangers send."""

from __future__ import annotations

from hmu_bench.submissions.loading import Submission, load_submission
from hmu_bench.submissions.packing import pack
from hmu_bench.submissions.problems import Problem, Report
from hmu_bench.submissions.schema import SubmissionInfo
from hmu_bench.submissions.validation import validate

__all__ = [
    "Problem",
    "Report",
    "Submission",
    "SubmissionInfo",
    "load_submission",
    "pack",
    "validate",
]
