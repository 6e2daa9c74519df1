"""Report and replay in a headless browser without a network: no request, no error, and what a reader does works.

The browser is Debian's chromium; where there is none these tests are left out.
"""

from __future__ import annotations

import shutil

import pytest

import sim
from sim.report import replay_page, report_page
from tests.conftest import HANG_S, wait_for

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
SCRUB = "t => { const s = document.getElementById('scrub'); s.value = t; s.dispatchEvent(new Event('input')); }"
HOVER = """([x, y]) => document.getElementById('map').dispatchEvent(
  new PointerEvent('pointermove', {clientX: x, clientY: y, pointerType: 'mouse'}))"""
LOW_CONTRAST = """() => {
  const of = (c) => (c.match(/[\\d.]+/g) || [255, 255, 255]).map(Number);
  const light = (c) => {
    const [r, g, b] = c.map((v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = of(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > .5) return c.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility()
    && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()));
  const low = texts.filter((e) => {
    const a = light(of(getComputedStyle(e).color).slice(0, 3)), b = light(ground(e));
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5;
  });
  return [texts.length, low.map((e) => e.tagName + ' ' + e.textContent.slice(0, 30))];
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no chromium is installed (apt-get install chromium)"
    ),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Write report and replay of a short 2023 beside a short fivefold."""
    short = {"horizon.days": 60, "horizon.warmup_days": 20, "horizon.followup_days": 5}
    names = ("baseline-2023", "fivefold")
    studies = [
        sim.replicate(sim.load(name).with_(short), replications=1, workers=1) for name in names
    ]
    folder = tmp_path_factory.mktemp("pages")
    (folder / "report.html").write_text(report_page(studies), encoding="utf-8")
    (folder / "replay.html").write_text(replay_page(studies), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser():
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync.sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, timeout=HANG_S * 1000
        )
        yield found
        found.close()


@pytest.fixture(params=SIZES)
def open_page(request, browser, pages):
    """Open a page at one size; in the end nothing was asked of the network and nothing told on the console."""
    width, height = SIZES[request.param]
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=request.param == "phone"
    )
    context.set_offline(True)
    asked, told = [], []

    def answer(route):
        asked.append(route.request.url)
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            route.abort()

    context.route("**/*", answer)
    page = context.new_page()
    page.set_default_timeout(HANG_S * 1000)
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))

    def open_(name):
        page.goto((pages / name).as_uri())
        return page

    yield open_
    assert len(asked) == 1
    assert asked[0].startswith("file:")
    assert told == []
    context.close()


def see(page, file):
    """Take a screenshot; it shows something, and nothing is wider than the screen."""
    from PIL import Image

    page.screenshot(path=str(file))
    with Image.open(file) as image:
        assert len(image.convert("RGB").getcolors(1 << 24)) > 50
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def now(page):
    """Return the table of what is now, by its heads."""
    heads, cells = (
        page.locator("#now th").all_text_contents(),
        page.locator("#now td").all_text_contents(),
    )
    return dict(zip(heads, cells, strict=True))


def wait_for_clock(page, after):
    """Wait until the clock has passed a time; the page lets nobody else evaluate text, so it is looked at from here."""
    wait_for(lambda: page.inner_text("#clock") > after, f"the clock passes {after}")


def painted(page):
    return page.evaluate("document.getElementById('map').toDataURL()")


def test_a_reader_plays_scrubs_and_changes_the_scenario(open_page, tmp_path):
    page = open_page("replay.html")
    assert page.inner_text("#clock") == "2022-01-31 00:00"
    before = painted(page)
    page.click("#play")
    wait_for_clock(page, "2022-01-31 03:00")
    page.click("#play")
    assert page.inner_text("#play").endswith("Play")
    assert painted(page) != before
    page.evaluate(SCRUB, 10 * 1440)
    assert page.inner_text("#clock") == "2022-02-10 00:00"
    baseline = now(page)
    page.select_option("#scenario", "1")
    assert page.inner_text("#title") == "Fivefold cargo, nothing built"
    assert page.inner_text("#clock") == "2022-02-10 00:00"
    waiting = [
        int(found["Cargo waiting, units"].replace(",", "")) for found in (baseline, now(page))
    ]
    assert waiting[1] > 2 * waiting[0] > 0
    see(page, tmp_path / "replay.png")


def test_hover_and_choice_tell_what_is_there(open_page):
    page = open_page("replay.html")
    page.select_option("#scenario", "1")
    page.evaluate(SCRUB, 20 * 1440)
    page.select_option("#place", label="Alat (Baku)")
    told = page.inner_text("#here")
    assert told.startswith("Alat (Baku)\n")
    assert "units of cargo for kuryk-ferries" in told
    page.click("#sea")
    box, found = page.locator("#map").bounding_box(), ""
    # Look for a ship as a hand would, line by line.
    spots = (
        (x, y) for y in range(60, int(box["height"]), 9) for x in range(9, int(box["width"]), 9)
    )
    while not found.startswith("ship"):
        x, y = next(spots)
        page.evaluate(HOVER, [box["x"] + x, box["y"] + y])
        found = page.evaluate(
            "(t => t.hidden ? '' : t.textContent)(document.getElementById('tip'))"
        )
    assert "units aboard" in found or "no cargo" in found


def test_the_keyboard_does_it_all(open_page):
    page = open_page("replay.html")
    page.focus("#map")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#clock") == "2022-01-31 01:00"
    page.keyboard.press("Shift+ArrowRight")
    assert page.inner_text("#clock") == "2022-02-01 01:00"
    page.keyboard.press("Space")
    wait_for_clock(page, "2022-02-01 02:00")
    page.keyboard.press("Space")
    assert page.get_attribute("#play", "aria-pressed") == "false"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_the_report_is_read_and_its_numbers_are_filtered(open_page, tmp_path):
    page = open_page("report.html")
    assert page.inner_text("h1").startswith("Fivefold cargo, nothing built: ")
    assert "The corridor in 2023 against Fivefold cargo" in page.inner_text(".kind")
    # Sentence and picture stand on the first screen, and all else is folded.
    bottom = "document.querySelector('{}').getBoundingClientRect().bottom"
    assert page.evaluate(bottom.format("h1")) < page.evaluate("innerHeight") / 2
    assert page.evaluate(bottom.format(".first img")) < page.evaluate("innerHeight")
    assert page.evaluate("document.documentElement.scrollHeight < 3 * innerHeight")
    page.keyboard.press("Tab")
    assert page.inner_text(":focus") == "To the answer"
    page.click("nav >> text=In words")
    assert "Mt offered a year" in page.inner_text("main")
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 100)")
    page.click("nav >> text=Sources")
    page.click("text=Every number with its source")
    kept = page.locator("#numbers tbody tr:not([hidden])")
    everything = kept.count()
    page.fill("#filter", "kuryk ASM-017")
    assert 0 < kept.count() < everything / 10
    assert all(
        "kuryk" in text.lower() and "asm-017" in text.lower() for text in kept.all_text_contents()
    )
    assert page.inner_text("#found").startswith(f"{kept.count()} of ")
    see(page, tmp_path / "report.png")


@pytest.mark.parametrize("name", ["report.html", "replay.html"])
def test_pages_print_and_their_text_can_be_told_from_its_ground(name, browser, pages):
    """Every text has a contrast of 4.5 or more to what is behind it (WCAG 2.1, AA)."""
    page = browser.new_page()
    page.goto((pages / name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    count, low = page.evaluate(LOW_CONTRAST)
    assert count > 20
    assert low == []
    page.emulate_media(media="print")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('nav, #controls')).display")
        == "none"
    )
    assert page.pdf().startswith(b"%PDF")
    page.close()
