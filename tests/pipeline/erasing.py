"""A workspace in which one client has left traces everywhere that the formats allow."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from lvmh_jax.calibrate.gate import Decision
from lvmh_jax.calibrate.gold import hash_note
from lvmh_jax.calibrate.recall import remember_gold
from lvmh_jax.config import SCHEMA_VERSION, to_dict
from lvmh_jax.detect.link import LinkCalibration
from lvmh_jax.detect.memory import MentionMemory
from lvmh_jax.io.artefact import write_model
from lvmh_jax.io.export import TrainedModel, pack_model
from lvmh_jax.io.manifest import write_manifest
from lvmh_jax.io.progress import Progress
from lvmh_jax.pipeline.forget import forget
from lvmh_jax.records import GoldNote, GoldSpan, Note
from tests.detect.builders import FORMS, TINY, build_detector, make_lexicon
from tests.generators import CANDIDATES, LEXICON, NOTES, json_lines, write_file, write_parquet

CLIENT, OTHER = "CL_0042", "CL_00423"  # one id begins the other
SHARED = "A client of the house since the opening of it."
SENTENCE = "Elle collectionne les sulfures de Baccarat depuis l'enfance."
TEXTS = {
    "N_100": (OTHER, f"She wants a BLACK leather handbag, a gift for her mother. {SHARED}"),
    "N_101": (CLIENT, f"Mme Laurent & fils, cherche un sac à main noir. {SENTENCE} {SHARED}"),
    "N_102": (OTHER, "Cherche un bolso negro pour un voyage avec sa famille en juillet."),
    "N_103": (
        CLIENT,
        "黒いバッグをお探し。来月の結婚記念日に奥様へ贈りたいとのこと、赤は好まない。",
    ),
    "N_104": (None, "A gift for her mother, nothing red, and a table for two at eight."),
}
OURS = {name: text for name, (client, text) in TEXTS.items() if client == CLIENT}
THEIRS = {name: text for name, (client, text) in TEXTS.items() if client != CLIENT}
MODEL = "concept_model_tiny_20261122_164507"
COLUMNS = "note_id,client_id,concept_id,matched_alias,confidence\r\n"
# As a European spreadsheet saves it, with marks; N_101 and N_103 are the client's.
SUGGESTIONS = (
    "concept_id;label;alias;language;notes;evidence_note_ids;confidence;accept\r\n"
    "the_gift;the_gift;sulfures;FR;1;N_101;0,98;yes\r\n"
    'the_gift;"the; gift";sac à main;FR;2;N_101|N_102;0,97;yes\r\n'
    "the_gift;the_gift;table for two;EN;1;N_104;0,96;no\r\n"
)
NEW_CONCEPTS = (
    "cluster_id,name,candidates,notes,evidence_note_ids,cohesion\n"
    "0,sac a main,sac a main|bolso negro,2,N_101|N_102,0.5\n"
    "1,sulfures,sulfures|baccarat,1,N_101,0.4\n"
    "2,red,red|nothing red,1,N_104,0.3\n"
)


def make_notes() -> list[Note]:
    return [Note(name, client or name, text) for name, (client, text) in TEXTS.items()]


def make_site(root: Path) -> Path:
    """Writes workspace, outputs and a model; returns the workspace."""
    write_parquet(root, NOTES, _notes_table())
    lexicon = {
        name: {
            "label": name,
            "aliases": [*forms, *([SENTENCE] if name == "the_gift" else [])],
            "freq_notes": 3,
            "examples": ["N_100", "N_101", "N_103"],
        }
        for name, forms in FORMS.items()
    }
    write_file(root, LEXICON, json.dumps(lexicon, ensure_ascii=False, indent=2))
    write_file(
        root,
        CANDIDATES,
        "candidate,language,freq_notes,avg_score,example_note_ids\n"
        '"sac à main",FR,7,0.4,N_101|N_102\n'
        "sulfures,FR,1,0.4,N_101\n"
        "gift,EN,2,0.4,N_100|N_104\n"
        "奥様,JA,9.0,0.4,\n",
    )
    gold = [asdict(each) for each in make_gold()]
    for split, part in (("train", gold[:2]), ("dev", gold[2:4]), ("test", gold[3:4])):
        write_file(root, f"data/gold/{split}.jsonl", json_lines(part))
    _write_outputs(root)
    make_model(root / "models" / MODEL)
    return root


def _notes_table() -> pa.Table:
    notes = list(TEXTS.items())
    columns = {
        "note_id": pa.array([name for name, _ in notes]),
        # A category: its dictionary holds every value, also of rows that are gone.
        "client_id": pa.array([client for _, (client, _) in notes]).dictionary_encode(),
        **dict.fromkeys(("date", "duration", "length"), pa.array(["2026-01-08"] * len(notes))),
        "language": pa.array(["EN", "FR", "FR", "JA", "EN"]),
        "text": pa.array([text for _, (_, text) in notes]),
        "more": pa.array(range(len(notes)), pa.int16()),
    }
    return pa.table(columns)


def _write_outputs(root: Path) -> None:
    rows = "".join(
        f'{name},{client or name},the_gift,"a, ""quoted""\nalias",0.5\r\n'
        for name, (client, _) in TEXTS.items()
    )
    write_file(root, "data/outputs/note_concepts.csv", "\ufeff" + COLUMNS + rows)
    write_file(root, "data/outputs/client_profiles.csv", f"client_id,x\n{CLIENT},1\n{OTHER},2\n")
    write_file(root, "data/outputs/relations.csv", "source,target,n_clients\nthe_red,the_gift,2\n")
    write_file(root, "data/outputs/alias_suggestions.csv", SUGGESTIONS)
    write_file(root, "data/outputs/new_concepts.csv", NEW_CONCEPTS)
    write_file(root, "data/outputs/mine.csv", f"what;who\ncall back;{CLIENT}\nsend card;x\n")
    quoted = SENTENCE.replace("'", "&#x27;").replace("Baccarat", "<mark>Baccarat</mark>")
    write_file(root, "data/outputs/page.html", f"<p>{quoted}</p>")
    write_file(root, "data/outputs/other.html", f"<p>{OTHER}: a gift, and a sulfure</p>")
    found = [{"note_id": name, "n": [{"text": text}]} for name, (_, text) in TEXTS.items()]
    document = {"notes": found, "said": ["x", SENTENCE, SHARED]}
    write_file(root, "data/outputs/found.json", json.dumps(document))
    table = _notes_table().select(["note_id", "client_id"])
    vectors = pa.array([[0.6, 0.8]] * len(TEXTS), pa.list_(pa.float32()))
    path = root / "data/outputs/note_vectors.parquet"
    parquet.write_table(
        table.append_column("embedding", vectors), path, compression="zstd", row_group_size=2
    )


def run(root: Path, *clients: str, **options: Any) -> dict[str, Any]:
    """Forgets the client, or those that are named."""
    return forget(clients or (CLIENT,), root, root / "models", progress=Progress(None), **options)


def decoded(path: Path) -> Iterator[str]:
    """A file as text, escapes and compression undone; and its raw bytes."""
    raw = path.read_bytes().decode("utf-8", "replace")
    yield from (raw, html.unescape(raw), path.name)
    if path.suffix == ".json":
        yield json.dumps(json.loads(raw), ensure_ascii=False)
    if path.suffix == ".parquet":
        table = parquet.read_table(path)
        yield str(table.to_pylist())
        for column in table.columns:
            for chunk in column.chunks:
                if hasattr(chunk, "dictionary"):
                    yield str(chunk.dictionary.to_pylist())


def traces_in(root: Path) -> set[tuple[str, str]]:
    """Every place where the client, a note or one of its longest sentences is."""
    sentences = [part.strip() for text in OURS.values() for part in text.split(". ")]
    sentences = [part for part in sentences if part not in str(THEIRS)]
    wanted = [*OURS, *sorted(sentences, key=len)[-3:]]
    wanted += [hash_note(note) for note in make_notes() if note.client_id == CLIENT]
    found = set()
    for path in root.rglob("*"):
        for text in decoded(path) if path.is_file() else ():
            hidden = text.replace(OTHER, "")
            found |= {(path.name, each) for each in [CLIENT, *wanted] if each in hidden}
    return found


def make_gold() -> list[GoldNote]:
    """A span at the beginning of each note."""
    span = GoldSpan(0, 6, "the_gift")
    return [GoldNote(name, (span,), (span.concept_id,)) for name in TEXTS]


def make_memory(notes: list[Note]) -> MentionMemory:
    """What the gold says of some of the notes, each in the fold of its last digit."""
    fold_B = np.array([int(note.note_id[-1]) for note in notes], np.int64)
    return remember_gold(build_detector(make_lexicon(), notes), notes, make_gold(), fold_B, 5)


def make_model(folder: Path) -> None:
    """A model that was trained on the notes, and read the sentence as an alias."""
    notes = make_notes()
    forms = {**FORMS, "the_gift": (*FORMS["the_gift"], SENTENCE)}
    detector = replace(build_detector(make_lexicon(forms), notes), dictionary_precision=0.75)
    hashes = [hash_note(note) for note in notes]
    model = TrainedModel(
        detector=replace(detector, memory=make_memory(notes)),
        settings=TINY,
        linking=LinkCalibration(0.3, 0.4),
        held_A=np.ones(len(detector.index.aliases), bool),
        held_notes=frozenset(hashes[:2]),
        fold_of=dict(zip(hashes, range(5), strict=True)),
        curve=[],
        decision=Decision("dictionary", "gold-dev", {"dictionary": 0.5}, None),
        scorer_source="none",
    )
    texts = [note.text.replace("Laurent & fils", "[NAME]") for note in notes]
    samples: dict[str, Any] = {
        "concept_examples": [{"concept": "the_gift", "keyword": SENTENCE, "bucket": "other"}],
        "context_examples": [{"text": t, "language": "FR", "client_id": "ab"} for t in texts],
    }
    metadata = {
        "model_type": "concept_detector",
        "schema_version": SCHEMA_VERSION,
        "configuration": to_dict(TINY),
        "validation": {"protocol": "gold-dev", "f1": 0.5},
        "pii_report": {"texts": "as written"},
    }
    contents = pack_model(model, metadata, samples, "# card\n")
    write_model(folder, contents)
    write_file(folder, "checkpoints/7/state/d/array", b"learned")
    write_file(folder, "report.html", f"<p>{CLIENT}</p>")
    write_manifest(folder)
    write_file(folder.parent, f".{MODEL}.part/checkpoints/1/state/array", b"learned")
