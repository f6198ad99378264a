"""The pages of docs/ are built strictly, say what the code says, and ask nothing of the network."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest

from lvmh_jax.cli.main import main
from lvmh_jax.config import Settings, to_dict
from lvmh_jax.models.presets import PRESETS
from tests.conftest import REPOSITORY

DOCS = REPOSITORY / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md"))
LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What a page loads, and where its links go."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs) -> None:
        values = dict(attrs)
        self.ids.add(values.get("id") or "")
        if tag in LOADING and values.get("rel") != "canonical":
            self.loads.append(values.get(LOADING[tag]) or "")


# Without building.


def list_commands(command: click.Command, words: tuple[str, ...] = ()) -> dict[str, click.Command]:
    """Every command by its words: "review export"."""
    found = {" ".join(words): command}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            found |= list_commands(below, (*words, name))
    return found


COMMANDS = list_commands(main)
SHOWN = [
    (path.relative_to(DOCS).as_posix(), line)
    for path in PAGES
    if path.name != "log.md"
    for block in re.findall(
        r"^(?: {4}.*\n)+|^```(?:text|bash)?\n(?:.*\n)*?```", path.read_text("utf-8"), re.MULTILINE
    )
    for line in re.findall(r"\blvmh-jax [a-z].*", block)
]


def test_pages_show_commands() -> None:
    assert len(SHOWN) > 40


@pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="no checkout")
def test_what_the_pages_write_here_is_never_committed() -> None:
    """Tasks hold the texts of notes as they are."""
    lines = [line for _, line in SHOWN] + (REPOSITORY / "README.md").read_text("utf-8").split("\n")
    named = [re.findall(r"--(?:output|labels) ([a-z_]+\.[a-z]+)", line) for line in lines]
    written = {file for files in named for file in files} | {"reviewed.json", "try/data"}
    assert {"tasks.json", "labels.xml", "new_lexicon.json"} <= written
    asked = subprocess.run(
        ["git", "check-ignore", *written], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert set(asked.stdout.split()) == written


@pytest.mark.parametrize(("page", "line"), SHOWN)
def test_a_command_that_a_page_shows_has_these_options(page: str, line: str) -> None:
    words = shlex.split(line.rstrip("&"), comments=True)[1:]
    name = " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]
    assert name in COMMANDS, page
    options = {each for parameter in COMMANDS[name].params for each in parameter.opts}
    given = {word for word in words if word.startswith("-") and word != "-"}
    assert given <= options, page
    settings = {
        f"{section}.{key}"
        for section, keys in to_dict(Settings()).items()
        if isinstance(keys, dict)
        for key in keys
    }
    for place, word in enumerate(words):
        if word == "--set":
            assert words[place + 1].split("=")[0] in settings, page


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_a_file_that_a_page_names_is_there(path: Path) -> None:
    named = re.findall(
        r"`((?:lvmh_jax|tests|benchmarks|notebooks)/[\w/.]+\.\w+)`", path.read_text("utf-8")
    )
    assert [name for name in named if not (REPOSITORY / name).exists()] == []


def test_readme_leads_to_notebooks_and_pages() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    for target in ("notebooks/quickstart.ipynb", "notebooks/colab_tpu.ipynb", "docs/index.md"):
        assert f"({target})" in readme


# Built.


def build(site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)],
        cwd=REPOSITORY,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material", reason="no extra `docs`; `make docs` installs it")
    folder = tmp_path_factory.mktemp("docs") / "site"
    done = build(folder)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


@pytest.mark.slow
def test_every_page_is_built_and_in_the_menu(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")
    for path in PAGES:
        page = path.relative_to(DOCS).with_suffix(".html").as_posix()
        assert (site / page).exists()
        assert f'href="{page}"' in home
    assert list(site.rglob("*.py")) == []


@pytest.mark.slow
def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        if path.name == "404.html":
            continue
        page = Page(path)
        assert len(page.loads) > 2
        for load in page.loads:
            assert not re.match(r"\w+:|//", load), (path.name, load)
            assert (path.parent / load.partition("?")[0]).resolve().exists(), (path.name, load)
    for sheet in site.rglob("*.css"):
        outside = re.findall(r"url\([\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8"))
        assert outside == [], sheet.name


@pytest.mark.slow
def test_the_reference_has_every_command_setting_and_method(site: Path) -> None:
    def read(page: str) -> str:
        return unescape(re.sub("<[^>]+>", "", (site / "reference" / page).read_text("utf-8")))

    commands, settings = read("commands.html"), read("settings.html")
    for name in COMMANDS:
        assert f"Usage: {' '.join(['lvmh-jax', *name.split()])} " in commands
    for section, keys in to_dict(Settings()).items():
        for key in keys if isinstance(keys, dict) else ():
            part = settings.rpartition(f"\n{section}.\n")[2]
            assert f"\n{key}\n" in part, section
    for preset in PRESETS:
        assert f"\n{preset}\n" in settings
    ids = Page(site / "reference/api.html").ids
    for method in ("load", "detect", "detect_frame", "show", "link", "embed", "with_lexicon"):
        assert f"lvmh_jax.api.Detector.{method}" in ids
    assert "lvmh_jax.errors.NotFoundError" in ids
    assert "lvmh_jax.errors.LvmhWarning" in ids
    assert "lvmh_jax.records.Mention" in Page(site / "reference/records.html").ids


@pytest.mark.slow
def test_a_broken_link_fails(site: Path, tmp_path: Path) -> None:
    del site  # skips where the extra is missing
    copied = tmp_path / "mkdocs.yml"
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("[away](nowhere.md)\n")
    kept = re.sub(
        r"^(nav|extra_css|hooks|plugins|exclude_docs):.*\n(?:[ -].*\n)*",
        "",
        (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    copied.write_text(kept)
    # Never --quiet: it silences warnings before --strict counts them.
    words = ["build", "--strict", "--config-file", str(copied)]
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", *words],
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr + done.stdout
