"""Words that announce personal data: titles, kinds of street, "passport", "phone".

One pass of an automaton finds all of them, so the recognisers only look where something is
announced. This makes redaction fast: trying their regular expressions at every letter took ten
times as long.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from lvmh_jax.data.text import UNSPACED_CHARACTER, repair_text


class Announcement(NamedTuple):
    """Half-open span of an announcing word, and the family of data that it announces."""

    start: int
    end: int
    family: str


# Families of whole words; words of other families may continue to the left or right.
_WHOLE = {
    "title": (
        "mr mrs messrs mme mlle mlles mmes mx dhr mevr mvr doña dña srta г-н г-на г-ну г-ном г-не"
        " г-жа г-жи г-же г-жу г-жой mister dr prof profa д-р д-ра д-ру д-ром проф"
        " dª d.ª drª dr.ª srª sr.ª profª prof.ª"
        " monsieur madame mademoiselle docteur professeur professor professora professore doctor"
        " frau herr herrn fräulein frl signora signor signore signori signorina dott dottor"
        " contessa sr sra sres srs sras dra señor señora señorita senhor senhora mevrouw meneer mw"
        " heer господин господина господину господином господине госпожа госпожи госпоже госпожу"
        " госпожой ms miss sir lady lord sig sigg ing avv don dona mm m hr hrn fr maître mgr drs"
    ),
    "title_short": "me pr fam lic arq arch geom dipl mej eng mag",  # other words, too
    "street_fr": "rue avenue av boulevard bd place chemin allée impasse quai route cours square",
    "street": (
        "via viale piazza piazzale corso largo vicolo contrada borgo strada stretto rotonda"
        " incrocio canale calle c/ avenida avda av plaza paseo pasaje pasadizo ronda camino"
        " carretera vial glorieta rambla cañada cuesta acceso callejón urbanización rua"
        " travessa praça alameda estrada beco"
        " ул улица улице пр проспект проспекте пр-т пер переулок наб набережная бул бульвар б-р"
        " шоссе ш алл аллея пл площадь شارع"
    ),
    "street_last": (
        "street st road rd avenue ave lane ln drive dr court ct place pl square sq terrace way"
        " boulevard blvd crescent close gardens grove mews parkway pkwy highway hwy circle trail"
        " alley walk walks plaza row path route turnpike village island islands extension"
        " extensions harbor harbors meadow meadows ridge ridges view views spring springs mount"
        " mountain mountains mill mills manor manors forge forges ford fords forest field fields"
        " ferry estate estates dale crossing creek cove corner corners common commons club cliff"
        " cliffs center centers cape camp bypass brook brooks bridge branch bend bay valley valleys"
        " union tunnel track trace throughway summit stream streets stravenue station squares"
        " spur shore shores shoal shoals run rue rapid rapids ranch ramp radial prairie ports port"
        " points point plains plain pines pine pike passage pass parks park parkways orchard oval"
        " neck motorway mission loop locks lodge light lights land lakes lake knolls knoll keys key"
        " junction isle inlet hollow hills hill heights haven greens green glen glens gateway"
        " garden freeway fort flats flat falls fall expressway drives course causeway canyon"
    ),
    "street_initial": "c. r.",
    "id_short": "dni nif bsn ssn nir nhs nino инн снилс cni rrn",
    "phone_short": "tel tél tfno tlf mob cell gsm тел whatsapp",
    "birth": (
        "born dob ddn né née geboren geb nato nata nacido nacida nació nascido nascida nasceu"
        " родился родилась рожд"
    ),
    "network": (
        "instagram insta ig wechat weixin whatsapp telegram snapchat tiktok facebook fb line signal"
        " kakao kakaotalk viber linkedin twitter weibo skype вк телеграм телеграмм инстаграм"
    ),
}
TITLES = frozenset(_WHOLE["title"].split())
_PREFIX = {
    "id": (
        "passport|passeport|reisepass|paspoort|pasaporte|passaporto|passaporte|паспорт"
        "|carte d'identité|sécurité sociale|sécu |codice fiscale|carta d'identità|contribuinte"
        "|cartão de cidadão|burgerservicenummer|personalausweis|ausweis|steuer-id|steuer-idnr"
        "|steueridentifikationsnummer|social security|national insurance|id number|id card"
        "|permis de conduire|führerschein|rijbewijs|driving licence|driver's license"
    ),
    # Without their accents, "né" and "née" are other words.
    "birth": (
        "date of birth|birth date|birthdate|d.o.b|date de naissance|naissance|nee le|ne le"
        "|geburtsdatum|geb.-datum|data di nascita|fecha de nacimiento|nacimiento"
        "|data de nascimento|nascimento|geboortedatum|дата рождения|д.р."
    ),
    "birthday": (
        "birthday|bday|b-day|anniversaire|geburtstag|compleanno|cumpleaños|cumple|aniversário"
        "|verjaardag|день рождения"
    ),
    "phone": (
        "phone|téléphone|telefon|teléfono|telefono|telefone|telefoon|portable|handy|móvil"
        "|cellulare|telemóvel|mobile|mobiel|телефон|call her|call him"
    ),
}
_ANYWHERE = {
    "birth": "生年月日|出生|出生日期|出生年月日|생년월일|출생|출생일"
    "|تاريخ الميلاد|تاريخ ميلاد|مواليد|ولد|ولدت",
    "birthday": "誕生日|生日|생일|عيد ميلاد",
    "birth_last": "生|생|г.р|г. р|года рождения|출생",
    "network": "微信|微博|小红书|小紅書|抖音|ライン|インスタ|카톡|카카오톡|인스타|라인"
    "|واتساب|انستغرام|إنستغرام|تيليجرام|سناب",
    "id": "护照|護照|身份证|身分證|パスポート|旅券|マイナンバー|個人番号|여권|주민등록번호|주민번호"
    "|جواز|هوية|الرقم القومي",
    "phone": "电话|電話|手机|手機|携帯|連絡先|전화|연락처|휴대폰|هاتف|جوال|موبايل|تليفون",
    "street_part": "straße|strasse|str.|allee|gasse|straat|laan|gracht|kade|steeg|boulevard",
    "street_maybe": "weg|platz|ring|ufer|damm|plein|singel|dreef|pad|hof|baan",
    "place_han": "丁目|番地|号|號|座|都|府|県|道",
    "place_hangul": "로|길|거리|동|번지|가 ",
    "name_han": "様|さん|氏|夫妻|先生|女士|小姐|太太|夫人",
    "name_hangul": "님|씨",
    "name_arabic": "سيد|دكتور|آنسة|أستاذ|د.",
    "patronymic": "ович|евич|овна|евна|ична|ьич",
}


@cache
def _automaton() -> tuple[AhoCorasick, list[tuple[str, bool, bool]]]:
    """The automaton; and for each word its family, and whether it must end at either side."""
    words: list[str] = []
    rules: list[tuple[str, bool, bool]] = []
    for table, separator, left, right in (
        (_WHOLE, " ", True, True),
        (_PREFIX, "|", True, False),
        (_ANYWHERE, "|", False, False),
    ):
        for family, listed in table.items():
            for word in listed.strip().split(separator):
                words.append(word)
                rules.append((family.removesuffix("_short"), left, right))
    return AhoCorasick(words), rules


def find_announcements(text: str) -> list[Announcement]:
    """Finds all announcing words, ordered by end; offsets into the text are half-open.

    >>> find_announcements("chez Mme Blanc")
    [Announcement(start=5, end=8, family='title')]
    """
    automaton, rules = _automaton()
    found: list[Announcement] = []
    lowered = repair_text(_lower(text))  # the automaton requires valid UTF-8
    last = len(text)
    for which, start, end in automaton.find_matches_as_indexes(lowered, overlapping=True):
        family, left, right = rules[which]
        if left and start and _is_inside(lowered, start, family):
            continue
        if right and end < last and _goes_on(lowered[end]):
            continue
        found.append(Announcement(start, end, family))
    return found


def _is_inside(lowered: str, start: int, family: str) -> bool:
    """Whether a word begins inside another one; a title may follow a quote or an article."""
    before = lowered[start - 1]
    if before == "'" and family == "title":
        article = lowered[start - 2 : start - 1]
        return article != "l" and _goes_on(article or " ")
    return _goes_on(before) or before in "'-"


def _goes_on(char: str) -> bool:
    """Whether a character continues a word; after "LINE" in "私のLINEは" it does not."""
    return char == "_" or (char.isalnum() and not UNSPACED_CHARACTER.match(char))


def _lower(text: str) -> str:
    """Lower case, one character for one, so that offsets stay valid."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)
