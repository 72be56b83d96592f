"""Turns the source tree of a distribution into the tree of its bundle.

usage: python stage CONFIG COMPILED SIZES OUTPUT DEVELOPMENT REPORT

CONFIG is the JSON object that rules/python/bundle.bzl writes, COMPILED and SIZES
are what compile.py made. OUTPUT becomes the directory that the bundle's archive
is made from. DEVELOPMENT becomes the directory that is laid over it when
something is built against the distribution: headers, Cython's interfaces, static
libraries. REPORT becomes a JSON object with what was learned on the way: the
distribution's name, version and dependencies, and what each file's bytes are.
"""

import json
import os

import binaries
import command
import files
import metadata
import requirements
from contents import Contents


def stage(config, compiled, sizes_path, output, development, report):
    """Writes the two trees, and the report on the first."""
    contents = Contents(config)
    dist = contents.distribution
    dist.check_version(config["version"])
    requires = requirements.required(dist.requires)
    requirements.check(requires, config["deps"])

    with open(sizes_path, encoding="utf-8") as f:
        sizes = json.load(f)
    bundled = {path: contents.files[path] for path in set(contents.bundled) - set(contents.modules)}
    for path in bundled:
        binaries.check(path, contents.read(path))
    bundled.update((path, os.path.join(compiled, path)) for path in sizes)
    lengths = {path: files.size(content) for path, content in bundled.items()}
    record = dist.folder + "/RECORD"
    bundled[record] = metadata.record(lengths, record)
    lengths[record] = len(bundled[record])

    files.write(output, bundled)
    files.write(development, {path: contents.files[path] for path in contents.development})
    with open(report, "w", encoding="utf-8") as f:
        json.dump(
            {
                "name": dist.name,
                "version": dist.version,
                "requires": requires,
                "modules": contents.source.modules,
                "files": {path: sizes.get(path, {"data": length}) for path, length in sorted(lengths.items())},
            },
            f,
            indent=1,
        )
        f.write("\n")


command.run(stage)
