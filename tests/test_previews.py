"""The flow charts in kedro viz say what the parameters say."""

import re
from functools import partial

import pytest
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from oneclick.pipeline_registry import MAIN_JOB
from oneclick.previews import chart_of_check, chart_of_join, chart_of_model_choice
from oneclick.previews import chart_of_offer_choice as chart_of_offers

CHARTS = {
    "check_behaviour": partial(chart_of_check, "behaviour"),
    "join_tables": chart_of_join,
    "choose_champion": chart_of_model_choice,
    "assign_offers": chart_of_offers,
}


@pytest.fixture(scope="module")
def parameters(project):
    bootstrap_project(project)
    with KedroSession.create(project) as session:
        return session.load_context().config_loader["parameters"]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", CHARTS)
def test_every_arrow_leads_to_a_box(parameters, name, language):
    chart = CHARTS[name](parameters, language)
    boxes = set(re.findall(r"^ +(\w+)[\[{]", chart, re.M))
    arrows = [line for line in chart.splitlines() if ">" in line and '"' not in line]
    ends = {
        end for line in arrows for end in re.split(r" -- \S+ --> | -->? | -\.-> ", line.strip())
    }
    assert ends == boxes


def test_a_changed_parameter_changes_the_chart(parameters):
    campaign = {**parameters["campaign"], "budget": 12000, "contact_cap": None}
    chart = chart_of_offers({**parameters, "campaign": campaign}, "ru")
    assert "12\u202f000\u00a0₽" in chart
    assert "Контактов" not in chart


def test_best_by_rule_needs_no_standard_error(parameters):
    choice = {**parameters["choice"], "rule": "best"}
    chart = chart_of_model_choice({**parameters, "choice": choice}, "en")
    assert "auc --> best" in chart
    assert "standard error" not in chart


def test_markup_in_names_is_text(parameters):
    offers = [dict(offer) for offer in parameters["offer_catalogue"]["offers"]]
    offers[1]["name"] = {"ru": '"]; <script>', "en": "x"}
    chart = chart_of_offers({**parameters, "offer_catalogue": {"offers": offers}}, "ru")
    assert "<script>" not in chart
    assert "#quot;]; #lt;script#gt;" in chart


def test_steps_people_ask_about_have_one(project, monkeypatch):
    monkeypatch.chdir(project)
    bootstrap_project(project)
    explained = {node.name for node in pipelines["__default__"].nodes if node.preview()}
    assert explained >= CHARTS.keys()


def test_the_overview_is_the_main_job_folded_by_stage(project):
    bootstrap_project(project)
    main, folded = pipelines["__default__"], pipelines["overview"]
    assert {node.short_name for node in folded.nodes} == {node.name for node in main.nodes}
    assert {node.namespace for node in folded.nodes} == set(MAIN_JOB)
    assert folded.datasets() == main.datasets()
