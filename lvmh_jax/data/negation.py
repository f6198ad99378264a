"""Words that negate or reject, in the twelve languages: cues for the scorer, never a rule.

A fixed window of cues alone brought nothing measurable (FINDINGS C), so they enter as evidence
whose weight is learned.
"""

from __future__ import annotations

from lvmh_jax.data.text import fold_form

CUES = {
    "EN": "no not never without neither nor none cannot avoid dislikes",
    "FR": "pas ne ni jamais sans rien aucun aucune non plus évite déteste",
    "IT": "non senza niente mai nessun nessuna né evita odia",
    "ES": "no sin ni nunca nada ningún ninguna jamás evita odia",
    "DE": "nicht kein keine keinen keiner keinem ohne nie niemals nichts weder bloß",
    "PT": "não sem nem nunca nada nenhum nenhuma jamais evita detesta",
    "NL": "niet geen zonder nooit niets noch",
    "RU": "не без нет ни никогда никаких нельзя",
    "AR": "لا ليس ليست غير دون بدون لم لن ما",
    "JA": "不 無 非 未 苦 嫌 避",
    "ZH": "不 没 无 非 未 勿 别",
    "KO": "안 못 없음 없는 없이 말고 아님 아니라 싫어함 제외 않음 않는 사양",
}
# Endings and stems that carry the negation inside a longer token.
CUE_PIECES = ("n't", "없", "않", "아니", "싫")


def list_cues() -> frozenset[str]:
    """All cue words, folded."""
    return frozenset(fold_form(word) for words in CUES.values() for word in words.split())


def is_cue(form: str, cues: frozenset[str]) -> bool:
    """Whether a folded token negates.

    >>> cues = list_cues()
    >>> [is_cue(form, cues) for form in ("nicht", "navy", "없어요")]
    [True, False, True]
    """
    return form in cues or any(piece in form for piece in CUE_PIECES)
