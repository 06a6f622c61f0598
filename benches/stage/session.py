"""One run: rows measured one after the other, whatever becomes of each, and one table in the end."""

import signal
import sys
import time
import traceback
from datetime import datetime, timezone

from . import table
from .failure import NotMeasured


def measured(bench, steps):
    """Figures by row, and rows that could not be measured, with the reason."""
    # So that what was started is ended also then.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _: sys.exit(128 + got))
    figures, broken = [], []
    for name, step in steps:
        began = time.monotonic()
        bench.say(f"{name}: {step.__doc__ or step.__module__}".splitlines()[0])
        try:
            figures += [(name, figure) for figure in step(bench)]
        except NotMeasured as problem:
            broken.append((name, str(problem)))
            bench.say(f"{name}: NOT MEASURED: {problem}")
        except (KeyboardInterrupt, SystemExit) as ended:
            broken.append((name, f"ended from outside: {ended!r}"))
            break
        except Exception as problem:
            broken.append((name, repr(problem)))
            traceback.print_exc()
        bench.say(f"{name}: {time.monotonic() - began:.0f} s")
    return figures, broken


def shown(bench, file, figures, broken, *notes):
    """Prints the table, keeps it, and gives the exit code."""
    about = {"at": datetime.now(timezone.utc).isoformat(timespec="seconds"), "machine": table.machine(), "notes": notes}
    bench.keep(file, {**about, "figures": table.rows(figures), "not measured": broken})
    print("\n".join([f"{about['at']}, {about['machine']}", *notes, *table.lines(figures, broken)]))
    return 1 if broken else 0
