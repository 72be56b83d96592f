import hashlib

import describe

CONFIG = {
    "import_name": "dateutil",
    "source": {"purl": "pkg:pypi/python-dateutil@4.0.0", "sha256": "ab"},
    "abi": "cp313-wasi-p1",
    "python": "3.13.5",
}
STAGED = {
    "name": "python-dateutil",
    "version": "4.0.0",
    "requires": ["tzdata"],
    "modules": ["dateutil"],
    "files": {
        "dateutil/__init__.pyc": {"code": 10, "names": 20, "lines": 5, "docs": 7},
        "dateutil/tz/tz.pyc": {"code": 1000, "names": 200, "lines": 50, "docs": 70},
        "dateutil/tz/data/x": {"data": 30},
        "top.pyc": {"code": 1, "names": 0, "lines": 0, "docs": 0},
    },
}


def test_description(tmp_path, monkeypatch):
    archive = tmp_path / "dateutil.tar.xz"
    archive.write_bytes(b"archive")
    python = tmp_path / "python"
    python.write_bytes(b"python")
    monkeypatch.setattr(describe.sys, "executable", str(python))
    assert describe.description(CONFIG, STAGED, ["ab/1"], str(archive)) == {
        "name": "python-dateutil",
        "version": "4.0.0",
        "import_name": "dateutil",
        "modules": ["dateutil"],
        "source": {"purl": "pkg:pypi/python-dateutil@4.0.0", "sha256": "ab"},
        "dependencies": ["tzdata"],
        "abi": {
            "tag": "cp313-wasi-p1",
            "python": "3.13.5",
            "python_sha256": hashlib.sha256(b"python").hexdigest(),
        },
        "archive": "dateutil.tar.xz",
        "size": 7,
        "sha256": hashlib.sha256(b"archive").hexdigest(),
        "actions": ["ab/1"],
    }


def test_size_report(tmp_path):
    archive = tmp_path / "dateutil.tar.xz"
    archive.write_bytes(b"archive")
    assert describe.size_report(STAGED, str(archive)) == """\
python-dateutil 4.0.0: 1393 bytes in 4 files, 7 bytes as dateutil.tar.xz

             files  bytes  bytecode  names, constants  line tables  docstrings  data
dateutil/tz      2   1350      1000               200           50          70    30
dateutil         1     42        10                20            5           7     0
top.pyc          1      1         1                 0            0           0     0
total            4   1393      1011               220           55          77    30
"""
