"""The Python API: what `from lvmh_jax import Detector` promises."""

from __future__ import annotations

import ast
import json
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lvmh_jax
from lvmh_jax import Detector
from lvmh_jax.data.language import detect_language
from lvmh_jax.errors import InvalidInputError, LvmhWarning, NotFoundError, UsageError
from lvmh_jax.io.outputs import COLUMNS
from lvmh_jax.records import Mention
from tests.generators import LEXICON, write_file
from tests.pipeline.workshop import (
    Shop,
    answer_of,
    copy_due_model,
    copy_model,
    read_json,
    read_rows,
    run_well,
    texts_of,
)


def test_the_door_shows_what_it_names() -> None:
    assert set(lvmh_jax.__all__) <= set(dir(lvmh_jax))
    assert all(hasattr(lvmh_jax, name) for name in lvmh_jax.__all__)
    assert lvmh_jax.Mention is Mention
    assert lvmh_jax.LvmhWarning is LvmhWarning
    assert issubclass(UsageError, lvmh_jax.LvmhError)
    with pytest.raises(AttributeError, match="no attribute 'Detecter'"):
        _ = lvmh_jax.Detecter


def test_type_checkers_see_what_the_door_gives() -> None:
    """They run no `__getattr__`: a name that is not imported for them is Any, or an error."""
    tree = ast.parse(Path(lvmh_jax.__file__).read_text("utf-8"))
    (checked,) = [node for node in tree.body if isinstance(node, ast.If)]
    assert ast.unparse(checked.test) == "TYPE_CHECKING"
    module_of = {
        alias.name: str(node.module).removeprefix("lvmh_jax.")
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert module_of == lvmh_jax._MODULE_OF
    assert {*module_of, "__version__"} == set(lvmh_jax.__all__)


def test_words_and_errors_are_there_without_jax_and_pandas() -> None:
    code = (
        "import sys, lvmh_jax; lvmh_jax.Mention, lvmh_jax.LvmhError, dir(lvmh_jax); "
        "assert not {'jax', 'pandas', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Loading.


def test_a_path_may_be_text(shop: Shop, detector: Detector) -> None:
    assert Detector.load(str(shop.model)).concepts == detector.concepts


def test_what_is_no_model_is_refused(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such model folder"):
        Detector.load(tmp_path / "absent")
    copied = copy_model(shop, tmp_path)
    (copied / "lexicon.json").write_text("[]")
    with pytest.raises(InvalidInputError, match=r"lexicon\.json"):
        Detector.load(copied)


def test_a_model_is_named_as_the_list_names_it(
    shop: Shop, detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = copy_model(shop, tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in (copied.name, "best"):
        assert Detector.load(name).concepts == detector.concepts


def test_what_is_wrong_with_a_model_is_told_where_it_is_loaded(shop: Shop, tmp_path: Path) -> None:
    copied = copy_due_model(shop, tmp_path)
    with pytest.warns(LvmhWarning, match="due to be trained again since 2026-11-30") as caught:
        Detector.load(copied)
    assert {each.filename for each in caught} == {__file__}


def test_only_models_are_suggested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("tests", "models/plots"):
        (tmp_path / name).mkdir(parents=True)
    with pytest.raises(NotFoundError, match=r"there is none in models$"):
        Detector.load("tets")
    with pytest.raises(NotFoundError, match="models: no trained model here; give the path of"):
        Detector.load("best")
    (tmp_path / "models" / "bordeaux").mkdir()
    (tmp_path / "models" / "bordeaux" / "metadata.json").touch()
    with pytest.raises(NotFoundError, match=r"did you mean 'bordeaux'\? known: bordeaux$"):
        Detector.load("bordeau")


def test_concepts_are_those_of_the_lexicon_in_order(shop: Shop, detector: Detector) -> None:
    mapping = read_json(shop.model / "concept_mapping.json")
    assert list(detector.concepts) == mapping["concepts"]


# Detecting.


def test_the_door_and_the_command_find_the_same(
    shop: Shop, detector: Detector, texts: list[str], tmp_path: Path
) -> None:
    answer_of("detect", "--workspace", shop.root, "--output", tmp_path / "found.csv")
    rows = read_rows(tmp_path / "found.csv")
    names = list(texts_of(shop.root))
    languages = [name.split("_")[1] for name in names]  # AUT_FR_001
    found = [
        (names[place], m.concept_id, m.alias, str(m.start), str(m.end), f"{m.confidence:.6f}")
        for place, mentions in enumerate(detector.detect(texts, languages))
        for m in mentions
    ]
    wanted = (0, 2, 3, 4, 5, 6)
    expected = [tuple(row[COLUMNS[column]] for column in wanted) for row in rows]
    assert found == expected
    assert found


def test_there_is_a_list_for_every_text(detector: Detector, texts: list[str]) -> None:
    found = detector.detect(["", texts[0], " ", texts[0]])
    assert [bool(mentions) for mentions in found] == [False, True, False, True]
    assert [(m.concept_id, m.start) for m in found[1]] == [
        (m.concept_id, m.start) for m in found[3]
    ]
    assert {m.note_id for m in found[1]} == {"1"}
    assert detector.detect([]) == []


def test_threads_may_share_a_detector(detector: Detector, texts: list[str]) -> None:
    def find(rows: range) -> list[list[Mention]]:
        return detector.detect([texts[row] for row in rows])

    parts = [range(start, start + 10) for start in range(0, 40, 10)]
    expected = [find(part) for part in parts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find, parts)) == expected


def test_a_language_that_is_not_known_may_come_as_pandas_has_it(
    detector: Detector, texts: list[str]
) -> None:
    expected = detector.detect(texts[:4])
    assert detector.detect(texts[:4], [None, float("nan"), pd.NA, ""]) == expected
    assert detector.detect(texts[:4], pd.Series([None] * 4)) == expected


def test_texts_may_come_one_by_one(detector: Detector, texts: list[str]) -> None:
    few, expected = texts[:3], detector.detect(texts[:3], ["FR"] * 3)
    assert detector.detect((text for text in few), ("fr" for _ in few)) == expected
    assert detector.link(iter(few)) == detector.link(few)
    assert detector.embed(iter(few)).shape == detector.embed(few).shape


@pytest.mark.parametrize("written", ["it-IT", "it_IT", "Italian", "italiano", "ITA", " it "])
def test_languages_are_read_as_prepare_reads_them(detector: Detector, written: str) -> None:
    alias = next(c.aliases[0] for c in detector._model.detector.concepts if c.aliases)
    text = f"mai {alias}"  # never in Italian, and no cue where the language is not known
    (expected,) = detector.detect([text], ["IT"])
    assert expected != detector.detect([text])[0]
    assert detector.detect([text], [written]) == [expected]
    assert detector.show(text, written).mentions == detector.show(text, "IT").mentions
    frame = pd.DataFrame({"text": [text], "language": [written]})
    found = detector.detect_frame(frame)["confidence"].tolist()
    assert found == [round(each.confidence, 6) for each in expected]


def test_a_language_that_is_not_told_is_detected(detector: Detector, texts: list[str]) -> None:
    alias = next(c.aliases[0] for c in detector._model.detector.concepts if c.aliases)
    ring = f"A cliente quer uma gravação no {alias} do marido"  # in it, and no denial
    (expected,) = detector.detect([ring], ["PT"])
    assert expected != detector.detect([ring], ["EN"])[0]
    assert detector.detect([ring, f"mai {alias}"])[0] == expected
    languages = [detect_language(text) for text in texts]
    assert detector.detect(texts) == detector.detect(texts, languages)


def test_languages_that_are_none_of_ours_are_told_once_and_count_as_not_known(
    detector: Detector, texts: list[str]
) -> None:
    few, odd = texts[:4], ["pl", "zz-ZZ", "Mme Durand", ""]
    frame = pd.DataFrame({"text": few, "language": odd})
    for call in (
        lambda: detector.detect(few, odd),
        lambda: detector.embed(few, odd),
        lambda: detector.detect_frame(frame),
    ):
        with pytest.warns(LvmhWarning, match="3 of 4 languages are none of the twelve") as caught:
            call()
        (told,) = caught
        assert "PL, ZZ-ZZ, 1 other" in str(told.message)
        assert "durand" not in str(told.message).lower()
        assert told.filename == __file__
    with pytest.warns(LvmhWarning, match="as not known"):
        assert detector.detect(few, odd) == detector.detect(few)


@pytest.mark.parametrize("wrong", ["FR", [1, 2], 3, {"FR": 1, "IT": 2}])
def test_what_is_no_list_of_languages_is_refused(detector: Detector, wrong: object) -> None:
    with pytest.raises(UsageError, match="languages are wrong; expected a list of ISO 639-1"):
        detector.detect(["sac noir", "cadeau"], wrong)


# Another lexicon.


def test_a_lexicon_is_told_of_as_the_command_does(
    shop: Shop, detector: Detector, tmp_path: Path
) -> None:
    concept, entry = next(iter(read_json(shop.root / LEXICON).items()))
    part = {concept: {**entry, "aliases": ["quantum umbrella"], "languages": "XQ"}}
    part_file = write_file(tmp_path, "part.json", json.dumps(part))
    with pytest.warns(LvmhWarning) as caught:
        other = detector.with_lexicon(part_file)
    told = [str(each.message) for each in caught]
    assert "a language that is not known" in told[0]
    left = len(detector.concepts) - 1
    assert f"{left} of {len(detector.concepts)} concepts of the model are not in it" in told[1]
    words = ("show", "--workspace", shop.root, "--text", "x", "--lexicon", part_file)
    assert run_well(*words).stderr.splitlines() == [f"Warning: {text}" for text in told]
    # The line that a user wrote, without which the default filter shows the first call alone.
    assert {each.filename for each in caught} == {__file__}
    (found,) = other.detect(["she wants a quantum umbrella"])
    assert (concept, "quantum umbrella") in {(m.concept_id, m.alias) for m in found}


def test_a_lexicon_without_fault_is_taken_in_silence(shop: Shop, detector: Detector) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert detector.with_lexicon(shop.root / LEXICON).concepts == detector.concepts


def test_the_concepts_of_a_lexicon_are_listed_as_it_lists_them(
    shop: Shop, detector: Detector, tmp_path: Path
) -> None:
    few = dict(reversed([*read_json(shop.root / LEXICON).items()][:3]))
    with pytest.warns(LvmhWarning, match="are not in it and are not found"):
        other = detector.with_lexicon(write_file(tmp_path, "few.json", json.dumps(few)))
    assert list(other.concepts) == list(few)
    assert {each["concept_id"] for each in other.link(["cadeau"])[0]["concepts"]} == {*few}
    # Whatever else a note names.
    assert other.link([next(iter(few.values()))["aliases"][0], "golf"])[1]["nil"]


def test_who_wants_no_lexicon_that_leaves_concepts_out_can_say_so(
    shop: Shop, detector: Detector, tmp_path: Path
) -> None:
    concept, entry = next(iter(read_json(shop.root / LEXICON).items()))
    part_file = write_file(tmp_path, "part.json", json.dumps({concept: entry}))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", category=LvmhWarning)
        with pytest.raises(LvmhWarning, match="concepts of the model are not in it and are not"):
            detector.with_lexicon(part_file)


# Linking.


def test_the_door_links_as_the_command_does(shop: Shop, detector: Detector) -> None:
    phrases = ["cadeau", "", "sac noir"]
    words = ("link", "--workspace", shop.root, "--top-k", "2")
    expected = answer_of(*words, stdin="\n".join(phrases))["results"]
    assert detector.link(phrases, top_k=2) == expected
    assert len(detector.link(["x"])[0]["concepts"]) == 5
    assert detector.link([]) == []


@pytest.mark.parametrize("top_k", [0, -1, 1.5, None, "2"])
def test_the_door_links_to_one_concept_or_more(detector: Detector, top_k: object) -> None:
    with pytest.raises(UsageError, match="top_k is wrong; expected a whole number, 1 or more"):
        detector.link(["sac noir"], top_k=top_k)


def test_a_count_may_be_of_numpy(detector: Detector) -> None:
    assert detector.link(["sac noir"], np.int64(1)) == detector.link(["sac noir"], 1)


@pytest.mark.parametrize(
    "wrong", ["Mme Durand", [None], ["a", 1], None, {"a": 1}, pd.DataFrame({"Durand": ["x"]})]
)
def test_what_is_no_list_of_texts_is_refused_without_showing_it(
    detector: Detector, wrong: object
) -> None:
    for method in (detector.detect, detector.link):
        with pytest.raises(UsageError, match="takes texts; expected a list of strings") as refused:
            method(wrong)
        assert "Durand" not in str(refused.value)


@pytest.mark.parametrize(
    ("missing", "fix"),
    [
        (None, "replace missing texts by ''"),
        (float("nan"), "replace missing texts by ''"),
        (7, "make texts of them"),
        (b"Mme Durand", "decode bytes first"),
    ],
)
def test_the_row_that_is_no_text_is_named(detector: Detector, missing: object, fix: str) -> None:
    kind = type(missing).__name__
    for method in (detector.detect, detector.embed, detector.link):
        told = f"row 1 is {kind}: {method.__name__} takes texts; .*; {fix}"
        with pytest.raises(UsageError, match=told) as refused:
            method(["sac", missing, None])
        assert "Durand" not in str(refused.value)


def test_half_a_character_costs_no_batch_and_is_told_nowhere(detector: Detector) -> None:
    """A lone surrogate, as a cut JSON string has: no file can hold it."""
    texts = ["sac \ud800 noir", "sac noir"]
    found = detector.detect(texts)
    assert len(found) == 2
    assert detector.embed(texts).shape[0] == 2
    assert len(detector.link(texts)) == 2
    assert "\ud800" not in detector.show(texts[0])._repr_html_()


def test_a_detector_says_which_it_is(shop: Shop, detector: Detector, tmp_path: Path) -> None:
    validated = read_json(shop.model / "metadata.json")["validation"]["f1"]["value"]
    count, path = len(detector.concepts), shop.model.as_posix()
    assert repr(detector) == f"Detector({path!r}, concepts={count}, f1={validated:.3f})"
    few = dict([*read_json(shop.root / LEXICON).items()][:3])
    with pytest.warns(LvmhWarning):
        other = detector.with_lexicon(write_file(tmp_path, "few.json", json.dumps(few)))
    assert repr(other).endswith(" with few.json', concepts=3)")


@pytest.mark.parametrize("given", ["models/x", Path("x"), None])
def test_a_path_is_no_model_yet(given: object) -> None:
    with pytest.raises(
        UsageError, match=r"is loaded, not \w+; Detector\.load\(path\) loads a model"
    ):
        Detector(given)


@pytest.mark.parametrize("path", [None, 3, b"model", ""])
def test_what_is_no_path_is_told(detector: Detector, path: object) -> None:
    for call in (Detector.load, detector.with_lexicon):
        with pytest.raises(UsageError, match="takes a path"):
            call(path)


def test_a_detector_says_why_it_has_no_pickle(detector: Detector) -> None:
    with pytest.raises(TypeError, match="load it in each process"):
        pickle.dumps(detector)
