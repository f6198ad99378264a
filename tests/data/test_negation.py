from __future__ import annotations

from itertools import pairwise

import pytest

from lvmh_jax.data import negation
from lvmh_jax.data.cuephrases import DENIERS, GAP, LISTS, MASK, parse_phrase
from lvmh_jax.data.cues import CUES, ELSEWHERE
from lvmh_jax.data.negation import find_cues, holds_cue, may_deny, may_deny_somewhere, read_cues
from lvmh_jax.data.text import tokenize
from lvmh_jax.records import LANGUAGES

# A sentence that denies and its cue, then one that looks as if it did.
SENTENCES = {
    "EN": ("Please no leather", "no", "Not only leather, no problem, can't wait"),
    "FR": ("Elle déteste le rose", "déteste", "Rappel mi-mai, plus classique, sans doute"),
    "IT": ("Borsa senza nichel", "senza", "Non vede l'ora, ne ha tre, consegna a maggio"),
    "ES": ("El bolso tampoco", "tampoco", "Sin duda, no solo bolsos, nada cada mañana"),
    "DE": ("Golf hat er aufgegeben", "aufgegeben", "Nicht nur im Mai, kein Problem, noch heute"),
    "PT": ("Não quer ouro", "não", "Golfe no Estoril, sem dúvida, não só"),
    "NL": ("Geen leer", "geen", "Niet alleen leer, geen probleem"),
    "RU": ("Без логотипа", "без", "Не только сумка, без сомнения"),
    "AR": ("حقيبة بدون شعار", "بدون", "لا شك، ليس فقط حقيبة"),
    "JA": ("ピンクは苦手", "苦手", "黒しか着ない、間違いない、上限なし"),
    "ZH": ("银色的不喜欢", "不喜欢", "非常喜欢，特别好，没问题，能不能退，别墅"),
    "KO": ("골프 좋아하지 않음", "않음", "문제없음, 문제 없이, 뿐만 아니라"),
}


def forms_of(text: str) -> list[str]:
    return [token.form for token in tokenize(text)]


def deniers_in(text: str, language: str) -> list[str]:
    tokens = tokenize(text)
    return [
        text[tokens[cue.first].start : tokens[cue.last].end].lower()
        for cue in find_cues([token.form for token in tokens], language)
        if cue.kind in DENIERS
    ]


def test_every_language_has_cues() -> None:
    assert set(CUES) == set(LANGUAGES) == set(SENTENCES)


@pytest.mark.parametrize(
    ("language", "text", "cue"),
    [
        ("FR", "Elle n'aime plus le noir", "n'aime plus"),
        ("FR", "Ne porte plus d'or", "ne porte plus"),
        ("IT", "Non ama più il nero", "non ama più"),
        ("PT", "Não usa mais ouro", "não usa mais"),
    ],
)
def test_what_held_once_is_denied_around_its_verb(language, text, cue) -> None:
    assert deniers_in(text, language) == [cue]
    assert cue in deniers_in(text, "")


@pytest.mark.parametrize(
    ("language", "text", "cues"),
    [
        ("EN", "Engraving is unnecessary", ["unnecessary"]),
        ("FR", "Inutile de prévoir une gravure", ["inutile de"]),
        ("DE", "Die Gravur wäre überflüssig", ["überflüssig"]),
        ("ES", "El grabado es innecesario", ["innecesario"]),
        ("IT", "Inutile l'incisione", ["inutile"]),
        ("PT", "Gravação desnecessária", ["desnecessária"]),
        ("NL", "Gravure is overbodig", ["overbodig"]),
        ("EN", "Nothing beats golf, nobody loves it more", []),
        ("FR", "Rien de tel qu'un bon cigare", []),
        ("DE", "Nichts geht über Golf", []),
        ("IT", "Niente di meglio del golf", []),
        ("ES", "Nada mejor que el golf", []),
        ("ZH", "他喜欢日本威士忌", []),
        ("ZH", "他从不喝日本威士忌", ["不喝"]),
    ],
)
def test_needless_denies_and_praise_by_comparison_does_not(language, text, cues) -> None:
    assert deniers_in(text, language) == cues


@pytest.mark.parametrize("language", SENTENCES)
def test_a_denial_has_its_cue_and_what_only_looks_so_has_none(language) -> None:
    denial, cue, plain = SENTENCES[language]
    assert deniers_in(denial, language) == [cue]
    assert deniers_in(plain, language) == []


@pytest.mark.parametrize("language", SENTENCES)
def test_a_note_of_unknown_language_has_the_cues_of_all(language) -> None:
    denial, cue, _ = SENTENCES[language]
    assert deniers_in(denial, "") == deniers_in(denial, "XX") == [cue]


@pytest.mark.parametrize("text", ["Geburt im Mai, noch heute", "ne ha tre", "sold out in of en"])
def test_words_of_another_language_are_no_cues_where_it_is_unknown(text) -> None:
    assert deniers_in(text, "") == []
    assert all(form in ELSEWHERE for form in ("mai", "noch", "ne", "sold"))


def test_words_of_another_language_part_nothing_where_it_is_unknown() -> None:
    kinds = [cue.kind for cue in find_cues(forms_of("she didn't want ma sœur or the car"), "")]
    assert kinds == ["deny", "or"]


@pytest.mark.parametrize("language", CUES)
def test_every_listed_phrase_is_found_as_what_it_is(language) -> None:
    for name, (kind, before, after, across, late) in LISTS.items():
        for phrase in filter(None, getattr(CUES[language], name).split("|")):
            forms = [form for kind_, form in parse_phrase(phrase) if kind_ != GAP]
            found = find_cues(forms, language)
            if kind == MASK:
                assert found == [], phrase
                continue
            (cue,) = found
            assert (cue.first, cue.last) == (0, len(forms) - 1), phrase
            assert cue.kind == kind or cue.kind in DENIERS, phrase
            assert cue.before >= before, phrase
            assert cue.after >= after, phrase
            assert cue.across >= across, phrase
            assert cue.late >= late, phrase


def test_a_mask_that_begins_in_a_cue_and_goes_on_covers_it() -> None:
    assert deniers_in("she said no to the dog", "EN") == ["said no"]
    assert deniers_in("she said no problem with the dog", "EN") == []
    assert deniers_in("le sac n'est plus disponible", "FR") == []


def test_a_phrase_reaches_over_a_gap_and_no_further() -> None:
    assert deniers_in("elle ne porte plus de noir", "FR") == ["ne porte plus"]
    assert deniers_in("elle ne porte ici et là enfin plus de noir", "FR") == []
    assert deniers_in("rather give her a small bag than gold", "EN") != []
    assert deniers_in("rather give all of them the same small bag than gold", "EN") == []


@pytest.mark.parametrize(
    ("language", "text", "cue"),
    [
        ("EN", "not, only navy", "not"),
        ("DE", "gold mag sie nicht, nur silber", "nicht"),
        ("ES", "oro no, solo plata", "no"),
        ("EN", "golf, no, thanks", "no, thanks"),
        ("DE", "er möchte nicht, dass wir anrufen", "nicht, dass"),
    ],
)
def test_a_phrase_ends_with_its_clause_but_a_refusal_goes_on(language, text, cue) -> None:
    tokens = tokenize(text)
    ends = list(pairwise(tokens))
    parted = {i for i, (a, b) in enumerate(ends, start=1) if "," in text[a.end : b.start]}
    found = find_cues([token.form for token in tokens], language, parted)
    deniers = [each for each in found if each.kind in DENIERS]
    assert [text[tokens[c.first].start : tokens[c.last].end] for c in deniers] == [cue]


def test_a_mask_covers_what_is_in_its_gap() -> None:
    assert deniers_in("ohne ihn geht sie wirklich nirgendwohin", "DE") == []
    assert deniers_in("ohne ihn geht sie wirklich gern", "DE") == ["ohne"]
    assert deniers_in("黒しか着ない", "JA") == []


def test_the_longest_phrase_wins_and_says_the_side() -> None:
    forms = forms_of("gave up golf, no longer")
    over, longer = find_cues(forms, "EN")
    assert (over.kind, over.first, over.last) == ("over", 0, 1)
    assert (over.before, over.after) == (True, False)
    assert (longer.kind, longer.first, longer.last) == ("over", 3, 4)
    (behind,) = find_cues(forms_of("golf, off the table"), "EN")
    assert (behind.kind, behind.first, behind.before, behind.after) == ("deny", 1, False, True)


@pytest.mark.parametrize("word", ["don't", "doesn’t", "isn't", "won't", "dont", "couldn't"])
def test_contractions_deny(word) -> None:
    assert len(deniers_in(f"she {word} like it", "EN")) == 1


def test_an_alias_may_hold_a_cue() -> None:
    assert holds_cue(forms_of("no visible logo"))
    assert holds_cue(forms_of("sans cuir"))
    assert not holds_cue(forms_of("lactose intolerant"))
    assert not holds_cue(forms_of("ou et but"))


@pytest.mark.parametrize("language", ["", *CUES])
def test_what_may_deny_in_a_language_may_do_so_somewhere(language) -> None:
    phrases = [
        phrase
        for lists in CUES.values()
        for name in LISTS
        for phrase in filter(None, getattr(lists, name).split("|"))
    ]
    forms = {form for phrase in phrases for kind, form in parse_phrase(phrase) if kind != GAP}
    forms |= {form + "ed" for form in forms} | {"x" + form for form in forms}
    denying = {form for form in forms if may_deny(form, "", language)}
    assert denying
    assert all(may_deny_somewhere(form) for form in denying)
    assert not may_deny_somewhere("handbag")


@pytest.mark.parametrize("language", ["", *CUES])
def test_whatever_denies_may_deny(language: str) -> None:
    """A phrase as it is written begins with two words that `may_deny` lets through."""
    lists = [CUES[language]] if language else [*CUES.values()]
    for name in (
        "either",
        "before",
        "after",
        "backward",
        "verbs",
        "refusals",
        "over_before",
        "over_after",
    ):
        for phrase in (p for each in lists for p in filter(None, getattr(each, name).split("|"))):
            atoms = parse_phrase(phrase)
            forms = [form for kind, form in atoms if kind != GAP]
            cues = find_cues(forms, language)
            if any(cue.kind in DENIERS and cue.first == 0 for cue in cues):
                after = forms[1] if len(forms) > 1 else ""
                assert may_deny(forms[0], after, language), phrase
    assert not may_deny("handbag", "no", language)


def test_cues_are_read_before_the_first_note() -> None:
    negation._compile.cache_clear()
    read_cues()
    before = negation._compile.cache_info().misses
    assert [find_cues(["no"], language) for language in CUES]
    assert negation._compile.cache_info().misses == before
