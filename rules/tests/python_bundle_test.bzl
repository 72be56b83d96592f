"""Tests of the rules for bundles and extension modules of Python."""

load("//rules:cc_toolchain.bzl", "ACTIONS", "CcToolchainInfo")
load("//rules:python_toolchain.bzl", "PythonToolchainInfo", "python_toolchain")
load("//rules:source.bzl", "source_archive")
load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load("//rules/python:bundle.bzl", "pure_python_bundle")
load("//rules/python:extension.bzl", "PythonExtensionInfo", "python_extension")
load("//rules/python:import_test.bzl", "bundle_import_test")
load("//rules/python:info.bzl", "PythonBundleInfo", "python_site")
load(":actions.bzl", "action_of", "failure_test", "mounted", "on", "paths")

_OUT = "out/rules/tests/"

_PYTHON = {
    "_python": attr.label(
        default = "//toolchains/cpython",
        providers = [PythonToolchainInfo],
    ),
}

def _python(ctx):
    return ctx.attr._python[PythonToolchainInfo]

def _outputs_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(env, [_OUT + "spam.json", _OUT + "spam.sizes.txt", _OUT + "spam.tar.xz"], paths(target.files))
    bundle = target[PythonBundleInfo]
    asserts.equals(env, "python-spam", bundle.distribution)
    asserts.equals(env, "spam", bundle.import_name)
    asserts.equals(env, _OUT + "spam.tar.xz", bundle.archive.path)

    # Whoever imports it needs what it imports.
    asserts.equals(env, [_OUT + "ham-and-eggs.bundle", _OUT + "python-spam.bundle"], paths(bundle.trees))
    return analysistest.end(env)

_outputs_test = analysistest.make(_outputs_test_impl)

def _config_test_impl(ctx):
    env = analysistest.begin(ctx)
    config = json.decode(action_of(env, "Write").content)
    asserts.equals(env, _python(ctx).abi, config["abi"])
    asserts.equals(env, ["ham-and-eggs"], config["deps"])
    asserts.equals(env, "spam", config["import_name"])
    asserts.equals(env, "//rules/tests:python-spam", config["label"])
    asserts.equals(env, {"purl": "pkg:pypi/spam@1.0", "sha256": "0" * 64}, config["source"])
    asserts.equals(env, "1.0", config["version"])
    asserts.equals(env, _OUT + "spam_src", config["tree"])
    asserts.contains(env, config["default_strip"], "**/tests/**", "**/*.pyi")
    asserts.equals(env, ["docs/**"], config["strip"])
    asserts.equals(env, ["spam/data.pyi"], config["keep"])
    asserts.equals(
        env,
        {
            "spam/one.h": "rules/tests/one.h",
            "spam/_speed" + _python(ctx).ext_suffix: _OUT + "_speed" + _python(ctx).ext_suffix,
        },
        config["data"],
    )
    return analysistest.end(env)

_config_test = analysistest.make(_config_test_impl, attrs = _PYTHON)

def _import_name_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, "ham_and_eggs", analysistest.target_under_test(env)[PythonBundleInfo].import_name)
    return analysistest.end(env)

_import_name_test = analysistest.make(_import_name_test_impl)

def _stage_test_impl(ctx):
    """The source is compiled by the interpreter alone: no bundle can have a part in it."""
    env = analysistest.begin(ctx)
    for mnemonic, program in {"PythonCompile": "program/compile.py", "PythonStage": "program"}.items():
        action = action_of(env, mnemonic)
        asserts.equals(
            env,
            [_python(ctx).executable, "-S", "-X", "no_debug_ranges", program, _OUT + "python-spam.config.json"],
            action.argv[:6],
        )
        asserts.set_equals(env, _python(ctx).mounts.keys(), [path for path in action.mounts if not path.startswith("program/")])
        asserts.contains(env, paths(action.inputs), _OUT + "spam_src", "rules/tests/one.h")
        asserts.contains(env, action.mounts.keys(), "program/__main__.py", "program/command.py")
        asserts.equals(env, "0", action.env["PYTHONHASHSEED"])
    asserts.contains(env, paths(action_of(env, "PythonStage").inputs), _OUT + "python-spam.compiled", _OUT + "python-spam.compiled.json")
    return analysistest.end(env)

_stage_test = analysistest.make(_stage_test_impl, attrs = _PYTHON)

def _pack_test_impl(ctx):
    """What is packed is unpacked again for those that import it."""
    env = analysistest.begin(ctx)
    asserts.equals(env, ["tar@1", _OUT + "python-spam.staged", _OUT + "python-spam.tar"], action_of(env, "Tar").argv)
    asserts.equals(env, [_OUT + "spam.tar.xz"], paths(action_of(env, "Xz").outputs))
    asserts.equals(
        env,
        ["extract@1", "--strip=0", _OUT + "spam.tar.xz", _OUT + "python-spam.bundle"],
        action_of(env, "Extract").argv,
    )
    return analysistest.end(env)

_pack_test = analysistest.make(_pack_test_impl)

def _run_test_impl(ctx):
    """`cowasm run` starts Python, or the module that is the main one if it is given nothing else."""
    env = analysistest.begin(ctx)
    run = analysistest.target_under_test(env)[RunInfo]
    asserts.equals(env, _python(ctx).executable, run.executable)
    asserts.equals(env, [], run.arguments)
    asserts.equals(env, ctx.attr.default_arguments, run.default_arguments)
    asserts.equals(env, "work", run.user_directory)
    return analysistest.end(env)

_run_test = analysistest.make(
    _run_test_impl,
    attrs = _PYTHON | {"default_arguments": attr.string_list()},
)

def _extension_test_impl(ctx):
    env = analysistest.begin(ctx)
    translated = _OUT + "_cython/spam._speed/spam/_speed.c"
    cython = action_of(env, "Cythonize")
    asserts.contains(env, cython.argv, ["-m", "cython", "--3str", "--fast"], ["--module-name", "spam._speed"], ["-o", translated, "src/spam/_speed.pyx"])
    asserts.equals(env, [_OUT + "spam_src"], mounted(cython)["src"])
    asserts.equals(env, [_OUT + "ham-and-eggs.bundle"], mounted(cython)[python_site(_python(ctx))])

    compile = action_of(env, "CcCompile")
    asserts.contains(env, compile.argv, ctx.attr._toolchain[CcToolchainInfo].args[ACTIONS.position_independent], ["-c", translated])
    asserts.contains(env, paths(compile.inputs), _python(ctx).headers.path)
    asserts.contains(env, compile.argv, "-I" + _python(ctx).headers.path)

    info = analysistest.target_under_test(env)[PythonExtensionInfo]
    asserts.equals(env, "spam._speed", info.module)
    asserts.equals(env, _OUT + "_speed" + _python(ctx).ext_suffix, info.file.path)
    asserts.contains(env, action_of(env, "CcLinkable").argv, _python(ctx).wasm.path)
    return analysistest.end(env)

_extension_test = analysistest.make(
    _extension_test_impl,
    attrs = _PYTHON | {
        "_toolchain": attr.label(
            default = "//toolchains/clang",
            providers = [CcToolchainInfo],
        ),
    },
)

def _import_test_impl(ctx):
    env = analysistest.begin(ctx)
    test = action_of(env, "PythonImport")
    report = _OUT + "spam_imports.report.json"
    asserts.equals(env, ["-I", "rules/python/imports.py", _OUT + "spam.json", report, "spam._speed"], test.argv[1:])
    asserts.equals(
        env,
        [_OUT + "ham-and-eggs.bundle", _OUT + "python-spam.bundle"],
        mounted(test)[python_site(_python(ctx))],
    )
    asserts.equals(env, [report], paths(analysistest.target_under_test(env)[TestInfo].reports))
    return analysistest.end(env)

_import_test = analysistest.make(_import_test_impl, attrs = _PYTHON)

def _toolchain_test_impl(ctx):
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[PythonToolchainInfo]
    asserts.equals(env, "cp47-wasi-p1", info.abi)
    asserts.equals(env, ".cpython-47-wasm32-wasi.so", info.ext_suffix)
    asserts.equals(env, "py/bin/python4.7", info.executable)
    asserts.equals(env, "py/lib/python4.7/site-packages", python_site(info))
    asserts.equals(env, {"py": "rules/tests/two.cc", "py/bin/python4.7": "rules/tests/one.c"}, {at: file.path for at, file in info.mounts.items()})
    asserts.equals(env, [], analysistest.target_actions(env))
    return analysistest.end(env)

_toolchain_test = analysistest.make(_toolchain_test_impl)

_no_bundle_test = failure_test("//rules/tests:spam_src (a source_archive) does not provide PythonBundleInfo")
_no_cython_test = failure_test("//rules/tests:untranslated: cython_paths need the Cython that translates them, as cython")

def python_bundle_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    _targets()
    unittest.suite(
        name,
        on(_outputs_test, ":python-spam"),
        on(_config_test, ":python-spam"),
        on(_import_name_test, ":ham-and-eggs"),
        on(_stage_test, ":python-spam"),
        on(_pack_test, ":python-spam"),
        on(_run_test, ":python-spam", default_arguments = ["-m", "spam.shell"]),
        on(_run_test, ":ham-and-eggs", default_arguments = []),
        on(_extension_test, ":spam._speed"),
        on(_import_test, ":spam_imports"),
        on(_toolchain_test, ":python_4_7"),
        on(_no_bundle_test, ":needs_source"),
        on(_no_cython_test, ":untranslated"),
    )

def _targets():
    """Declares the targets under test."""
    source_archive(
        name = "spam_src",
        purl = "pkg:pypi/spam@1.0",
        sha256 = "0" * 64,
        tags = ["manual"],
    )
    pure_python_bundle(
        name = "ham-and-eggs",
        src = ":spam_src",
        tags = ["manual"],
    )
    python_extension(
        name = "spam._speed",
        src = ":spam_src",
        cython = [":ham-and-eggs"],
        cython_options = ["--fast"],
        cython_paths = ["spam/_speed.pyx"],
        module = "spam._speed",
        tags = ["manual"],
    )
    pure_python_bundle(
        name = "python-spam",
        src = ":spam_src",
        data = {"spam/one.h": "one.h"},
        extensions = [":spam._speed"],
        import_name = "spam",
        keep = ["spam/data.pyi"],
        main = "spam.shell",
        strip = ["docs/**"],
        tags = ["manual"],
        deps = [":ham-and-eggs"],
    )
    bundle_import_test(
        name = "spam_imports",
        bundle = ":python-spam",
        modules = ["spam._speed"],
        tags = ["manual"],
    )
    python_toolchain(
        name = "python_4_7",
        headers = "one.h",
        home = "two.cc",
        tags = ["manual"],
        version = "4.7.11",
        wasm = "one.c",
    )
    pure_python_bundle(name = "needs_source", src = ":spam_src", tags = ["manual"], deps = [":spam_src"])
    python_extension(name = "untranslated", src = ":spam_src", cython_paths = ["x.pyx"], module = "x", tags = ["manual"])
