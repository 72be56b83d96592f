"""Tests of the rules for C and C++ libraries and programs."""

load("//rules:cc.bzl", "cc_binary", "cc_import", "cc_library")
load("//rules:cc_info.bzl", "CcInfo", "RUNTIMES")
load("//rules:cc_toolchain.bzl", "ACTIONS", "CcToolchainInfo")
load("//rules:source.bzl", "SourceInfo", "source_archive")
load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load(":actions.bzl", "action_of", "actions_of", "failure_test", "mounted", "on", "paths")

_OBJECTS = "out/rules/tests/_objs/"
_LLVM = "out/toolchains/clang/llvm.wasm"
_SYSROOT = "out/toolchains/clang/sysroot"

_TOOLCHAIN = {
    "_toolchain": attr.label(
        default = "//toolchains/clang",
        providers = [CcToolchainInfo],
    ),
}

def _toolchain(ctx):
    return ctx.attr._toolchain[CcToolchainInfo]

def _compile_test_impl(ctx):
    env = analysistest.begin(ctx)
    c, cxx = actions_of(env, "CcCompile")

    flags = ["-DSHARED", "-DOWN=1", "-O3", "-Irules/tests/include", "-Irules/tests/private", "-Iout/rules/tests/include", "-Iout/rules/tests/private"]
    asserts.equals(
        env,
        ["bin/clang"] + _toolchain(ctx).args[ACTIONS.compile_c] + flags +
        ["-c", "rules/tests/one.c", "-o", _OBJECTS + "library/one.c.o"],
        c.argv,
    )
    asserts.equals(
        env,
        ["bin/clang++"] + _toolchain(ctx).args[ACTIONS.compile_cxx] + flags +
        ["-c", "rules/tests/two.cc", "-o", _OBJECTS + "library/two.cc.o"],
        cxx.argv,
    )

    # It sees what is declared, and no other source.
    asserts.equals(env, sorted(["rules/tests/one.c", "rules/tests/one.h", _LLVM, _SYSROOT]), paths(c.inputs))
    asserts.equals(env, {"bin/clang": [_LLVM], "usr": [_SYSROOT]}, mounted(c))
    asserts.equals(env, {"bin/clang++": [_LLVM], "usr": [_SYSROOT]}, mounted(cxx))
    asserts.equals(env, [_OBJECTS + "library/one.c.o"], paths(c.outputs))
    asserts.equals(env, "compiling rules/tests/one.c", c.progress_message)
    return analysistest.end(env)

_compile_test = analysistest.make(_compile_test_impl, attrs = _TOOLCHAIN)

def _archive_test_impl(ctx):
    env = analysistest.begin(ctx)
    archive = action_of(env, "CcArchive")
    library = "out/rules/tests/liblibrary.a"
    objects = [_OBJECTS + "library/one.c.o", _OBJECTS + "library/two.cc.o"]
    asserts.equals(env, ["bin/llvm-ar", "qcsD", library] + objects, archive.argv)
    asserts.equals(env, sorted(objects + [_LLVM]), paths(archive.inputs))
    asserts.equals(env, [library], paths(archive.outputs))
    asserts.equals(env, [library], paths(analysistest.target_under_test(env).files))
    return analysistest.end(env)

_archive_test = analysistest.make(_archive_test_impl)

def _handed_on_test_impl(ctx):
    """What a library hands on is what others compile with, and nothing of its own."""
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[CcInfo]
    asserts.equals(env, ["SHARED"], info.defines.to_list())
    asserts.equals(env, ["rules/tests/one.h"], paths(info.headers))
    asserts.equals(env, ["rules/tests/include", "out/rules/tests/include"], info.includes.to_list())
    asserts.equals(env, ["-lm"], info.linkopts.to_list())
    asserts.equals(env, [struct(archive = "out/rules/tests/liblibrary.a", alwayslink = False)], _libraries(info))
    return analysistest.end(env)

_handed_on_test = analysistest.make(_handed_on_test_impl)

def _libraries(info):
    return [struct(archive = library.archive.path, alwayslink = library.alwayslink) for library in info.libraries.to_list()]

def _implementation_deps_test_impl(ctx):
    """What only the implementation needs is linked, and dependents do not see it otherwise."""
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[CcInfo]
    asserts.contains(env, action_of(env, "CcCompile").argv, "-DSHARED")
    asserts.equals(env, [], info.defines.to_list())
    asserts.equals(env, [], info.headers.to_list())
    asserts.equals(
        env,
        ["out/rules/tests/libwrapper.a", "out/rules/tests/liblibrary.a"],
        [library.archive for library in _libraries(info)],
    )
    return analysistest.end(env)

_implementation_deps_test = analysistest.make(_implementation_deps_test_impl)

def _headers_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(env, [], analysistest.target_actions(env))
    asserts.equals(env, [], target.files.to_list())
    asserts.equals(env, [], target[CcInfo].libraries.to_list())
    asserts.equals(env, ["rules/tests/one.h"], paths(target[CcInfo].headers))
    return analysistest.end(env)

_headers_test = analysistest.make(_headers_test_impl)

def _tree_test_impl(ctx):
    """Sources of a tree are placed at `src`, whatever the tree is called."""
    env = analysistest.begin(ctx)
    tree = ctx.attr.source[SourceInfo].tree.path
    plain, special = actions_of(env, "CcCompile")
    asserts.equals(env, [tree], mounted(plain)["src"])
    asserts.contains(env, plain.argv, ["-Isrc/include"], ["-c", "src/lib/a.c", "-o", _OBJECTS + "of_tree/lib/a.c.o"])
    asserts.false(env, "-fno-inline" in plain.argv, "a flag for another source")
    asserts.contains(env, special.argv, "-fno-inline")

    headers = action_of(env, "CcHeaders")
    asserts.equals(env, ["select@1", "--include=include/**/*.h", tree, "out/rules/tests/of_tree.hdrs"], headers.argv)
    info = analysistest.target_under_test(env)[CcInfo]
    asserts.equals(env, ["out/rules/tests/of_tree.hdrs"], paths(info.headers))
    asserts.equals(env, ["out/rules/tests/of_tree.hdrs/include"], info.includes.to_list())
    return analysistest.end(env)

_tree_test = analysistest.make(
    _tree_test_impl,
    attrs = {"source": attr.label(providers = [SourceInfo])},
)

def _position_independent_test_impl(ctx):
    env = analysistest.begin(ctx)
    flags = _toolchain(ctx).args[ACTIONS.position_independent]
    asserts.contains(env, flags, "-fPIC")
    asserts.contains(env, action_of(env, "CcCompile").argv, flags)
    return analysistest.end(env)

_position_independent_test = analysistest.make(_position_independent_test_impl, attrs = _TOOLCHAIN)

def _link_test_impl(ctx):
    env = analysistest.begin(ctx)
    link = action_of(env, "CcLink")
    action = ctx.attr.action
    program = "out/rules/tests/%s.wasm" % analysistest.target_under_test(env).label.name

    # Dependents come before what they depend on, or the linker finds nothing.
    asserts.equals(
        env,
        ["bin/wasm-ld"] + _toolchain(ctx).args[action] +
        [_OBJECTS + "%s/one.c.o" % analysistest.target_under_test(env).label.name] +
        ["out/rules/tests/libwrapper.a", "out/rules/tests/liblibrary.a"] +
        ["--whole-archive", "out/rules/tests/libwhole.a", "--no-whole-archive"] +
        ctx.attr.runtime +
        ["-lm", "--own"] + _toolchain(ctx).libs[action] +
        ["-o", program],
        link.argv,
    )
    asserts.contains(env, paths(link.inputs), "out/rules/tests/libwhole.a")
    asserts.equals(env, program, analysistest.target_under_test(env)[RunInfo].executable.path)
    return analysistest.end(env)

_link_test = analysistest.make(
    _link_test_impl,
    attrs = _TOOLCHAIN | {"action": attr.string(), "runtime": attr.string_list()},
)

_RUNTIME = ["out/toolchains/cxx/lib%s.a" % name for name in ["c++", "c++abi", "unwind", "setjmp"]]

def _whole(archives):
    """Returns the arguments that link all of archives."""
    return [argument for archive in archives for argument in ["--whole-archive", archive, "--no-whole-archive"]]

def _no_runtime_test_impl(ctx):
    """A program of C has no C++ runtime."""
    env = analysistest.begin(ctx)
    link = action_of(env, "CcLink")
    asserts.equals(env, [], [path for path in paths(link.inputs) if path.startswith("out/toolchains/cxx/")])
    return analysistest.end(env)

_no_runtime_test = analysistest.make(_no_runtime_test_impl)

def _setjmp_test_impl(ctx):
    """C that uses setjmp has flags for it, and a runtime; C++ always has."""
    env = analysistest.begin(ctx)
    c, cxx = actions_of(env, "CcCompile")
    flags = _toolchain(ctx).args[ACTIONS.setjmp]
    asserts.contains(env, flags, "-wasm-enable-sjlj")
    asserts.contains(env, c.argv, flags)
    asserts.equals(env, 1, len([flag for flag in cxx.argv if flag == "-wasm-enable-sjlj"]))
    runtimes = analysistest.target_under_test(env)[CcInfo].runtimes.to_list()
    asserts.equals(env, [RUNTIMES.cxx, RUNTIMES.setjmp], sorted(runtimes))
    return analysistest.end(env)

_setjmp_test = analysistest.make(_setjmp_test_impl, attrs = _TOOLCHAIN)

def _debug_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.contains(env, action_of(env, "CcCompile").argv, "-O0", "-g")
    asserts.false(env, "--strip-all" in action_of(env, "CcLink").argv, "debug information is stripped")
    return analysistest.end(env)

_debug_test = analysistest.make(_debug_test_impl, config_settings = {"mode": "debug"})

def _import_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(env, [], analysistest.target_actions(env))
    asserts.equals(
        env,
        [
            struct(archive = "out/rules/tests/libwhole.a", alwayslink = True),
            struct(archive = "out/rules/tests/liblibrary.a", alwayslink = False),
        ],
        _libraries(target[CcInfo]),
    )
    return analysistest.end(env)

_import_test = analysistest.make(_import_test_impl)

_paths_test = failure_test("//rules/tests:no_tree: paths are relative to a source tree: give its label as src")
_per_source_test = failure_test("//rules/tests:no_source: per_source_copts names b.c, which paths does not")
_not_a_library_test = failure_test("//rules/tests:cc_tree (a source_archive) does not provide CcInfo")
_same_name_test = failure_test("output out/rules/tests/_objs/twice/one.c.o is declared already, by //rules/tests:twice")

def cc_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    _targets()
    unittest.suite(
        name,
        on(_compile_test, ":library"),
        on(_archive_test, ":library"),
        on(_handed_on_test, ":library"),
        on(_implementation_deps_test, ":wrapper"),
        on(_headers_test, ":headers"),
        on(_tree_test, ":of_tree", source = ":cc_tree"),
        on(_position_independent_test, ":whole"),
        on(_link_test, ":program", action = ACTIONS.link_executable, runtime = _RUNTIME),
        on(_link_test, ":main_module", action = ACTIONS.link_main_module, runtime = _whole(_RUNTIME)),
        on(_no_runtime_test, ":plain"),
        on(_setjmp_test, ":setjmp"),
        on(_debug_test, ":program"),
        on(_import_test, ":imported"),
        on(_paths_test, ":no_tree"),
        on(_per_source_test, ":no_source"),
        on(_not_a_library_test, ":no_library"),
        on(_same_name_test, ":twice"),
    )

def _targets():
    """Declares the targets under test."""
    cc_library(
        name = "library",
        srcs = ["one.c", "two.cc"],
        hdrs = ["one.h"],
        copts = ["-O3"],
        defines = ["SHARED"],
        includes = ["include"],
        linkopts = ["-lm"],
        local_defines = ["OWN=1"],
        private_includes = ["private"],
        tags = ["manual"],
    )
    cc_library(
        name = "wrapper",
        srcs = ["one.c"],
        implementation_deps = [":library"],
        tags = ["manual"],
    )
    cc_library(
        name = "whole",
        srcs = ["one.c"],
        alwayslink = True,
        position_independent = True,
        tags = ["manual"],
    )
    cc_library(
        name = "headers",
        hdrs = ["one.h"],
        tags = ["manual"],
    )
    source_archive(
        name = "cc_tree",
        purl = "pkg:pypi/spam@1.0",
        sha256 = "0" * 64,
        tags = ["manual"],
    )
    cc_library(
        name = "of_tree",
        src = ":cc_tree",
        hdr_paths = ["include/**/*.h"],
        includes = ["include"],
        paths = ["lib/a.c", "lib/b.c"],
        per_source_copts = {"lib/b.c": ["-fno-inline"]},
        tags = ["manual"],
    )
    for program, main_module in [("program", False), ("main_module", True)]:
        cc_binary(
            name = program,
            srcs = ["one.c"],
            linkopts = ["--own"],
            main_module = main_module,
            tags = ["manual"],
            deps = [":wrapper", ":whole"],
        )
    cc_binary(
        name = "plain",
        srcs = ["one.c"],
        tags = ["manual"],
    )
    cc_library(
        name = "setjmp",
        srcs = ["one.c", "two.cc"],
        setjmp = True,
        tags = ["manual"],
    )
    cc_import(
        name = "imported",
        alwayslink = True,
        archives = [":whole"],
        tags = ["manual"],
        deps = [":library"],
    )
    cc_library(name = "no_tree", paths = ["a.c"], tags = ["manual"])
    cc_library(name = "no_source", src = ":cc_tree", paths = ["a.c"], per_source_copts = {"b.c": []}, tags = ["manual"])
    cc_library(name = "no_library", tags = ["manual"], deps = [":cc_tree"])
    cc_library(name = "twice", srcs = ["one.c"], src = ":cc_tree", paths = ["one.c"], tags = ["manual"])
