"""Function words, and words too common to name anything.

Function words are listed by hand, because a list by frequency includes words such as "new" and
"time", with which phrases may begin. Verb particles ("up", "auf") and negations are left out: "pick
up" and "no leather" are complete phrases. For whole aliases, frequency per language is the better
criterion: "or" is a conjunction in English, and gold in French.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache

from lvmh_jax.data.frequency import LANGUAGES as LISTED

_BY_LANGUAGE = {
    "EN": "a an the of to for with and or from by at in into his her their my your our its this",
    "FR": "le la les un une des du de au aux et ou pour avec dans en chez par sur sa son ses "
    "leur leurs mon ma mes cet cette ces",
    "IT": "il lo la gli un uno una di del della dei degli delle da dal dalla e o per con nel nella "
    "suo sua suoi sue questo questa",
    "ES": "el la los las un una de del y o para con en por su sus este esta al",
    "PT": "o os as um uma de do da das e ou para com em na nos nas por seu sua ao este esta",
    "DE": "der die das den dem des ein eine einen einem einer und oder mit von vom zum zur im "
    "am fur sein seine seinen seiner ihre ihren ihrer ihrem",
    "NL": "de het een van en of voor met bij naar zijn haar hun deze dit",
    "RU": "и в на с для от из по к у о его ее их или",
}
_WORDS = {code: frozenset(words.split()) for code, words in _BY_LANGUAGE.items()}
STOP_WORDS = 100  # per language, for one-word aliases; the first 200 include "Uhr" and "weiß"
OF_PHRASES = 40  # the same for each word of a longer alias: "Año Nuevo" has only frequent words
SURE = 26  # rank up to which other languages do not matter: all of them know "with"
KNOWN = 3.0  # Zipf frequency from which a language counts as having the word


@cache
def function_words(language: str) -> frozenset[str]:
    """Folded function words of a language; empty for a language without a list.

    >>> "with" in function_words("EN"), function_words("JA")
    (True, frozenset())
    """
    return _WORDS.get(language, frozenset())


def find_stop_language(words: Sequence[str], languages: Iterable[str]) -> str:
    """A language in which a phrase consists of stop words only; "" without one.

    Args:
      words: words in lower case.
      languages: languages of the concept. A single word must be a stop word in each that has it.

    >>> find_stop_language(["with"], ["EN"]), find_stop_language(["son"], ["EN", "FR"])
    ('EN', '')
    """
    known = [code for code in languages if code.lower() in LISTED]
    most = STOP_WORDS if len(words) == 1 else OF_PHRASES
    found = [code for code in known if stop_words(code, most).issuperset(words)]
    if not words or not found:
        return ""
    is_sure = len(words) > 1 or any(words[0] in stop_words(code, SURE) for code in found)
    others = [] if is_sure else [code for code in known if code not in found]
    return "" if any(_zipf(words[0], code) >= KNOWN for code in others) else found[0]


@cache
def stop_words(language: str, most: int = STOP_WORDS) -> frozenset[str]:
    """The most frequent words of a language, in lower case."""
    import wordfreq  # imported here, because it takes 0.2 s that `--help` should not pay

    words = wordfreq.top_n_list(language.lower(), most, wordlist="small")
    # Frequent single characters of unspaced scripts include content words, so they are left out.
    return frozenset(word for word in words if word[0] < "\u2e80" or word[0] >= "\uac00")


def _zipf(word: str, language: str) -> float:
    """Log10 of the frequency per billion words, 0 for a word that is not listed."""
    import wordfreq

    # Not zipf_frequency, which requires tokenisers for Japanese and Korean.
    share = wordfreq.get_frequency_dict(language.lower(), "small").get(word, 0.0)
    return math.log10(share * 1e9) if share else 0.0
