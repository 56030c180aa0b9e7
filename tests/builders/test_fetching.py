"""Downloads from servers that are good, cut off, altered, slow, strange and hostile."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from builders._fetching import Patience, Pin, _check_address, fetch, git_blob_id
from hmu_bench.errors import InputError

DATA = random.Random(1).randbytes(300_000)
QUICK = Patience(attempts=3, pause=0.01, connect=5, read=5, total=30, lock=5)
IMPATIENT = Patience(attempts=3, pause=0.01, connect=5, read=0.3, total=1)
ROOT = Path(__file__).resolve().parents[2]


def blob(data):
    return "git:" + hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def pin(url, data=DATA, **options):
    return Pin(url, blob(data), "give your own copy with --texts PATH", **options)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "cache" / "deep" / "texts.zip"


def kept(target):
    """The files of the cache that hold anything."""
    return sorted(p.name for p in target.parent.glob("*") if p.stat().st_size)


def chunked(data):
    def answer(request):
        request.protocol_version = "HTTP/1.1"
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for start in range(0, len(data), 70_000):
            piece = data[start : start + 70_000]
            request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        request.wfile.write(b"0\r\n\r\n")

    return answer


def untold(data):
    """No length: the end of the connection is the end of the file."""

    def answer(request):
        request.send_response(200)
        request.end_headers()
        request.wfile.write(data)

    return answer


def with_headers(code, data, **headers):
    def answer(request):
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    return answer


def refused(one, target, *words, patience=QUICK):
    """Fetching fails with one line that has these words."""
    with pytest.raises(InputError) as caught:
        fetch(one, target, patience=patience)
    text = str(caught.value)
    assert "\n" not in text
    for word in (one.url, "--texts", *words):
        assert word in text, text
    assert not target.exists()
    return text


@pytest.mark.parametrize("answer", ["good", "chunked", "untold", "no ranges"])
def test_a_file_is_fetched_once(web, target, answer, monkeypatch, capsys):
    answers = {
        "good": web.good(DATA),
        "chunked": chunked(DATA),
        "untold": untold(DATA),
        "no ranges": web.good(DATA, ranges=False),
    }
    one = pin(web.serve("/texts.zip", answers[answer]))
    assert fetch(one, target, patience=QUICK) == target
    assert target.read_bytes() == DATA
    assert kept(target) == ["texts.zip"]
    assert len(web.requests) == 1
    # Again: from the cache, without the network.
    monkeypatch.setenv("HMU_OFFLINE", "1")
    assert fetch(one, target, patience=QUICK).read_bytes() == DATA
    assert len(web.requests) == 1
    assert capsys.readouterr() == ("", "")


def test_git_blob_ids_and_sha256(web, target, tmp_path):
    (tmp_path / "f").write_bytes(DATA)
    git = subprocess.run(
        ["git", "hash-object", tmp_path / "f"], capture_output=True, text=True, check=True
    )
    assert git_blob_id(tmp_path / "f") == git.stdout.strip()
    url = web.serve("/f", web.good(DATA))
    one = Pin(url, "sha256:" + hashlib.sha256(DATA).hexdigest(), "wait")
    assert fetch(one, target, patience=QUICK).read_bytes() == DATA
    with pytest.raises(InputError, match="not the pinned file"):
        fetch(Pin(url, "sha256:" + "0" * 64, "wait"), target.with_name("g"), patience=QUICK)


def test_a_download_that_breaks_off_goes_on(web, target):
    url = web.serve("/f", web.cut(DATA, 100_000), web.cut(DATA, 200_000), web.good(DATA))
    assert fetch(pin(url), target, patience=QUICK).read_bytes() == DATA
    assert web.ranges("/f") == [None, "bytes=100000-", "bytes=200000-"]
    assert kept(target) == ["texts.zip"]


def test_the_next_run_goes_on_too(web, target):
    url = web.serve("/f", web.cut(DATA, 100_000))
    text = refused(pin(url), target, "run it again to go on")
    assert "broke off after 100,000 bytes" in text
    assert kept(target) == ["texts.zip.part"]
    web.serve("/f", web.good(DATA))
    before = len(web.requests)
    assert fetch(pin(url), target, patience=QUICK).read_bytes() == DATA
    assert web.ranges("/f")[before:] == ["bytes=100000-"]


def test_a_server_without_ranges_starts_again(web, target):
    cut = web.cut(DATA, 100_000, ranges=False)
    url = web.serve("/f", cut, web.good(DATA, ranges=False))
    assert fetch(pin(url), target, patience=QUICK).read_bytes() == DATA
    assert web.ranges("/f") == [None, "bytes=100000-"]


@pytest.mark.parametrize(
    "strange",
    [
        with_headers(206, DATA[:50], Content_Range=f"bytes 0-49/{len(DATA)}"),
        with_headers(206, DATA[:50], Content_Range="items 100000-100049/300000"),
        with_headers(206, DATA[:50]),
        with_headers(416, b""),
    ],
)
def test_a_range_that_was_not_asked_for_is_not_taken(web, target, strange):
    url = web.serve("/f", web.cut(DATA, 100_000), strange, web.good(DATA))
    assert fetch(pin(url), target, patience=QUICK).read_bytes() == DATA
    assert web.ranges("/f") == [None, "bytes=100000-", None]


def test_a_server_that_sends_less_than_the_rest(web, target):
    piece = with_headers(206, DATA[1000:2000], Content_Range=f"bytes 1000-1999/{len(DATA)}")
    url = web.serve("/f", web.cut(DATA, 1000), piece, web.good(DATA))
    assert fetch(pin(url), target, patience=QUICK).read_bytes() == DATA
    assert web.ranges("/f") == [None, "bytes=1000-", "bytes=2000-"]


def test_a_server_that_never_sends_the_right_range(web, target):
    url = web.serve("/f", web.cut(DATA, 1000), with_headers(206, DATA[:50]))
    refused(pin(url), target, "another part of the file")
    assert len(web.requests) <= 8


def test_the_beginning_of_another_file_is_thrown_away(web, target):
    target.parent.mkdir(parents=True)
    target.with_name("texts.zip.part").write_bytes(b"another file")
    url = web.serve("/f", web.good(DATA))
    assert fetch(pin(url), target, patience=QUICK).read_bytes() == DATA
    assert web.ranges("/f") == ["bytes=12-", None]


def test_a_whole_file_that_was_not_moved_yet_is_not_fetched_again(web, target):
    target.parent.mkdir(parents=True)
    target.with_name("texts.zip.part").write_bytes(DATA)
    assert fetch(pin(web.url + "/f"), target, patience=QUICK).read_bytes() == DATA
    assert web.requests == []
    assert kept(target) == ["texts.zip"]


@pytest.mark.parametrize(
    "altered", [DATA[:-1] + b"x", DATA[:-1], DATA + b"x", b"", b"<html>log in"]
)
def test_another_file_is_refused_and_nothing_of_it_kept(web, target, altered):
    for answer in (web.good(altered), chunked(altered), untold(altered)):
        url = web.serve("/f", answer)
        refused(pin(url), target, "not the pinned file", blob(altered), blob(DATA))
        assert kept(target) == []


def test_a_damaged_file_in_the_cache_is_fetched_again(web, target, monkeypatch):
    target.parent.mkdir(parents=True)
    target.write_bytes(DATA[:-1] + b"x")
    one = pin(web.serve("/f", web.good(DATA)))
    monkeypatch.setenv("HF_HUB_OFFLINE", "true")
    with pytest.raises(InputError, match=r"damaged, and HF_HUB_OFFLINE=true forbids"):
        fetch(one, target)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    assert fetch(one, target, patience=QUICK).read_bytes() == DATA


def test_offline_and_not_in_the_cache(web, target, monkeypatch):
    monkeypatch.setenv("HMU_OFFLINE", "1")
    refused(pin(web.url + "/f"), target, "not in the cache", "HMU_OFFLINE=1", "unset it")
    assert web.requests == []
    assert not target.parent.exists()


@pytest.mark.parametrize("code", [401, 403, 404, 410, 204, 304])
def test_answers_that_waiting_does_not_change(web, target, code):
    url = web.serve("/f", with_headers(code, b""))
    refused(pin(url), target, f"answers {code}")
    assert len(web.requests) == 1


@pytest.mark.parametrize("code", [429, 500, 503])
def test_answers_that_may_pass(web, target, code):
    url = web.serve("/f", with_headers(code, b""), web.good(DATA))
    assert fetch(pin(url), target, patience=QUICK).read_bytes() == DATA
    url = web.serve("/f", with_headers(code, b"oops"))
    before = len(web.requests)
    refused(pin(url), target.with_name("g"), f"answers {code}")
    assert len(web.requests) - before == QUICK.attempts


def test_redirects(web, target):
    web.serve("/there", web.good(DATA))
    for location in ("/there", f"{web.url}/there"):
        target.unlink(missing_ok=True)
        url = web.serve("/f", with_headers(302, b"moved", Location=location))
        assert fetch(pin(url), target, patience=QUICK).read_bytes() == DATA


@pytest.mark.parametrize("scheme", ["file", "ftp", "data", "javascript"])
def test_redirects_to_anything_but_the_web(web, tmp_path, target, scheme):
    secret = tmp_path / "secret"
    secret.write_bytes(DATA)
    url = web.serve("/f", with_headers(302, b"", Location=f"{scheme}://{secret}"))
    with pytest.raises(InputError, match="not http") as caught:
        fetch(pin(url), target, patience=QUICK)
    assert url in str(caught.value)
    assert kept(target) == []
    with pytest.raises(InputError, match="not http"):
        fetch(pin(f"file://{secret}"), target, patience=QUICK)


def test_redirects_without_end(web, target):
    url = web.serve("/f", with_headers(301, b"", Location="/f"))
    refused(pin(url), target, "redirects without end")
    assert len(web.requests) == 6


def test_a_redirect_must_not_leave_https():
    _check_address("https://a.example/x", came_from="https://b.example")
    _check_address("http://a.example/x", came_from="http://b.example")
    with pytest.raises(InputError, match="unsafe"):
        _check_address("http://a.example/x", came_from="https://a.example/x")


def test_a_slow_server_does_not_hold_us(web, target):
    started = time.monotonic()
    url = web.serve("/f", web.dripping(DATA, 0.1, 1000))
    refused(pin(url), target, "not finished after 1 s", patience=IMPATIENT)
    assert time.monotonic() - started < 10
    assert kept(target) == ["texts.zip.part"]


def test_a_server_that_says_nothing(web, target):
    started = time.monotonic()
    one = pin(web.serve("/f", web.silent()))
    refused(one, target, "does not answer in time", patience=replace(IMPATIENT, total=30))
    assert time.monotonic() - started < 10
    assert len(web.requests) == IMPATIENT.attempts


def test_nobody_there(web, target):
    url = web.url + "/f"
    web.close()
    refused(pin(url), target, "cannot be reached")


@pytest.mark.parametrize("told", [True, False])
def test_no_more_is_read_than_allowed(web, target, told):
    answer = web.good(DATA) if told else chunked(DATA)
    one = pin(web.serve("/f", answer), max_bytes=100_000)
    refused(one, target, "larger than 100,000 bytes")
    assert kept(target) == []


def test_a_compressed_answer_is_not_taken(web, target):
    url = web.serve("/f", with_headers(200, gzip.compress(DATA), Content_Encoding="gzip"))
    refused(pin(url), target, "compresses")
    assert kept(target) == []


def test_a_cache_that_cannot_be_written(web, tmp_path):
    (tmp_path / "file").write_text("x")
    one = pin(web.serve("/f", web.good(DATA)))
    with pytest.raises(InputError, match="cannot be written") as caught:
        fetch(one, tmp_path / "file" / "texts.zip", patience=QUICK)
    assert "HMU_CACHE" in str(caught.value)


FETCH = """
import sys
from pathlib import Path
from builders._fetching import Pin, fetch
fetch(Pin(sys.argv[1], sys.argv[2], "wait"), Path(sys.argv[3]))
"""


def start(one, target):
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, one.url, one.digest, str(target)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_wait_for_one_another(web, target):
    one = pin(web.serve("/f", web.dripping(DATA, 0.3, 5)))
    running = [start(one, target) for _ in range(3)]
    talk = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], talk
    assert target.read_bytes() == DATA
    assert len(web.requests) == 1
    assert kept(target) == ["texts.zip"]


def test_killed_in_the_middle(web, target):
    one = pin(web.serve("/f", web.dripping(DATA, 0.2, 6)))
    process = start(one, target)
    part = target.with_name("texts.zip.part")
    limit = time.monotonic() + 20
    while not (part.exists() and part.stat().st_size) and time.monotonic() < limit:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    assert not target.exists()
    arrived = part.stat().st_size
    assert 0 < arrived < len(DATA)
    web.serve("/f", web.good(DATA))
    assert fetch(one, target, patience=QUICK).read_bytes() == DATA
    assert web.ranges("/f")[-1] == f"bytes={arrived}-"


def test_a_lock_that_is_never_given_back(web, target):
    from filelock import FileLock

    target.parent.mkdir(parents=True)
    one = pin(web.serve("/f", web.good(DATA)))
    held = threading.Event()
    done = threading.Event()

    def hold():
        with FileLock(target.with_name(".texts.zip.lock")):
            held.set()
            done.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(10)
        with pytest.raises(InputError, match="another process"):
            fetch(one, target, patience=Patience(lock=0.1))
    finally:
        done.set()
        holder.join()


def test_a_bar_on_a_terminal_only(web, target, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    fetch(pin(web.serve("/f", web.dripping(DATA, 0.1, 3))), target, patience=QUICK)
    assert "texts.zip" in shown.getvalue()
    assert "300.0" in shown.getvalue()
