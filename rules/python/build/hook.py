"""Calls a hook of the build backend of the source that is the working directory (PEP 517).

usage: python hook.py CONFIG RESULT

CONFIG is the JSON object that backend.py writes. RESULT becomes what the hook
returns, as JSON: null if the backend has no such hook.
"""

import importlib
import json
import os
import sys

import command
import requirements
from quiet import quiet


def call(config, result):
    """Writes what the hook returns."""
    system = requirements.build_system(os.getcwd())
    del sys.path[0]  # the folder of this program
    sys.path[:0] = map(os.path.abspath, system.get("backend-path", []))
    with quiet("it cannot be built:"):
        backend = _load(system.get("build-backend", "setuptools.build_meta:__legacy__"))
        hook = getattr(backend, config["hook"], None)
        value = hook(*config["arguments"]) if hook else None
        with open(result, "w", encoding="utf-8") as f:
            json.dump(value, f)


def _load(name):
    """Returns the object that `MODULE:ATTRIBUTE` names."""
    module, _, attributes = name.partition(":")
    value = importlib.import_module(module)
    for attribute in filter(None, attributes.split(".")):
        value = getattr(value, attribute)
    return value


if __name__ == "__main__":
    command.run(call)
