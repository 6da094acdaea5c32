from functools import partial
from typing import Any

from oneclick.annotations import DataFrame
from oneclick.errors import OneclickError
from oneclick.report.findings import tell_drawn, write_merit
from oneclick.report.page import (
    Block,
    Callout,
    Card,
    Cards,
    Charts,
    Prose,
    Section,
    Table,
    write_rows,
    write_table,
)
from oneclick.report.parameters import ReportParameters
from oneclick.texts.words import Figure, Words, plain

_COMPARED = ("roc_auc", "pr_auc", "brier", "log_loss", "lift_at_capacity", "expected_profit")
_DIGITS = {"lift_at_capacity": 2, "expected_profit": 1}


def write_models(
    model_comparison: DataFrame,
    champion_choice: dict[str, Any],
    evaluation: dict[str, Any],
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Return the chapter on how the models compare and how good the chosen one is.

    Raises:
        OneclickError: The comparison is of another run than the choice.
    """
    starred = model_comparison.query("champion and metric == @champion_choice['metric']")
    told = [champion_choice["champion"], champion_choice["mean"]]
    if starred[["candidate", "mean"]].to_numpy().tolist() != [told]:
        raise OneclickError(
            "model_comparison and champion_choice are of two runs: one of them ended before its "
            "model was judged. Run: kedro run --pipelines data_science,segmentation,reporting"
        )
    words, choice, calibration = report.words, champion_choice, evaluation["calibration"]
    cards = []
    for metric in ("roc_auc", "pr_auc", "accuracy", "brier"):
        figure, interval = write_merit(metric, evaluation["metrics"][metric], words)
        key = f"models.metrics.{metric}"
        note = words(f"{key}.note", interval=interval)
        cards.append(Card(words(f"{key}.name"), figure, note))
    trust = words(
        f"models.calibration.{'poor' if calibration['bias_shows'] else 'good'}",
        ece=words.number(calibration["ece"], 3),
        chance=words.number(calibration["chance_p95"], 3),
    )
    answers = [charts[name] for name in ("roc", "precision_recall", "confusion", "lift")]
    champion = words("models.champion", champion=words.candidate(choice["champion"]))
    blocks: list[Block] = [
        Cards(cards),
        Charts([charts["comparison"], charts["learning_curve"]], words("models.compared")),
        _compare(model_comparison, evaluation["lift"]["share"], words),
        Prose([*_worse(model_comparison, words), *_effort(choice, words)]),
        Charts(answers, champion),
        _threshold(evaluation, words),
        Charts([charts["calibration"]], words("models.trust")),
        Prose([trust, words("models.by_group")]),
    ]
    verdict = choice["verdict"][words.language]
    return Section("models", words("models.title"), verdict, [*warn_of(choice, words), *blocks])


def warn_of(choice: dict[str, Any], words: Words) -> list[Callout]:
    """Return what makes the model unfit for use: figures too good to be true, or none at all."""
    return [
        Callout(words(f"models.{alarm}"), message[words.language])
        for alarm in ("leak", "no_signal")
        if (message := choice.get(f"{alarm}_message"))  # earlier versions knew one alarm
    ]


def _compare(comparison: DataFrame, capacity: float, words: Words) -> Table:
    labels = Words("models", words.language).entry("metrics")
    metrics = [name for name in _COMPARED if name in set(comparison["metric"])]
    by_candidate = comparison.set_index(["candidate", "metric"]).sort_index()
    order = comparison[comparison["metric"] == "roc_auc"].sort_values("mean", ascending=False)
    rows = []
    for candidate, champion, p_value in order[["candidate", "champion", "p_value"]].to_numpy():
        name = plain(words.candidate(candidate))
        cells = [f"{name} ★" if champion else name]
        for metric in metrics:
            row = by_candidate.loc[(candidate, metric)]
            text: str = words.number(row["mean"], _DIGITS.get(metric, 3))
            if metric == "roc_auc":  # an interval at every figure would hide the figures
                text += f" ({words.interval(row['ci_low'], row['ci_high'])})"
            cells.append(Figure(text, row["mean"]))
        rows.append([*cells, words.number(p_value, 3)])
    key = "models.table"
    measured = [labels[metric] for metric in metrics]
    headings = [words(f"{key}.model"), *measured, words(f"{key}.p_value")]
    note = words(f"{key}.note", capacity=words.share(capacity))
    return Table(words(f"{key}.title"), headings, rows, note)


def _worse(comparison: DataFrame, words: Words) -> list[str]:
    """In which measures of its probabilities the champion is worse than others, if in any."""
    from oneclick.modelling.significance import SIGNIFICANT, holm

    labels, found = Words("models", words.language).entry("metrics"), []
    for metric in ("brier", "log_loss"):  # the smaller, the better
        of = comparison[comparison["metric"] == metric]
        better = of[(holm(of["p_value"]) < SIGNIFICANT) & (of["difference"] < 0)]
        if listed := ", ".join(map(words.candidate, better["candidate"])):
            found.append(words("models.table.worse_in", metric=labels[metric], names=listed))
    return [words("models.table.worse", metrics="; ".join(found))] if found else []


def _effort(choice: dict[str, Any], words: Words) -> list[str]:
    effort = words(
        "models.effort",
        folds=words.number(choice["effort"]["folds"]),
        repeats=words.count(choice["effort"]["repeats"], "times"),
        customers=tell_drawn(choice, words),
    )
    without = choice["without_current_month"]
    if not without:
        return [effort]
    reduced = words(
        "models.without_current",
        left_out=", ".join(map(words.quoted, without["left_out"])),
        auc=words.number(without["roc_auc"], 3),
        interval=words.interval(without["ci_low"], without["ci_high"]),
        difference=words.number(without["difference"], 3, sign=True),
    )
    return [effort, reduced]


def _threshold(evaluation: dict[str, Any], words: Words) -> Table:
    terms, at = evaluation["threshold"], evaluation["at_threshold"]
    names = ("precision", "recall", "accuracy", "contacted_share")
    rows = write_rows(
        [{"name": f"models.threshold.{name}", **at[name]} for name in names],
        (words, "name"),
        (partial(words.share, digits=1), "value"),
        (partial(words.share_range, digits=1), ("low", "high")),
    )
    return write_table(
        words,
        "models.threshold",
        rows,
        threshold=words.share(terms["value"], 1),
        save_rate=words.share(terms["save_rate"], 1),
        stake=words.money(terms["value_at_stake"]),
        incentive=words.money(terms["incentive"]),
        contact=words.money(terms["contact_cost"]),
    )
