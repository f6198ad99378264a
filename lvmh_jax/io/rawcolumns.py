"""Which column of a raw export holds which field: by its name, or because the user says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches

from lvmh_jax.data.cleaning import RawRow
from lvmh_jax.data.documents import quote
from lvmh_jax.data.privacy import holds_personal
from lvmh_jax.data.rawnotes import (
    FIELDS,
    REQUIRED,
    fold_text,
    list_names,
    map_columns,
    parse_language,
)
from lvmh_jax.errors import InvalidInputError, UsageError

NAMES = {
    "id": "ID",
    "date": "Date",
    "duration": "Duration",
    "language": "Language",
    "length": "Length",
    "text": "Transcription",
}
COLUMNS = ", ".join(NAMES[name] for name in FIELDS)
OWN_CLIENT = "client_id"  # as our own files name it: no option needed
OPTIONAL = ("date", "language")  # that have an option, as those that are required
MOST_CHARACTERS = 40  # of a name; more is a sentence
MOST_LISTED = 20  # names of columns that one line shows
LEAST_KNOWN = 2  # known names that make a header of a line: no note has two of them as cells
ACCEPTED = 4  # names of a field that it shows


@dataclass(frozen=True)
class Told:
    """Columns that the user names, where their names are not known to us."""

    client: str | None = None
    id: str | None = None
    text: str | None = None
    date: str | None = None
    language: str | None = None

    def count(self, header: Sequence[str]) -> int:
        """How many of them a header has."""
        return sum(_find(header, name) is not None for name in self.options().values())

    def options(self) -> dict[str, str]:
        """The options that were given, by what they name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


BY_NAME = Told()


class Columns:
    """Which column holds which field; checked once.

    Attributes:
      used: places of the columns that are read.
      absent: names of the fields that no column holds.
      client: place of the column of the client; None where the user names none, and none is
        called `client_id`.
      likely_client: place of one that is named as if it were it; None where it is `client`.
      may_be_names: whether that one may as well hold the clients' names.
      unread: names of the columns that hold nothing we know.
      shown: those of them that a message may show.
    """

    def __init__(self, header: Sequence[str], told: Told, form: str, place: str) -> None:
        """Finds them.

        Args:
          header: the names.
          told: what the user said.
          form: of the file: `csv`, `jsonl` or `parquet`.
          place: for messages.

        Raises:
          InvalidInputError: a column is missing, or two could be it.
          UsageError: a column that the user names is not there.
        """
        given = told.options().items()
        named = {name: _require(header, wanted, name, place) for name, wanted in given}
        client = named.pop("client", _find_own_client(header))  # may well be that of the note's id
        _require_apart(named, place)
        taken = {*named.values()}
        known = map_columns(header).items()
        found = {name: [c for c in columns if c not in taken] for name, columns in known}
        found |= {name: [column] for name, column in named.items()}
        # The contract asks for the option: without it a note's client is the note.
        likely, vague = found.pop("client", []), found.pop("client_or_name", [])
        missing = [name for name in REQUIRED if not found.get(name)]
        if missing:
            raise _lacking(missing, form, place, header)
        self.of = {
            name: _choose(header, columns, name, place)
            for name, columns in found.items()
            if columns
        }
        self.client = client
        self.likely_client = next(iter(likely + vague), None) if client is None else None
        self.may_be_names = not likely
        seen = {*self.of.values(), client, self.likely_client}
        self.unread = [n.strip() for row, n in enumerate(header) if n.strip() and row not in seen]
        may_show = show_columns(header) if self.unread else []
        self.shown = [name for name in self.unread if name in may_show]
        self.used = {*self.of.values()} | ({self.client} if self.client is not None else set())
        self.absent = [NAMES[name] for name in FIELDS if name not in self.of]

    def row(self, cells: Sequence[str], line: int) -> RawRow:
        """Cells as a row."""
        at = self.of
        values = [cells[at[name]] if name in at else "" for name in FIELDS]
        note_id, date, duration, language, length, text = values
        client = cells[self.client] if self.client is not None else ""
        return RawRow(line, note_id, client, date, duration, language, length, text)


def describe_unread(count: int, shown: Sequence[str]) -> str:
    """How many columns are left unread, for a warning, and the names that it may show.

    >>> describe_unread(3, ["Shop"]), describe_unread(1, [])
    ("3 columns are not read: 'Shop' and 2 more", '1 column is not read')
    """
    are = "column is" if count == 1 else "columns are"
    names = ", ".join(map(quote, shown[:MOST_LISTED]))
    more = count - len(shown[:MOST_LISTED])
    listed = f": {names}" + (f" and {more} more" if more else "") if names else ""
    return f"{count} {are} not read{listed}"


def show_columns(header: Sequence[str]) -> list[str]:
    """The names of a header that a message may show.

    The first line of a file without a header is somebody's note, whatever wrote the file, and where
    a line end was lost a note stands behind the header. So names that we know are shown, and others
    where we know what is the id and what the text, or know several and no cell is like a note's.
    """
    names = [name.strip() for name in header if 0 < len(name.strip()) <= MOST_CHARACTERS]
    known = map_columns(header).keys()
    if known >= set(REQUIRED) or (
        len(known) >= LEAST_KNOWN and not any(map(_may_be_value, header))
    ):
        return names
    return [name for name in names if map_columns([name])]


def _may_be_value(cell: str) -> bool:
    """Whether a cell may be of a row: a number, a date, a language, a sentence, a person."""
    text = cell.strip()
    if map_columns([text]):
        return False
    is_short = not text[:1].isdecimal() and len(text) <= MOST_CHARACTERS
    return not is_short or bool(parse_language(text)) or holds_personal(text)


def _lacking(
    missing: Sequence[str], form: str, place: str, header: Sequence[str]
) -> InvalidInputError:
    """What a file without a column is told, in the terms of its form."""
    what = "key" if form == "jsonl" else "column for"
    what += f" {' and '.join(NAMES[name] for name in missing)}{_list_shown(header)}"
    fix = f"or give {' and '.join(f'--{name}-column NAME' for name in missing)}"
    if form == "csv" and not show_columns(header):
        fix = f"name the columns in the first line, {fix}; --delimiter says what is between them"
    return InvalidInputError(
        f"no {what}", where=place, expected=" and ".join(map(_list_accepted, missing)), fix=fix
    )


def _list_shown(header: Sequence[str]) -> str:
    """The names of a header in a message, as many as a line holds, and how many there are."""
    listed = [quote(name) for name in show_columns(header)][:MOST_LISTED]
    if not listed:
        return f" among {len(header)}"
    more = len(header) - len(listed)
    return f" among {', '.join(listed)}" + (f" and {more} more" if more else "")


def _list_accepted(name: str) -> str:
    others = [other for other in list_names(name) if other != NAMES[name].lower()]
    return f"{NAMES[name]} (or {', '.join(others[:ACCEPTED])}, ...)"


def _choose(header: Sequence[str], columns: list[int], name: str, place: str) -> int:
    """The one column of a field; that of the contract's name where several could be it."""
    if len(columns) > 1:
        exact = [c for c in columns if header[c].strip().lower() == NAMES[name].lower()]
        if len(exact) != 1:
            both = " and ".join(quote(header[column].strip()) for column in columns[:2])
            has_option = name in REQUIRED or name in OPTIONAL
            option = f", or say which with --{name}-column NAME" if has_option else ""
            raise InvalidInputError(
                f"columns {both} could both be {NAMES[name]}",
                where=place,
                fix=f"rename one{option}",
            )
        return exact[0]
    return columns[0]


def _require_apart(named: Mapping[str, int], place: str) -> None:
    option_of: dict[int, str] = {}
    for name, column in named.items():
        other = option_of.setdefault(column, name)
        if other != name:
            raise UsageError(
                f"--{other}-column and --{name}-column name the same column", where=place
            )


def _find_own_client(header: Sequence[str]) -> int | None:
    """The column `client_id`, where there is one."""
    places = [row for row, name in enumerate(header) if name.strip().lower() == OWN_CLIENT]
    return places[0] if len(places) == 1 else None


def _find(header: Sequence[str], wanted: str) -> int | None:
    """The column of a name, in other case where none is written so."""
    names = [name.strip() for name in header]
    for same in (str, str.casefold):
        for row, name in enumerate(names):
            if same(name) == same(wanted.strip()):
                return row
    return None


def _require(header: Sequence[str], wanted: str, option: str, place: str) -> int:
    found = _find(header, wanted)
    if found is None:
        # What differs in accents or signs alone is known to who asked for it, and may be shown.
        close = [name.strip() for name in header if fold_text(name) == fold_text(wanted) != ""]
        close = close or get_close_matches(wanted, show_columns(header), n=1)
        raise UsageError(
            f"no column {quote(wanted)} for --{option}-column{_list_shown(header)}",
            where=place,
            fix=f"did you mean {quote(close[0])}?" if close else "the first line has to name it",
        )
    return found
