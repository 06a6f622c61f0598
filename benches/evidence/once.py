"""Runs a program once: `once.py COMMAND…`. Prints one line of JSON: exit code, CPU seconds (user and system, all
threads), seconds on the clock, the most memory it had resident, in KB, and the bytes that it read. What it says goes to
standard error.

A process of its own, so that nothing else is counted. The program is traced to its exit: only there does the kernel still
tell what this program had resident, without what this Python had before it (`ru_maxrss` begins with that), and what it read.
"""

import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path

# <sys/ptrace.h>
TRACEME, CONT, SETOPTIONS = 0, 7, 0x4200
ON_EXEC, ON_EXIT, KILL_WITH_TRACER = 0x10, 0x40, 0x100000
EXIT_EVENT = 6

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
libc.ptrace.restype = ctypes.c_long


def trace(request, process, data=0):
    if libc.ptrace(request, process, None, data) < 0:
        sys.exit(f"ptrace: {os.strerror(ctypes.get_errno())}")


def field(process, file, name):
    """One number of /proc/PID/FILE."""
    lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), None)


def start(command):
    """The program, stopped before its first instruction."""
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)
        trace(TRACEME, 0)
        try:
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    if not os.WIFSTOPPED(os.waitpid(child, 0)[1]):
        sys.exit(f"{command[0]} could not be started")
    trace(SETOPTIONS, child, ON_EXEC | ON_EXIT | KILL_WITH_TRACER)
    return child


def end(child):
    """Exit code, usage, most memory and bytes read."""
    told, number = (None, None), 0
    while True:
        trace(CONT, child, number)
        _, status, used = os.wait4(child, 0)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status), used, *told
        event = status >> 16
        if event == EXIT_EVENT:
            told = field(child, "status", "VmHWM"), field(child, "io", "rchar")
        # Signals are the program's; what tracing adds is not.
        number = 0 if event or os.WSTOPSIG(status) == signal.SIGTRAP else os.WSTOPSIG(status)


child = start(sys.argv[1:])
began = time.monotonic()
code, used, peak, read = end(child)
print(json.dumps({
    "code": code, "cpu": used.ru_utime + used.ru_stime, "wall": time.monotonic() - began, "peak": peak, "read": read,
}))
