"""A cue denies one thing: phrases in twelve languages, with what is denied between brackets."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from lvmh_jax.data.frequency import zipf_of_table
from lvmh_jax.detect.polarity import Polarity, judge_polarity
from lvmh_jax.detect.stream import make_stream
from lvmh_jax.records import LANGUAGES
from tests.detect.builders import make_candidates

# Each [thing] is a candidate; [-thing] is denied.
CASES = [
    ("EN", "navy [tote], no [-leather] but [canvas]"),
    ("EN", "goes in [tan] definitely not [-white] she [travels]"),
    ("EN", "no [-leather] or [-fur], [silk]"),
    ("EN", "gave up [-golf], plays [tennis]"),
    ("EN", "not only [golf], never misses [opera]"),
    ("EN", "[silver]. Not [-gold]"),
    ("EN", "anything but [-classic]"),
    ("FR", "[sac] sans [-logo], plus [classique], fin mai [cadeau]"),
    ("FR", "ne porte pas de [-cuir] ni de [-fourrure]"),
    ("FR", "ne supporte pas le [nickel]"),
    ("IT", "[colori della terra] non troppo [-moderno] [classico]"),
    ("IT", "non solo [borse]"),
    ("ES", "[-rosa palo] tampoco"),
    ("ES", "[tonos tierra] nada [-chillón]"),
    ("DE", "[creme] auf keinen Fall [-bunt]"),
    ("DE", "[-Segeln] hat er aufgegeben, [Golf] im Mai"),
    ("DE", "verträgt keine [Laktose]"),
    ("PT", "[vegana] e não quer nada de [-couro]"),
    ("PT", "joga [golfe] no [Estoril]"),
    ("NL", "geen [-leer] of [-bont], wel [zijde]"),
    ("NL", "[-padel] heeft hij opgegeven"),
    ("RU", "[сумка] без [-логотипа]"),
    ("RU", "не только [сумка]"),
    ("AR", "[حقيبة] بدون [-شعار]"),
    ("AR", "[-الأسود] لا تريده"),
    ("AR", "لا شك [حقيبة]"),
    ("JA", "[黒]が好き、[-派手]な色は苦手"),
    ("JA", "[黒]しか着ない"),
    ("ZH", "[玫瑰金]，[-银色]的不喜欢"),
    ("ZH", "非常喜欢[金色]，特别是[项链]"),
    ("KO", "[-골프]는 안 치심, [테니스] 문제없음"),
    ("", "Borsa senza [-nichel], [scarpe]"),
    # A refusal may be the next clause; a plain "not" may not.
    ("EN", "[-scarf] shown today, not interested"),
    ("EN", "loves [black], not too long"),
    ("EN", "[-scarf] and some other things, not interested"),
    ("EN", "[scarf] and some magnificent gemstones from a famous collection, not interested"),
    ("DE", "[-Schal] vorgeschlagen, kein Interesse"),
    ("ZH", "[-钱包]看过，没兴趣"),
    # What is asked is denied by the answer alone.
    ("EN", "don't you have it in [khaki]?"),
    ("FR", "[-Noir] ? Jamais. [Marine] volontiers"),
    ("ES", "¿[Negro]? Le encanta, nunca [-marrón]"),
    # The verb comes last.
    ("JA", "[-黒]は普段あまりお召しにならない"),
    ("KO", "[-가죽]은 요즘 들어 거의 전혀 안 쓰심"),
    ("EN", "[gold] or whatever antique dealers pretend was not"),
    # "or" joins on either side.
    ("JA", "[-黒]も[-紺]も不要"),
    ("ZH", "[-黑色]和[-藏青色]不要"),
    # A gap ends with its clause.
    ("FR", "elle ne boit pas. Plus de [noir]"),
    ("FR", "elle ne boit plus de [-vin]"),
    # Two denials affirm.
    ("FR", "ne sort jamais sans sa [montre]"),
    ("KO", "[핸드백] 없이는 외출하지 않으심"),
    ("ZH", "毫不犹豫买了[项链]"),
    ("DE", "ohne ihren [Hund] geht Frau Lindner nirgendwohin"),
    # Both ways of a list; a contrast denies its second side.
    ("IT", "né una [-collana] né una [-sciarpa] ma un [foulard]"),
    ("IT", "ne\u0301 una [-borsa] di pelle nera ne\u0301 una [-sciarpa]"),
    ("ES", "a la [pulsera] sí, no a los [-anillos]"),
    ("IT", "di [borse] ne ha due e ne vuole altre"),
    ("EN", "would rather give her a [bag] than [-jewellery]"),
    ("KO", "[-화이트도] [-베이지도] 둘 다 별로라고 하심"),
    # A verb at the end looks back first.
    ("DE", "[-Gold] möchte sie vermeiden wegen der [Kinder]"),
    ("RU", "от [-золота] отказывается ради [серебра]"),
    # A pronoun stands for what was named; a refusal may come a little into its clause.
    ("EN", "tried the [-scarf] on and did not like it"),
    ("EN", "the [-watch], she is not interested"),
    ("NL", "[-Bordeaux]? Nee dank u"),
    # A clause of one word is an answer.
    ("PT", "[-cruzeiro], nunca"),
    ("FR", "le [-noir], elle n'aime pas"),
    ("EN", "loves [black], never too long"),
    ("DE", "[Roségold] ja, Gelbgold nein"),
    ("ZH", "[玫瑰金]，银色的不喜欢"),
    ("DE", "[-Gürtel] wollte er dann doch nicht"),
    # A reason is another clause.
    ("IT", "non può passare perché va a [cavallo]"),
    # "And no" begins something new; "è" is no "e".
    ("ES", "tiene alergia a [nueces] y no quiere sustos"),
    ("IT", "ha venduto una quota e si regala un [orologio]"),
    ("IT", "il [-bianco] è fuori discussione"),
    ("PT", "o [-branco] é fora de questão"),
    # Too much of something is said of what follows alone, where there is such a thing.
    ("EN", "the [leather] should not be too stiff"),
    ("DE", "das [Leder] soll nicht zu steif sein"),
    ("NL", "het [leer] mag niet te stug zijn"),
    ("ES", "que el [cuero] no sea demasiado rígido"),
    ("IT", "la [pelle] non deve essere troppo rigida"),
    ("PT", "o [couro] não pode ser demasiado rígido"),
    ("RU", "[кожа] не должна быть слишком жёсткой"),
    ("ZH", "[皮革]不要太硬"),
    ("DE", "[Jacke] nicht zu [-modern]"),
    # Who does not know is not denied.
    ("EN", "her [husband] does not know about it"),
    ("ES", "su [marido] no sabe nada"),
    ("DE", "[-Weiß] nicht"),
    # Decided against, did not please, let us forget.
    ("EN", "forget the [-gold], she wants [silver]"),
    ("DE", "hat sich gegen die [-Uhr] entschieden und nimmt den [Schal]"),
    ("FR", "la [-montre] ne lui a pas plu, le [portefeuille] si"),
    ("FR", "plus besoin de [-valise]"),
    ("IT", "ha scartato la [-sciarpa] e prende la [cintura]"),
    ("NL", "ze zag af van de [-sjaal] en neemt de [riem]"),
    # Common words count for half.
    ("ES", "no es muy fan del [-burdeos]"),
]


def judge(
    language: str,
    marked: str,
    *,
    negative: tuple[str, ...] = (),
    worth: dict[str, float] | None = None,
    known: tuple[str, ...] = (),
) -> tuple[Polarity, list[str], list[bool]]:
    """Polarity of the candidates in brackets, what they are, and which should be denied."""
    text, places, wanted = "", [], []
    for part in re.split(r"(\[[^]]*\])", marked):
        if part.startswith("["):
            thing = part[1:-1].removeprefix("-")
            places.append((len(text), len(text) + len(thing)))
            wanted.append(part.startswith("[-"))
            text += thing
        else:
            text += part
    stream = make_stream([text], 64)
    inside = [
        np.flatnonzero((stream.start_T < end) & (stream.end_T > start)) for start, end in places
    ]
    things = [text[start:end] for start, end in places]
    candidates = make_candidates(
        note_N=np.zeros(len(places), np.int64),
        first_N=np.array([tokens[0] for tokens in inside]),
        last_N=np.array([tokens[-1] for tokens in inside]),
        start_N=np.array([start for start, _ in places]),
        end_N=np.array([end for _, end in places]),
    )
    worth_N = np.array([(worth or {}).get(thing, 1.0) for thing in things], np.float32)
    candidates = replace(candidates, exact_N=(worth_N == 1).astype(np.int64))
    cue_N = np.array([thing in negative for thing in things])
    zipf_T = zipf_of_table(stream.table)[stream.row_T]
    known_T = np.array([form in known for form in stream.table.forms])[stream.row_T]
    given = [language], worth_N, cue_N, zipf_T, known_T
    return judge_polarity(stream, candidates, *given), things, wanted


def test_every_language_has_a_case() -> None:
    assert {language for language, _ in CASES} >= set(LANGUAGES)


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_a_cue_denies_its_head_alone(language: str, marked: str) -> None:
    found, _, wanted = judge(language, marked)
    assert found.denied_N.tolist() == wanted
    assert not found.inside_N.any()


def test_a_concept_that_is_a_denial_uses_its_cue_up() -> None:
    found, _, _ = judge("EN", "[no logo] [bag]", negative=("no logo",))
    assert found.denied_N.tolist() == [False, False]
    assert found.inside_N.tolist() == [False, False]
    found, _, _ = judge("NL", "[dierlijke materialen] weigert hij niet", negative=())
    assert found.denied_N.tolist() == [True]


def test_no_allergy_to_nuts_denies_that_of_nuts() -> None:
    stream = make_stream(["no allergy to nuts"], 64)
    candidates = make_candidates(
        note_N=np.zeros(2, np.int64),
        first_N=np.array([0, 1]),
        last_N=np.array([1, 3]),
        start_N=np.array([0, 3]),
        end_N=np.array([10, 18]),
    )
    worth_N, has_cue_N = np.array([1.0, 0.95], np.float32), np.array([True, False])
    words = np.zeros(4, np.float32), np.zeros(4, bool)
    found = judge_polarity(stream, candidates, ["EN"], worth_N, has_cue_N, *words)
    assert found.denied_N.tolist() == [True, True]  # of the first it is no feature: `evidence`


def test_a_span_with_a_cue_is_denied_without_it() -> None:
    found, _, _ = judge("EN", "[no leather] [bag]")
    assert found.denied_N.tolist() == [True, False]
    assert found.inside_N.tolist() == [True, False]


def test_what_is_no_mention_takes_no_cue() -> None:
    taken, _, _ = judge("EN", "not [fond of] the [capsules]")
    assert taken.denied_N.tolist() == [True, False]
    passed, _, _ = judge("EN", "not [fond of] the [capsules]", worth={"fond of": 0.2})
    assert passed.denied_N.tolist() == [False, True]
    beside, _, _ = judge("EN", "not [urgent] at all", worth={"urgent": 0.2})
    assert beside.denied_N.tolist() == [True]


@pytest.mark.parametrize(
    ("language", "marked", "known"),
    [
        ("EN", "[platinum] not gold", "gold"),
        ("EN", "[-platinum] not suitable", "gold"),
        ("EN", "[-platinum] not really, gold", "gold"),
        ("DE", "[Platin] nicht Gold", "gold"),
        ("ES", "[-golf] no juega", "juega"),
        ("RU", "[-Дайвингом] не занимается", "занимается"),
    ],
)
def test_a_cue_takes_what_follows_where_that_is_a_word_of_the_lexicon(
    language: str, marked: str, known: str
) -> None:
    found, _, wanted = judge(language, marked, known=(known,))
    assert found.denied_N.tolist() == wanted


def test_what_is_no_head_is_joined_too() -> None:
    unsure = {"Gold": 0.2, "Silber": 0.2, "Platin": 0.2}
    found, _, wanted = judge("DE", "weder [-Gold] noch [-Silber], nur [Platin]", worth=unsure)
    assert found.denied_N.tolist() == wanted


def test_common_words_take_no_cue_but_where_the_dictionary_matches() -> None:
    found, _, _ = judge("DE", "[Schmuck] trägt sie so [gut] wie nie", worth={"gut": 0.81})
    assert found.denied_N.tolist() == [True, False]
    found, _, _ = judge("DE", "[Schmuck] trägt sie so [gut] wie nie")
    assert found.denied_N.tolist() == [False, True]


def test_function_words_take_no_cue() -> None:
    found, _, _ = judge("FR", "ne joue [plus au] [golf]")
    assert found.denied_N.tolist() == [False, True]
    found, _, _ = judge("DE", "kein Fan [von] [Bordeaux]")
    assert found.denied_N.tolist() == [False, True]


@pytest.mark.parametrize("between", [", ", ". ", " but ", " quaint rustic wooden antique "])
def test_nothing_is_denied_across(between: str) -> None:
    found, _, _ = judge("EN", f"no{between}[gold]")
    assert found.denied_N.tolist() == [False]


def test_a_note_is_judged_in_its_own_language() -> None:
    for language, denied in (("IT", True), ("DE", False), ("FR", False)):
        found, _, _ = judge(language, "mai [yoga]")
        assert found.denied_N.tolist() == [denied]


def test_no_candidates_and_no_text() -> None:
    stream = make_stream(["", "no"], 64)
    empty = make_candidates(note_N=np.zeros(0, np.int64))
    nothing = np.zeros(0, np.float32)
    words = np.zeros(1, np.float32), np.zeros(1, bool)
    found = judge_polarity(stream, empty, ["EN", "EN"], nothing, nothing > 0, *words)
    assert len(found.denied_N) == len(found.inside_N) == 0
