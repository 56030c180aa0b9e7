"""Template + board -> HTML: the environment that all pages share, and the list of the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hmu_bench import __version__
from hmu_bench.metrics.table import METRICS
from hmu_bench.models import check_link
from hmu_bench.records import PromptSet, Record
from leaderboard import numbers, tables, text
from leaderboard.trace import trace

SITE = Path(__file__).resolve().parent / "site"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
"""What a page may load: our stylesheet and our pictures, and nothing may run."""


def environment() -> Environment:
    """Jinja with everything escaped and every unknown name an error."""
    env = Environment(
        loader=FileSystemLoader(SITE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters.update(
        count=numbers.count,
        plain=numbers.plain,
        link=_link,
        shown=text.shown,
        user=text.user,
        user_block=text.user_block,
    )
    env.globals.update(
        policy=CONTENT_SECURITY_POLICY,
        version=__version__,
        arrows=tables.ARROWS,
        kinds=tables.KINDS,
        metrics=METRICS,
        prompt_sets=tables.PROMPT_SETS,
        roles=tables.ROLES,
        trace=trace,
    )
    return env


def _link(link: str) -> str:
    """A stranger's link, checked once more where it is printed."""
    checked = check_link(link)
    assert checked is not None
    return checked


def render(
    records: Sequence[Record], files: Sequence[tuple[str, str, int]]
) -> Iterator[tuple[str, str]]:
    """Every page as (path below the site's root, HTML).

    Args:
        records: of all tracks.
        files: the downloads, as (name, what it is, bytes).
    """
    env = environment()
    board = [tables.table(name, rows) for name, rows in tables.tracks(records).items()]

    def page(path: str, template: str, **values: Any) -> tuple[str, str]:
        root = "../" * path.count("/")
        return path, env.get_template(template).render(root=root, here=path, **values)

    yield page("index.html", "home.html", board=board)
    yield page("metrics/index.html", "metrics.html", sets=get_args(PromptSet))
    yield page("downloads/index.html", "downloads.html", files=files, records=len(records))
    for table in board:
        yield page(track_path(table.track), "track.html", table=table)
        ids = {record.id: record for record in table.records}
        for record in table.records:
            yield page(
                submission_path(record),
                "submission.html",
                record=record,
                base=ids.get(record.method.base_model or ""),
                sections=table.sections(record),
            )


def track_path(track: str) -> str:
    """Where a track's page lies."""
    return f"tracks/{track}/index.html"


def submission_path(record: Record) -> str:
    """Where a record's page lies."""
    return f"submissions/{record.track.name}/{record.id}/index.html"
