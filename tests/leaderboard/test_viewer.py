"""The motions on a page: stills for everybody, moving figures for who asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from hmu_bench.records import write_record
from hmu_bench.scoring.terms import write_terms
from hmu_bench.submissions import write_preview
from leaderboard.build import build
from leaderboard.links import submission_path
from leaderboard.text import shown
from tests.leaderboard.conftest import Open, Watched, serving
from tests.leaderboard.moving import TRACK, preview_of, prompts, world, write_world

pytestmark = pytest.mark.browser

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")

ERASE = next(record for record, _ in world() if record.id == "erase")
PAGE = submission_path(ERASE)
ALONE = submission_path(next(record for record, _ in world() if record.id == "original"))


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with motions, below a folder that a server can show."""
    folder = tmp_path_factory.mktemp("moving")
    out = folder / "some" / "base path"
    build(out, write_world(folder / "records"))
    return out


@pytest.fixture(scope="module")
def address(moving: Path) -> Iterator[str]:
    """The same under a sub-path of a web server."""
    with serving(moving) as found:
        yield found


def shown_prompts(name: str) -> list[tuple[str, str]]:
    """(id, category) of the prompts of a set that have motions."""
    return [(key, category) for key, other, category in prompts() if other == name][:2]


def picture(page: Page, number: int = 0) -> str:
    return str(page.locator(".scene canvas").nth(number).evaluate("c => c.toDataURL()"))


def frame(page: Page) -> int:
    return int(page.locator(".stage input[type=range]").input_value())


def until(page: Page, reached: Callable[[], bool]) -> None:
    """Wait (the pages' policy forbids the evaluation that Playwright's own waiting needs)."""
    for _ in range(500):
        if reached():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it never happened")


def opened(page: Page, number: int = 0) -> Page:
    page.locator("button[data-view]").nth(number).click()
    page.locator(".scene canvas").first.wait_for()
    return page


def paused(page: Page) -> Page:
    """Paused on the first frame."""
    if page.locator(".play-pause").inner_text() == "Pause":
        page.locator(".play-pause").click()
    page.locator(".stage input[type=range]").fill("0")
    return page


@pytest.mark.parametrize("where", ["file", "server"])
def test_plays_two_figures_on_one_time_line(
    where: str, moving: Path, address: str, open_page: Open, watched: dict[bool, Watched]
) -> None:
    page = open_page(moving / PAGE if where == "file" else address + PAGE)
    assert not [url for url in watched[True].requests if "/data/" in url], "asked for too early"
    opened(page)
    assert page.locator(".scene canvas").count() == 2
    assert page.locator(".pane figcaption").all_inner_texts() == ["Original", "Erase <i>"]
    names = [url.rsplit("/", 2)[-2] for url in watched[True].requests if "/data/motions/" in url]
    assert sorted(names) == ["erase", "original"]
    assert page.locator(".play-pause").inner_text() == "Pause"
    before, start = (picture(page, 0), picture(page, 1)), frame(page)
    until(page, lambda: frame(page) > start + 5)
    assert picture(page, 0) != before[0]
    assert picture(page, 1) != before[1]
    # it begins again after its end
    page.locator(".stage select").select_option("2")
    high = int(page.locator(".stage input[type=range]").get_attribute("max") or 0)
    until(page, lambda: frame(page) == high)
    until(page, lambda: frame(page) < high - 5)


def test_scrubs_and_steps(moving: Path, open_page: Open) -> None:
    page = paused(opened(open_page(moving / PAGE)))
    first = picture(page)
    slider = page.locator(".stage input[type=range]")
    slider.fill("20")
    assert page.locator(".clock").inner_text() == "1.00 s of 1.95 s"
    assert slider.get_attribute("aria-valuetext") == "frame 21 of 40, 1.00 s"
    middle = picture(page)
    assert middle != first
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert frame(page) == 21
    page.locator(".scene").focus()
    page.keyboard.press(",")
    assert frame(page) == 20
    assert picture(page) == middle
    page.keyboard.press(".")
    assert frame(page) == 21
    slider.fill("0")
    assert picture(page) == first


def test_the_view_turns_by_keyboard_mouse_and_buttons(moving: Path, open_page: Open) -> None:
    page = paused(opened(open_page(moving / PAGE)))
    scene = page.locator(".scene")
    scene.focus()
    home = picture(page)
    for key, back in (("ArrowLeft", "ArrowRight"), ("ArrowUp", "ArrowDown"), ("+", "-")):
        page.keyboard.press(key)
        turned = picture(page)
        assert turned != home, key
        page.keyboard.press(back)
        assert similar(page, home), key
    for label in ("Turn the view left", "Higher", "Nearer"):
        page.get_by_role("button", name=label).click()
        assert picture(page) != home, label
        page.get_by_role("button", name="Reset").click()
        assert picture(page) == home, label
    both = picture(page, 0), picture(page, 1)
    box = page.locator(".scene canvas").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 180, box["y"] + 120, steps=4)
    page.mouse.up()
    # both are seen from the same place
    assert picture(page, 0) != both[0]
    assert picture(page, 1) != both[1]
    turned = picture(page)
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    assert picture(page) == turned
    scene.focus()
    page.keyboard.press("Home")
    assert picture(page) == home


def test_a_finger_turns_sideways_and_leaves_scrolling_alone(moving: Path, open_page: Open) -> None:
    page = paused(opened(open_page(moving / PAGE, width=390)))
    canvas = page.locator(".scene canvas").first
    assert canvas.evaluate("c => getComputedStyle(c).touchAction") == "pan-y"
    swipe = """([x, y]) => {
      const canvas = document.querySelector('.scene canvas');
      const send = (type, clientX, clientY) => canvas.dispatchEvent(new PointerEvent(type,
        {pointerType: 'touch', pointerId: 1, button: 0, bubbles: true, clientX, clientY}));
      document.querySelector('.scene').setPointerCapture = () => {};
      send('pointerdown', 50, 50);
      send('pointermove', 50 + x, 50 + y);
      send('pointerup', 50 + x, 50 + y);
    }"""
    home = picture(page)
    page.evaluate(swipe, [0, 60])
    assert picture(page) == home
    page.evaluate(swipe, [60, 0])
    assert picture(page) != home


def similar(page: Page, before: str) -> bool:
    """Whether the picture is the same up to rounding of the angles."""
    script = """
    async ([a, b]) => {
      const pixels = async url => {
        const image = new Image();
        image.src = url;
        await image.decode();
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.width, image.height];
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height).data;
      };
      const [one, other] = [await pixels(a), await pixels(b)];
      let off = 0;
      for (let i = 0; i < one.length; i++) off += Math.abs(one[i] - other[i]) > 8;
      return off / one.length;
    }"""
    return float(page.evaluate(script, [before, picture(page)])) < 1e-3


def test_space_plays_and_escape_closes(moving: Path, open_page: Open) -> None:
    page = paused(opened(open_page(moving / PAGE)))
    page.locator(".scene").focus()
    page.keyboard.press("Space")
    assert page.locator(".play-pause").inner_text() == "Pause"
    page.keyboard.press("Space")
    assert page.locator(".play-pause").inner_text() == "Play"
    page.keyboard.press("Escape")
    assert page.locator(".stage").count() == 0
    assert page.evaluate("document.activeElement.dataset.view !== undefined")
    assert page.locator("button[data-view]").first.is_visible()


def test_one_is_open_at_a_time(moving: Path, open_page: Open) -> None:
    page = opened(open_page(moving / PAGE))
    page.locator("button[data-view]").nth(1).click()
    until(page, lambda: page.locator(".stage").count() == 1)
    assert page.locator(".shot").first.locator(".stage").count() == 0


def test_calm_readers_start_still(moving: Path, open_page: Open) -> None:
    page = open_page(moving / PAGE)
    page.emulate_media(reduced_motion="reduce")
    opened(page)
    assert page.locator(".play-pause").inner_text() == "Play"
    before = picture(page)
    page.wait_for_timeout(300)
    assert (picture(page), frame(page)) == (before, 0)
    page.locator(".play-pause").click()  # who asks for it gets it
    until(page, lambda: frame(page) > 2)
    page.emulate_media(reduced_motion="no-preference")


def test_violence_is_behind_a_content_note(moving: Path, open_page: Open) -> None:
    for scripts in (True, False):
        page = open_page(moving / PAGE, scripts=scripts)
        notes = page.locator("details.content-note")
        assert notes.count() == 2
        for note, name in zip(notes.all(), ("forget", "implicit"), strict=True):
            kinds = sorted({c for _, c in shown_prompts(name)} - {"none"})
            told = f"Content note: these prompts ask for violence ({', '.join(kinds)})."
            assert told in note.inner_text()
            assert not note.locator("svg").first.is_visible()
            assert f"a person of {name}" not in note.inner_text()
            note.locator("summary").focus()
            page.keyboard.press("Enter")
            assert note.locator("svg").first.is_visible()
            assert f"a person of {name} number 0 & co <b>" in note.inner_text()
        assert "a person of retain number 0 & co <b>" in page.inner_text("main")
    assert page.locator(".shot b").count() == 0


def test_without_scripts_there_are_stills(moving: Path, open_page: Open) -> None:
    page = open_page(moving / PAGE, scripts=False)
    assert page.locator("button:visible").count() == 0
    shots = page.locator(".shot:visible")
    assert shots.count() == 2
    for shot in shots.all():
        assert shot.locator(".who").all_inner_texts() == [
            "base model Original",
            "this record Erase <i>",
        ]
        for name, svg in zip(
            ("Original", "Erase <i>"), shot.locator("svg.strip").all(), strict=True
        ):
            assert svg.get_attribute("role") == "img"
            assert str(svg.get_attribute("aria-label")).startswith(f"{name}: 7 poses over 2")
            box = svg.bounding_box()
            assert box
            assert box["width"] > 200
            assert box["height"] > 50


def test_a_record_without_base_model_plays_alone(moving: Path, open_page: Open) -> None:
    page = open_page(moving / ALONE)
    assert page.locator("button[data-view]").first.inner_text().startswith("Play\n")
    opened(page)
    assert page.locator(".scene canvas").count() == 1


def test_every_control_has_a_name_and_is_large_enough(moving: Path, open_page: Open) -> None:
    page = opened(open_page(moving / PAGE, width=390))
    controls = page.locator(".stage button, .stage select, .stage input, .stage [tabindex]").all()
    assert len(controls) >= 13
    for control in controls:
        name = control.evaluate(
            "e => e.getAttribute('aria-label') || e.textContent.trim() "
            "|| e.closest('label')?.textContent.trim()"
        )
        assert name
    for control in page.locator(".stage button, .stage select, .stage-time input").all():
        box = control.bounding_box()
        assert box
        assert box["height"] >= 24
        assert box["width"] >= 24
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # the two figures stay side by side on a phone
    first, second = (canvas.bounding_box() for canvas in page.locator(".scene canvas").all())
    assert first
    assert second
    assert first["y"] == second["y"]


def test_the_figures_take_the_colours_of_the_theme(moving: Path, open_page: Open) -> None:
    page = paused(opened(open_page(moving / PAGE, theme="light")))
    light = picture(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(100)
    dark = picture(page)
    assert dark != light
    corner = page.locator(".scene canvas").first.evaluate(
        "c => [...c.getContext('2d').getImageData(3, 3, 1, 1).data]"
    )
    assert sum(corner[:3]) < 200


def test_left_and_right_differ_in_style_too(moving: Path, open_page: Open) -> None:
    """Drawn without colours, a left arm and a right arm are still not the same."""
    page = open_page(moving / PAGE)
    drawn = """
    side => {
      const motion = {frames: 1, joints: new Float32Array(66), path: new Float32Array(2)};
      const set = (joint, x, y) => motion.joints.set([x, y], 3 * joint);
      const [from, to] = side === 'left' ? [18, 20] : [19, 21];
      for (let j = 0; j < 22; j++) set(j, 0, -50);
      set(from, -0.5, 0.86);
      set(to, 0.5, 0.86);
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [200, 200];
      const context = canvas.getContext('2d');
      const ink = {left: '#000', right: '#000', middle: '#111', rule: '#fff', surface: '#fff'};
      hmu.figure.draw(context, {width: 200, height: 200}, motion, 0,
        {yaw: 0, pitch: 0, distance: 4, follow: true}, ink);
      return context.getImageData(100, 100, 1, 1).data[0];
    }"""
    assert page.evaluate(drawn, "left") < 40
    assert page.evaluate(drawn, "right") > 215


HOSTILE = (
    "<img src=x onerror=window.hacked=1></script><script>window.hacked=1</script>"
    "\u202e\u2028${window.hacked=1}`'\"--></title>"
)


def test_hostile_names_and_texts_are_text_in_the_viewer(tmp_path: Path, open_page: Open) -> None:
    folder = write_world(tmp_path / "records")
    for record, terms in world():
        if record.id not in ("original", "erase"):
            continue
        method = record.method.model_copy(update={"name": HOSTILE + record.id})
        hostile = record.model_copy(update={"method": method})
        path = folder / TRACK / f"{record.id}.json"
        write_record(hostile, path)
        write_terms(terms, hostile, path.with_suffix(".parquet"))
    for name in ("original", "retrained", "erase"):
        record = next(one for one, _ in world() if one.id == name)
        path = folder / TRACK / f"{name}.preview.safetensors"
        write_preview(preview_of(record, text=HOSTILE), path)
    build(tmp_path / "site", folder)
    for path, button in (
        (PAGE, "button[data-view]"),
        ("compare/moving/hmu-1/1/index.html", ".scene-buttons button"),
    ):
        page = open_page(tmp_path / "site" / path)
        page.locator(button).first.wait_for()
        page.locator(button).first.click()
        page.locator(".scene canvas").first.wait_for()
        assert page.locator(".pane figcaption").first.inner_text() == shown(HOSTILE + "original")
        assert shown(HOSTILE) in page.inner_text("main")
        assert page.locator("main img:not(.badge), main script").count() == 0
        assert page.evaluate("window.hacked") is None


def test_a_motion_that_does_not_load_is_told(moving: Path, open_page: Open) -> None:
    page = open_page(moving / PAGE)
    page.evaluate("() => { hmu.load = () => Promise.reject(new Error('gone')); }")
    page.locator("button[data-view]").first.click()
    page.locator(".shot .caution").wait_for()
    assert page.locator(".stage").count() == 0
    assert page.locator("#said").inner_text() == "The motion could not be loaded."


@pytest.mark.parametrize("path", [PAGE, "compare/moving/hmu-1/1/index.html"])
def test_axe_finds_nothing_while_the_viewer_is_open(
    path: str, moving: Path, open_page: Open
) -> None:
    for theme in ("light", "dark"):
        page = open_page(moving / path, theme=theme)
        page.emulate_media(reduced_motion="reduce")
        page.locator(".shot, .scene-buttons").first.wait_for()
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.locator("button[data-view], .scene-buttons button").nth(2).click()
        page.locator(".scene canvas").first.wait_for()
        page.evaluate(AXE.read_text("utf-8"))
        # without `preload` axe asks for stylesheets, which the pages' policy refuses
        found = page.evaluate("axe.run(document, {preload: false})")
        page.emulate_media(reduced_motion="no-preference")
        assert len(found["passes"]) > 20
        assert [(one["id"], [n["html"] for n in one["nodes"]]) for one in found["violations"]] == []
