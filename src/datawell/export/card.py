"""The dataset card: ``dataset/README.md``, YAML header and all that a reader should know.

The header follows the Hugging Face dataset card (``license``, ``language``, ``size_categories``,
``tags``, ``configs`` with ``data_files`` by split), so the folder can be loaded by its path.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from datawell.core.parts import write_durably
from datawell.core.rundir import RunFolder, Summary
from datawell.export.files import disk
from datawell.export.label import FORMAT_VERSION, NOT_MEASURED

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))
_SPLITS = ("train", "validation", "test")
_NAMES = {
    "types": "different words",
    "distinct_1": "distinct-1",
    "distinct_2": "distinct-2",
    "distinct_3": "distinct-3",
    "distinct_4": "distinct-4",
    "self_bleu_4": "self-BLEU-4",
    "compression": "gzip compression ratio",
    "shared_8_grams": "8-grams shared between texts",
    "commonest_opening": "texts with the commonest five-word opening",
}


def write_card(
    run: RunFolder, label: Mapping[str, Any], recipe_text: str, out: Path | None = None
) -> Path:
    """Write the card of an exported run and return its path.

    Args:
        run: a run whose dataset has been written.
        label: what :func:`datawell.export.label.build_label` returned.
        recipe_text: the recipe as it was run (YAML); its ``export.license`` goes into the header.
        out: the dataset folder it belongs to; the run's own when None.

    Raises:
        StorageError: the card cannot be written, or a dataset file is damaged.
    """
    summary = run.summary()
    home = out or run.dataset
    with disk("write the dataset card", home):
        splits = _splits(home)
        home.mkdir(parents=True, exist_ok=True)
    parts = [
        _header(summary, splits, recipe_text),
        _about(summary, splits),
        _label_section(label),
        _dropped_section(summary),
        _columns_section(),
        _limits_section(summary),
        _provenance_section(summary, recipe_text),
    ]
    path = home / "README.md"
    write_durably(path, "\n".join(parts).encode())
    return path


def _splits(folder: Path) -> dict[str, int]:
    """Rows by split, in the usual order, counted from the files that are there."""
    names = {path.name.rsplit("-", 1)[0] for path in folder.glob("*-[0-9]*.parquet")}
    known = [name for name in _SPLITS if name in names]
    return {
        name: pl.scan_parquet(folder / f"{name}-*.parquet").select(pl.len()).collect().item()
        for name in [*known, *sorted(names - set(known))]
    }


def _header(summary: Summary, splits: Mapping[str, int], recipe_text: str) -> str:
    size = next((name for most, name in _SIZES if summary.kept < most), "n>1M")
    teachers = set(summary.teachers.values())
    made_by = ["procedural"] if teachers and all(_is_builtin(t) for t in teachers) else []
    header: dict[str, Any] = {
        "pretty_name": summary.recipe,
        "license": _license(recipe_text),
        "language": ["en"],
        "size_categories": [size],
        "task_categories": ["text-generation"],
        "tags": ["synthetic", *made_by, "datawell"],
    }
    if splits:
        files = [{"split": name, "path": f"{name}-*.parquet"} for name in splits]
        header["configs"] = [{"config_name": "default", "data_files": files}]
    return f"---\n{yaml.safe_dump(header, sort_keys=False, allow_unicode=True)}---\n"


def _license(recipe_text: str) -> str:
    try:
        found = yaml.safe_load(recipe_text)
    except yaml.YAMLError:
        return "unknown"
    recipe = found.get("recipe", found) if isinstance(found, dict) else {}
    export = recipe.get("export") if isinstance(recipe, dict) else None
    named = export.get("license") if isinstance(export, dict) else None
    return named if isinstance(named, str) and named else "unknown"


def _is_builtin(model: str) -> bool:
    return model.split(":")[0] == "builtin"


def _teacher(model: str) -> str:
    if _is_builtin(model):
        return f"{_code(model)}, datawell's built-in teacher: a grammar, not a language model"
    return f"{_code(model)}, a language model"


def _about(summary: Summary, splits: Mapping[str, int]) -> str:
    teachers = [f"- {role}: {_teacher(model)}" for role, model in sorted(summary.teachers.items())]
    rows = [f"| {name} | {count:,} |" for name, count in splits.items()]
    return "\n".join(
        [
            f"# {_plain(summary.recipe)}",
            "",
            "Every text here is synthetic: it was voiced from a plan by a teacher and kept only if "
            "it passed every check of its recipe.",
            "",
            "Written by:",
            "",
            *teachers,
            "",
            f"{summary.rows:,} rows were generated, {summary.kept:,} were kept. They are split by "
            "seed: all rows of one seed stand on one side, and a seed stands on the same side in "
            "every run.",
            "",
            "| split | rows |",
            "|---|---:|",
            *rows,
            "",
        ]
    )


def _label_section(label: Mapping[str, Any]) -> str:
    lines = ["## Label", ""]
    valid, diverse = label["valid"], label["diverse"]
    if valid != NOT_MEASURED:
        kept = valid["kept"]
        lines += [f"**Valid.** Rows kept: {_figure(kept, share=True)} of {kept['n']:,} generated."]
        lines += ["", "| check | pass | rows examined | catch rate |", "|---|---:|---:|---|"]
        lines += [
            f"| {check['check']} | {_figure(check['pass'], share=True)} | {check['pass']['n']:,} "
            f"| {check['catch_rate']} |"
            for check in valid["checks"]
        ]
    else:
        lines += [f"**Valid.** {NOT_MEASURED}."]
    lines += ["", *_diverse(diverse), ""]
    lines += [f"**{name.capitalize()}.** {label[name]}.\n" for name in ("private", "supervised")]
    lines += [f"**Useful.** {_useful(label['useful'])}", ""]
    lines += ["Every figure with its method, interval and seed is in `label.json`.", ""]
    return "\n".join(lines)


def _diverse(diverse: Any) -> list[str]:
    if diverse == NOT_MEASURED:
        return [f"**Diverse.** {NOT_MEASURED}."]
    anchor = diverse["anchor"]
    name = _code(anchor["name"]) if anchor else "anchor"
    lines = [
        f"**Diverse.** Measured on {diverse['words']:,} words; lower is more varied for "
        "self-BLEU, compression, shared 8-grams and openings.",
        "",
        f"| measure | this dataset | {name} |",
        "|---|---:|---:|",
    ]
    for key, title in _NAMES.items():
        if key in diverse["figures"]:
            figure = diverse["figures"][key]
            beside = _number(figure["anchor"]["value"]) if "anchor" in figure else NOT_MEASURED
            lines.append(f"| {title} | {_figure(figure)} | {beside} |")
    return lines


def _useful(useful: Any) -> str:
    if useful == NOT_MEASURED:
        return f"{NOT_MEASURED}."
    return (
        f"A {_plain(useful['preset'])} student of this data needs {_figure(useful['data'])} bits a "
        f"byte on held-out real text; of as much real text ({useful['bytes']:,} bytes), "
        f"{_figure(useful['real'])}. Less is better."
    )


def _figure(figure: Mapping[str, Any], *, share: bool = False) -> str:
    if figure["value"] is None:
        return NOT_MEASURED
    show = _percent if share else _number
    if figure["interval"] is None:
        return show(figure["value"])
    low, high = figure["interval"]
    return f"{show(figure['value'])} [{show(low)}, {show(high)}]"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.4g}"


def _dropped_section(summary: Summary) -> str:
    lines = ["## Dropped rows", ""]
    if not summary.dropped:
        return "\n".join([*lines, "None.", ""])
    lines += ["| stage | reason | rows |", "|---|---|---:|"]
    lines += [
        f"| {_plain(stage)} | {_plain(reason)} | {n:,} |"
        for (stage, reason), n in summary.dropped.items()
    ]
    return "\n".join([*lines, "", "Each is in `rejected.parquet` with its verdicts.", ""])


def _columns_section() -> str:
    return """## Columns

| column | holds |
|---|---|
| `id` | hash of recipe fingerprint, task, seed and row |
| `text` | what a student learns |
| `prompt` | what a reader is asked, where the row is an instruction |
| `messages` | a conversation as a chat: the trained role is `assistant`, others are `user` |
| `turns` | the same conversation by true role and move |
| `plan` | the ground truth the text was voiced from (JSON) |
| `task`, `seed_id`, `source`, `row` | where the row began |
| `teachers` | who wrote, by role (JSON) |
| `recipe` | fingerprint of what made it |

A trainer that looks for its columns by name should be given one of them, for example
`load_dataset(PATH).select_columns(["text"])`, or the rows of `export/trl-sft`.
"""


def _limits_section(summary: Summary) -> str:
    lines = [
        "## Limits",
        "",
        "- Checks hold a text against its plan. They do not say that it reads well, and how many "
        "errors they catch has not been measured for this dataset.",
        "- Personal data, verbatim overlap with sources and agreement of people were not measured.",
    ]
    if any(_is_builtin(model) for model in summary.teachers.values()):
        lines.append(
            "- The built-in teacher speaks only its grammar. A student trained on it learns that "
            "grammar, not the language; look at the diversity figures before you mix it in."
        )
    return "\n".join([*lines, ""])


def _provenance_section(summary: Summary, recipe_text: str) -> str:
    # No counts of calls here: they depend on crashes, and an export does not. The report has them.
    fence = "```"
    while fence in recipe_text:
        fence += "`"
    return "\n".join(
        [
            "## Provenance",
            "",
            f"- recipe `{_plain(summary.recipe)}`, fingerprint `{summary.fingerprint}`, "
            f"seed `{summary.seed}`",
            f"- format version {FORMAT_VERSION}",
            "",
            "The recipe, complete:",
            "",
            f"{fence}yaml",
            recipe_text.rstrip("\n"),
            fence,
            "",
        ]
    )


def _plain(text: str) -> str:
    """Text that cannot break a Markdown table or become markup."""
    flat = " ".join(text.split())
    return "".join(f"\\{c}" if c in "|`*_<>[]\\#" else c for c in flat)


def _code(text: str) -> str:
    return "`" + " ".join(text.split()).replace("`", "'").replace("|", "¦") + "`"
