"""Turns the source tree of a distribution into the tree of its bundle.

usage: python stage CONFIG OUTPUT REPORT

CONFIG is the JSON object that rules/python/bundle.bzl writes. OUTPUT becomes
the directory that the bundle's archive is made from. REPORT becomes a JSON
object with what was learned on the way: the distribution's name, version and
dependencies, and what each file's bytes are.
"""

import json
import os
import sys

import bytecode
import layout
import metadata
import requirements
import selection
from problem import Problem


def stage(config, output):
    """Writes the tree of a bundle and returns the report on it."""
    source = layout.find(config["tree"], config["import_name"], config["modules"])
    dist = metadata.read(config["tree"])
    dist.check_version(config["version"])
    requires = requirements.required(dist.requires)
    requirements.check(requires, config["deps"])

    files = {path: os.path.join(source.root, path) for path in source.files()}
    files.update(config["data"])
    files.update(dist.files(config["entry_points"]))
    chosen = selection.choose(files, config["default_strip"], config["strip"], config["keep"])

    entries = {}
    for path in chosen:
        content = files[path]
        if isinstance(content, str):
            with open(content, "rb") as f:
                content = f.read()
        sizes = {"data": len(content)}
        if path.endswith(".py"):
            content, sizes = bytecode.compile_module(content, path)
            path += "c"
        entries[path] = (content, sizes)
    record = dist.folder + "/RECORD"
    content = metadata.record({path: len(content) for path, (content, _) in entries.items()}, record)
    entries[record] = (content, {"data": len(content)})

    for path, (content, _) in entries.items():
        target = os.path.join(output, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as f:
            f.write(content)
    return {
        "name": dist.name,
        "version": dist.version,
        "requires": requires,
        "modules": source.modules,
        "files": {path: sizes for path, (_, sizes) in sorted(entries.items())},
    }


def main(config_path, output, report):
    with open(config_path, encoding="utf-8") as f:
        config = json.load(f)
    try:
        result = stage(config, output)
    except Problem as problem:
        sys.exit("%s: %s" % (config["label"], problem))
    with open(report, "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)
        f.write("\n")


main(*sys.argv[1:])
