import json
import os
import sys

import command
import pytest
from problem import Problem


@pytest.fixture
def arguments(tmp_path, monkeypatch):
    config = {"label": "//a:b", "options": {}}
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    monkeypatch.setattr(sys, "argv", ["x.py", str(path), "out"])
    return config, os.path.abspath("out")


def test_a_program_gets_its_configuration(arguments):
    got = []
    command.run(lambda *args: got.append(args))
    assert got == [arguments]


def test_a_problem_names_the_target(arguments):
    def build(config, output):
        raise Problem("it needs more")

    with pytest.raises(SystemExit, match="^//a:b: it needs more$"):
        command.run(build)
