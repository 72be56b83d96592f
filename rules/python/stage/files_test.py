import files
import pytest


@pytest.mark.parametrize("name", ["m.pyc", "p/x.so", "p/data.txt"])
def test_files_are_written_from_files(tmp_path, name):
    (tmp_path / "from").write_bytes(b"content")
    files.write(str(tmp_path / "to"), {name: str(tmp_path / "from")})
    assert (tmp_path / "to" / name).read_bytes() == b"content"


def test_files_are_written_from_bytes(tmp_path):
    files.write(str(tmp_path / "to"), {"a/b": b"1", "a/c.so": b""})
    assert (tmp_path / "to/a/b").read_bytes() == b"1"
    assert (tmp_path / "to/a/c.so").read_bytes() == b""


def test_no_files_are_a_folder(tmp_path):
    files.write(str(tmp_path / "to"), {})
    assert list((tmp_path / "to").iterdir()) == []


def test_sizes(tmp_path):
    (tmp_path / "x").write_bytes(b"123")
    assert files.size(str(tmp_path / "x")) == files.size(b"123") == 3
