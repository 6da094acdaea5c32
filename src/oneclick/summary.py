"""The few lines a run ends with: customers, model, segments, offers, and where the files lie."""

import json
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
    """Return a summary of the results in a snapshot's folder, as far as they have been made.

    Args:
        results: The folder ``data/snapshots/<snapshot>``.
    """
    lines = [f"Snapshot {results.name}"]
    quality = read_facts(results, "data_quality")
    if quality:
        customers = quality["customers"]
        lines.append(
            f"  customers   {customers['in']} in, {customers['rejected']} rejected, "
            f"{customers['kept']} kept, {customers['declined']} with declined activity"
        )
    choice = read_facts(results, "champion_choice")
    if choice:
        lines.append(
            f"  model       {choice['champion']}, ROC-AUC {choice['mean']:.3f} "
            f"(95 % {choice['ci_low']:.3f}–{choice['ci_high']:.3f}), out of fold"
        )
        if choice["leak_alarm"]:
            lines.append(f"  WARNING     {choice['leak_message']['en']}")
    campaign = read_facts(results, "campaign_summary")
    if campaign:
        profit = campaign["expected_profit"]
        lines.append(
            f"  campaign    {campaign['contacted']} contacted of {campaign['consented']} who "
            f"consent, {campaign['control']} held back as control; expected profit "
            f"{profit['median']:,.0f} RUB ({profit['low']:,.0f} to {profit['high']:,.0f}, "
            "by assumed save rates)"
        )
    readout = read_facts(results, "readout_summary")
    if readout:
        lines.append(f"  read-out    {readout['headline']}")
    files = [results / name for name in LOOK_AT if (results / name).exists()]
    lines += [f"  {'files' if place == 0 else '':12}{path}" for place, path in enumerate(files)]
    return lines


def read_facts(results: Path, name: str) -> dict[str, Any] | None:
    """Return the JSON report ``name`` of a snapshot, None where no run has made it yet."""
    path = results / "08_reporting" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
