"""Particles written without a space: Korean ones after a noun, Arabic ones before it.

"골프를" is golf as an object; "والعود" is "and the oud".
"""

from __future__ import annotations

import re
from functools import lru_cache

SHORTEST_STEM = 2  # syllables; after one syllable a particle is usually part of another word
_PARTICLES = (
    "은 는 이 가 을 를 의 에 와 과 도 만 로 으로 랑 이랑 나 이나 라 이라 요 이요 용 임 "
    "에서 에게 께 께서 한테 까지 부터 보다 처럼 마다 조차 마저 밖에 뿐 하고 이고 인데 "
    "라고 이라고 라도 이라도 라면 이라면 들 들이 들을 들은 들도 들과 들의 에는 에도 에서는 에서도 "
    "으로는 로는 으로도 로도 만은 만을 만이 까지는 까지도 와는 과는 와도 과도 보다는 용으로 "
    "이다 입니다 이에요 예요 이신 이심"
)
_TAIL = re.compile(rf"(?:{'|'.join(_PARTICLES.split())})(?!\w)")
_STEM = re.compile(rf"[가-힣]{{{SHORTEST_STEM}}}\Z")


# Folded nouns and colours of a shop that begin with the letter of "and": "rose" is not "and" + رده.
_OWN_WAW = "ورده|وردي|ورديه|ورود|وشاح|وسام"
# A bare ف ("so") is rarely attached to a noun, and many nouns begin with it: فستان, فضة, فراء.
_PROCLITICS = re.compile(rf"[وف]?(?:ال|بال|كال|لل)(?=\w{{2}})|(?!(?:{_OWN_WAW})\Z)و(?=\w{{3}})")


@lru_cache(maxsize=1 << 16)
def drop_proclitics(form: str) -> str:
    """Strips "and", "the" and attached prepositions from an Arabic word.

    >>> [drop_proclitics(form) for form in ("العود", "ومسك", "والعود", "oud")]
    ['عود', 'مسك', 'عود', 'oud']
    >>> [drop_proclitics(form) for form in ("فستان", "فضه", "ورد", "ورده")]
    ['فستان', 'فضه', 'ورد', 'ورده']
    """
    found = _PROCLITICS.match(form)
    return form[found.end() :] if found else form


def ends_in_stem(form: str) -> bool:
    """Whether a particle may follow a phrase.

    >>> [ends_in_stem(form) for form in ("골프", "검은 옷", "bag")]
    [True, False, False]
    """
    return _STEM.search(form) is not None


def is_particle(text: str, start: int) -> bool:
    """Whether the rest of a word from an offset on is a particle.

    >>> is_particle("골프를 치심", 2), is_particle("골프장", 2)
    (True, False)
    """
    return _TAIL.match(text, start) is not None
