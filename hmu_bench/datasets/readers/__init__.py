"""One reader a format: files in, clips out."""

from hmu_bench.datasets.readers.reading import FORMATS, Format, read_source
from hmu_bench.datasets.readers.source import SourceClips

__all__ = ["FORMATS", "Format", "SourceClips", "read_source"]
