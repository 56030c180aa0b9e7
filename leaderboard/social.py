"""The picture that other sites show beside a link to ours; drawn once, committed, not built.

    python -m leaderboard.social CHROMIUM

writes `site/assets/social.png` (1200 x 630) with a browser, as its letters need fonts. The picture
carries the SHA-256 of what it was drawn from, so that a test sees when it is out of date.
"""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

from hmu_bench.files import sha256_bytes, write_atomic
from leaderboard.frame import SITE
from leaderboard.trace import trace

PICTURE = SITE / "assets" / "social.png"
WIDTH, HEIGHT = 1200, 630
KEYWORD = b"source-sha256"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
STYLE = """
* { box-sizing: border-box; margin: 0; }
body { width: 1200px; height: 630px; padding: 76px 0 0; overflow: hidden; color: #15201d;
  background: #f4f7f6; font-family: "Liberation Serif", serif; }
p, h1 { margin: 0 84px; }
.name { font: 600 30px "Liberation Sans", sans-serif; letter-spacing: 0.01em; }
.name span { font-weight: 400; color: #4a5a55; margin-left: 14px; }
h1 { margin-top: 40px; font-size: 66px; line-height: 1.12; font-weight: 600;
  letter-spacing: -0.012em; }
.forget { color: #98194f; }
.retain { color: #0b6557; }
svg { position: absolute; left: 0; bottom: 56px; width: 1200px; height: 200px; }
.ground { position: absolute; left: 0; right: 0; bottom: 56px; height: 2px; background: #7d8d88; }
.kept { stroke: #0b6557; stroke-width: 1.5; }
.gone { stroke: #98194f; stroke-width: 1.1; stroke-dasharray: 1.5 3.5; opacity: 0.75; }
.heads { stroke-width: 9; stroke-dasharray: none; }
.gone .heads { stroke-width: 7; opacity: 0.5; }
"""


def page() -> str:
    """What is drawn, as HTML: the name, the question, and the walk of the home page."""
    return (
        f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>'
        '<p class="name">hmu-bench<span>The benchmark of Human Motion Unlearning</span></p>'
        '<h1>Can a motion model <span class="forget">forget violence</span><br>'
        'and <span class="retain">keep everything else</span>?</h1>'
        f'{trace()}<div class="ground"></div>'
    )


def source_of(png: bytes) -> str:
    """The hash of what a picture was drawn from, as it says itself; empty where it says nothing."""
    place = len(SIGNATURE)
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        data = png[place + 8 : place + 8 + length]
        if png[place + 4 : place + 8] == b"tEXt" and data.startswith(KEYWORD + b"\0"):
            return data[len(KEYWORD) + 1 :].decode("latin-1")
        place += 12 + length
    return ""


def signed(png: bytes, source: str) -> bytes:
    """The picture with a text chunk, after its header, that holds the hash of its source."""
    chunk = b"tEXt" + KEYWORD + b"\0" + sha256_bytes(source.encode()).encode()
    whole = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    after_header = len(SIGNATURE) + 25
    return png[:after_header] + whole + png[after_header:]


def main(chromium: str) -> None:
    """Draw the picture and put it among the assets."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        tab.set_content(page())
        png = tab.screenshot(type="png")
        browser.close()
    write_atomic(PICTURE, signed(png, page()))
    sys.stdout.write(f"{Path(PICTURE).name}: {PICTURE.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1])
