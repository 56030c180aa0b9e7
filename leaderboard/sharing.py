"""What a record's page offers to be copied: BibTeX, and the badge as Markdown and HTML."""

from __future__ import annotations

from markupsafe import escape

from hmu_bench.records import Record
from leaderboard.badge import alternative
from leaderboard.bibtex import of_record
from leaderboard.links import beside, submission_path, without_index

PLACEHOLDER = "https://YOUR-COPY-OF-THE-SITE/"
"""Stands for the site's address where a build does not know it."""
MARKDOWN = "\\`*_[]<>&|~!"


def bibtex(record: Record, base_url: str | None) -> str:
    """The record's BibTeX entry, with its address where that is known."""
    page = without_index(submission_path(record))
    return of_record(record, f"{base_url}{page}" if base_url else "")


def snippets(record: Record, base_url: str | None) -> dict[str, str]:
    """Text that shows the badge elsewhere and links it to the record's page, by language.

    The name in it is a stranger's: it is escaped for the language and stays on one line.
    """
    root = base_url or PLACEHOLDER
    page, picture = (
        root + without_index(submission_path(record)),
        root + beside(record, "badge.svg"),
    )
    alt = " ".join(alternative(record).split())
    marked = "".join(f"\\{c}" if c in MARKDOWN else c for c in alt)
    return {
        "Markdown": f"[![{marked}]({picture})]({page})",
        "HTML": f'<a href="{escape(page)}"><img src="{escape(picture)}" alt="{escape(alt)}"></a>',
    }
