import errno

from oneclick.errors import explain


def test_a_right_that_lacks_is_told_with_the_file():
    failed = RuntimeError("a step failed")
    failed.__cause__ = PermissionError(errno.EACCES, "Permission denied", "data/runs/x.json")

    assert explain(failed).startswith("data/runs/x.json may not be read or written (Permission")
