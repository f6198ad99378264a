"""Pictures for slides and tickets: SVG as it is drawn, PNG where the extra `png` is installed."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from lvmh_jax.errors import UsageError, install_extra
from lvmh_jax.io.outputs import require_writable, write_whole
from lvmh_jax.io.tables import write_text

SVG, PNG = ".svg", ".png"
ZOOM = 2  # of a PNG: as sharp as on paper


def require_picture(path: Path) -> None:
    """Checks that a picture can be drawn and written, before the work.

    Raises:
      UsageError: it is neither .svg nor .png, or nothing draws PNG here, or it cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in (SVG, PNG):
        raise UsageError(
            "not a picture that we draw", where=path.as_posix(), expected="FILE.svg or FILE.png"
        )
    if suffix == PNG:
        _load_renderer()
    require_writable(path)


def write_picture(path: Path, svg: str) -> None:
    """Writes a drawing, as PNG where its name says so.

    Raises:
      UsageError: as `require_picture`, or no space.
    """
    require_picture(path)
    if path.suffix.lower() == SVG:
        write_text(path, svg)
        return
    data = bytes(_load_renderer().svg_to_bytes(svg_string=svg, zoom=ZOOM))
    write_whole(path, lambda temporary: _write_bytes(temporary, data))


def _write_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _load_renderer() -> ModuleType:
    try:
        import resvg_py
    except ImportError:
        raise UsageError(
            "PNG needs resvg_py, which is not installed",
            fix=f"{install_extra('png')}, or name a FILE.svg",
        ) from None
    module: ModuleType = resvg_py
    return module
