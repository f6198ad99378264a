"""Both pages in a real browser: as wide as the screen, never wider, and nothing forbidden runs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from lvmh_jax.display.facts import Facts
from lvmh_jax.display.note import render_note_page
from lvmh_jax.display.report import render_report
from lvmh_jax.records import BUCKETS, Concept, Mention

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium"),
]
HOSTILE = "<script>parent.document.title='obeyed'</script>"
# The page forbids scripts, also ours: a frame around it measures.
FRAME = """<!DOCTYPE html><title>quiet</title>
<iframe style="width:{width}px;height:900px;border:0" srcdoc="{page}"></iframe>
<pre id="told"></pre><script>
onload = () => {{
  const inside = document.querySelector("iframe").contentDocument;
  document.querySelector("#told").textContent = JSON.stringify({{
    wide: inside.documentElement.scrollWidth,
    drawn: [...inside.querySelectorAll("svg")].every(e => e.getBoundingClientRect().height > 50),
    title: document.title,
  }});
}};
</script>"""


def make_report() -> str:
    concepts = [Concept(HOSTILE * 2, f"{HOSTILE} {r}", (), BUCKETS[r % 7]) for r in range(300)]
    vectors_CD = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)
    groups = {f"{HOSTILE}{row}": {"f1": 0.5, "gold": 3} for row in range(4)}
    figures = {"f1": 0.5, "protocol": "gold-dev", "by_language": groups, "by_bucket": groups}
    history = {"epochs": [1, 2], "loss": [2.0, 1.0], "accuracy": [0.1, 0.2]}
    metadata = {
        "validation": figures,
        "training_history": history,
        "inputs": {"a_long_name_of_a_file/" * 5: "ab" * 32},
    }
    return render_report(
        Facts("concept_model_" + "x" * 80, metadata, concepts, vectors_CD, "x " * 99)
    )


def make_note() -> str:
    text = f"{HOSTILE} {'w' * 300} حقيبة 日本 " * 3
    spans = [(0, 20), (5, 200), (100, 350), (300, len(text))]
    found = [Mention("n1", HOSTILE, HOSTILE, start, end, 0.5) for start, end in spans]
    return render_note_page(HOSTILE, text, found, {})


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("make", [make_report, make_note])
def test_page_fits_the_screen_and_obeys_nothing(make, width: int, tmp_path: Path) -> None:
    page = make().replace("&", "&amp;").replace('"', "&quot;")
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.format(width=width, page=page), encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=1400,1000",
            "--dump-dom",
            frame.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    (told,) = re.findall(r'<pre id="told">(.*?)</pre>', done.stdout)
    measured = json.loads(unescape(told))
    assert measured == {"wide": width, "drawn": True, "title": "quiet"}
