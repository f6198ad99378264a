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
    # A list that "or" closes is denied, whatever the cue.
    ("EN", "no [-rose], [-iris] or [-musk] please"),
    ("EN", "no [-gold]/[-silver]"),
    ("FR", "pas de [-rose], d'[-iris] ou de [-musc]"),
    ("FR", "sans [-cuir], [-vanille] ni [-agrumes]"),
    ("IT", "senza [-muschio], [-vaniglia] o [-agrumi]"),
    ("DE", "keine [-Rose], [-Iris] oder [-Moschus]"),
    ("ES", "sin [-rosa], [-vainilla] ni [-almizcle]"),
    ("PT", "sem [-rosa], [-baunilha] ou [-almíscar]"),
    ("NL", "geen [-roos], [-iris] of [-muskus]"),
    ("RU", "без [-золота], [-серебра] или [-ванили]"),
    ("AR", "بدون [-جلد]، [-ذهب] أو [-فضة]"),
    # One that "and" closes where the cue has a verb, or each thing an article.
    ("EN", "she hates [-rose], [-iris] and [-musk]"),
    ("EN", "doesn't like [-oud], [-vanilla] and [-citrus]"),
    ("EN", "no [-logo], [black] and [gold] hardware"),
    ("EN", "without [-logo], [navy] and [black]"),
    ("FR", "n'aime pas la [-rose], l'[-iris] et le [-musc]"),
    ("FR", "sans [-cuir], [noir] et [argent]"),
    ("IT", "non ama la [-rosa], l'[-iride] e il [-muschio]"),
    ("IT", "senza [-oro], [nero] e [argento]"),
    ("DE", "mag keinen [-Moschus], [-Vanille] und [-Oud]"),
    ("DE", "kein [-Leder], [Segeltuch] und [Gold]"),
    ("ES", "no le gustan la [-rosa], la [-vainilla] y el [-almizcle]"),
    ("PT", "não gosta de [-rosa], [-baunilha] e [-couro]"),
    ("NL", "houdt niet van [-vanille], [-muskus] en [-leer]"),
    ("RU", "не любит [-ирис], [-уд] и [-мускус]"),
    ("AR", "تكره [-عود] [-ومسك] [-وورد]"),
    # Nothing closes it: a wish, unless it goes on alike.
    ("EN", "no [-leather], [navy] please"),
    ("FR", "déteste le [-oud], la [-vanille], le [-musc]"),
    ("FR", "n'aime pas le [-cuir], la [toile] plutôt"),
    ("EN", "no [-leather] ([canvas] or [silk])"),
    ("EN", "hates [-musk], loves [rose] and [iris]"),
    # From its end: it begins the sentence, or the verb comes last.
    ("EN", "[-rose], [-iris] and [-musk] are not for her"),
    ("EN", "loves [rose], [iris], [-oud] is not for her"),
    ("DE", "mag [-Vanille], [-Zitrus] und [-Leder] nicht"),
    ("DE", "mag [Rose], [Iris] und [Vanille], [-Moschus] nicht"),
    ("KO", "[-장미], [-아이리스], [-머스크]는 싫어하심"),
    ("KO", "[장미]를 좋아하고 [-머스크]는 싫어하심"),
    ("KO", "[-스카프나] [-립스틱은] 별로"),
    # The mark of enumeration is no comma.
    ("JA", "[-ローズ]、[-アイリス]、[-ムスク]は苦手"),
    ("JA", "[ローズ]、[アイリス]が好き、[-ムスク]は苦手"),
    ("ZH", "不喜欢[-玫瑰]、[-鸢尾]和[-麝香]"),
    ("ZH", "不要[-皮革]，喜欢[帆布]和[银色]"),
    # Forms: an answer behind a colon.
    ("EN", "[-Engraving]: no. [-Samples]: none. [Vegan]: yes"),
    ("EN", "[-gold]: no, [silver]: yes"),
    ("FR", "[-Gravure] : non"),
    ("JA", "[-刻印]：なし。[ヴィーガン]：はい"),
    ("ZH", "[-刻字]：不要。[-怀孕]：否。是否[素食]：是"),
    ("EN", "[engraving]. No time today"),
    # Reminders deny nothing.
    ("EN", "do not miss her [birthday]"),
    ("FR", "n'oubliez pas l'[anniversaire]"),
    ("FR", "ne pas manquer son [anniversaire]"),
    ("IT", "da non perdere il suo [compleanno]"),
    ("ES", "no te pierdas su [cumpleaños]"),
    ("DE", "vergiss den [Geburtstag] nicht"),
    ("PT", "não perca o [aniversário]"),
    ("NL", "vergeet haar [verjaardag] niet"),
    ("RU", "не пропустите [день рождения]"),
    ("RU", "не забудьте [день рождения]"),
    ("AR", "لا تنس [عيد ميلاد] زوجته"),
    ("JA", "[誕生日]を忘れないで"),
    ("ZH", "别错过她的[生日]"),
    ("KO", "[생일] 잊지 말 것"),
    # What is found too dear is found dear; who is not allergic is denied it.
    ("ZH", "她嫌[太贵]"),
    ("ZH", "[-对香精]不过敏"),
    ("AR", "ليس مولعا [بالتنس] فحسب"),
]


def judge(
    language: str,
    marked: str,
    *,
    negative: tuple[str, ...] = (),
    worth: dict[str, float] | None = None,
    known: tuple[str, ...] = (),
    stems: tuple[str, ...] = (),
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
    stem_N = np.array([thing in stems for thing in things])
    given = [language], worth_N, cue_N, zipf_T, known_T, stem_N
    return judge_polarity(stream, candidates, *given), things, wanted


def test_every_language_has_a_case() -> None:
    assert {language for language, _ in CASES} >= set(LANGUAGES)


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_a_cue_denies_its_head_alone(language: str, marked: str) -> None:
    found, _, wanted = judge(language, marked)
    assert found.denied_N.tolist() == wanted
    assert not found.inside_N.any()


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("EN", "[cannot tolerate nickel]"),
        ("EN", "[doesn't] want [logos]"),
        ("FR", "n'a pas [supporté le rétinol]"),
        ("JA", "[レチノールは合]わなかった"),
        ("DE", "[verträgt] sie leider nicht"),
    ],
)
def test_a_word_that_denies_is_near_under_a_mask_too(language: str, marked: str) -> None:
    found, things, _ = judge(language, marked)
    assert dict(zip(things, found.near_N, strict=True))[things[-1]]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("EN", "[tolerates retinol]"),
        ("EN", "[tolerates retinol], no allergies"),
        ("EN", "[tolerates retinol] without problems"),
        ("FR", "[supporte le rétinol] sans souci"),
        ("ES", "no quiere oro. [tolera el retinol]"),
    ],
)
def test_a_word_that_denies_something_else_is_not_near(language: str, marked: str) -> None:
    assert not judge(language, marked)[0].near_N.any()


def test_a_thing_with_its_article_takes_a_cue_within_a_verb() -> None:
    stems = {"stems": ("العود", "والمسك"), "worth": {"العود": 0.5, "والمسك": 0.5}}
    for marked in ("لا تحب [-العود] [-والمسك]", "لا تحب السيدة ليلى [العود]", "تحب [العود]"):
        found, _, wanted = judge("AR", marked, **stems)
        assert found.denied_N.tolist() == wanted
    plain, _, _ = judge("AR", "لا تحب [العود]", worth={"العود": 0.5})
    assert plain.denied_N.tolist() == [False]


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
