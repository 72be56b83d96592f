"""Side modules: what is linked to a program while it runs."""

load("//rules:cc.bzl", "CC_COMPILE_ATTRS", "cc_compile_sources")
load("//rules:cc_actions.bzl", "cc_link")
load("//rules:cc_info.bzl", "CcInfo", "cc_info")
load("//rules:cc_toolchain.bzl", "ACTIONS", "CcToolchainInfo")

def cc_link_side_module(ctx, objects, info, program, output, libraries = [], linkopts = []):
    """Declares the linking of a side module.

    It fails if the module uses what neither it nor the program nor its
    libraries define.

    Args:
      ctx: the context of a rule with the attribute `_toolchain`.
      objects: its object files, compiled to be position independent.
      info: the CcInfo of its static libraries.
      program: the main module that it is for.
      output: the side module.
      libraries: side modules that it needs. They have to be beside it at run time.
      linkopts: further arguments for the linker.
    """
    linked = ctx.actions.declare_file("_linked/%s/%s" % (ctx.label.name, output.basename))
    cc_link(
        ctx,
        ctx.attr._toolchain[CcToolchainInfo],
        ACTIONS.link_side_module,
        objects + libraries,
        info,
        linked,
        linkopts = linkopts,
    )
    ctx.actions.run(
        executor = "builtin",
        executable = "linkable@1",
        arguments = ["--library=" + library.path for library in libraries] + [program, linked, output],
        inputs = [program, linked] + libraries,
        outputs = [output],
        mnemonic = "CcLinkable",
        progress_message = "checking the symbols of %s" % output.basename,
    )

def _cc_shared_impl(ctx):
    info = cc_info(deps = [dep[CcInfo] for dep in ctx.attr.deps])
    output = ctx.actions.declare_file(ctx.attr.out or ctx.label.name + ".so")
    cc_link_side_module(
        ctx,
        cc_compile_sources(ctx, info, position_independent = True),
        info,
        ctx.file.program,
        output,
        libraries = ctx.files.libraries,
        linkopts = ctx.attr.linkopts,
    )
    return [DefaultInfo(files = depset([output]))]

cc_shared = rule(
    implementation = _cc_shared_impl,
    doc = """A side module: a WebAssembly module that a program opens while it runs, as with `dlopen`.

It exports what has default visibility; the compiler hides all that is not
declared otherwise.""",
    attrs = CC_COMPILE_ATTRS | {
        "libraries": attr.label_list(
            allow_files = [".so"],
            doc = "Side modules that it needs, which have to be beside it when it is opened.",
        ),
        "out": attr.string(doc = "What to call the file. Default: the target's name and `.so`."),
        "program": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "The program that opens it: a `cc_binary` that is a main module.",
        ),
    },
)
