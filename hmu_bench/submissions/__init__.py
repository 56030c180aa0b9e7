"""Reading, checking and packing what strangers send."""

from __future__ import annotations

from hmu_bench.submissions.loading import Submission, load_submission
from hmu_bench.submissions.packing import pack
from hmu_bench.submissions.preview import Preview, make_preview, read_preview, write_preview
from hmu_bench.submissions.problems import Problem, Report
from hmu_bench.submissions.schema import SubmissionInfo
from hmu_bench.submissions.validation import validate

__all__ = [
    "Preview",
    "Problem",
    "Report",
    "Submission",
    "SubmissionInfo",
    "load_submission",
    "make_preview",
    "pack",
    "read_preview",
    "validate",
    "write_preview",
]
