"""What a C or C++ library gives to those that depend on it."""

CcInfo = provider(
    doc = "What is needed to compile against a library and to link it.",
    fields = {
        "defines": "depset of strings: preprocessor definitions, without `-D`.",
        "headers": "depset of Files: headers, or directories of headers.",
        "includes": "depset of strings: directories to search for headers, as paths in the sandbox.",
        "libraries": "depset of structs `(archive, alwayslink)`, dependents before what they depend on.",
        "linkopts": "depset of strings: further arguments for the linker.",
        "runtimes": "depset of strings: what else a program of it needs, names from `RUNTIMES`.",
    },
)

# What code needs of a program that it is linked into, or that opens it: the
# library of C++, or that of setjmp.
RUNTIMES = struct(
    cxx = "cxx",
    setjmp = "setjmp",
)

def cc_info(headers = [], includes = [], defines = [], libraries = [], linkopts = [], runtimes = [], deps = []):
    """Returns a CcInfo of what is given and all that `deps` give.

    Args:
      headers: Files, or directories of headers.
      includes: directories to search, as paths in the sandbox.
      defines: preprocessor definitions, without `-D`.
      libraries: structs `(archive, alwayslink)`.
      linkopts: arguments for the linker.
      runtimes: names from `RUNTIMES`.
      deps: CcInfos.

    Returns:
      A CcInfo.
    """
    return CcInfo(
        defines = depset(defines, transitive = [dep.defines for dep in deps]),
        headers = depset(headers, transitive = [dep.headers for dep in deps]),
        includes = depset(includes, transitive = [dep.includes for dep in deps]),
        libraries = depset(libraries, transitive = [dep.libraries for dep in deps], order = "topological"),
        linkopts = depset(linkopts, transitive = [dep.linkopts for dep in deps]),
        runtimes = depset(runtimes, transitive = [dep.runtimes for dep in deps]),
    )
