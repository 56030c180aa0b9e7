"""Look at a built site on this machine: 127.0.0.1 only, files only."""

from __future__ import annotations

import functools
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hmu_bench.errors import InputError
from leaderboard.build import is_site

HOST = "127.0.0.1"


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves files of one folder, quietly, and lists no folder."""

    def list_directory(self, path: Any) -> None:
        """Refuse: a folder without index.html is no page."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not there with the site's own page, as static hosts do."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def end_headers(self) -> None:
        """Add what a careful host would add."""
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal is for errors."""


def server(site: Path, port: int) -> ThreadingHTTPServer:
    """A server of a built site, bound and not yet running; port 0 takes a free one.

    Raises:
        InputError: if the folder is no site of ours or the port is taken.
    """
    if not is_site(site):
        raise InputError(
            "no site lies there", where=site, fix="make one with `python -m leaderboard build`"
        )
    handler = functools.partial(SiteHandler, directory=str(site))
    try:
        return ThreadingHTTPServer((HOST, port), handler)
    except OSError as error:
        raise InputError(
            f"port {port} cannot be used ({error.strerror})", fix="choose another --port"
        ) from error
