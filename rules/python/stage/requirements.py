"""Compares the dependencies that a distribution declares with those of its BUILD file."""

import ast
import os
import platform
import re
import sys

from problem import Problem

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[^;]*(?:;(.*))?$")


def normalise(name):
    """Returns the form of a distribution's name that all its spellings share (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(requirements):
    """Returns the sorted names of those requirements (PEP 508) that hold here, without extras."""
    names = set()
    for requirement in requirements:
        match = _REQUIREMENT.match(requirement)
        if not match:
            raise Problem("the requirement %r cannot be read" % requirement)
        name, marker = match.groups()
        if marker is None or _holds(marker):
            names.add(normalise(name))
    return sorted(names)


def check(requires, deps):
    """Raises a Problem that names what is required and not among the deps."""
    missing = [name for name in requires if name not in map(normalise, deps)]
    if missing:
        raise Problem("the distribution requires %s: add that to deps" % " and ".join(missing))


def _holds(marker):
    """Evaluates an environment marker.

    Its grammar is that of Python's expressions, less most of them.
    """
    try:
        return _evaluate(ast.parse(marker.strip(), mode="eval").body)
    except (SyntaxError, ValueError, KeyError, TypeError) as e:
        raise Problem("the marker %r cannot be evaluated: %s" % (marker.strip(), e)) from e


def _evaluate(node):
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return all(map(_evaluate, values))
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(map(_evaluate, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compare(op, _value(left), _value(right))
    raise ValueError("not a comparison")


def _value(node):
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.Name(id=name):
            return _ENVIRONMENT[name]()
    raise ValueError("neither a string nor a variable")


def _compare(op, left, right):
    if isinstance(op, ast.In):
        return left in right
    if isinstance(op, ast.NotIn):
        return left not in right
    versions = [_version(left), _version(right)]
    if None not in versions:
        left, right = versions
    match op:
        case ast.Eq():
            return left == right
        case ast.NotEq():
            return left != right
        case ast.Lt():
            return left < right
        case ast.LtE():
            return left <= right
        case ast.Gt():
            return left > right
        case ast.GtE():
            return left >= right
    raise ValueError("unknown operator")


def _version(text):
    """Returns a version as a tuple without trailing zeros, or None if it is none."""
    if not re.fullmatch(r"\d+(\.\d+)*", text):
        return None
    parts = [int(part) for part in text.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


_ENVIRONMENT = {
    "extra": lambda: "",
    "implementation_name": lambda: sys.implementation.name,
    "implementation_version": platform.python_version,
    "os_name": lambda: os.name,
    "platform_machine": platform.machine,
    "platform_python_implementation": platform.python_implementation,
    "platform_release": platform.release,
    "platform_system": platform.system,
    "platform_version": platform.version,
    "python_full_version": platform.python_version,
    "python_version": lambda: "%d.%d" % sys.version_info[:2],
    "sys_platform": lambda: sys.platform,
}
