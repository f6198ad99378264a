"""Which encoding a text file has: by its byte order mark, else UTF-8, else Windows-1252.

A guess that turns letters into others is worse than an error. So Windows-1252 is taken only where
the first byte that is no ASCII is no UTF-8 either, where most letters are ASCII, and where what is
not stands as it does in our languages: "fidŽle" is Mac Roman, "‚Å‚·" Shift-JIS.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from lvmh_jax.errors import InvalidInputError, UsageError, nearest_name

CHUNK_BYTES = 1 << 20
MAX_FOREIGN = 0.25  # of the letters: no note of the demo in Latin script has more than .058
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
SPREADSHEET = "cp1252"  # what a file is that is not UTF-8
_COMMON = (
    *("utf-8", "utf-16", "cp1252", "latin-1", "mac_roman", "shift_jis", "gb18030", "euc-kr"),
    *("cp1251", "cp1256"),
)
_LIKELY = "such as mac_roman, shift_jis, gb18030, cp1256"
# What no text of our languages has where a file is Windows-1252: a capital within a word, a symbol
# between two letters (but for dashes, dots and what stands for an apostrophe), and runs of letters
# beyond ASCII, as every encoding of another script gives them.
_MISREAD = re.compile(
    r"(?P<utf8>[\u00c2\u00c3][\u00a1-\u00bf])"  # "fidÃ¨le": one is enough
    r"|(?<=[a-z\u00df-\u00ff])[\u00c0-\u00d6\u00d8-\u00de\u0152\u0160\u0178\u017d]"
    r"|(?<=[A-Za-z])[\u0160\u0178\u017d](?=[a-z])"  # "MŠdchen"
    r"|(?<=[^\W\d_])[\u2021\u02c6\u02dc]"
    r"|(?<=[^\W\d_])[\u2020\u2030\u2039\u203a\u201a\u201e\u00a2-\u00a8"
    r"\u00ac\u00ad\u00af\u00b1-\u00b3\u00b5\u00b6\u00b8\u00b9\u00bc-\u00be\u00f7](?=[^\W\d_])"
    r"|(?<=[^\W\d_])[\u2122\u00a9\u00ae](?=[a-z\u00df-\u00ff])"  # "h™tel", not "Coca™Cola"
    r"|\u0192|\u201a(?=[^\x00-\x7f])"
    r"|(?P<run>[^\x00-\x7f]{4,64})"
)
MIN_RUN = 4  # different characters: "€€€€" is a habit
MAX_MISREAD = 0.05  # of what is not ASCII
MANY, FEW_OF = 3, 2  # so many misreads, or one of so few letters: two in forty may be brands


def find_encoding(
    path: Path, where: str, head: bytes, told: str | None, *, option: str = "--encoding"
) -> tuple[str, list[str]]:
    """The encoding of a file, and warnings about it.

    Args:
      path: the file; it is read once, in chunks, to see that it is UTF-8 throughout.
      where: the file, for messages.
      head: its first bytes.
      told: what the user said; taken without a look.
      option: by which one could say it; "" where there is none.

    Raises:
      UsageError: what the user said is no encoding.
      InvalidInputError: damaged UTF-8, or an encoding that cannot be told.
    """
    if told is not None:
        return _known(told), []
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name, []
    # Without a mark, the zero byte beside the first ASCII character gives UTF-16 away.
    if 0 in head[:2]:
        return ("utf-16-be" if head[0] == 0 else "utf-16-le"), []
    bad, has_letters = _first_not_utf8(path)
    if bad is None:
        return "utf-8", []
    named = f", or name its encoding with {option}, {_LIKELY}" if option else ""
    fix = f"save it as UTF-8{named}"
    if has_letters:
        raise InvalidInputError(
            f"byte {bad} is not UTF-8, while letters before it are", where=where, fix=fix
        )
    text = head.decode("cp1252", "replace")
    letters = [char for char in text if char.isalpha() or char == "\ufffd"]
    foreign = sum(not char.isascii() for char in letters)
    is_foreign = foreign > MAX_FOREIGN * max(len(letters), 1) or "\x00" in text
    if is_foreign or not _reads_well(path, SPREADSHEET):
        raise InvalidInputError(
            "the encoding cannot be told", where=where, expected="UTF-8 or UTF-16", fix=fix
        )
    otherwise = f"{option} says otherwise" if option else "save it as UTF-8 if that is wrong"
    return SPREADSHEET, [f"{where}: it is not UTF-8: read as {SPREADSHEET} ({otherwise})"]


def _known(name: str) -> str:
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        found = None
    # `rot13`, `zip` and the like are codecs too, but of no text file.
    if found is None or not getattr(found, "_is_text_encoding", True):
        raise UsageError(f"no encoding {name!r}", fix=nearest_name(name, _COMMON))
    return "utf-8-sig" if found.name == "utf-8" else found.name


def _first_not_utf8(path: Path) -> tuple[int | None, bool]:
    """Offset of the first byte that is not UTF-8, and whether there were letters beyond ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    position, has_letters = 0, False
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            pending = len(decoder.getstate()[0])
            try:
                has_letters = not decoder.decode(chunk).isascii() or has_letters
            except UnicodeDecodeError as error:
                valid = (error.object[: error.start]).isascii()
                return position - pending + error.start, has_letters or not valid
            position += len(chunk)
    pending = len(decoder.getstate()[0])
    return (position - pending if pending else None), has_letters


def _reads_well(path: Path, name: str) -> bool:
    """Whether a file has an encoding, by its bytes and by what letters they make."""
    decoder = codecs.getincrementaldecoder(name)()
    foreign = misread = 0
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(CHUNK_BYTES):
                text = decoder.decode(chunk)
                foreign += len(text) - len(text.encode("ascii", "ignore"))
                misread += sum(map(_count_misread, _MISREAD.finditer(text)))
        except UnicodeDecodeError:
            return False
    is_telling = misread >= MANY or misread * FEW_OF >= foreign
    return misread <= MAX_MISREAD * foreign or not is_telling


def _count_misread(match: re.Match[str]) -> int:
    if match["utf8"]:
        return MANY
    run = match["run"]
    return 1 if run is None else len(run) if len(set(run)) >= MIN_RUN else 0
