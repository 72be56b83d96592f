"""Builds a wheel with the build backend of a source (PEP 517).

usage: python backend.py CONFIG OUTPUT

CONFIG is the JSON object that rules/python/setuptools.bzl writes. OUTPUT becomes
the wheel.
"""

import json
import os
import shutil
import subprocess
import sys

import command
import requirements

_HOOK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hook.py")

# Where sources are built, whatever their package. Backends write into them.
_SOURCE = "/tmp/src"
_WHEELS = "/tmp/wheels"


def build(config, output):
    """Writes the wheel."""
    requirements.check_source(config["source"])
    shutil.copytree(config["source"], _SOURCE)
    os.makedirs(_WHEELS)
    needs = _call(config["label"], "get_requires_for_build_wheel", config["options"])
    requirements.check(needs or [], "its build backend")
    name = _call(config["label"], "build_wheel", _WHEELS, config["options"])
    shutil.move(os.path.join(_WHEELS, name), output)


def _call(label, hook, *arguments):
    """Returns what a hook of the source's backend returns, None if it has no such hook.

    Each is called in a process of its own: a backend may change that as it likes.
    If the hook fails, that process has told why, and this one ends.
    """
    call, result = "/tmp/%s.json" % hook, "/tmp/%s.result.json" % hook
    with open(call, "w", encoding="utf-8") as f:
        json.dump({"arguments": arguments, "hook": hook, "label": label}, f)
    done = subprocess.run([sys.executable, _HOOK, call, result], cwd=_SOURCE)
    if done.returncode:
        sys.exit(done.returncode)
    with open(result, encoding="utf-8") as f:
        return json.load(f)


if __name__ == "__main__":
    command.run(build)
