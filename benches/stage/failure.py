"""A figure that cannot be trusted, and waiting that ends."""

import subprocess
import time


class NotMeasured(Exception):
    """Something was not as the row needs it: there is no figure then."""


def need(holds, sentence):
    """The row's figure means nothing unless this holds."""
    if not holds:
        raise NotMeasured(sentence)


def within(seconds, what, ask, every=0.1):
    """Asks until the answer is true and returns it; gives up loudly when time is over."""
    until = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > until:
            raise NotMeasured(f"waited {seconds} s in vain: {what}")
        time.sleep(every)


def run(*command, text="", **options):
    """Runs a program with this text as its input; returns what it prints. Its own words are shown when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, input=text, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise NotMeasured(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}".strip())
    return done.stdout.strip()
