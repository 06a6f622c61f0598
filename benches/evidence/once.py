"""Runs a program once: `once.py COMMAND…`. Prints one line of JSON: exit code, CPU seconds (user and system, all
threads), seconds on the clock, and the most memory it had resident, in KB. What it says goes to standard error.

A small process of its own, because a child begins with what its parent had resident.
"""

import json
import os
import sys
import time

began = time.monotonic()
child = os.fork()
if child == 0:
    os.dup2(2, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(child, 0)
print(json.dumps({
    "code": os.waitstatus_to_exitcode(status), "cpu": used.ru_utime + used.ru_stime,
    "wall": time.monotonic() - began, "peak": used.ru_maxrss,
}))
