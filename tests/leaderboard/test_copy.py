"""Copy buttons: there with scripts only, and they copy exactly the text beside them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.leaderboard.conftest import Open

pytestmark = pytest.mark.browser


def test_copies_the_text(served: str, browser: Browser) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{served}about/index.html")
    button = page.locator("button.copy").first
    button.click()
    expected = page.locator(f"#{button.get_attribute('data-copy')}").text_content()
    assert page.evaluate("navigator.clipboard.readText()") == expected
    assert button.inner_text() == "Copied"
    assert page.locator("#said").inner_text() == "Copied"
    context.close()


def test_copies_without_the_clipboard_s_interface(site: Path, open_page: Open) -> None:
    page = open_page(site / "about" / "index.html")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate(
        "document.addEventListener('copy', () => { window.copied = String(getSelection()) })"
    )
    page.locator("button.copy").first.click()
    page.wait_for_function("window.copied")
    assert "@inproceedings" in page.evaluate("window.copied")


def test_no_button_without_scripts(site: Path, open_page: Open) -> None:
    page = open_page(site / "about" / "index.html", scripts=False)
    assert page.locator("button.copy").count() == 2
    assert not page.locator("button.copy").first.is_visible()
    assert page.locator("pre.command").first.is_visible()
