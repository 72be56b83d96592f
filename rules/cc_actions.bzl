"""The actions that C and C++ rules are made of: compile, archive, link."""

load("//rules:cc_toolchain.bzl", "ACTIONS")

# Where a library's source tree is placed. That the place does not depend on
# the library keeps its name out of `__FILE__`, and so out of the objects.
SOURCE_ROOT = "src"

_CXX_EXTENSIONS = ["cc", "cpp", "cxx"]

def is_cxx(path):
    """Reports whether a source is of C++, by its name."""
    return path.split(".")[-1] in _CXX_EXTENSIONS

def cc_compile(ctx, toolchain, path, output, info, source = None, tree = None, includes = [], copts = []):
    """Declares the compilation of one source file.

    Args:
      ctx: the rule's context.
      toolchain: a CcToolchainInfo.
      path: where the source is: the path of `source` if that is given, else below `tree`.
      output: the object file.
      info: the CcInfo of what is compiled against.
      source: the File, where it is not in `tree`.
      tree: a directory of sources.
      includes: further directories to search, as paths in the sandbox.
      copts: further flags.
    """
    cxx = is_cxx(path)
    tool = "bin/clang++" if cxx else "bin/clang"
    action = ACTIONS.compile_cxx if cxx else ACTIONS.compile_c
    mounts = {tool: toolchain.llvm, "usr": toolchain.sysroot}
    if tree:
        mounts[SOURCE_ROOT] = tree
    ctx.actions.run(
        executable = tool,
        arguments = toolchain.args[action] +
                    ["-D" + define for define in info.defines.to_list()] +
                    copts +
                    ["-I" + include for include in includes + info.includes.to_list()] +
                    ["-c", path if source else SOURCE_ROOT + "/" + path, "-o", output] +
                    toolchain.libs[action],
        inputs = depset([source] if source else [], transitive = [info.headers]),
        mounts = mounts,
        outputs = [output],
        mnemonic = "CcCompile",
        progress_message = "compiling %s" % path,
    )

def cc_archive(ctx, toolchain, objects, output):
    """Declares a static library of `objects`.

    Args:
      ctx: the rule's context.
      toolchain: a CcToolchainInfo.
      objects: the object files.
      output: the archive.
    """
    tool = "bin/llvm-ar"
    ctx.actions.run(
        executable = tool,
        # "q" appends: "r" would replace a member by a later one with the same
        # base name. "D" leaves out times and owners.
        arguments = ["qcsD", output] + objects,
        inputs = objects,
        mounts = {tool: toolchain.llvm},
        outputs = [output],
        mnemonic = "CcArchive",
        progress_message = "archiving %s" % output.basename,
    )

def cc_link(ctx, toolchain, action, objects, info, output, linkopts = []):
    """Declares the linking of a program.

    Args:
      ctx: the rule's context.
      toolchain: a CcToolchainInfo.
      action: which kind of program, from `ACTIONS`.
      objects: its object files.
      info: the CcInfo of its libraries.
      output: the program.
      linkopts: further arguments for the linker.
    """
    tool = "bin/wasm-ld"
    libraries = info.libraries.to_list()
    arguments = toolchain.args[action] + objects
    for library in libraries:
        if library.alwayslink:
            arguments = arguments + ["--whole-archive", library.archive, "--no-whole-archive"]
        else:
            arguments = arguments + [library.archive]
    ctx.actions.run(
        executable = tool,
        arguments = arguments + info.linkopts.to_list() + linkopts + toolchain.libs[action] + ["-o", output],
        inputs = objects + [library.archive for library in libraries],
        mounts = {tool: toolchain.llvm, "usr": toolchain.sysroot},
        outputs = [output],
        mnemonic = "CcLink",
        progress_message = "linking %s" % output.basename,
    )
