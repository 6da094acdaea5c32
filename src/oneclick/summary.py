"""The few lines a run ends with: customers, model, segments, offers, and where the files lie."""

import json
import time
from pathlib import Path
from typing import Any

LOOK_AT = (
    "08_reporting/report.html",
    "07_model_output/campaign_excel.csv",
    "07_model_output/campaign.xlsx",
    "07_model_output/campaign_crm.csv",
    "02_intermediate/rejected_rows.parquet",
)


def summarise_run(results: Path) -> list[str]:
    """Return a summary of the results, as far as made, in ``data/snapshots/<snapshot>``."""
    said = _model(results)
    if quality := read_facts(results, "data_quality"):
        said = [("customers", _customers(quality["customers"])), *_odd_profit(quality), *said]
    if campaign := read_facts(results, "campaign_summary"):
        profit = campaign["expected_profit"]
        rates = campaign.get("save_rates", "assumed").replace("_", " ")
        text = (
            f"{campaign['contacted']} contacted of {campaign['consented']} who consent, "
            f"{campaign['control']} held back as control; expected profit "
            f"{profit['median']:,.0f} RUB ({profit['low']:,.0f} to {profit['high']:,.0f}, "
            f"by {rates} save rates)"
        )
        of_these = not _is_older(
            _report(results, "campaign_summary"), _report(results, "data_quality")
        )
        said.append(("campaign", text if of_these else f"of the customers before: {text}"))
    if readout := read_facts(results, "readout_summary"):
        older = _is_older_than_campaign(_report(results, "readout_summary"))
        said.append(("read-out", ("of the campaign before: " if older else "") + _effect(readout)))
    files = [f"{path}{_outdated(path)}" for name in LOOK_AT if (path := results / name).exists()]
    said += zip(["files", *[""] * len(files)], files, strict=False)
    return [f"Snapshot {results.name}", *(f"  {subject:<12}{text}" for subject, text in said)]


def describe_effect(readout: dict[str, Any]) -> str:
    """Return the effect of a campaign in figures; the read-out's own words are for its readers."""
    told, days = "effect on activity unknown", readout["days_later"]
    if effect := readout["effect"]:
        value, low, high = (f"{100 * effect[key]:+.1f}" for key in ("value", "low", "high"))
        told = f"declines {value} points (95 % {low} to {high})".replace("-", "−")
    return told if days is None else f"{told}, {days} days later"


def _effect(readout: dict[str, Any]) -> str:
    if "effect" not in readout:  # made by an earlier version
        return str(readout["headline"])
    beware = "; beware, the arms are unlike: see readout_summary.json" if readout["alarms"] else ""
    return describe_effect(readout) + beware


def _outdated(path: Path) -> str:
    """What to do about a report that an earlier run made, which tells of another campaign."""
    if path.suffix != ".html" or not _is_older_than_campaign(path):
        return ""
    if month_of_foreign_model(path.parents[1]):
        return " (of a campaign before; scoring by a model of another month draws none)"
    return " (older than the campaign: kedro run --pipeline reporting draws it again)"


def _is_older_than_campaign(path: Path) -> bool:
    return _is_older(path, path.parents[1] / "07_model_output/campaign_register.parquet")


def _is_older(path: Path, other: Path) -> bool:
    # Spark writes a folder of files, whose own time is that of the run that took it over.
    written = [part for part in (other, *other.rglob("*")) if part.is_file()]
    made = path.stat().st_mtime_ns
    return any(made < part.stat().st_mtime_ns for part in written)


def _customers(counts: dict[str, int]) -> str:
    unknown = counts["unlabelled"]
    status = f"{counts['declined']} with declined activity"
    if unknown == counts["kept"]:
        status = "none with a status"
    elif unknown:
        status += f", {unknown} of unknown status"
    return f"{counts['in']} in, {counts['rejected']} rejected, {counts['kept']} kept, {status}"


def _odd_profit(quality: dict[str, Any]) -> list[tuple[str, str]]:
    """A warning where profit is more than revenue for most customers: then its unit is another."""
    # A snapshot of an earlier version has no such number.
    odd, kept = quality.get("profit_exceeds_revenue", 0), quality["customers"]["kept"]
    if odd <= kept / 2:
        return []
    text = f"profit is more than revenue for {odd} of {kept}: is it exported in the unit that "
    return [
        ("WARNING", f"{text}profit_value.profit_unit_rub says? Every sum of money rests on it.")
    ]


def _model(results: Path) -> list[tuple[str, str]]:
    """What training said of the model or, where an older model scored, whether it still fits."""
    scored, choice = read_scored(results), read_facts(results, "champion_choice")
    if scored:
        month = scored["model_snapshot"]
        model = f"{scored['champion']} of snapshot {month}{_age(results.parent / month)}"
        moved = f"moved: {', '.join(scored['moved'])}. " if scored["moved"] else ""
        return [
            ("model", f"{model}, {_auc(scored['roc_auc'])}"),
            ("drift", f"{moved}{scored['verdict']['en']}"),
            *_realised(read_facts(results, "realised_decline")),
        ]
    if choice is None:
        return []
    alarm = [("WARNING", choice["leak_message"]["en"])] if choice["leak_alarm"] else []
    return [("model", f"{choice['champion']}, {_auc(choice)}"), *alarm]


def _auc(figure: dict[str, float]) -> str:
    interval = f"{figure['ci_low']:.3f}–{figure['ci_high']:.3f}"
    return f"ROC-AUC {figure['mean']:.3f} (95 % {interval}), out of fold"


def _age(trained: Path) -> str:
    info = trained / "06_models/model_info.json"
    if not info.exists():
        return ""
    return f", trained {int((time.time() - info.stat().st_mtime) / 86_400)} days ago"


def _realised(found: dict[str, Any] | None) -> list[tuple[str, str]]:
    """How the probabilities did, where the status of some customers is known."""
    if not found:
        return []
    told = []
    if found["unseen"]["customers"]:
        told.append(
            f"of customers unseen by the model that scored them {_outcome(found['unseen'])}"
        )
    if found["seen"]["customers"]:
        if not told:
            told.append("unknown: no customer with a status is new to the model")
        told.append(f"flattering, of customers seen in training {_outcome(found['seen'])}")
    return list(zip(["realised", ""], told, strict=False))


def _outcome(found: dict[str, Any]) -> str:
    text = f"{found['declined']} of {found['customers']} have declined"
    if "observed" in found:  # both classes are there
        seen, auc = found["observed"], found["roc_auc"]
        text += (
            f": {seen['value']:.1%} (95 % {seen['low']:.1%}–{seen['high']:.1%}), "
            f"{found['predicted']['value']:.1%} predicted; ROC-AUC {auc['value']:.3f} "
            f"(95 % {auc['low']:.3f}–{auc['high']:.3f})"
        )
    return text


def read_scored(results: Path) -> dict[str, Any] | None:
    """Return what scoring said of another month's model; None where the scores are by this one's.

    A snapshot may have been trained on and scored later, or the other way round.
    """
    by = read_facts(results, "scored_by") or {"snapshot": results.name}
    return None if by["snapshot"] == results.name else read_facts(results, "drift_summary")


def month_of_foreign_model(results: Path) -> str | None:
    """Return the snapshot whose model gave the scores, None where that is this one."""
    return (read_scored(results) or {}).get("model_snapshot")


def read_facts(results: Path, name: str) -> dict[str, Any] | None:
    """Return the JSON report ``name`` of a snapshot, None where no run has made it yet."""
    path = _report(results, name)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _report(results: Path, name: str) -> Path:
    return results / "08_reporting" / f"{name}.json"
