import io
import zipfile
from dataclasses import replace
from datetime import date, datetime

import openpyxl
import pandas as pd
import pytest
from pydantic import ValidationError

from oneclick.campaign.export import list_for_crm, list_for_excel, neutralise
from oneclick.campaign.parameters import CampaignParameters, ExportParameters
from oneclick.campaign.register import check_register
from oneclick.campaign.workbook import Block, Sheet, build_workbook
from oneclick.datasets.table_csv_dataset import TableCsvDataset
from oneclick.errors import OneclickError
from tests.campaign.fabricated import fabricate
from tests.campaign.run import Campaign, run_campaign

LINK = '=HYPERLINK("http://example.org";"x")'


@pytest.fixture(scope="module")
def sent(catalogue, campaign, value, segment_parameters) -> Campaign:
    """A campaign in a shop where one category is a formula."""
    frames = fabricate(400, 11)
    frames["customers"]["favourite_category"] = LINK
    dated = campaign.model_copy(update={"starts_on": date(2026, 12, 30)})
    return run_campaign(frames, catalogue, dated, value, segment_parameters)


@pytest.fixture
def excel(sent, tmp_path, segment_parameters, catalogue, value) -> bytes:
    table = list_for_excel(sent.register, segment_parameters, catalogue, value, "ru")
    dialect = {"sep": ";", "decimal": ",", "encoding": "utf-8-sig", "line_end": "\r\n"}
    TableCsvDataset(filepath=str(tmp_path / "e.csv"), **dialect).save(table)
    return (tmp_path / "e.csv").read_bytes()


@pytest.fixture
def crm(sent, tmp_path, shipped) -> bytes:
    table = list_for_crm(sent.register, ExportParameters(**shipped["campaign_export"]))
    TableCsvDataset(filepath=str(tmp_path / "c.csv")).save(table)
    return (tmp_path / "c.csv").read_bytes()


def test_the_register_holds_every_customer_once(sent) -> None:
    found = sent.register.execute()
    assert found["customer_id"].tolist() == sorted(sent.frames["customers"]["customer_id"])
    assert (found["contacted"] == found["message"].notna()).all()


def test_a_register_with_a_customer_twice_is_refused(sent) -> None:
    doubled = sent.register.union(sent.register.limit(1))
    with pytest.raises(OneclickError, match="401 rows with 400"):
        check_register(sent.customers, doubled)


def test_only_those_to_be_contacted_are_in_the_files(sent, excel, crm) -> None:
    register = sent.register.execute()
    order = register.sort_values(["expected_profit", "customer_id"], ascending=[False, True])
    wanted = order.loc[order["contacted"], "customer_id"].tolist()
    lines = excel.decode("utf-8-sig").splitlines()[1:]
    assert [int(line.split(";")[0]) for line in lines] == wanted
    ids = [int(line.split(",")[1]) for line in crm.decode().splitlines()[1:]]
    assert ids == wanted


def test_excel_gets_its_dialect(excel) -> None:
    assert excel.startswith(b"\xef\xbb\xbf")
    lines = excel.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("ID клиента;Предложение;")
    assert "0," in lines[1] and "28.01.2027" in excel.decode("utf-8-sig")


def test_an_english_excel_gets_dates_that_it_reads_everywhere(
    sent, segment_parameters, catalogue, value
) -> None:
    english = list_for_excel(sent.register, segment_parameters, catalogue, value, "en").execute()
    assert set(english["Valid until"]) >= {"2027-01-28"}


def test_a_crm_gets_its_dialect(crm) -> None:
    assert not crm.startswith(b"\xef\xbb\xbf")
    header, first = crm.decode().split("\n")[:2]
    assert header.startswith("campaign,client_id,segment,")
    assert "2026-12-30" in first and b"\r" not in crm


def test_a_category_that_is_a_formula_is_harmless_in_excel_and_unchanged_in_the_crm(
    excel, crm
) -> None:
    people = pd.read_csv(io.BytesIO(excel), sep=";", decimal=",", encoding="utf-8-sig")
    assert set(people["Популярная категория"]) == {"'" + LINK}
    machine = pd.read_csv(io.BytesIO(crm))
    assert set(machine["category"]) == {LINK}


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_every_dangerous_start_is_neutralised(connection, start: str) -> None:
    table = connection.create_table("t", pd.DataFrame({"text": [start + "1", "1" + start, None]}))
    found = table.select(safe=neutralise(table.text)).execute()["safe"].tolist()
    assert found[:2] == ["'" + start + "1", "1" + start]


def read_workbook(sheets: list[Sheet]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(build_workbook(sheets)))


def test_the_workbook_holds_numbers_as_numbers(sent, shipped) -> None:
    book = read_workbook(sent.sheets(shipped))
    assert book.sheetnames[0] == "Сводка"
    assert len(book.sheetnames) == 1 + len(shipped["segmentation"]["segments"])
    assert all(len(name) <= 31 for name in book.sheetnames)
    page = book["Высокий риск, небольшая прибыль"]
    header = [cell.value for cell in page[1]]
    first = dict(zip(header, page[2], strict=True))
    assert first["ID клиента"].data_type == "n"
    assert first["Вероятность снижения активности"].number_format == "0.0%"
    assert first["Ожидаемая прибыль, ₽"].value > 0
    assert "₽" in first["Ожидаемая прибыль, ₽"].number_format
    assert first["Популярная категория"].data_type == "s"
    assert page.freeze_panes == "B2"
    assert book["Сводка"].freeze_panes is None  # its first header is none of the later tables'
    rows = (dict(zip(header, [c.value for c in row], strict=True)) for row in page.iter_rows(2))
    answered = [row for row in rows if row["На какую причину отвечает предложение"]]
    assert answered
    for row in answered:
        reasons = [row[f"Что повышает оценку риска {slot}"] for slot in (1, 2, 3)]
        assert row["На какую причину отвечает предложение"] in reasons
    rows = sum(book[name].max_row - 1 for name in book.sheetnames[1:])
    assert rows == sent.register.execute()["contacted"].sum()


@pytest.mark.parametrize(
    ("language", "until", "day", "money"),
    [
        ("ru", "Действует по", "dd.mm.yyyy", '#,##0" ₽"'),
        ("en", "Valid until", "yyyy-mm-dd", '"₽"#,##0'),
    ],
)
def test_the_workbook_holds_dates_as_dates_and_roubles_as_its_language_has_them(
    sent, shipped, language: str, until: str, day: str, money: str
) -> None:
    book = read_workbook(in_language(sent, language).sheets(shipped))
    page = book[book.sheetnames[1]]
    header = [cell.value for cell in page[1]]
    cells = [row[header.index(until)] for row in page.iter_rows(2)]
    assert datetime(2027, 1, 28) in {cell.value for cell in cells}
    assert {cell.number_format for cell in cells} == {day}
    summary = book[book.sheetnames[0]]
    assert money in {cell.number_format for row in summary.iter_rows() for cell in row}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_no_label_of_the_summary_is_cut(sent, shipped, language: str) -> None:
    page = read_workbook(in_language(sent, language).sheets(shipped)).worksheets[0]
    label = next(cell for cell in page["A"] if str(cell.value).startswith(("Нужно", "Controls")))
    assert len(label.value) < page.column_dimensions["A"].width
    assert label.alignment.wrap_text
    notes = [cell.value for cell in page["A"]]
    assert any("по предложениям" in str(note) or "by offer" in str(note) for note in notes)


def test_a_long_text_takes_as_many_lines_as_it_needs() -> None:
    frame = pd.DataFrame({"text": ["short", "long " * 20]})
    page = read_workbook([Sheet("a", [Block(frame)])])["a"]
    assert [page.row_dimensions[row].height for row in (2, 3)] == [None, 45]


def in_language(campaign: Campaign, language: str) -> Campaign:
    catalogue, parameters, *others = campaign.arguments
    spoken = parameters.model_copy(update={"language": language})
    return replace(campaign, arguments=(catalogue, spoken, *others))


def test_a_segment_without_customers_has_no_sheet(
    catalogue, campaign, value, segment_parameters, shipped
) -> None:
    frames = fabricate(200, 11)
    frames["customers"]["monthly_profit"] = 4.0  # thousand RUB; valuable is from 5 on
    made = run_campaign(frames, catalogue, campaign, value, segment_parameters)
    names = [sheet.name for sheet in made.sheets(shipped)]
    risks = ("Высокий", "Средний", "Низкий")
    assert names == ["Сводка", *(f"{risk} риск, небольшая прибыль" for risk in risks)]


def test_the_workbook_has_the_same_bytes_each_time(sent, shipped) -> None:
    content = build_workbook(sent.sheets(shipped))
    assert build_workbook(sent.sheets(shipped)) == content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert "2000-01-01" in book.read("docProps/core.xml").decode()


def test_a_long_segment_is_cut_in_the_workbook_and_says_so(sent, shipped) -> None:
    export = shipped["campaign_export"] | {"rows_per_sheet": 3}
    sheets = sent.sheets(shipped | {"campaign_export": export})
    assert max(len(sheet.blocks[0].frame) for sheet in sheets[1:]) == 3
    assert sheets[0].blocks[1].frame.iloc[-1, 0].startswith("Лист «")


def test_formulas_and_links_stay_texts_in_a_workbook() -> None:
    frame = pd.DataFrame({"text": ["=1+1", "http://example.org", None]})
    book = read_workbook([Sheet("a/b", [Block(frame)]), Sheet("a:b", [Block(frame)])])
    assert book.sheetnames == ["a b", "a b 2"]
    assert book["a b"]["A2"].data_type == "s"


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"customer_id": "id", "phone": "phone"}, "unknown column «phone»"),
        ({"segment": "segment"}, "customer_id is missing"),
        ({"customer_id": "id", "segment": "id"}, "same header"),
    ],
)
def test_mistakes_in_crm_headers_are_named(headers: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ExportParameters(crm_headers=headers, rows_per_sheet=10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budget": -1}, "budget is -1 RUB; give 0 or more"),
        ({"control_share": 1.2}, "control_share"),
        ({"capacities": [0.5, 0.1]}, "rising"),
        ({"budgett": 5}, "budgett"),
    ],
)
def test_mistakes_in_the_campaign_are_named(shipped, change: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CampaignParameters(**(shipped["campaign"] | change))


def test_the_register_keeps_its_contract(sent) -> None:
    from oneclick.campaign.schemas import CampaignRegister

    CampaignRegister.validate(sent.register)
    with pytest.raises(OneclickError, match="CampaignRegister"):
        CampaignRegister.validate(sent.register.mutate(arm=sent.register.arm.upper()))
