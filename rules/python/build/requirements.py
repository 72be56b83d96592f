"""Compares what a source needs to be built with what is there."""

import os
import tomllib
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from problem import Problem


def build_system(source):
    """Returns the table of `pyproject.toml` that says how a source is built (PEP 518)."""
    path = os.path.join(source, "pyproject.toml")
    if not os.path.isfile(path):
        return {}
    with open(path, "rb") as f:
        try:
            return tomllib.load(f).get("build-system", {})
        except tomllib.TOMLDecodeError as e:
            raise Problem("pyproject.toml: %s" % e) from e


def check_source(source):
    """Checks what `pyproject.toml` says that is needed."""
    check(build_system(source).get("requires", []), "pyproject.toml")


def check(requires, origin):
    """Raises a Problem that names what is needed to build a source and what is not there.

    Args:
      requires: the requirements (PEP 508).
      origin: who says so.
    """
    try:
        needs = list(map(Requirement, requires))
    except (InvalidRequirement, TypeError) as e:
        raise Problem("%s: the requirements for the build cannot be read: %s" % (origin, e)) from e
    names = {canonicalize_name(need.name) for need in needs if need.marker is None or need.marker.evaluate()}
    missing = names - {canonicalize_name(distribution.name) for distribution in metadata.distributions()}
    if missing:
        raise Problem("it needs %s to be built, as %s says: add that to build_deps" % (" and ".join(sorted(missing)), origin))
