"""The few lines a run ends with: customers, model, segments, offers, and where the files lie."""

import json
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

LOOK_AT = {
    "report_html": "08_reporting/report.html",
    "campaign_excel": "07_model_output/campaign_excel.csv",
    "campaign_workbook": "07_model_output/campaign.xlsx",
    "campaign_crm": "07_model_output/campaign_crm.csv",
    "rejected_rows": "02_intermediate/rejected_rows.parquet",
}
# Of several datasets, the first of these is told.
_TELLING = ("campaign_register", "decline_scores", "customers")
_MOSTLY = 0.5  # share of customers without a value

Outdated = Mapping[str, list[str]]  # results that are older than others which they are made from


def summarise_run(
    results: Path,
    outdated: Outdated = MappingProxyType({}),
    redo: str = "",
    served: str | None = None,
) -> list[str]:
    """Return a summary of a snapshot's results, as far as any run has made them.

    Args:
        results: ``data/snapshots/<snapshot>``.
        outdated: From `describe_outdated`, which results are older than what they are made from.
        redo: The command that makes these anew, if there is one.
        served: The snapshot whose model was in service before the run, if it made another one.
    """
    said = _model(results, outdated)
    if served not in (None, results.name):
        text = f"this model from now on; before it that of {served} (back: kedro use {served})"
        said.append(("in service", text))
    if quality := read_facts(results, "data_quality"):
        customers = ("customers", _customers(quality["customers"]))
        said = [customers, *_gaps(quality), *_odd_profit(quality), *said]
    if campaign := read_facts(results, "campaign_summary"):
        older = _older("campaign_summary", outdated, after=": ")
        said.append(("campaign", older + _campaign(campaign)))
        said += _nobody(campaign)
    if readout := read_facts(results, "readout_summary"):
        older = _older("readout_summary", outdated, after=": ")
        said.append(("read-out", older + _effect(readout)))
    files = [
        f"{path}{_older(name, outdated, ' (', ')')}"
        for name, place in LOOK_AT.items()
        if (path := results / place).exists()
    ]
    said += zip(["files", *[""] * len(files)], files, strict=False)
    if redo:
        said.append(("make anew", redo))
    return [f"Snapshot {results.name}", *(f"  {subject:<12}{text}" for subject, text in said)]


def _older(name: str, outdated: Outdated, before: str = "", after: str = "") -> str:
    """Say, between marks, what the snapshot holds that is newer; nothing if nothing is."""
    newer = outdated.get(name)
    return f"{before}older than {most_telling(newer)}{after}" if newer else ""


def most_telling(newer: Collection[str]) -> str:
    """Return the one of several datasets that tells people most."""
    return next((name for name in _TELLING if name in newer), min(newer))


def _campaign(campaign: dict[str, Any]) -> str:
    profit, budget = campaign["expected_profit"], campaign.get("budget")
    rates = campaign.get("save_rates", "assumed").replace("_", " ")
    within = "" if budget is None else f" within a budget of {budget:,.0f} RUB"
    return (
        f"{campaign['contacted']} contacted{within} of {campaign['consented']} who consent, "
        f"{campaign['control']} held back as control; expected profit "
        f"{profit['median']:,.0f} RUB ({profit['low']:,.0f} to {profit['high']:,.0f}, "
        f"by {rates} save rates)"
    )


def _nobody(campaign: dict[str, Any]) -> list[tuple[str, str]]:
    """A warning of the first condition that no customer meets, if there is one."""
    conditions = {
        "consented": "nobody consents to letters. Is allows_contact exported, and in spellings "
        "that conf/base/data_processing/parameters.yml knows?",
        "contactable": "all who consent have had as many contacts as campaign.contact_cap allows, "
        "or an unknown number. Is marketing_contacts_current that of one month?",
        "worth_it": "no offer both suits and pays for anybody who may be written to: "
        "campaign_exclusions counts the reasons. Look at profit_value, and at costs and conditions "
        "in conf/base/segmentation/parameters_offers.yml.",
    }
    # A campaign of an earlier version may lack some of the numbers.
    unmet = [text for name, text in conditions.items() if campaign.get(name) == 0]
    if not campaign["contacted"] and campaign.get("budget") is not None:
        unmet.append("the budget does not pay for a single letter.")
    return [("WARNING", f"nobody is written to: {text}") for text in unmet[:1]]


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


def _customers(counts: dict[str, int]) -> str:
    unknown = counts["unlabelled"]
    status = f"{counts['declined']} with declined activity"
    if unknown == counts["kept"]:
        status = "none with a status"
    elif unknown:
        status += f", {unknown} of unknown status"
    return f"{counts['in']} in, {counts['rejected']} rejected, {counts['kept']} kept, {status}"


def _gaps(quality: dict[str, Any]) -> list[tuple[str, str]]:
    """The columns that most customers lack, or that tell no customer from another."""
    told = [
        f"{gap['column']} is empty for {gap['missing']:.1%}"
        + (", else the same for all" if gap["constant"] else "")
        if gap["missing"] >= _MOSTLY
        else f"{gap['column']} is the same for all"
        for gap in quality.get("gaps", [])  # a snapshot of an earlier version has none
        if gap["constant"] or gap["missing"] >= _MOSTLY
    ]
    return [("columns", f"{'; '.join(told)}: exported whole?")] if told else []


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


def _model(results: Path, outdated: Outdated) -> list[tuple[str, str]]:
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
    # A snapshot of an earlier version has no second alarm.
    alarms = (choice.get("leak_message"), choice.get("no_signal_message"))
    told = [("WARNING", alarm["en"]) for alarm in alarms if alarm]
    older = _older("champion_choice", outdated, after=": ")
    return [("model", f"{older}{choice['champion']}, {_auc(choice)}"), *told]


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
        seen = found["observed"]
        text += (
            f": {seen['value']:.1%} (95 % {seen['low']:.1%}–{seen['high']:.1%}), "
            f"{found['predicted']['value']:.1%} predicted"
        )
    if auc := found.get("roc_auc"):  # enough of both
        text += f"; ROC-AUC {auc['value']:.3f} (95 % {auc['low']:.3f}–{auc['high']:.3f})"
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
