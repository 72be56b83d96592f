"""Tests of the rule for sources from outside."""

load("//rules:source.bzl", "SourceInfo", "source_archive", "source_tree")
load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load(":actions.bzl", "action_of", "failure_test", "on", "paths")

_SHA256 = "ab" * 32

def _fetch_test_impl(ctx):
    env = analysistest.begin(ctx)
    fetch = action_of(env, "Fetch")
    asserts.equals(env, "builtin", fetch.executor)
    asserts.equals(
        env,
        [
            "fetch@1",
            "--sha256=" + _SHA256,
            "--url=https://example.org/spam-1.0.tar.gz",
            "--url=https://example.com/spam-1.0.tar.gz",
            "--purl=pkg:pypi/spam@1.0",
            "out/rules/tests/full.archive",
        ],
        fetch.argv,
    )
    asserts.equals(env, [], fetch.inputs.to_list())
    asserts.equals(env, "fetching pkg:pypi/spam@1.0", fetch.progress_message)
    return analysistest.end(env)

_fetch_test = analysistest.make(_fetch_test_impl)

def _extract_test_impl(ctx):
    env = analysistest.begin(ctx)
    extract = action_of(env, "Extract")
    asserts.equals(
        env,
        [
            "extract@1",
            "--strip=2",
            "--include=src/**",
            "--exclude=src/test/**",
            "--patch=rules/tests/one.patch",
            "out/rules/tests/full.archive",
            "out/rules/tests/full",
        ],
        extract.argv,
    )
    asserts.equals(env, ["out/rules/tests/full.archive", "rules/tests/one.patch"], paths(extract.inputs))
    return analysistest.end(env)

_extract_test = analysistest.make(_extract_test_impl)

def _strip_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.contains(env, action_of(env, "Extract").argv, "--strip=auto")
    asserts.equals(env, "fetching spam-1.0.tar.gz", action_of(env, "Fetch").progress_message)
    return analysistest.end(env)

_strip_test = analysistest.make(_strip_test_impl)

def _info_test_impl(ctx):
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[SourceInfo]
    asserts.equals(env, ctx.attr.version, info.version)
    asserts.equals(env, _SHA256, info.sha256)
    asserts.equals(env, paths([info.tree]), paths(analysistest.target_under_test(env).files))
    return analysistest.end(env)

_info_test = analysistest.make(_info_test_impl, attrs = {"version": attr.string()})

def _tree_test_impl(ctx):
    env = analysistest.begin(ctx)
    merge = action_of(env, "SourceTree")
    asserts.equals(env, ["merge@1", "out/rules/tests/here", "one.c=rules/tests/one.c", "one.h=rules/tests/one.h"], merge.argv)
    asserts.equals(env, ["rules/tests/one.c", "rules/tests/one.h"], paths(merge.inputs))
    info = analysistest.target_under_test(env)[SourceInfo]
    asserts.equals(env, "2.0", info.version)
    asserts.equals(env, "", info.purl)
    return analysistest.end(env)

_tree_test = analysistest.make(_tree_test_impl)

_outside_test = failure_test("//rules/tests:outside: rules/tests/one.c is not below rules/tests/folder/")
_nowhere_test = failure_test("//rules/tests:nowhere: a source needs a purl or urls to be fetched from")
_no_patch_test = failure_test("file rules/tests/one.c is not of the kind that the attribute takes\n\thint: it takes .patch, .diff")

# The version that each package URL names.
_VERSIONS = {
    "pkg:pypi/spam@1.0": "1.0",
    "pkg:pypi/spam@1.0%2Blocal": "1.0+local",
    "pkg:npm/%40scope/spam@2.0?x=@y#lib": "2.0",
    "pkg:npm/%40scope/spam": "",
}

def source_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    source_archive(
        name = "full",
        exclude = ["src/test/**"],
        include = ["src/**"],
        patches = ["one.patch"],
        purl = "pkg:pypi/spam@1.0",
        sha256 = _SHA256,
        strip = 2,
        tags = ["manual"],
        urls = ["https://example.org/spam-1.0.tar.gz", "https://example.com/spam-1.0.tar.gz"],
        version = "1.0.post1",
    )
    source_archive(name = "of_url", sha256 = _SHA256, tags = ["manual"], urls = ["https://example.org/spam-1.0.tar.gz"])
    source_archive(name = "nowhere", sha256 = _SHA256, tags = ["manual"])
    source_archive(name = "not_patched", patches = ["one.c"], purl = "pkg:pypi/spam@1.0", sha256 = _SHA256, tags = ["manual"])
    for i, purl in enumerate(_VERSIONS):
        source_archive(name = "purl_%d" % i, purl = purl, sha256 = _SHA256, tags = ["manual"])
    source_tree(name = "here", srcs = ["one.c", "one.h"], tags = ["manual"], version = "2.0")
    source_tree(name = "outside", srcs = ["one.c"], strip_prefix = "folder", tags = ["manual"])
    unittest.suite(
        name,
        on(_tree_test, ":here"),
        on(_outside_test, ":outside"),
        on(_fetch_test, ":full"),
        on(_extract_test, ":full"),
        on(_strip_test, ":of_url"),
        on(_info_test, ":full", version = "1.0.post1"),
        on(_info_test, ":of_url", version = ""),
        on(_nowhere_test, ":nowhere"),
        on(_no_patch_test, ":not_patched"),
        *[on(_info_test, ":purl_%d" % i, version = version) for i, version in enumerate(_VERSIONS.values())]
    )
