"""What training measures, kept while it runs: `metrics.jsonl`, and events for TensorBoard.

Numbers only: no text, no path, no name of a machine. Events are written here and not by a library:
the format has not changed since 2015, its libraries bring protobuf, a thread, and the host's name
in the name of the file. The golden bytes of the tests were written by such a library.
Sources: tensorflow/core/lib/io/record_writer.h (records), tensorflow/core/util/event.proto.
"""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from lvmh_jax.io.manifest import write_bytes
from lvmh_jax.io.runtime import read_clock

METRICS = "metrics.jsonl"
TRACKING = "tracking"
EVENTS = "events.out.tfevents"  # TensorBoard knows its files by the last word
TAGS = {
    "loss": "loss/hidden_aliases",
    "accuracy": "accuracy/hidden_aliases",
    "train_loss": "loss/training",
    "train_accuracy": "accuracy/training",
    "seconds": "seconds",
}
CASTAGNOLI = 0x82F63B78  # CRC-32C, RFC 3720 appendix B.4, bits reversed
MASK = 0xA282EAD8  # added to a rotated checksum, so that one of data with checksums stays good

Row = Mapping[str, Any]


class Tracker(Protocol):
    """Another place that epochs go to, such as an MLflow server."""

    def open(self, part: Path) -> None:
        """The run of a part folder begins, or goes on."""

    def add(self, row: Row) -> None:
        """An epoch ended."""

    def end(self, figures: Mapping[str, float], *, failed: bool) -> None:
        """The run ended."""


class EpochLog:
    """Writes a line and an event an epoch; a run that goes on has each epoch once.

    An epoch after the last checkpoint is trained again: its line and event go, and come anew.
    Rows have `epoch` from 1, figures, and `seed` where several models are trained.
    """

    def __init__(self, folder: Path | None, tracker: Tracker | None = None) -> None:
        """Without a folder, on a host that does not lead, nothing is written."""
        self._folder, self._tracker = folder, tracker
        self._written, self._since_s = 0, read_clock()
        self._figures: Mapping[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._tracker is not None:
            self._tracker.end(self._figures, failed=kind is not None)

    def begin(self, rows: Sequence[Row]) -> None:
        """Keeps of the files what a checkpoint knows too, and adds what they lack.

        Args:
          rows: of the epochs behind the checkpoint, in order.
        """
        self._written = max((row["epoch"] for row in rows), default=0)
        self._since_s = read_clock()
        if self._folder is None:
            return
        (self._folder / TRACKING).mkdir(exist_ok=True)
        if self._tracker is not None:
            self._tracker.open(self._folder)
        path, events = self._folder / METRICS, self._folder / TRACKING / EVENTS
        known = {(row["epoch"], row.get("seed")): row for row in _read_rows(path)}
        kept = [
            known.get((row["epoch"], row.get("seed")), {**row, "seconds": None}) for row in rows
        ]
        write_bytes(path, b"".join(map(_encode_row, kept)))
        data, last = cut_events(events.read_bytes() if events.exists() else b"", self._written)
        data = data or encode_record(encode_event(time.time(), 0, {}))
        write_bytes(events, data + _encode_events(row for row in kept if row["epoch"] > last))

    def update(self, rows: Sequence[Row]) -> None:
        """Writes those of a run's rows that are new."""
        now_s = read_clock()
        seconds = round(now_s - self._since_s, 3)
        fresh = [{**row, "seconds": seconds} for row in rows if row["epoch"] > self._written]
        self._since_s = now_s
        self._written = max((row["epoch"] for row in rows), default=0)
        if self._tracker is not None:
            for row in fresh:
                self._tracker.add(row)
        if self._folder is None:
            return
        # Appended, not renamed into place: TensorBoard reads on where it stopped.
        with (self._folder / METRICS).open("ab") as stream:
            stream.write(b"".join(map(_encode_row, fresh)))
        with (self._folder / TRACKING / EVENTS).open("ab") as stream:
            stream.write(_encode_events(fresh))

    def finish(self, figures: Mapping[str, Any]) -> None:
        """The figures of the model, for the tracker; what is no number is left out."""
        self._figures = {
            name: float(value)
            for name, value in figures.items()
            if isinstance(value, int | float) and not isinstance(value, bool) and value == value
        }


def _read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Whole lines of a log; the last one of a run that was killed may be cut."""
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            row = json.loads(line)
        except ValueError:
            return
        if not isinstance(row, dict) or not isinstance(row.get("epoch"), int):
            return
        yield row


def _encode_row(row: Row) -> bytes:
    return (json.dumps(dict(row)) + "\n").encode()


def _encode_events(rows: Iterator[Row] | Sequence[Row]) -> bytes:
    return b"".join(
        encode_record(encode_event(time.time(), row["epoch"], _name_figures(row))) for row in rows
    )


def _name_figures(row: Row) -> dict[str, float]:
    behind = f"/seed_{row['seed']}" if "seed" in row else ""
    return {tag + behind: row[key] for key, tag in TAGS.items() if row.get(key) is not None}


def encode_event(when_s: float, step: int, figures: Mapping[str, float]) -> bytes:
    """An event as protobuf writes it; without figures the first of a file, which says its version.

    Args:
      when_s: seconds since 1970.
      step: 0 and up.
      figures: tag to value; kept as float32.
    """
    if not figures:
        return b"\x09" + struct.pack("<d", when_s) + _field(0x1A, b"brain.Event:2")
    values = b"".join(
        _field(0x0A, _field(0x0A, tag.encode()) + b"\x15" + struct.pack("<f", value))
        for tag, value in figures.items()
    )
    return b"\x09" + struct.pack("<d", when_s) + b"\x10" + _varint(step) + _field(0x2A, values)


def encode_record(data: bytes) -> bytes:
    """A record: length, its checksum, data, its checksum."""
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


def cut_events(data: bytes, last: int) -> tuple[bytes, int]:
    """The first records of a file of events, up to a step, or to where it is damaged.

    Returns: their bytes, and the step of the last one, 0 where there is none.
    """
    place = step = 0
    while (end := place + 12) <= len(data):
        (length,) = struct.unpack_from("<Q", data, place)
        body = data[end : end + length]
        if encode_record(body) != data[place : end + length + 4]:
            break
        here = _read_step(body)
        if here > last:
            break
        place, step = end + length + 4, here
    return data[:place], step


def _read_step(body: bytes) -> int:
    """The step of an event of our own: it stands behind the time."""
    if body[9:10] != b"\x10":
        return 0
    step = shift = 0
    for byte in body[10:20]:
        step |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return step


def _field(key: int, data: bytes) -> bytes:
    return bytes((key,)) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; all but the last have the eighth set."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _checksum(data: bytes) -> bytes:
    """CRC-32C, rotated and masked."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF)


def _make_table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ CASTAGNOLI * (byte & 1)
        table.append(byte)
    return table


_TABLE = _make_table()
