"""One reader a format: files in, clips out."""

from hmu_bench.datasets.readers.reading import FORMATS, Format, list_spelling, read_source
from hmu_bench.datasets.readers.source import SourceClips

__all__ = ["FORMATS", "Format", "SourceClips", "list_spelling", "read_source"]
