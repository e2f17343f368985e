"""The page in real Chromium: wide and narrow, without errors, loading nothing, within its frame."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from datawell.report.build import build_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Runs before the page's own policy is read, in a copy of the page alone.
PROBE = """<script>
const seen = {errors: [], blocked: []};
addEventListener('error', e => seen.errors.push(String(e.message)), true);
addEventListener('securitypolicyviolation', e => seen.blocked.push(e.violatedDirective));
addEventListener('load', () => setTimeout(() => {
  const root = document.documentElement;
  seen.width = root.clientWidth; seen.scroll = root.scrollWidth; seen.height = root.scrollHeight;
  seen.loaded = performance.getEntriesByType('resource').map(r => r.name);
  seen.wide = [...document.querySelectorAll('body *')].filter(e => !e.closest('.skip, thead')
    && e.getBoundingClientRect().right > root.clientWidth + 1).map(e => e.outerHTML.slice(0, 80));
  seen.charts = document.querySelectorAll('svg[role=img]').length;
  parent.postMessage(seen, '*');
}, 50));
</script>"""
FRAME = """<!doctype html><title>[]</title><script>
const told = []; addEventListener('message', e => {
  for (let i = 0; i < frames.length; i++) if (frames[i] === e.source) told[i] = e.data;
  document.title = JSON.stringify(told); });
</script>%s"""


def browser() -> str:
    """Chromium's path. A developer without it skips; the build server must have it."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed; the report must be checked in it")
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    return found


def look(pages: list[tuple[str, int]], folder: Path) -> list[dict[str, Any]]:
    """Open each page in a frame of its width and return what the probe saw."""
    frames = []
    for i, (page, width) in enumerate(pages):
        (folder / f"{i}.html").write_text(page.replace("<head>", f"<head>{PROBE}", 1))
        frames.append(f'<iframe src="{i}.html" style="width:{width}px;height:800px"></iframe>')
    (folder / "frames.html").write_text(FRAME % "".join(frames))
    command = [
        browser(),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder / 'profile'}",
        "--window-size=1400,900",
        "--virtual-time-budget=5000",
        "--dump-dom",
        (folder / "frames.html").as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.S)
    assert title is not None
    seen: list[dict[str, Any]] = json.loads(html.unescape(title[1]))
    assert len(seen) == len(pages)
    return seen


@pytest.fixture
def page(make_run: Any, make: SimpleNamespace, add_student: Any) -> str:
    """A page with every section, and words that would break a careless layout or page."""
    long = "Supercalifragilistic" * 12
    rows = [make.kept(make.story(i)) for i in range(8)]
    rows += [make.kept(make.dialogue(i)) for i in range(8, 12)]
    rows += [make.dropped(make.story(12, text=f"{long} drum <script>parent.x=1</script>"))]
    rows += [make.kept(make.story(13, text=f"{long} drum", prompt=long, plan={"topic": long}))]
    run = make_run(rows, recipe=f"name: demo\nreport: {{title: 'A {long} story'}}\n")
    add_student(run, text=f"0123456 {long} ends.", near=long)
    return build_report(run.path).read_text(encoding="utf-8")


def test_the_page_in_chromium(page: str, tmp_path: Path) -> None:
    home = tmp_path / "browser"
    home.mkdir()
    opened = page.replace("<details", "<details open")
    broken = page.replace(
        "</main>", '<div style="width:900px">x</div><img src="https://example.org/a.png"></main>'
    )
    desk, phone, unfolded, faulty = look(
        [(page, 1280), (page, 360), (opened, 360), (broken, 360)], home
    )
    for seen, width in ((desk, 1280), (phone, 360), (unfolded, 360)):
        assert seen["width"] <= width
        assert seen["wide"] == []
        assert seen["scroll"] <= seen["width"]
        assert seen["errors"] == []
        assert seen["blocked"] == []
        assert seen["loaded"] == []
        assert seen["charts"] >= 5
    assert phone["height"] > desk["height"]
    # The same look finds a page that is too wide, or that asks the network for something.
    assert faulty["scroll"] > 360
    assert faulty["wide"]
    assert faulty["blocked"] == ["img-src"]
