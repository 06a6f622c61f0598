"""Python 3.11 with other people's programs as pinned, and one of them run once."""

import hashlib
import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from stage.bench import WORK
from stage.failure import need, run

HERE = Path(__file__).parent
PINS = HERE / "requirements.txt"
BESIDE = ("numpy", "scipy", "pyarrow", "polars", "pandera", "fairlearn")


@cache
def interpreter(bench):
    """In a folder of its own, made anew when a pin changes."""
    folder, wanted = WORK / "venv", PINS.read_text()
    mark = folder / ".installed"
    if not mark.exists() or mark.read_text() != wanted:
        bench.say("installing what is measured beside: " + ", ".join(pinned()))
        shutil.rmtree(folder, ignore_errors=True)
        run(shutil.which("python3.11") or "python3", "-m", "venv", folder)
        run(folder / "bin/pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", PINS)
        mark.write_text(wanted)
    return folder / "bin/python"


def pinned():
    """The programs that are measured beside, without what they need themselves."""
    pins = (line.split()[0] for line in PINS.read_text().splitlines())
    return [pin for pin in pins if pin.split("==")[0] in BESIDE]


def peer(bench, script, *words):
    """What a script of `peers` says, a line of JSON, and what it used from its start to its end."""
    used, said = once(interpreter(bench), "-PB", HERE / "peers" / script, *words)
    return json.loads(said.splitlines()[-1]), used


def once(*command, code=0):
    """What a program used, and all it said. Any other exit code than this one is no measurement."""
    words = [sys.executable, "-S", "-E", HERE / "once.py", *command]
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    need(done.returncode == 0, done.stderr)
    used = json.loads(done.stdout)
    need(used["code"] == code, f"{Path(command[0]).name}: exit code {used['code']}, not {code}\n{done.stderr}")
    need(used["peak"] and used["read"], "the kernel did not tell memory and bytes of a program that ended")
    return used, done.stderr


@cache
def digest(file):
    with open(file, "rb") as opened:
        return "sha256:" + hashlib.file_digest(opened, "sha256").hexdigest()
