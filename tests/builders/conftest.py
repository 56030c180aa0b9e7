"""A web server on 127.0.0.1 that answers as a test tells it to."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

Answer = Callable[[BaseHTTPRequestHandler], None]


class Web:
    """Answers by path; a path with several answers gives them in turn, then the last one again."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[tuple[str, str | None]] = []  # path, Range
        self.closing = threading.Event()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.requests.append((self.path, self.headers.get("Range")))
                answers = web.answers.get(self.path, [status(404)])
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                with contextlib.suppress(ConnectionError):
                    answer(self)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def serve(self, path: str, *answers: Answer) -> str:
        """Set what a path answers; its address."""
        self.answers[path] = list(answers)
        return self.url + path

    def ranges(self, path: str) -> list[str | None]:
        """The Range headers of the requests for a path."""
        return [asked for where, asked in self.requests if where == path]

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    # The answers.

    def good(self, data: bytes, *, ranges: bool = True) -> Answer:
        """The file; the rest of it where a range is asked for (and is understood)."""
        return self.cut(data, len(data), ranges=ranges)

    def cut(self, data: bytes, at: int, *, ranges: bool = True) -> Answer:
        """As `good`, but the connection ends before byte `at`."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            asked = request.headers.get("Range") if ranges else None
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
            if asked and start >= len(data):
                request.send_response(416)
                request.end_headers()
                return
            request.send_response(206 if asked else 200)
            if asked:
                request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            request.send_header("Content-Length", str(len(data) - start))
            request.end_headers()
            request.wfile.write(data[start:at])

        return answer

    def dripping(self, data: bytes, seconds: float, pieces: int) -> Answer:
        """The file in pieces, with a pause before each."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.send_header("Content-Length", str(len(data)))
            request.end_headers()
            step = -(-len(data) // pieces)
            for start in range(0, len(data), step):
                if self.closing.wait(seconds):
                    return
                request.wfile.write(data[start : start + step])

        return answer

    def silent(self) -> Answer:
        """No answer at all."""
        return lambda _: (self.closing.wait(10), None)[1]


def status(code: int, **headers: str) -> Answer:
    """A status without a file."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The server; downloads are allowed, and nothing of the machine's settings leads elsewhere."""
    for name in ("HMU_OFFLINE", "HF_HUB_OFFLINE", "HMU_GITHUB_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Web()
    yield server
    server.close()
