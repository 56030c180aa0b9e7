"""What a program may want of the board: all records whole, as a flat table, and their schema."""

from leaderboard.downloads.flat import records_csv, records_parquet
from leaderboard.downloads.schema import record_schema
from leaderboard.downloads.whole import metrics_json, records_json

__all__ = ["metrics_json", "record_schema", "records_csv", "records_json", "records_parquet"]
