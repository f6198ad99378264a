"""`lvmh-jax doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, table

MOST = 10  # findings of a rule; --verbose shows all


@click.command(
    "doctor",
    epilog="""\b
Example:
  lvmh-jax doctor
  lvmh-jax doctor --workspace boutique --rule shared-alias --rule stop-word
  lvmh-jax doctor --html report.html --fix

\b
An error stops commands that read the workspace; a warning costs quality; a hint may. Exit code
3: a file is refused; 4: notes or lexicon are missing. Findings alone are no failure.""",
)
@options.workspace
@options.output_file(
    "--html", "html", "Also write the report as a page; it holds no note text.", *options.PAGE
)
@click.option(
    "--fix",
    is_flag=True,
    help="Write a copy with the safe repairs, if any, to taxonomy/lexicon_v1.fixed.json; the "
    "original stays as it is.",
)
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="NAME",
    help="Check this rule only, such as shared-alias; may be given several times.",
)
@options.common
def command(
    output: Output, workspace: Path, html: Path | None, fix: bool, rules: tuple[str, ...]
) -> None:
    """Check a workspace and explain what is in it.

    Reads the files as `train` does, without stopping at the first fault; checks the lexicon
    against a table of rules, and shows for each finding the notes concerned and a repair; and
    reports coverage, balance and what training will use and drop.
    """
    options.require_workspace(workspace)
    with output.starting():
        from lvmh_jax.pipeline.doctor import doctor

    with output.progress() as progress:
        report = doctor(workspace, rules=rules, html=html, fix=fix, progress=progress)
    output.result(report, _lines(report, all_of_them=output.verbose))
    if report["exit_code"]:
        raise click.exceptions.Exit(report["exit_code"])


def _lines(report: Mapping[str, Any], *, all_of_them: bool) -> Iterator[str]:
    from lvmh_jax.display.doctorpage import count_of, flatten_figures

    counts = report["severities"]
    yield ", ".join(count_of(counts[name], name) for name in counts)
    for rule, group in groupby(report["findings"], key=lambda each: each["rule"]):
        found = list(group)
        about = report["rules"][rule]
        yield ""
        yield f"{found[0]['severity']} {rule} ({len(found):,}): {about['about']}"
        yield from (_line(each) for each in (found if all_of_them else found[:MOST]))
        if len(found) > MOST and not all_of_them:
            yield f"  ... and {len(found) - MOST:,} more (--verbose)"
        yield f"  repair: {about['repair']}"
    for name in ("coverage", "lexicon", "gold", "training"):
        if report.get(name):
            yield ""
            yield name
            yield from (f"  {line}" for line in table(list(flatten_figures(report[name]))))
    yield from _file_lines(report)


def _line(finding: Mapping[str, Any]) -> str:
    parts = [repr(finding["alias"])[1:-1] if finding["alias"] else "", finding["evidence"]]
    text = ": ".join(part for part in parts if part)
    where = " ".join(finding["concepts"])
    text += f" [{where}]" if where else ""
    if finding["notes"]:
        notes = "1 note" if finding["count"] == 1 else f"{finding['count']:,} notes"
        text += f"; {notes}: {' '.join(finding['notes'])}"
    return f"  {text}"


def _file_lines(report: Mapping[str, Any]) -> Iterator[str]:
    if "fix" in report:
        yield ""
        fix = report["fix"]
        told = ", ".join(f"{rule} {count:,}" for rule, count in fix["counts"].items())
        yield f"repaired: {told or 'nothing, so nothing is written'}"
        if fix["output"]:
            yield f"output: {fix['output']}"
    if "html" in report:
        yield f"output: {report['html']}"
