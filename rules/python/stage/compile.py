"""Compiles the modules of a distribution that go into its bundle.

usage: python compile.py CONFIG OUTPUT SIZES

CONFIG is the JSON object that rules/python/bundle.bzl writes. OUTPUT becomes a
directory with the `.pyc` file of each module. SIZES becomes a JSON object that
says of each what its bytes are.

It reads modules only, so that there is nothing for it to do when an extension
module has changed.
"""

import json
import os
import sys

import bytecode
import files
from contents import Contents
from problem import Problem


def compile_modules(config):
    """Returns dicts from the path of each `.pyc` file to its content, and to what its bytes are."""
    contents = Contents(config)
    compiled = {path + "c": bytecode.compile_module(contents.read(path), path) for path in contents.modules}
    return {path: content for path, (content, _) in compiled.items()}, {path: sizes for path, (_, sizes) in compiled.items()}


def main(config_path, output, report):
    with open(config_path, encoding="utf-8") as f:
        config = json.load(f)
    try:
        compiled, sizes = compile_modules(config)
    except Problem as problem:
        sys.exit("%s: %s" % (config["label"], problem))
    files.write(output, compiled)
    with open(report, "w", encoding="utf-8") as f:
        json.dump(sizes, f)


main(*sys.argv[1:])
