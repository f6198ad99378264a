"""Titles that announce a name, as people write them: whole, short, dotted, in small letters.

"Mme", "sig.ra", "г-жи", "Dr. med.", "Sr.ª". A short form that is another word, too ("ing.", "hr.",
"m.") is a title with its full stop alone, and no measure: "1 hr. 5 m."
"""

from __future__ import annotations

import re

# A name follows these even in lower case, as dictated notes come ("mrs shaw first time through the
# door"), unless the word is none: "Mme veut un sac". The others need a capital, or a note without
# any: "frau müller zur hochzeit", but "la signora vuole una borsa".
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
# Small, these are other words: "will miss Paris", "5 m Paris", "don Paris". With a full stop or
# before a name some are none: "avv. Rossi", "sig Rossi"; "HR." and "ING." are no titles.
_CAPITAL = (
    r"(?-i:[Mm]s|Miss|Sir|Lady|Lord|Hr|Maître|Sig|Ing|Avv|Don|Dona|Drs|Mgr|(?<!\.)(?:MM?|m)(?=\.)"
    r"|(?:Me|sig|avv)(?= {1,2}[A-Z\u00c0-\u00de])|(?<=l')arch(?=\.)"
    r"|(?:Fr|Pr|avv|AVV|[Ii]ng|[Hh]rn?|fr|[Ff]am|[Ll]ic|[Aa]rq|Arch|Geom|[Dd]ipl|drs|[Mm]ej"
    r"|Eng|Mag)(?=\.))"
)
# Behind "Dr.": "med. dent.", "rer. nat.", "h. c.", "-Ing."; without a full stop only in small.
_DEGREE = (
    r"(?:(?:med|jur|iur|phil|rer|nat|pol|oec|dent|vet|habil|theol|mult|univ|sc|ing|(?-i:[hc]))(?=\.)"
    r"|(?-i:med|jur|iur|phil|rer|nat|-Ing)(?!\w))"
)
_TITLE = rf"(?P<title>(?P<strict>{_STRICT})|{_LOOSE}|{_CAPITAL})"
# Behind a quote or an Italian article: "l'avv. Rossi", but "aujourd'hui" and "I'm" hold none.
TITLED = re.compile(
    rf"(?<![\w-])(?<![^\W\dl]'){_TITLE}(?!\w|\.(?:ssa|r[aei]|na|ª)(?!\w))"
    rf"(?:/(?:{_STRICT}|{_LOOSE})(?!\w))?"
    rf"(?:(?:\.?[ -]{{0,2}}{_DEGREE}){{0,4}})\.? {{0,2}}(?=[^\W\d_])",
    re.IGNORECASE,
)
