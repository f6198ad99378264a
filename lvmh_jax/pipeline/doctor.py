"""Checks a workspace and explains it: findings, coverage, balance, what training will use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lvmh_jax.config import TrainSettings
from lvmh_jax.data.inspection import Inspection
from lvmh_jax.data.lexiconfix import fix_lexicon
from lvmh_jax.data.lint import (
    ERROR,
    HINT,
    RULES,
    SCHEMA,
    SEVERITIES,
    WARNING,
    Finding,
    choose_rules,
    lint,
)
from lvmh_jax.data.survey import (
    measure_balance,
    measure_coverage,
    measure_gold,
    measure_training,
)
from lvmh_jax.display.doctorpage import write_page
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.inspection import Parts, read_parts
from lvmh_jax.io.manifest import write_bytes, write_json
from lvmh_jax.io.outputs import require_writable
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import read_clock
from lvmh_jax.io.workspace import LEXICON
from lvmh_jax.records import Lexicon

FIXED = "taxonomy/lexicon_v1.fixed.json"
_SCHEMA_RULE = {
    "about": "what the reader of the files refuses (error), puts up with (warning) or skips (hint)",
    "repair": "as the line says",
}


def doctor(
    workspace: Path,
    *,
    rules: Sequence[str] = (),
    html: Path | None = None,
    fix: bool = False,
    progress: Progress,
) -> dict[str, Any]:
    """Examines a workspace; writes only the page and the repaired lexicon that are asked for.

    Returns: the report, with `exit_code` 3 where a file is refused and 4 where one is missing.

    Raises:
      NotFoundError: there are neither notes nor a lexicon.
      UsageError: no such rule, or an output that cannot be written.
      InvalidInputError: `fix`, and the lexicon could not be read, or is a table.
    """
    started_s = read_clock()
    chosen = choose_rules(rules)
    for path in ([html] if html else []) + ([workspace / FIXED] if fix else []):
        require_writable(path)
    parts = read_parts(workspace)
    progress.say(f"{len(parts.notes or ()):,} notes read")
    seen = Inspection(parts.lexicon or Lexicon(()), parts.notes or ())
    findings = [*(_schema_findings(parts) if SCHEMA in chosen else ()), *lint(seen, chosen)]
    report = _report(parts, seen, findings)
    if fix:
        report["fix"] = _fix(workspace, parts, seen)
    report["seconds"] = round(read_clock() - started_s, 3)
    if html is not None:
        page = write_page(f"lvmh-jax doctor: {workspace.absolute().name}", report)
        html.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(html, page.encode("utf-8", "replace"))
        report["html"] = str(html)
    return report


def _schema_findings(parts: Parts) -> list[Finding]:
    told = ((ERROR, parts.refused), (WARNING, parts.warnings), (HINT, parts.remarks))
    repair = _SCHEMA_RULE["repair"]
    return [
        Finding(SCHEMA, severity, (), "", 0, "notes", (), line, repair)
        for severity, lines in told
        for line in lines
    ]


def _report(parts: Parts, seen: Inspection, findings: Sequence[Finding]) -> dict[str, Any]:
    severities = Counter(each.severity for each in findings)
    counts = Counter(each.rule for each in findings)
    about = {SCHEMA: _SCHEMA_RULE} | {
        name: {"about": rule.about, "repair": rule.repair} for name, rule in RULES.items()
    }
    report: dict[str, Any] = {
        "exit_code": parts.exit_code,
        "severities": {name: severities[name] for name in SEVERITIES},
        "rules": {name: {**each, "count": counts[name]} for name, each in about.items()},
        "findings": [asdict(each) for each in findings],
    }
    if parts.lexicon is not None:
        report["lexicon"] = measure_balance(seen)
        report["gold"] = measure_gold(seen, parts.gold)
    if parts.lexicon is not None and parts.notes is not None:
        report["coverage"] = measure_coverage(seen)
        report["training"] = measure_training(seen, parts.candidates, TrainSettings())
    return report


def _fix(workspace: Path, parts: Parts, seen: Inspection) -> dict[str, Any]:
    if parts.document is None:
        raise InvalidInputError(
            "there is no lexicon to repair",
            where=LEXICON,
            expected="a lexicon in JSON that can be read",
            fix="leave --fix out to see what is wrong",
        )
    fixed, repairs = fix_lexicon(parts.document, seen)
    if repairs:  # a copy that is the same would look like a repair
        write_json(workspace / FIXED, fixed)
    return {
        "output": str(workspace / FIXED) if repairs else None,
        "counts": dict(Counter(each.rule for each in repairs)),
        "repairs": [each._asdict() for each in repairs],
    }
