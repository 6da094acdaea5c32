"""Steps of training: each takes tables and typed parameters, the library does the work."""

import logging
from functools import partial
from typing import Any

from oneclick.annotations import DataFrame, NestedScores, RecordBatchReader, Table
from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.offers import OfferCatalogue
from oneclick.campaign.parameters import CampaignParameters
from oneclick.modelling.parameters import (
    Candidates,
    Choice,
    ContactEconomics,
    Explaining,
    Features,
    Judging,
    Training,
)
from oneclick.report.parameters import ReportParameters

logger = logging.getLogger(__name__)


def make_training_set(customers: Table, features: Features, training: Training) -> DataFrame:
    """Draw the labelled customers to learn from."""
    from oneclick.modelling.training_set import draw_training_set

    return draw_training_set(customers, features, training)


def evaluate_candidates(
    training_set: DataFrame,
    features: Features,
    candidates: Candidates,
    choice: Choice,
    training: Training,
) -> NestedScores:
    """Score every training customer out of fold by every candidate."""
    from oneclick.modelling.evaluation import Task, evaluate_nested
    from oneclick.modelling.features import as_model_frame, clone_groups

    frame = as_model_frame(training_set, features)
    task = Task(
        frame=frame,
        declined=training_set["declined"].to_numpy(bool),
        groups=clone_groups(frame),
        candidates=candidates,
        features=features,
        effort=choice.chosen_effort,
        seed=training.seed,
    )
    return evaluate_nested(task, choice.processes)


def compare_candidates(
    nested_scores: NestedScores, customers: Table, choice: Choice, economics: ContactEconomics
) -> tuple[DataFrame, str, dict[str, Any]]:
    """Choose the champion and say why, and of how many labelled customers it has seen some."""
    from oneclick.modelling import comparison
    from oneclick.modelling.metrics import fold_figures
    from oneclick.modelling.verdict import describe_choice

    task, test_share = nested_scores.task, nested_scores.test_share
    folds = comparison.tabulate_folds(nested_scores, fold_figures(economics))
    chosen = comparison.choose_champion(folds, task.candidates, choice.rule, test_share)
    table = comparison.compare_candidates(folds, task.candidates, chosen.champion, test_share)
    verdict = describe_choice(chosen, table, choice, task)
    verdict["labelled"] = int(customers.declined.count().execute())
    logger.info(verdict["verdict"]["en"])
    for alarm in filter(None, (verdict["leak_message"], verdict["no_signal_message"])):
        logger.warning(alarm["en"])
    return table, chosen.champion, verdict


def judge_champion(
    nested_scores: NestedScores,
    champion: str,
    training_set: DataFrame,
    economics: ContactEconomics,
    judging: Judging,
) -> tuple[Any, ...]:
    """Describe the champion on customers it did not see; one output per figure."""
    from oneclick.modelling import description

    task, every = nested_scores.task, nested_scores.probabilities
    p, published = every[champion], nested_scores.mean_probability(champion)
    declined, draws, seed = task.declined, task.effort.bootstrap, task.seed
    worth = description.describe_champion(nested_scores, champion, economics)
    calibration, bins = description.judge_calibration(
        declined, published, judging.calibration_bins, seed
    )
    return (
        worth | {"calibration": calibration},
        *description.tabulate_curves(declined, every, champion),
        bins,
        description.tabulate_scores(declined, published),
        description.tabulate_lift(declined, p, task.groups, draws, seed),
        description.tabulate_groups(training_set, p, judging),
    )


def probe_champion(
    nested_scores: NestedScores,
    champion: str,
    verdict: dict[str, Any],
    choice: Choice,
    judging: Judging,
) -> tuple[dict[str, Any], DataFrame, DataFrame]:
    """Learn without the current month, then from fewer customers; shuffle single columns."""
    from oneclick.modelling import robustness

    of, processes = (nested_scores, champion), choice.processes
    sizes, repeats = judging.learning_curve_sizes, judging.permutation_repeats
    reduced = robustness.without_current_month(*of, processes)
    return (
        {**verdict, "without_current_month": reduced},
        robustness.learning_curve(*of, sizes, processes),
        robustness.permutation_importance(*of, repeats, processes),
    )


def fit_model(
    nested_scores: NestedScores,
    champion: str,
    training_set: DataFrame,
    verdict: dict[str, Any],
    snapshot: str,
) -> tuple[Any, dict[str, Any], DataFrame, DataFrame]:
    """Fit the champion to all training customers and note what scoring needs to know later."""
    import pandas as pd

    from oneclick.modelling.drift import REFERENCE_FORMAT, describe_reference
    from oneclick.modelling.scoring import score
    from oneclick.modelling.training import fit_champion

    task = nested_scores.task
    model, settings = fit_champion(task, champion)
    p = nested_scores.mean_probability(champion)
    info = {
        "champion": champion,
        "settings": settings,
        "features": task.features.model_dump(mode="json"),
        "snapshot": snapshot,
        "customers": len(p),
        "declined": int(task.declined.sum()),
        "roc_auc": {key: verdict[key] for key in ("mean", "ci_low", "ci_high")},
        "seed": task.seed,
        "reference": describe_reference(task.frame, p, score(model, task.frame), task.features),
        "reference_format": REFERENCE_FORMAT,
    }
    scores = pd.DataFrame({"customer_id": training_set["customer_id"], "p_decline": p})
    return model, info, task.frame, scores


def score_customers(
    customers: Table,
    decline_model: Any,
    model_info: dict[str, Any],
    training_scores: DataFrame,
    features: Features,
) -> tuple[Table | RecordBatchReader, dict[str, Any]]:
    """Score every customer in batches, and note the snapshot whose model did it.

    Training customers keep their out-of-fold probability.
    """
    from oneclick.engines import map_rows
    from oneclick.modelling.scoring import SCORES_SCHEMA, score_batches

    needed = customers.select("customer_id", *features.names)
    score = partial(score_batches, model=decline_model, features=features, known=training_scores)
    scores = map_rows(needed, "customer_id", score, SCORES_SCHEMA)
    return scores, {"snapshot": model_info["snapshot"]}


def explain_training_customers(
    training_set: DataFrame,
    decline_model: Any,
    training_scores: DataFrame,
    features: Features,
    choice: Choice,
    economics: ContactEconomics,
    explaining: Explaining,
    training: Training,
) -> tuple[Any, ...]:
    """Explain the training customers against each other; one output per table."""
    from oneclick.explain import reasons
    from oneclick.explain.margin import contributions
    from oneclick.explain.summaries import importance, top_reasons
    from oneclick.modelling.features import as_model_frame

    most, seed = explaining.exact_customers, training.seed
    chosen = reasons.draw_explained(training_set, most, seed)
    explained = training_set.iloc[chosen].reset_index(drop=True)
    frame = as_model_frame(explained, features)
    background = frame.iloc[reasons.draw_explained(frame, choice.chosen_effort.background, seed)]
    explanation = contributions(decline_model, frame, background)
    p = training_scores["p_decline"].to_numpy()[chosen]
    return (
        importance(explanation),
        reasons.tabulate_points(explanation, explaining.points, seed),
        reasons.tabulate_examples(explanation, explained, p, economics.threshold),
        reasons.describe_explanation(decline_model, explanation, p),
        top_reasons(explanation).assign(customer_id=explained["customer_id"]),
    )


def choose_explained(
    customers: Table,
    decline_scores: Table,
    catalogue: OfferCatalogue,
    campaign: CampaignParameters,
    value: ValueParameters,
    explaining: Explaining,
) -> Table:
    """Keep everybody, or where they are too many those whom a budget reaches first."""
    from oneclick.campaign.assignment import most_rewarding

    most = explaining.most_customers
    total = int(customers.count().execute())
    if total <= most:
        return customers
    logger.info("Reasons are found for %d of %d customers, the most rewarding.", most, total)
    return most_rewarding(customers, decline_scores, catalogue, campaign, value, most)


def explain_customers(
    explained_customers: Table,
    decline_model: Any,
    model_background: DataFrame,
    training_reasons: DataFrame,
    features: Features,
    choice: Choice,
    explaining: Explaining,
    training: Training,
) -> Table | RecordBatchReader:
    """Give each of the customers the three strongest reasons of the risk, batch by batch."""
    from oneclick.engines import map_rows
    from oneclick.explain import reasons

    limit = choice.chosen_effort.background
    background = model_background.iloc[
        reasons.draw_explained(model_background, limit, training.seed)
    ]
    others = int(explained_customers.count().execute()) - len(training_reasons)
    needed = explained_customers.select("customer_id", *features.names)
    explain = partial(
        reasons.reason_batches,
        model=decline_model,
        background=background,
        features=features,
        known=training_reasons,
        others=others,
        explaining=explaining,
    )
    return map_rows(needed, "customer_id", explain, reasons.REASONS_SCHEMA)


def write_model_card(
    model_info: dict[str, Any],
    champion_choice: dict[str, Any],
    evaluation: dict[str, Any],
    group_metrics: DataFrame,
    explanation_info: dict[str, Any],
    report: ReportParameters,
) -> str:
    """Say what the model is for, how good it is and what it cannot do."""
    from oneclick.report.page import as_markdown
    from oneclick.report.sections.card import write_card

    facts = (model_info, champion_choice, evaluation, group_metrics, explanation_info)
    card = write_card(*facts, report)
    chosen = champion_choice["verdict"][report.language]  # another chapter of the report says it
    return as_markdown(card._replace(lead=f"{card.lead}\n\n{chosen}"))
