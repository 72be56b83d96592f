import os

import presence
import pytest


@pytest.fixture
def source(tmp_path, monkeypatch):
    for name in ["exists", "isdir", "isfile"]:
        monkeypatch.setattr(os.path, name, getattr(os.path, name))
    source = tmp_path / "source"
    (source / "folder").mkdir(parents=True)
    (source / "file.c").write_text("int x;")
    (source / "link").symlink_to("folder")
    (tmp_path / "outside").write_text("")
    return source


@pytest.mark.parametrize("path", ["file.c", "folder", "folder/../file.c", "link", "nothing", "nothing/file.c", "file.c/x", "../outside", ".", ""])
def test_the_answers_are_the_same(source, path):
    def answers():
        return [(ask(source / path), ask(os.path.join(source, path))) for ask in [os.path.exists, os.path.isdir, os.path.isfile]]

    want = answers()
    presence.install(str(source))
    assert answers() == want


def test_a_descriptor_is_no_path(source):
    presence.install(str(source))
    assert os.path.isfile(-1) is False


def test_nothing_is_asked_of_a_file(source, monkeypatch):
    presence.install(str(source))
    monkeypatch.setattr(os, "stat", None)
    assert os.path.isfile(source / "file.c")
    assert not os.path.isdir(source / "file.c")


def test_the_program_is_run_as_if_by_itself(source, capsys):
    program = source / "program.py"
    program.write_text("import sys\nprint(__name__, sys.argv[1:], sys.path[0])\n")
    presence.main(str(source), str(program), "a", "b")
    assert capsys.readouterr().out == "__main__ ['a', 'b'] %s\n" % source
