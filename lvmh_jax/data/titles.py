"""Titles that announce a name, in all spellings: full, abbreviated, with full stop, in lower case.

"Mme", "sig.ra", "г-жи", "Dr. med.", "Sr.ª". An abbreviation that is also a word ("ing.", "hr.",
"m.") is a title only with its full stop, and not as a measure: "1 hr. 5 m." Some are titles only
after words of their language: "le Pr. Roy", "Frau Mag. Huber", but "Pr. Price" and "Mag. Vogue".
"""

from __future__ import annotations

import re

from lvmh_jax.data.aftertitles import is_frequent, is_no_name

# After these, a name may be in lower case, as in dictated notes ("mrs shaw first time through the
# door"), unless the word is no name: "Mme veut un sac". Other titles need a capital, or a note
# without capitals: "frau müller zur hochzeit", but "la signora vuole una borsa".
_STRICT = (
    r"mrs?|messrs|mister|mmes?|mlles?|mx|dhr|mevr|mvr|doña|dña|srta|sigg?\.(?:r[aei]|na)"
    r"|sigg?(?=\.)|(?-i:[Mm]s)(?=\.)|г-(?:н|на|ну|ном|не|жа|жи|же|жу|жой)"
)
_LOOSE = (
    r"dr(?:\.ssa|\.?ª|\.a)|prof(?:\.ssa|\.?ª|\.a|a)|sr(?:\.?ª|\.a)|dott\.(?:ssa|ri)|d\.?ª"
    r"|dr|prof|monsieur|madame|mademoiselle|docteur|professeur|professora?|professore|doctor"
    r"|frau|herrn?|fräulein|frl|signora|signor[ei]?|signorina|dott|dottor|contessa"
    r"|sr|sra|sres|srs|sras|dra|señora?|señorita|senhora?|mevrouw|meneer|mw|de heer"
    r"|господин(?:а|у|ом|е)?|госпож(?:а|и|е|у|ой)|д-р(?:а|у|ом)?|проф(?=\.)"
)
# In lower case these are other words: "will miss Paris", "5 m Paris", "don Paris". Some are titles
# with a full stop or before a name: "avv. Rossi", "sig Rossi"; "HR." and "ING." are no titles.
# "dell'arch. Neri" is Italian, "l'arch. romane" French.
_CAPITAL = (
    r"(?-i:[Mm]s|Miss|Sir|Lady|Lord|Hr|Maître|Sig|Ing|Avv|Don|Dona|Drs|Mgr|(?<!\.)(?:MM?|m)(?=\.)"
    r"|(?:Me|sig|avv)(?= {1,2}[A-Z\u00c0-\u00de])|(?<=ll')arch(?=\.)"
    r"|(?:Fr|Pr|avv|AVV|[Ii]ng|[Hh]rn?|fr|[Ff]am|[Ll]ic|[Aa]rq|Arch|Geom|[Dd]ipl|drs|[Mm]ej"
    r"|Eng|Mag)(?=\.))"
)
# After "Dr.": "med. dent.", "rer. nat.", "h. c.", "-Ing."; without full stop only in lower case.
_DEGREE = (
    r"(?:(?:med|jur|iur|phil|rer|nat|pol|oec|dent|vet|habil|theol|mult|univ|sc|ing|(?-i:[hc]))(?=\.)"
    r"|(?-i:med|jur|iur|phil|rer|nat|-Ing)(?!\w))"
)
_TITLE = rf"(?P<title>(?P<strict>{_STRICT})|{_LOOSE}|{_CAPITAL})"
# A title may follow a quote or an Italian article ("l'avv. Rossi"), but not "aujourd'hui" or "I'm".
TITLED = re.compile(
    rf"(?<![\w-])(?<![^\W\dl]'){_TITLE}(?!\w|\.(?:ssa|r[aei]|na|ª)(?!\w))"
    rf"(?:/(?:{_STRICT}|{_LOOSE})(?!\w))?"
    rf"(?:(?:\.?[ -]{{0,2}}{_DEGREE}){{0,4}})\.? {{0,2}}(?=[^\W\d_])",
    re.IGNORECASE,
)

_WORD = re.compile(r"[^\W\d_][\w'-]{0,39}")
_PREVIOUS = re.compile(r"(?P<word>\w{1,20})(?P<between>\W{0,2})\Z")
# After these words the title is a common noun or a size: "seine Frau Anna" is left to recognisers.
_NO_TITLE_AFTER = {
    *("seine", "seiner", "ihre", "ihrer", "meine", "meiner", "eine", "einer"),
    *("taille", "size", "größe", "talla", "taglia", "tamanho", "maat"),
}
_SIZES = {"xxs", "xs", "s", "m", "l", "xl", "xxl", "in"}  # "xl, m. Burberry", "in m. Burberry"
_MEASURES = {"m", "mm", "ms", "hr", "fr"}  # after a number: "5 m. Paris", "1 hr."
_GERMAN = set("frau herr herrn hr hrn dr prof der die für fuer mit von bei an und u".split())
# Spellings of titles that are more often another word: a price, a magazine, "from".
_ONLY_AFTER = {
    "Pr": set("le du au de chez avec par et".split()),
    "Mag": _GERMAN,
    "fr": _GERMAN,
    "ing": set("l all dell dall coll un el al del dr prof sig".split()),
}
# A lawyer in French, otherwise nearly always a pronoun: "Please Call Me Back".
_MAITRE_AFTER = set(
    "à avec chez de et par pour selon via avocat avocate notaire cabinet étude"
    " contacter appeler rappeler voir".split()
)
_ME = ("FR", "EN", "ES", "IT", "PT")  # whose verbs follow the pronoun: "Me Encanta"
# Abbreviated titles that are also other words: an engagement ring, an appointment with a doctor.
_OFFICE = {"appointment", "appointments", "appt", "visit", "visits", "office", "orders", "notes"}
_NO_NAMES_AFTER = {
    "eng": {"ring", "rings", "band", "party", "session", "gift", "present"},
    "dr": _OFFICE,
    "drs": _OFFICE,
    "me": {"too", "time", "gustan", "gustaría"},
    "arch": {"support", "digest"},
    "geom": {"print", "prints", "pattern", "patterns", "shapes", "design", "muster"},
    "fam": set(
        "urlaub feier fest essen treffen reise ferien geschenk schmuck hochzeit ausflug rabatt"
        " dinner trip holiday holidays vacation weekend gift gifts event jewels discount party"
        " vacanze cena festa vakantie feest diner uitje".split()
    ),
}
_BRANDS = {"dr": {"martens", "pepper", "hauschka", "jart"}}  # in lower case only
# "Fr." is also Friday, and the end of "parle Fr. Cherche un sac".
_FRIDAY_AFTER = set("am bis ab vom zum jeden jeder nächsten diesen do mo".split())
_NO_FRAU = set(
    "vormittag nachmittag mittag abend morgen nacht anruf besuch lieferung abholung termin".split()
)


def is_other_word(text: str, title: re.Match[str]) -> bool:
    """Whether a match of `TITLED` is no title: a size, a Friday, a pronoun, an engagement ring.

    >>> sizes, called = "taille M. Aime le bleu", "Call Me Back"
    >>> [is_other_word(text, TITLED.search(text)) for text in (sizes, called, "M. Roy", "Me Roy")]
    [True, True, False, False]
    """
    written = title["title"]
    short = written.lower()
    previous = _PREVIOUS.search(text, max(0, title.start() - 24), title.start())
    before = previous["word"].lower() if previous else ""
    if before in _NO_TITLE_AFTER or (written == "m" and before in _SIZES):
        return True
    if short in _MEASURES and before[-1:].isdigit():
        return True
    if written in _ONLY_AFTER and before not in _ONLY_AFTER[written]:
        return True
    match = _WORD.match(text, title.end())
    word = match.group() if match else ""
    if word.lower() in _NO_NAMES_AFTER.get(short, ()) or word in _BRANDS.get(short, ()):
        return True
    if short == "me":
        goes_on = previous is not None and previous["between"].isspace()
        return (goes_on and before not in _MAITRE_AFTER) or _is_no_name_in(word, _ME)
    return short == "fr" and _is_friday(word, before)


def _is_no_name_in(word: str, languages: tuple[str, ...]) -> bool:
    return any(is_no_name(word.lower(), language) for language in languages)


def _is_friday(word: str, before: str) -> bool:
    """Whether "Fr." is Friday instead of Frau, by the word before it and the word after it."""
    small = word.lower()
    is_noun = small in _NO_FRAU or any(
        is_no_name(small, language) or is_frequent(small, language)
        for language in ("DE", "FR", "EN")
    )
    return is_noun or before in _FRIDAY_AFTER or not word[:1].isupper()
