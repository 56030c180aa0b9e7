"""Captions of a source to forget/retain dataset repositories."""

from hmu_bench.datasets.borrowing import borrow
from hmu_bench.datasets.build import build
from hmu_bench.datasets.facts import SourceFacts
from hmu_bench.datasets.load import load_pair, load_rows
from hmu_bench.datasets.model import Caption, Clip, LabelledCaption, LabelledClip
from hmu_bench.datasets.publishing import repository
from hmu_bench.datasets.readers import FORMATS, SourceClips, read_source
from hmu_bench.datasets.report import BuildReport, read_report
from hmu_bench.datasets.splits import SplitLists, read_splits
from hmu_bench.datasets.splitting import split

__all__ = [
    "FORMATS",
    "BuildReport",
    "Caption",
    "Clip",
    "LabelledCaption",
    "LabelledClip",
    "SourceClips",
    "SourceFacts",
    "SplitLists",
    "borrow",
    "build",
    "load_pair",
    "load_rows",
    "read_report",
    "read_source",
    "read_splits",
    "repository",
    "split",
]
