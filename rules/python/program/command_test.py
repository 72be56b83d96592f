import json
import os
import sys

import command
import pytest
from problem import Problem


@pytest.fixture
def config(tmp_path, monkeypatch):
    config = {"label": "//a:b", "options": {}}
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    monkeypatch.setattr(sys, "argv", ["x.py", str(path), "out", "/report"])
    return config


def test_a_program_gets_its_configuration_and_absolute_paths(config):
    got = []
    command.run(lambda *args: got.append(args))
    assert got == [(config, os.path.abspath("out"), "/report")]


def test_a_problem_names_the_target(config):
    def work(config, *paths):
        raise Problem("it needs more")

    with pytest.raises(SystemExit, match="^//a:b: it needs more$"):
        command.run(work)
