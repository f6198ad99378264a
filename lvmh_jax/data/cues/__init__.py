"""The table of polarity cues of twelve languages, a file each; `cuephrases` parses it.

General knowledge of the languages, read against the denials of the demo's gold and those sentences
of `benchmarks/denials.jsonl` that may be read. What is ordinary in a shop and denies nothing is
left out on purpose: returned, cancelled, free (-frei, -less), former, "allergie gegen".
"""

from __future__ import annotations

from lvmh_jax.data.cues.arabic import AR
from lvmh_jax.data.cues.chinese import ZH
from lvmh_jax.data.cues.dutch import NL
from lvmh_jax.data.cues.english import EN
from lvmh_jax.data.cues.french import FR
from lvmh_jax.data.cues.german import DE
from lvmh_jax.data.cues.italian import IT
from lvmh_jax.data.cues.japanese import JA
from lvmh_jax.data.cues.korean import KO
from lvmh_jax.data.cues.lists import CueLists
from lvmh_jax.data.cues.portuguese import PT
from lvmh_jax.data.cues.russian import RU
from lvmh_jax.data.cues.spanish import ES

CUES: dict[str, CueLists] = {
    "EN": EN,
    "FR": FR,
    "IT": IT,
    "ES": ES,
    "PT": PT,
    "DE": DE,
    "NL": NL,
    "RU": RU,
    "AR": AR,
    "JA": JA,
    "ZH": ZH,
    "KO": KO,
}

# Words that are something else in another language (DE Mai, DE noch, NL want, FR car, EN sold): no
# cues where a note's language is not known. `no` and `pas` stay, for they deny in four languages
# and mean "in the" and "just" in one each.
ELSEWHERE = frozenset(
    "mai ne n noch nee null quit sold satt fuit mica of en apenas want car ma pois lasse".split()
)

__all__ = ["CUES", "ELSEWHERE", "CueLists"]
