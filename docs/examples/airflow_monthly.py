"""The shop's month as an Airflow DAG; copy it into the dags folder of Airflow 2.9 or 3.

A task is a whole pipeline, not a node: the results of a run appear together or not at all, so a
run must not be spread over tasks. `data_interval_start` lies in the month that has just ended.
"""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.timetables.interval import CronDataIntervalTimetable

try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:  # Airflow 2
    from airflow.operators.bash import BashOperator

PROJECT = "/srv/oneclick"
MONTH = "{{ data_interval_start.strftime('%Y-%m') }}"
CAMPAIGN = "{{ (data_interval_start - macros.timedelta(days=85)).strftime('%Y-%m') }}"
EXPORTS = f"/srv/exports/{MONTH}"
KEDRO = f"cd {PROJECT} && .venv/bin/kedro"

with DAG(
    dag_id="oneclick_month",
    description="Score the month that ended, make its campaign, read out that of a quarter ago",
    # On the second, when the exports are complete.
    schedule=CronDataIntervalTimetable("0 5 2 * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 1, "retry_delay": timedelta(minutes=30)},
) as dag:
    score = BashOperator(
        task_id="score_month",
        bash_command=(
            f"{KEDRO} run --env spark --pipeline scoring --params raw={EXPORTS},snapshot={MONTH}"
        ),
    )
    read_out = BashOperator(
        task_id="read_out_campaign",
        start_date=datetime(2026, 4, 1),  # a quarter after the first campaign
        bash_command=(
            f"{KEDRO} run --env spark --pipeline readout "
            f"--params snapshot={CAMPAIGN},outcome_raw={EXPORTS}"
        ),
    )
    score >> read_out

with DAG(
    dag_id="oneclick_quarter",
    description="Learn anew from the first month of the quarter that ended",
    schedule=CronDataIntervalTimetable("0 6 3 1,4,7,10 *", timezone="UTC"),
    start_date=datetime(2026, 1, 1),
    catchup=False,
) as quarter:
    BashOperator(
        task_id="train",
        bash_command=(
            f"{KEDRO} run --env spark "
            f"--params raw={EXPORTS},snapshot={MONTH}-training,effort=thorough"
        ),
    )
