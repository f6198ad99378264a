"""Parses one row of a raw export: header names, text, date and language.

Texts are normalised here, before any offset exists: offsets in gold and mentions refer to the
result. Unreadable values are left empty and reported, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from lvmh_jax.data.text import fold_form, repair_text

FIELDS = ("id", "date", "duration", "language", "length", "text")
REQUIRED = ("id", "text")

# Folded to letters and digits. The first of each is the name in FORMATS.
_HEADERS = {
    "id": "id noteid idnote identifiant identifier identificativo identificador kennung notizid"
    " noteno notenr idnota notaid noteidentifier nnote numeronote refnote referencenote notiznr"
    " notiznummer refnota numeronota rifnota 番号 编号 아이디 ид",
    "date": "date data datum fecha dateofvisit visitdate datenote notedate datevisite datedevisite"
    " daterdv daterendezvous besuchsdatum termindatum fechavisita fechadevisita fechacita"
    " datavisita datadavisita dataappuntamento 日付 日期 날짜 дата التاريخ تاريخ",
    "duration": "duration duree dauer durata duracion duracao duur dureeminutes 時間 时长 시간"
    " длительность المده",
    "language": "language langue sprache lingua idioma lenguaje linguagem taal lang languagecode"
    " codelangue languenote langueclient kundensprache idiomacliente linguacliente"
    " 言語 语言 언어 язык اللغه",
    "length": "length longueur lange laenge lunghezza longitud largo comprimento extensao lengte"
    " taille 長さ 长度 길이 длина الطول",
    "text": "transcription transcript text note notes texte testo texto tekst transkription"
    " transkript trascrizione transcripcion transcricao transcriptie transcrizione notiz nota"
    " notetext textenote commentaire commentaires commentairevendeur notevendeur kommentar notizen"
    " bemerkung bemerkungen comentario comentarios comentariovendedor commento"
    " notavenditore 本文 文字起こし 文本 转录 내용"
    " транскрипция текст النص",
    "client": "clientid idclient nclient noclient numeroclient numerodeclient numclient clientno"
    " clientnumber clientnr clientref refclient referenceclient codeclient clientcode codclient"
    " identifiantclient idduclient matriculeclient customerid customerno customernumber"
    " customercode customerref idcustomer kundennr kundennummer kundenid kundencode kdnr kundnr"
    " idkunde ncliente nocliente nrocliente nrcliente numerocliente numerodecliente"
    " numerodocliente idcliente clienteid iddocliente iddelcliente codigocliente codigodecliente"
    " codigodocliente codicecliente codicedelcliente codecliente codcliente refcliente rifcliente"
    " klantnr klantnummer klantid klantcode idklant 顧客番号 顧客id 顧客コード お客様番号 会員番号"
    " 客户编号 客户id 客户号 客戶編號 会员号 고객번호 고객id 고객코드 회원번호"
    " кодклиента номерклиента idклиента رقمالعميل معرفالعميل كودالعميل رمزالعميل",
    # Such a column may also hold the client's name, so it has its own message.
    "client_or_name": "client cliente clients kunde kundin klant customer 顧客 お客様 客户 客戶"
    " 고객 клиент العميل",
}
_FIELD_OF = {name: field for field, names in _HEADERS.items() for name in names.split()}

_LANGUAGE_NAMES = {
    "FR": "fr fra fre french francais franzosisch frances francese frans французский 法语"
    " フランス語 프랑스어 الفرنسيه",
    "EN": "en eng english anglais englisch ingles inglese engels английский 英语"
    " 英語 영어 الانجليزيه",
    "IT": "it ita italian italien italienisch italiano italiaans итальянский 意大利语 イタリア語"
    " 이탈리아어 الايطاليه",
    "ES": "es spa spanish espagnol spanisch espanol spagnolo espanhol spaans castellano испанский"
    " 西班牙语 スペイン語 스페인어 الاسبانيه",
    "DE": "de deu ger german allemand deutsch aleman tedesco alemao duits немецкий 德语 ドイツ語"
    " 독일어 الالمانيه",
    "PT": "pt por portuguese portugais portugiesisch portugues portoghese portugees португальский"
    " 葡萄牙语 ポルトガル語 포르투갈어 البرتغاليه",
    "NL": "nl nld dut dutch neerlandais niederlandisch hollandisch neerlandes olandese holandes"
    " nederlands нидерландский 荷兰语 オランダ語 네덜란드어 الهولنديه",
    "JA": "ja jp jpn japanese japonais japanisch japones giapponese japans японский 日语 日本語"
    " 일본어 اليابانيه",
    "KO": "ko kr kor korean coreen koreanisch coreano koreaans корейский 韩语"
    " 韓国語 한국어 الكوريه",
    "ZH": "zh cn zho chi chinese chinois chinesisch chino cinese chines chinees mandarin китайский"
    " 中文 汉语 中国語 중국어 الصينيه",
    "AR": "ar ara arabic arabe arabisch arabo arabisk арабский 阿拉伯语 アラビア語 아랍어 العربيه",
    "RU": "ru rus russian russe russisch ruso russo русский 俄语 ロシア語 러시아어 الروسيه",
}
_LANGUAGE_OF = {n: code for code, names in _LANGUAGE_NAMES.items() for n in names.split()}
_NO_VALUE = {"", "-", "--", "?", "na", "n/a", "none", "null", "nan", "unknown", "inconnu", "und"}

_MONTHS = (
    "jan jän gen ene янв",
    "feb fév fev фев",
    "mar mär mrt maa мар",
    "apr avr abr апр",
    "may mai mag mei май мая",
    "jun juin giu июн",
    "jul juil lug июл",
    "aug aoû ago авг",
    "sep set сен",
    "oct okt ott out окт",
    "nov ноя",
    "dec déc dez dic дек",
)
_MONTH_OF = {fold_form(n): m for m, names in enumerate(_MONTHS, 1) for n in names.split()}
_YEAR_FIRST = re.compile(r"(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?![\d-])")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)\Z")
_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.|º)?[ -](?:de )?"
    r"([^\W\d_]{3,12})\.?[ ,-]+(?:de )?(\d{4})"
)
_NAMED_FIRST = re.compile(r"([^\W\d_]{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_WEEKDAY = re.compile(r"\A[^\W\d_]{2,12}\.?,? (?=\d)")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?\Z")
_SERIAL_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets, from March 1900 on
_CENTURY = 70  # two-digit years: 69 is 2069, 70 is 1970, as in POSIX strptime

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_LINE_END = re.compile(r" ?\n[ \n]*")
# Controls, soft hyphens, zero-width spaces, direction marks, byte order marks. Joiners stay,
# because Arabic and emoji need them.
_DROPPED = re.compile(
    r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069"
    r"\ufeff\ufff9-\ufffb]"
)


def map_columns(header: Sequence[str]) -> dict[str, list[int]]:
    """Maps each field to the columns of a header that may hold it.

    >>> map_columns(["Identifiant", "Durée", "colour", "TRANSCRIPTION "])
    {'id': [0], 'duration': [1], 'text': [3]}
    """
    found: dict[str, list[int]] = {}
    for column, name in enumerate(header):
        key = "".join(filter(str.isalnum, fold_form(name[:64])))
        if key in _FIELD_OF:
            found.setdefault(_FIELD_OF[key], []).append(column)
    return found


def list_names(field: str) -> list[str]:
    """Folded column names of a field; the one in FORMATS comes first.

    >>> list_names("id")[:3]
    ['id', 'noteid', 'idnote']
    """
    return _HEADERS[field].split()


def normalise_text(text: str) -> str:
    r"""Composes (NFC), drops control characters, and makes line ends and spaces uniform.

    >>> normalise_text("caf\u0065\u0301\u00a0 noir\r\n\r\n\x00 fin ")
    'café noir\nfin'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", repair_text(text))
    if not text.isprintable():
        text = _DROPPED.sub("", _LINE_ENDS.sub("\n", text))
        # Dropping a character may have made a letter and its accent adjacent.
        text = unicodedata.normalize("NFC", text)
    return _AROUND_LINE_END.sub("\n", _SPACES.sub(" ", text)).strip()


def fold_text(text: str) -> str:
    """Key that is equal for texts that differ only in case, accents, width and punctuation.

    >>> fold_text("Été, 2026 !") == fold_text("ete 2026")
    True
    """
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text).casefold()))


def parse_date(written: str, *, month_first: bool = False) -> str | None:
    """Parses a date: ISO, day first, with a month name, or the day number of a spreadsheet.

    One date cannot tell which of two numbers is the month; `dateorder.judge_dates` decides that for
    the column.

    Args:
      written: the cell.
      month_first: whether 01/02/2026 is January 2 instead of February 1.

    Returns: YYYY-MM-DD, or None if it is not a date.

    >>> parse_date("8/1/2026"), parse_date("8 janvier 2026"), parse_date("2026-01-08T10:00:00Z")
    ('2026-01-08', '2026-01-08', '2026-01-08')
    >>> parse_date("01/13/2026") is None
    True
    """
    return _parse_date(written.strip()[:40], month_first)


@lru_cache(maxsize=8192)
def _parse_date(written: str, month_first: bool) -> str | None:
    plain = unicodedata.normalize("NFKC", written)
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in plain)
    if match := _COMPACT.match(plain) or _YEAR_FIRST.match(plain):
        return _date_of(*match.groups())
    if _SERIAL.match(plain) and 25569 <= float(plain) <= 73050:  # 1970 to 2099
        return (_SERIAL_EPOCH + timedelta(days=int(float(plain)))).isoformat()
    plain = _WEEKDAY.sub("", plain, count=1) if not _NAMED_FIRST.match(plain) else plain
    if match := _NUMBERS.match(plain):
        first, second, year = match.groups()
        day, month = (second, first) if month_first else (first, second)
        return _date_of(year, month, day)
    if match := _NAMED.match(plain):
        day, name, year = match.groups()
        return _date_of(year, _month_of(name), day)
    if match := _NAMED_FIRST.match(plain):
        name, day, year = match.groups()
        return _date_of(year, _month_of(name), day)
    return None


def _month_of(name: str) -> str:
    folded = fold_form(name)
    # "juin" and "juillet" differ in the fourth letter only.
    return str(_MONTH_OF.get(folded[:4]) or _MONTH_OF.get(folded[:3]) or 0)


def _date_of(year: str, month: str, day: str) -> str | None:
    full = int(year)
    if len(year) == 2:
        full += 2000 if full < _CENTURY else 1900
    try:
        return date(full, int(month), int(day)).isoformat()
    except ValueError:
        return None


def parse_language(written: str) -> str | None:
    """Parses a language as upper-case ISO 639-1; a code of another language is kept.

    Returns: "" if the cell is empty, None if it names no language.

    >>> [parse_language(w) for w in ("français", "pt-BR", "Deutsch ", "PL", "n/a", "hello you")]
    ['FR', 'PT', 'DE', 'PL', '', None]
    """
    return _parse_language(written.strip()[:40])


@lru_cache(maxsize=1024)
def _parse_language(written: str) -> str | None:
    if written.lower() in _NO_VALUE:
        return ""
    folded = fold_form(written)
    head = re.split(r"[-_ (/]", folded, maxsplit=1)[0]
    for name in (folded, head):
        if name in _LANGUAGE_OF:
            return _LANGUAGE_OF[name]
    return head.upper() if re.fullmatch(r"[a-z]{2}", head) else None
