"""Turns the source tree of a distribution into the tree of its bundle.

usage: python stage CONFIG OUTPUT DEVELOPMENT REPORT

CONFIG is the JSON object that rules/python/bundle.bzl writes. OUTPUT becomes
the directory that the bundle's archive is made from. DEVELOPMENT becomes the
directory that is laid over it when something is built against the distribution:
headers, Cython's interfaces, static libraries. REPORT becomes a JSON object with
what was learned on the way: the distribution's name, version and dependencies,
and what each file's bytes are.
"""

import json
import os
import sys

import binaries
import bytecode
import metadata
import requirements
from contents import Contents
from problem import Problem


def stage(config, output, development):
    """Writes the two trees and returns the report on the first."""
    contents = Contents(config)
    dist = contents.distribution
    dist.check_version(config["version"])
    requires = requirements.required(dist.requires)
    requirements.check(requires, config["deps"])

    entries = {}
    for path in contents.bundled:
        content = contents.read(path)
        binaries.check(path, content)
        sizes = {"data": len(content)}
        if path.endswith(".py") and path not in contents.scripts:
            content, sizes = bytecode.compile_module(content, path)
            path += "c"
        entries[path] = (content, sizes)
    record = dist.folder + "/RECORD"
    content = metadata.record({path: len(content) for path, (content, _) in entries.items()}, record)
    entries[record] = (content, {"data": len(content)})

    _write(output, {path: content for path, (content, _) in entries.items()})
    _write(development, {path: contents.read(path) for path in contents.development})
    return {
        "name": dist.name,
        "version": dist.version,
        "requires": requires,
        "modules": contents.source.modules,
        "files": {path: sizes for path, (_, sizes) in sorted(entries.items())},
    }


def _write(folder, files):
    os.makedirs(folder, exist_ok=True)
    for path, content in files.items():
        target = os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as f:
            f.write(content)


def main(config_path, output, development, report):
    with open(config_path, encoding="utf-8") as f:
        config = json.load(f)
    try:
        result = stage(config, output, development)
    except Problem as problem:
        sys.exit("%s: %s" % (config["label"], problem))
    with open(report, "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)
        f.write("\n")


main(*sys.argv[1:])
