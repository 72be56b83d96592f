from importlib.metadata import EntryPoint

import programs
import pytest


@pytest.mark.parametrize("value, code", [("os:getcwd", "os.getcwd"), ("email.message:Message.as_string", "Message.as_string")])
def test_a_program_calls_its_entry_point(value, code):
    text = programs.program("/bin/python", EntryPoint("x", value, "console_scripts"))
    assert text.startswith("#!/bin/python\n")
    compile(text, "x", "exec")
    assert code.split(".")[-1] + "())" in text
