from __future__ import annotations

from hmu_bench.files import sha256_bytes
from leaderboard.social import PICTURE, page, signed, source_of


def test_the_committed_picture_was_drawn_from_what_the_code_says() -> None:
    fresh = sha256_bytes(page().encode())
    assert source_of(PICTURE.read_bytes()) == fresh, "run python -m leaderboard.social CHROMIUM"


def test_a_picture_that_says_nothing() -> None:
    png = PICTURE.read_bytes()
    start = png.index(b"tEXtsource-sha256") - 4
    plain = png[:start] + png[start + 12 + len("source-sha256") + 1 + 64 :]
    assert source_of(plain) == ""
    assert source_of(signed(plain, page())) == source_of(png)
    assert source_of(signed(plain, "x")) == sha256_bytes(b"x")
