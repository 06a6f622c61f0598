"""What the machine must have, and how it gets what Debian packages bring."""

import importlib.util
import platform
import shutil
import sys

from .failure import NotMeasured, run


def refuse(sentence):
    print(f"bench: {sentence}", file=sys.stderr)
    sys.exit(2)


def need_linux():
    if sys.platform != "linux" or platform.machine() != "x86_64":
        refuse("needs Linux on x86_64")


def need_tools(*tools):
    for tool in tools:
        if not shutil.which(tool):
            refuse(f"{tool} is missing")


def need_packages(**by_tool):
    """Debian packages by the program that each brings, and Python's own environments; installed where they are missing."""
    missing = [package for tool, package in by_tool.items() if not shutil.which(tool)]
    missing += [] if importlib.util.find_spec("ensurepip") else ["python3-venv"]
    if not missing:
        return
    if not shutil.which("apt-get"):
        refuse(f"these are missing: {', '.join(missing)}")
    print(f"bench: installing Debian packages: {' '.join(missing)}", file=sys.stderr)
    try:
        run("apt-get", "-qq", "update")
        run("apt-get", "-qq", "install", "--yes", "--no-install-recommends", *missing)
    except NotMeasured as problem:
        refuse(problem)
