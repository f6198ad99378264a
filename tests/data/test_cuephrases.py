from __future__ import annotations

import pytest

from lvmh_jax.data.cuephrases import DENIERS, GAP, LISTS, Pattern, list_patterns, parse_phrase
from lvmh_jax.data.cues import CUES

# Cues that hold one that may stand before a thing, and stand behind it all the same: a pronoun says
# that it was named, or a predicate ends there.
ONLY_BEHIND = {
    "EN": "not for her|not for him|not for them|~n't for her|~n't for him|far from it|~n't … it"
    "|~n't … them|never … it|never … them|no longer … it|no longer … them|not … it|not … them"
    "|hates it|hates them|dislikes it|dislikes them|can do without it",
    "FR": "à éviter|passe pas|pas pour elle|pas pour lui|pas pour eux|à bannir|à fuir",
    "IT": "lo evita|la evita|li evita|le evita|lo odia|la odia|lo detesta|la detesta",
    "ES": "para nada|lo descart*|la descart*|los descart*|las descart*|lo rechaz*|la rechaz*"
    "|ni verlo|ni verla|ni verlos|ni verlas|ni hablar de ello",
    "PT": "não é para ela|não é para ele|não são para ela|não são para ele|nem lhe toca|nem vê-lo"
    "|nem vê-la|coisa que não|nem falar disso",
    "DE": "nichts für sie|nichts für ihn|stimmt nicht|nicht mit ihr|nicht mit ihm",
    "NL": "niks voor haar|niks voor hem|niets voor haar|niets voor hem|klopt niet|niet voor haar"
    "|niet voor hem|niet aan haar besteed|niet aan hem besteed|niet te doen",
    "AR": "لا يريده*|لا تريده*|لا يحبه*|لا تحبه*",
    "ZH": "说什么都不肯|不行|不合适|无所谓|兴趣不大|没感觉|打动不了|都不行|没什么兴趣|提不起兴趣"
    "|无感|不过敏",
}


@pytest.mark.parametrize("language", CUES)
def test_no_cue_that_stands_behind_hides_one_that_stands_before(language: str) -> None:
    """Where "também não" stood behind alone, and hid its "não" in "também não tem elevador"."""
    denying = [p for p in list_patterns(CUES[language]) if p.kind in DENIERS]
    before = {p.atoms for p in denying if p.before}
    spared = {parse_phrase(each) for each in ONLY_BEHIND.get(language, "").split("|") if each}
    hiding = {
        pattern.atoms
        for pattern in denying
        if pattern.atoms not in before
        for at, _ in enumerate(pattern.atoms)
        if any(
            overlap(pattern.atoms[at], atoms[0])
            and len(atoms) < len(pattern.atoms)
            and all(map(overlap, pattern.atoms[at:], atoms))
            and len(atoms) <= len(pattern.atoms) - at
            for atoms in before
        )
    }
    assert hiding <= spared


@pytest.mark.parametrize("language", CUES)
def test_no_phrase_is_listed_in_vain(language) -> None:
    denying = [p.atoms[0] for name in LISTS for p in read_list(language, name) if is_denier(name)]
    for pattern in read_list(language, "masks"):
        atoms = [atom for atom in pattern.atoms if atom[0] != GAP]
        assert any(overlap(atom, head) for atom in atoms for head in denying), pattern
    for name in LISTS:
        patterns = read_list(language, name)
        assert len({pattern.atoms for pattern in patterns}) == len(patterns), name
        alone = [pattern.atoms[0] for pattern in patterns if len(pattern.atoms) == 1]
        prefixes = [form for kind, form in alone if kind == "prefix"]
        for kind, form in alone:
            wider = [each for each in prefixes if form.startswith(each) and form != each]
            assert kind == "piece" or not wider, (name, form, wider)


def read_list(language: str, name: str) -> list[Pattern]:
    phrases = filter(None, getattr(CUES[language], name).split("|"))
    return [Pattern(parse_phrase(phrase), *LISTS[name]) for phrase in phrases]


def is_denier(name: str) -> bool:
    return LISTS[name][0] in DENIERS


def overlap(atom: tuple[str, str], head: tuple[str, str]) -> bool:
    """Whether some token may fit both."""
    (kind, form), (other, begin) = atom, head
    if "piece" in (kind, other):
        return form in begin or begin in form
    if kind == other == "exact":
        return form == begin
    if kind == other == "prefix":
        return form.startswith(begin) or begin.startswith(form)
    prefix, exact = (form, begin) if kind == "prefix" else (begin, form)
    return exact.startswith(prefix)
