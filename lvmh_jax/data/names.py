"""Person names that a title announces: "Mme Laurent", "г-жа Петрова", "田中様", "王女士".

Only the name is found, not its title. Each family of scripts has its own finder: a pattern, and the
words that occur in the place of a name without being one. In doubt more is redacted rather than
less: a name of three words may include a capitalised noun. Occasions are not taken for names: there
is none in "für die Frau zur Hochzeit".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lvmh_jax.data.aftertitles import is_frequent, is_no_name, languages_of
from lvmh_jax.data.announcers import TITLES, Announcement
from lvmh_jax.data.titles import TITLED, is_other_word

_WORD = re.compile(r" {0,2}(?P<word>(?:[^\W\d_]\.){1,3}|[^\W\d_][\w'-]{0,39})")
# Not "zu" and "zur": phrases like "Frau zu Hause" are common, names like "Frau zur Mühlen" rare.
_PARTICLES = {
    *("de", "du", "des", "la", "le", "di", "da", "del", "della", "dalla", "dos", "das", "do"),
    *("van", "het", "der", "den", "von", "ten", "ter", "bin", "ibn", "al", "el", "af", "d'"),
}
_ELIDED = re.compile(r"(?:d|dell|degl|dall)'[^\W\d_a-zß-ÿ]")  # "d'Estaing", not "dell'hotel"
_BETWEEN_NAMES = {"e", "y"}  # "Ortega y Gasset", but "la señora y Paula"
# What is an article or a preposition where it stands alone: "Frau den Ring", "Signora da Milano".
_NO_PARTICLES = {"DE": {"der", "den"}, "IT": {"da", "dalla"}, "NL": {"het"}}
_BEFORE_ARTICLE = {"von", "van"}  # "Frau von der Leyen", "dhr. van het Hof"
# In a note without capitals: "mevrouw de vries" has a name, "signora del bar" none.
_LOWER_PARTICLES = {"DE", "NL"}
# Not abbreviations, so a full stop behind one ends the sentence: "für die Frau. Zur Hochzeit".
_WHOLE_WORD = re.compile(
    r"mister|doña|monsieur|madame|mademoiselle|docteur|profess\w+|doctor|frau|herrn?|fräulein"
    r"|signor\w*|dottor|contessa|señor\w*|senhora?|mevrouw|meneer|de heer|госпо\w+|miss|lady|lord"
    r"|maître",
    re.IGNORECASE,
)
_NEVER_NAMES = TITLES - {"m", "mm", "don", "lady", "lord", "miss", "sir"}
# Languages assumed for a title that many share, in a note without capitals: "dr weber".
_MAY_HAVE = ("EN", "FR", "IT", "ES", "PT", "DE", "NL")
_MAX_NAMES = 3


class _Title(NamedTuple):
    """A title in a note, which a name may follow.

    Attributes:
      languages: the languages that have the title, or may have it.
      is_shared: whether many languages have it ("Dr"), so that none decides what may follow.
      is_strict: whether what follows is a name even in lower case.
      is_doubtful: whether it is also a common noun ("Frau", "señora"), or shared and without a full
        stop ("dr").
      case: of the note: "lower" without capitals, "upper" without small letters, else "mixed".
    """

    languages: tuple[str, ...]
    is_shared: bool
    is_strict: bool
    is_doubtful: bool
    case: str


_LATIN = (
    r"(?:(?i:de|del|di|la|van|von|der|den|el|al) ){0,2}"
    r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'-]{1,39}"
)
_ARABIC = re.compile(
    r"(?<![\u0621-\u064a])(?:[وفبك]?(?:ال|لل)(?:سيدة?|دكتورة?|آنسة|أستاذة?)"
    r"(?:/ال(?:سيدة?|دكتورة?|أستاذة?))? |(?<![\d.])(?<!\d )(?:أ\. ?)?د\. ?)"  # not "500 د."
    r"(?P<name>(?:عبد )?[\u0621-\u0652]{2,20}(?: (?:ال|(?:آل|بن|بنو|ابن|أبو) )[\u0621-\u0652]{2,20}"
    r"| [\u0621-\u0652]{2,20}(?=[،,.؛:(\n]|\Z))?"
    r"|[^\W\d_][\w'-]{0,39}(?: [A-Z\u00c0-\u00de][\w'-]{0,39}){0,2})"
)

_KANJI = r"\u3005\u4e00-\u9fff"
_JAPANESE = re.compile(
    rf"(?P<name>{_LATIN}|[\u30a1-\u30fa\u30fb\u30fc]{{2,20}}|(?<![{_KANJI}])[{_KANJI}]{{1,5}}"
    rf"|[{_KANJI}]{{4}})"  # the end of a longer run: "一度坂本里佳様"
    r"(?:様(?![々子式相])|さん|氏(?!名)|ご?夫妻)"
)
# Kin, roles, and other words that end in the same characters: お客様, 奥様, 娘さん, 模様, 彼氏.
_JAPANESE_WORDS = {
    *"名客奥皆娘母父兄姉弟妹孫嬢子人神王仕同模多有彼両嫁婿者",
    *(
        "息子 女王 旦那 主人 得意 花屋 本屋 靴屋 職人 友人 友達 家族 スタッフ "
        "ショップ オーナー マネージャー ゲスト カップル ファン パパ ママ"
    ).split(),
}

# Endings of longer words of this kind: 特別仕様, 常連客様, ご新郎様.
_JAPANESE_ENDS = tuple(
    (
        "客 奥 旦那 主人 得意 神 仕 同 多 模 殿 姪御 新婦 新郎 花嫁 花婿 常連 "
        "会員 担当 担当者 社長 会長 店長 部長 両親 各位"
    ).split()
)

_KOREAN_ROLES = (
    "고객|회원|사모|선생|부모|어머|아버|어머니|아버지|할머|할아버|사장|회장|부회장|대표|교수|과장|원장|팀장|이사"
    "|변호사|의사|부인|아드|형|누|스|하나|실장|부장|차장|점장|기사|작가|감독|아저|아가|마음|도련|며느"
)
_KOREAN_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류유홍전고문손양배백허남심노하곽성차주우구민"
)
_KOREAN = re.compile(
    rf"(?P<name>{_LATIN}|(?<![가-힣])[가-힣]{{1,4}}?) ?(?P<role>{_KOREAN_ROLES})?(?:님|씨)"
)
_KOREAN_WORDS = {
    *_KOREAN_ROLES.split("|"),
    *("신부 신랑 예비신부 예비신랑 남편 아내 장모 장인 시어머 시아버 시어머니 시아버지").split(),
    *("친구 지인 직원 매니저 디자이너 배우자 임산부 어르신 자녀 손자 손녀").split(),
}
# Kinds of guest whose words begin with a surname's syllable: "신규 고객님" is a new guest.
_KOREAN_KINDS = set(
    "신규 우수 최우수 정기 전체 남성 주요 오랜 이번 한국 이런 우리 최근 오늘 성인 최고 고정 유명"
    " 신혼 장기 우대".split()
)

_CHINESE_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "覃韦欧游阮温翁莫凌辛管祝左季柴詹柯甘古倪庄涂卓骆符霍裴戚尤聂焦邢岳耿齐梅伍葛樊艾苗鲁"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂蘇盧蔣賈葉閻鍾譚鄒陸顧龍萬錢湯喬賀賴龔"
)
_CHINESE = re.compile(
    rf"(?P<name>{_LATIN}|(?:欧阳|歐陽|司马|司馬|上官|诸葛|[{_CHINESE_SURNAMES}])[\u4e00-\u9fff]{{0,2}}?)"
    r"(?:先生|女士|小姐|太太|夫人)"
)
# Words that begin with a surname's character: 高贵的女士 is a noble lady, 常来的先生 a regular.
_CHINESE_WORDS = set(
    "高贵 高贵的 高雅 高雅的 高个 高个子 高个的 高挑 高挑的 高大 高大的 于是 任何 白发 白发的 白领"
    " 金发 金发的 常来 常来的 常客 方便的".split()
)


_PATRONYMIC = re.compile(
    r"(?:[А-ЯЁ][а-яё]{1,24} ){1,2}[А-ЯЁ][а-яё]{1,20}"
    r"(?:ович|евич|овна|евна|ична|ьич)[а-яё]{0,2}(?![а-яё])"
    r"(?: [А-ЯЁ][а-яё]{2,24})?"
)


def find_names(text: str, announced: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    """Yields the half-open spans of names, unsorted.

    Args:
      text: any text.
      announced: the announcing words that `find_announcements` found in it.

    >>> from lvmh_jax.data.announcers import find_announcements
    >>> text = "Sra. de Castro y su hija"
    >>> [text[start:end] for start, end in find_names(text, find_announcements(text))]
    ['de Castro']
    """
    families = {word.family for word in announced}
    yield from _find_titled(text, announced)
    if "patronymic" in families:
        yield from (match.span() for match in _PATRONYMIC.finditer(text))
    if "name_arabic" in families:
        yield from _find_arabic(text)
    if "name_han" in families:
        yield from _find_han(text)
    if "name_hangul" in families:
        for match in _KOREAN.finditer(text):
            if _is_korean_name(match["name"], match["role"]):
                yield match.span("name")


def _find_arabic(text: str) -> Iterator[tuple[int, int]]:
    """Arabic names after a title; without capitals, only word lists exclude "السيدة تريد"."""
    for match in _ARABIC.finditer(text):
        first, _, rest = match["name"].partition(" ")
        if not is_no_name(first, "AR"):
            is_verb = bool(rest) and is_no_name(rest, "AR")
            start, end = match.span("name")
            yield start, start + len(first) if is_verb else end


def _find_han(text: str) -> Iterator[tuple[int, int]]:
    """Chinese and Japanese names: the scripts share characters, so both kinds are searched for."""
    for match in _CHINESE.finditer(text):
        if match["name"] not in _CHINESE_WORDS:
            yield match.span("name")
    for match in _JAPANESE.finditer(text):
        is_word = match["name"] in _JAPANESE_WORDS or match["name"].endswith(_JAPANESE_ENDS)
        if not is_word:
            yield match.span("name")


def _is_korean_name(name: str, role: str | None) -> bool:
    """Whether a match is a name; before a role ("김 회장님"), only if it begins with a surname."""
    if role is None:
        if len(name) == 1:  # 손님: a guest, 주님: the Lord, 이, 하: no names by themselves
            return name in _KOREAN_SURNAMES and name not in "손주이하"
        return name not in _KOREAN_WORDS
    if name in _KOREAN_KINDS or name == "이":  # 이: "this"
        return False
    return name.isascii() or name[0] in _KOREAN_SURNAMES


def _find_titled(text: str, announced: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    """Names after a title, in scripts that have capitals."""
    position = 0
    case = _case_of(text) if announced else ""
    languages: tuple[str, ...] = ()
    for word in announced:
        if word.family != "title" or word.start < position:
            continue
        match = TITLED.match(text, word.start)
        if not match:
            continue
        if word.start != position:  # "Frau Dr. Weber": a doctor in German
            languages = ()
        languages = languages_of(match["title"].lower()) or languages
        position = start = match.end()
        if is_other_word(text, match):
            continue
        if TITLED.match(text, start):  # "Frau Dr. Weber": the next round finds the name
            continue
        title = _describe(text, match, languages, case)
        if title is None:
            continue
        position = _end_of_name(text, start, title)
        if position > start:
            yield start, position


def _describe(
    text: str, match: re.Match[str], languages: tuple[str, ...], case: str
) -> _Title | None:
    """The title with what decides on the name behind it; None if its full stop ends a sentence."""
    written = match["title"]
    has_stop = "." in text[match.end("title") : match.end()]
    is_shared = not languages
    if is_shared and case == "lower":
        languages = _MAY_HAVE
    is_word = _WHOLE_WORD.fullmatch(written) is not None or written == "m"
    if is_word and has_stop and _begins_anew(text, match.end(), languages):
        return None
    # "MR imaging" is no Mr.
    is_strict = match["strict"] is not None and not written.isupper()
    is_doubtful = is_word or (is_shared and not has_stop)
    return _Title(languages, is_shared, is_strict, is_doubtful, case)


def _begins_anew(text: str, start: int, languages: Sequence[str]) -> bool:
    """Whether a new sentence begins after a title ("die Frau. Zur Hochzeit"; not "Miss. Smith")."""
    match = _WORD.match(text, start)
    return match is not None and any(is_no_name(match["word"].lower(), each) for each in languages)


def _case_of(text: str) -> str:
    return "lower" if text == text.lower() else "upper" if text == text.upper() else "mixed"


def _end_of_name(text: str, start: int, title: _Title) -> int:
    """The end of the name that starts at `start`; `start` itself if there is none."""
    end = position = start
    names, previous = 0, ""
    while names < _MAX_NAMES and (match := _WORD.match(text, position)):
        word, position = match["word"], match.end()
        folded = word.lower()
        # "Sr. y Sra. Navarro", also if the name has already been redacted.
        if folded.rstrip(".") in _NEVER_NAMES or TITLED.match(text, match.start("word")):
            break
        is_particle = folded in _PARTICLES or (folded in _BETWEEN_NAMES and names > 0)
        if _is_name(word, title, may_be_lower=not names and not is_particle):
            names += 1
            possessive = 2 if folded.endswith("'s") else 0
            end = match.start("word") + len(word[: len(word) - possessive].rstrip("'-"))
            if possessive:
                break
        elif not is_particle or not _leads_on(folded, previous, title):
            break
        previous = folded
    return end


def _is_name(word: str, title: _Title, *, may_be_lower: bool) -> bool:
    """Whether a word after a title is a name; in lower case only where `may_be_lower` allows it."""
    lowered = word.lower()
    if word[0].isupper() or _ELIDED.match(word):
        return title.case != "upper" or not any(is_no_name(lowered, e) for e in title.languages)
    if not may_be_lower or any(is_no_name(lowered, each) for each in title.languages):
        return False
    if title.is_strict:
        return True
    is_common = title.is_doubtful and any(is_frequent(lowered, each) for each in title.languages)
    return title.case == "lower" and bool(title.languages) and not is_common


def _leads_on(particle: str, previous: str, title: _Title) -> bool:
    """Whether a name may continue after a particle, by the languages of the title."""
    for language in () if title.is_shared else title.languages:
        if particle in _NO_PARTICLES.get(language, ()) and previous not in _BEFORE_ARTICLE:
            return False
    if title.case == "lower" and not title.is_strict:
        return not _LOWER_PARTICLES.isdisjoint(title.languages)
    return True
