"""What every page shares: the templates, the policy, the navigation, one stylesheet, one script."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hmu_bench import __version__
from hmu_bench.metrics.table import METRICS
from hmu_bench.models import check_link
from leaderboard import badge, facts, links, numbers, scatter, sharing, text

SITE = Path(__file__).resolve().parent / "site"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
"""What a page may load: files of this site. Nothing inline runs. It holds under file:// too."""

NAVIGATION = (
    ("home", "index.html", "Tracks"),
    ("compare", "compare/index.html", "Compare"),
    ("metrics", "metrics/index.html", "Metrics"),
    ("datasets", "datasets/index.html", "Datasets"),
    ("submit", "submit/index.html", "Submit"),
    ("downloads", "downloads/index.html", "Downloads"),
    ("about", "about/index.html", "About"),
)
"""(module of `leaderboard.pages`, path, label), in the order of the header."""

STYLES_FIRST = ("tokens", "base", "layout", "table", "pieces")
STYLES_LAST = ("print",)


def environment(modules: Sequence[str]) -> Environment:
    """Jinja with everything escaped and every unknown name an error.

    Args:
        modules: the page modules there are; a navigation entry without its module is left out.
    """
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
        measured=numbers.measured,
        shown=text.shown,
        user=text.user,
        user_block=text.user_block,
        without_index=links.without_index,
    )
    env.globals.update(
        policy=CONTENT_SECURITY_POLICY,
        navigation=[(path, label) for name, path, label in NAVIGATION if name in modules],
        version=__version__,
        arrows=facts.ARROWS,
        badge_text=badge.alternative,
        bibtex=sharing.bibtex,
        kinds=facts.KINDS,
        metrics=METRICS,
        prompt_sets=facts.PROMPT_SETS,
        roles=facts.ROLES,
        shape=scatter.shape,
        snippets=sharing.snippets,
        submission_path=links.submission_path,
        table_path=lambda table: links.table_path(table.track, table.protocol, table.version),
        track_path=links.track_path,
    )
    return env


def _link(link: str) -> str:
    """A stranger's link, checked once more where it is printed, and encoded."""
    checked = check_link(link)
    assert checked is not None
    return links.encoded(checked)


def stylesheet() -> str:
    """The one stylesheet: the first parts in their order, then the others by name, then print."""
    names = sorted(path.stem for path in (SITE / "styles").glob("*.css"))
    middle = [name for name in names if name not in (*STYLES_FIRST, *STYLES_LAST)]
    parts = (SITE / "styles" / f"{n}.css" for n in (*STYLES_FIRST, *middle, *STYLES_LAST))
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def script() -> str:
    """The one script: its parts by name. Classic, for modules do not load from file://."""
    parts = sorted((SITE / "scripts").glob("*.js"))
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)
