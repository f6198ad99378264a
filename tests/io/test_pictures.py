"""Pictures are written whole, in the form that their name says, or refused before the work."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lvmh_jax.display.plots import draw_figures
from lvmh_jax.errors import UsageError
from lvmh_jax.io.pictures import require_picture, write_picture

SVG = draw_figures("model", {"by_language": {"FR": {"f1": 0.5, "gold": 3}}})


def test_an_svg_is_written_as_it_was_drawn(tmp_path: Path) -> None:
    write_picture(tmp_path / "new" / "p.SVG", SVG)
    assert (tmp_path / "new" / "p.SVG").read_text("utf-8") == SVG


def test_a_png_is_one(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    write_picture(tmp_path / "p.png", SVG)
    data = (tmp_path / "p.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high = (int.from_bytes(data[at : at + 4]) for at in (16, 20))
    assert f'width="{wide // 2}" height="{high // 2}"' in SVG
    assert [path.name for path in tmp_path.iterdir()] == ["p.png"]


def test_png_without_its_renderer_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(UsageError, match=r"pip install '\.\[png\]'` in the checkout"):
        require_picture(tmp_path / "p.png")


@pytest.mark.parametrize("name", ["p.jpg", "p", "svg"])
def test_other_kinds_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected FILE\.svg or FILE\.png"):
        require_picture(tmp_path / name)
