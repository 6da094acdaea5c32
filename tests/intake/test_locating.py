from oneclick.intake.locating import find_file, find_files


def test_a_file_is_found_by_its_stem_whatever_its_format(tmp_path):
    for name in ("money.csv", "revenue.csv.gz", "TIME.XLSX", "notes.txt", "money2.csv"):
        (tmp_path / name).write_bytes(b"x")
    assert find_file(tmp_path / "money") == tmp_path / "money.csv"
    assert find_file(tmp_path / "revenue") == tmp_path / "revenue.csv.gz"
    assert find_file(tmp_path / "time") == tmp_path / "TIME.XLSX"
    assert find_files(tmp_path / "notes") == []
    assert find_files(tmp_path / "nowhere" / "money") == []
