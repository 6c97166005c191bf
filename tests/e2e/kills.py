"""Kills at random instants of a piece of work, and whether they came before its end."""

import os
import random
import sys
import time


def timed(work):
    """How long it takes undisturbed."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def chance(name):
    """A source of instants; the variable BOUGH_SEED repeats a run."""
    seed = int(os.environ.get("BOUGH_SEED", str(random.randrange(10**6))))
    print(f"{name}: BOUGH_SEED={seed}", file=sys.stderr, flush=True)
    return random.Random(seed)


def how_many(variable, default):
    return int(os.environ.get(variable, default))


class Kills:
    """Instants within the time that the work takes."""

    def __init__(self, took, source):
        self.took, self.source, self.drawn, self.hits = took, source, 0, 0

    def instant(self):
        self.drawn += 1
        return self.source.uniform(0, self.took)

    def note(self, hit):
        self.hits += bool(hit)

    def command(self, world, *words):
        """Kills bough while it carries this out."""
        self.note(world.kill_after(self.instant(), *words) is None)

    def assert_hit(self):
        """A test whose kills all came too late has shown nothing."""
        assert self.hits, f"none of {self.drawn} kills within {self.took:.2f} s hit anything"
