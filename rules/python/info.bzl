"""What a Python bundle gives to those that depend on it, and how they run with it."""

PythonBundleInfo = provider(
    doc = "A Python distribution as a bundle.",
    fields = {
        "archive": "The bundle: `IMPORT_NAME.tar.xz`.",
        "description": "`IMPORT_NAME.json`: what the bundle is and where it came from.",
        "development": "depset of directories: what is laid over the `trees` when something is built against them.",
        "distribution": "The name of the distribution, as in `scikit-learn`.",
        "import_name": "What is imported, as in `sklearn`.",
        "trees": "depset of directories: this bundle, and all that it needs, unpacked.",
    },
)

def python_site(toolchain):
    """Returns where bundles are put in the sandbox.

    Args:
      toolchain: a PythonToolchainInfo.
    """
    return "py/lib/python%s/site-packages" % ".".join(toolchain.version.split(".")[:2])

def python_invocation(toolchain, bundles, overlays = []):
    """Returns what it takes to run Python with bundles and nothing else to import.

    Args:
      toolchain: a PythonToolchainInfo.
      bundles: PythonBundleInfos. What they need comes with them.
      overlays: directories that are laid over the bundles.

    Returns:
      A struct of `executable`, `mounts` and `env`, for `ctx.actions.run` or `RunInfo`.
    """
    trees = depset(transitive = [bundle.trees for bundle in bundles]).to_list() + overlays
    return struct(
        executable = toolchain.executable,
        mounts = toolchain.mounts | ({python_site(toolchain): trees} if trees else {}),
        env = {
            "HOME": "/tmp",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
        },
    )

def python_program(files):
    """Returns the mounts for a program of ours: its files, in the folder `program` of the sandbox.

    They import each other as neighbours, whatever folders they come from.

    Args:
      files: the Files.
    """
    return {"program/" + file.basename: file for file in files}
