"""Compiles the modules of a distribution that go into its bundle.

usage: python compile.py CONFIG OUTPUT SIZES

CONFIG is the JSON object that rules/python/bundle.bzl writes. OUTPUT becomes a
directory with the `.pyc` file of each module. SIZES becomes a JSON object that
says of each what its bytes are.

It reads modules only, so that there is nothing for it to do when an extension
module has changed.
"""

import json

import bytecode
import command
import files
from contents import Contents


def compile_modules(config, output, sizes):
    """Writes the bytecode of each module, and what its bytes are."""
    contents = Contents(config)
    compiled = {path + "c": bytecode.compile_module(contents.read(path), path) for path in contents.modules}
    files.write(output, {path: content for path, (content, _) in compiled.items()})
    with open(sizes, "w", encoding="utf-8") as f:
        json.dump({path: kinds for path, (_, kinds) in compiled.items()}, f)


command.run(compile_modules)
