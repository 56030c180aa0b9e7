"""`404.html`: hosts show it at any address, so its links are absolute."""

from __future__ import annotations

from collections.abc import Iterator

from leaderboard.board import Board, Output

PATH = "404.html"


def pages(board: Board) -> Iterator[Output]:
    """The page. Where the site's address is not known it is taken to lie at its host's root."""
    template = board.env.get_template("not_found.html")
    html = template.render(root=board.base_url or "/", here=PATH, board=board)
    yield Output(PATH, html)
