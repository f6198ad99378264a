"""Progress tells enough, in few lines, and never stops the work."""

from __future__ import annotations

import io
import re

import pytest

from lvmh_jax.io.progress import Progress, one_line


class Clock:
    """A clock that goes one second forward at each reading."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 1.0
        return self.now_s


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Closed(io.StringIO):
    """A terminal whose other end is gone."""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def run(stream: io.StringIO | None, total: int, *, stop_at: int | None = None, **options) -> None:
    with Progress(stream, clock=Clock(), **options) as progress:
        progress.start("epoch", total)
        for done in range(1, (stop_at or total) + 1):
            progress.advance(done, loss=1 / done, accuracy=0.5, examples=done * 256)


def lines(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


@pytest.mark.parametrize(("total", "count"), [(1, 1), (2, 2), (12, 12), (30, 11), (1000, 13)])
def test_plain_lines_are_few_and_end_with_the_last(total: int, count: int) -> None:
    out = io.StringIO()
    run(out, total)
    assert len(lines(out)) == count
    assert lines(out)[0].startswith(f"epoch 1/{total}  loss 1.000  accuracy 0.500")
    assert lines(out)[-1].startswith(f"epoch {total}/{total}")


def test_steps_that_are_notes_are_told_as_notes() -> None:
    out, seconds = io.StringIO(), iter(range(9))
    with Progress(out, clock=lambda: next(seconds)) as progress:
        progress.start("note", 90)
        for done in (30, 60, 90):
            progress.advance(done, examples=float(done))
    assert lines(out)[-1] == "note 90/90  30 notes/s"


def test_notes_that_were_worked_on_ahead_do_not_flatter_the_rate() -> None:
    out, seconds = io.StringIO(), iter([0.0, 10.0, 10.001])
    with Progress(out, clock=lambda: next(seconds)) as progress:
        progress.start("note", 340)
        for done in (256, 340):
            progress.advance(done, examples=float(done))
    assert lines(out)[-1] == "note 340/340  34 notes/s"


def test_the_first_notes_leave_the_rate_of_many() -> None:
    out, seconds = io.StringIO(), iter([0.0, 10.0, 11.0, 12.0, 13.0, 14.0])
    with Progress(out, clock=lambda: next(seconds)) as progress:
        progress.start("note", 50)
        for done in (10, 20, 30, 40, 50):
            progress.advance(done, examples=float(done))
    assert lines(out)[-1] == "note 50/50  10 notes/s"


def test_early_stop_shows_the_last_epoch() -> None:
    out = io.StringIO()
    run(out, 30, stop_at=6)
    assert [line.split()[1] for line in lines(out)] == ["1/30", "4/30", "6/30"]


def test_rate_and_time_left_leave_out_the_first_step() -> None:
    out = io.StringIO()
    run(out, 4)
    assert lines(out)[1:] == [
        "epoch 2/4  loss 0.500  accuracy 0.500  256 examples/s  0:02 left",
        "epoch 3/4  loss 0.333  accuracy 0.500  256 examples/s  0:01 left",
        "epoch 4/4  loss 0.250  accuracy 0.500  256 examples/s",
    ]


def test_the_first_epoch_compiles_and_says_nothing_of_the_time_left() -> None:
    out, seconds = io.StringIO(), iter([0.0, 20.0])
    with Progress(out, clock=lambda: next(seconds)) as progress:
        progress.start("epoch", 10)
        progress.advance(1, examples=256.0)
    assert lines(out) == ["epoch 1/10  13 examples/s"]


def test_verbose_shows_every_step_and_details() -> None:
    out = io.StringIO()
    run(out, 50, verbose=True)
    assert len(lines(out)) == 50
    Progress(out, verbose=True).detail("a detail")
    Progress(out).detail("not this one")
    assert lines(out)[50:] == ["a detail"]


def test_quiet_leaves_warnings_only() -> None:
    out = Terminal()
    run(out, 5, quiet=True)
    progress = Progress(out, quiet=True)
    progress.say("a remark")
    progress.warn("few notes")
    progress.warn("few notes")
    assert lines(out) == ["Warning: few notes"]


def test_terminal_has_a_bar_that_ends_visible() -> None:
    out = Terminal()
    run(out, 3)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue())
    assert "epoch 3/3" in text
    assert "━" in text
    assert out.getvalue().endswith("\x1b[?25h")  # the cursor is back


def test_remarks_stand_above_the_bar() -> None:
    out = Terminal()
    with Progress(out) as progress:
        progress.start("epoch", 2)
        progress.advance(1, loss=0.5)
        progress.warn("[bold]few notes[/bold] " + "x" * 300)
        progress.advance(2, loss=0.25)
    assert "Warning: [bold]few notes[/bold] " + "x" * 300 + "\n" in out.getvalue()


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    colours = re.compile(r"\x1b\[[39][0-9]")  # SGR 30-38 and 90-97; bold and dim may stay
    bright, plain = Terminal(), Terminal()
    run(bright, 2)
    monkeypatch.setenv("NO_COLOR", "1")
    run(plain, 2)
    assert colours.search(bright.getvalue())
    assert not colours.search(plain.getvalue())


def test_dumb_terminal_has_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    out = Terminal()
    run(out, 3)
    assert "\x1b" not in out.getvalue()
    assert len(lines(out)) == 3


def test_a_failure_takes_the_bar_down() -> None:
    out = Terminal()

    def fail() -> None:
        with Progress(out) as progress:
            progress.start("epoch", 3)
            progress.advance(1)
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        fail()
    assert out.getvalue().endswith("\x1b[?25h")


def test_closed_streams_do_not_stop_the_work() -> None:
    gone = io.StringIO()
    gone.close()
    for stream in (Closed(), gone, None):
        run(stream, 5)
        progress = Progress(stream)
        progress.say("a remark")
        progress.warn("a warning")


def test_stream_that_closes_halfway() -> None:
    out = Terminal()
    progress = Progress(out)
    progress.start("epoch", 3)
    progress.advance(1)
    out.close()
    for done in (2, 3):
        progress.advance(done)
    progress.warn("late")
    progress.stop()


def test_calls_out_of_order_are_harmless() -> None:
    out = io.StringIO()
    progress = Progress(out)
    progress.advance(1, loss=1.0)
    progress.stop()
    progress.start("notes", 0)
    progress.advance(7, mentions=12_345)
    progress.start("epoch", 1)
    progress.stop()
    assert lines(out) == ["notes 7  mentions 12,345"]


def test_figures_need_not_be_finite() -> None:
    out = io.StringIO()
    with Progress(out) as progress:
        progress.start("epoch", 1)
        progress.advance(1, loss=float("nan"), accuracy=0)
    assert lines(out) == ["epoch 1/1  loss nan  accuracy 0"]


def test_one_line_holds_no_break_and_no_escape() -> None:
    text = one_line("a\r\nb\u2028c\x1b[2J\u202ed 夏\tend")
    assert text == "a b c\\x1b[2J\\u202ed 夏\\tend"
    assert one_line("x" + "\n" * 3).isprintable()


def test_narrow_encodings_are_escaped() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Progress(stream).warn("Été")
    assert raw.getvalue() == b"Warning: \\xc9t\\xe9\n"
