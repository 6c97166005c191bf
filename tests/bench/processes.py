"""Processes of a benchmark: what they cost, and their end."""

import os
import resource
import signal
import socket
import subprocess

TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def start(command, log=None, **more):
    return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **more)


def end(process):
    """With its children: fcgiwrap, for one, does not end them."""
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(60)


def children(pid):
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
            yield from map(int, file.read().split())


def is_bough(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return os.path.basename(file.read().split(b"\0")[0]) == b"bough"


def family(pid):
    """The bough process and those below it that are bough, too: no database server."""
    return [pid, *(one for child in children(pid) if is_bough(child) for one in family(child))]


def processor_seconds(pid):
    """Of bough and all below it, ended ones included."""
    total = 0
    for one in family(pid):
        with open(f"/proc/{one}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        total += sum(int(field) for field in fields[11:15])
    return total / TICK


def resident_mib(pid, kind="Rss"):
    """"Pss" counts pages that n processes share as one n-th."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith(kind + ":")) / 1024


def spent_by(command):
    """Processor seconds of a command that ends."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
