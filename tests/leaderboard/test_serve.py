from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmu_bench.errors import InputError
from leaderboard.serve import server
from tests.conftest import ROOT


@pytest.fixture
def address(site: Path) -> Iterator[tuple[str, int]]:
    with server(site, 0) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running.server_address[0], running.server_address[1]
        running.shutdown()
        thread.join()


def get(address: tuple[str, int], path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(*address, timeout=10)
    connection.request("GET", path)
    return connection.getresponse()


def test_serves_the_site_on_this_machine_only(address: tuple[str, int], site: Path) -> None:
    assert address[0] == "127.0.0.1"
    for path in ("/", "/index.html"):
        answer = get(address, path)
        assert answer.status == 200
        assert answer.read() == (site / "index.html").read_bytes()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert get(address, "/assets/site.css").headers["Content-Type"] == "text/css"


@pytest.mark.parametrize("path", ["/tracks/", "/nowhere", "/../../../etc/passwd", "/%2e%2e/x"])
def test_lists_no_folder_and_leaves_it_not(address: tuple[str, int], path: str) -> None:
    assert get(address, path).status == 404


def test_what_is_not_there_gets_the_site_s_own_page(address: tuple[str, int], site: Path) -> None:
    for path in ("/nowhere", "/a/b/c/d.html", "/tracks/"):
        answer = get(address, path)
        assert (answer.status, answer.read()) == (404, (site / "404.html").read_bytes())


def test_refuses_what_is_no_site_and_a_taken_port(tmp_path: Path, site: Path) -> None:
    with pytest.raises(InputError, match="no site"):
        server(tmp_path, 0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="--port"):
            server(site, taken.getsockname()[1])


def test_command_serves_until_interrupted(site: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "leaderboard", "serve", str(site), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        host, _, port = url.removeprefix("http://").strip("/").partition(":")
        assert get((host, int(port)), "/").status == 200
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert errors.strip() == "stopped"


def test_command_refuses(leaderboard_command, one_line_error, tmp_path: Path) -> None:
    one_line_error(leaderboard_command("serve", tmp_path), "no site")
