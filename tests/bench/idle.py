#!/usr/bin/env python3
"""What an idle `bough serve` costs: many HTTP repositories where nothing changes.

Beside it, in the same run: the floor (curl, one process, kept connections, the same requests) and the
peer (`git ls-remote` for each). The repositories ask for databases of an engine that bough does not
serve, so that nothing has to be created first.

usage: idle.py [--bough FILE] [--repositories N] [--branches N] [--seconds N]
"""

import argparse
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SPEC = "name: shop\ndatabases:\n  - {name: db, engine: REDIS}\n"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def make_repositories(folder, count, branches):
    """One real repository, and copies of it."""
    first = f"{folder}/r0.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", first], check=True)
    stream = ""
    for number in range(branches):
        name = "main" if number == 0 else f"branch-{number}"
        stream += (f"commit refs/heads/{name}\ncommitter a <a@example.com> {1700000000 + number} +0000\n"
                   f"data 1\nx\nM 100644 inline app.yaml\ndata {len(SPEC)}\n{SPEC}\n")
    subprocess.run(["git", "-C", first, "fast-import", "--quiet"], input=stream.encode(), check=True)
    subprocess.run(["git", "-C", first, "update-server-info"], check=True)
    for number in range(1, count):
        shutil.copytree(first, f"{folder}/r{number}.git")


def nginx_config(folder, port):
    scratch = "".join(f" {kind}_temp_path {folder}/{kind};"
                      for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return (f"daemon off; user root; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;"
            f" events {{ worker_connections 1024; }} http {{ access_log {folder}/access.log; keepalive_requests"
            f" 1000000; keepalive_timeout 300;{scratch} server {{ listen 127.0.0.1:{port};"
            f" location ~ ^(/.*)$ {{ fastcgi_pass unix:{folder}/cgi.sock; fastcgi_param SCRIPT_FILENAME"
            " /usr/lib/git-core/git-http-backend; fastcgi_param GIT_HTTP_EXPORT_ALL 1; fastcgi_param"
            f" GIT_PROJECT_ROOT {folder}/git; fastcgi_param PATH_INFO $1; fastcgi_param QUERY_STRING"
            " $query_string; fastcgi_param REQUEST_METHOD $request_method; fastcgi_param CONTENT_TYPE"
            " $content_type; fastcgi_param CONTENT_LENGTH $content_length; } } }")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        found = [int(child) for child in file.read().split()]
    return found + [grandchild for child in found for grandchild in children(child)]


def processor_seconds(pid):
    """Of the process and all below it."""
    total = 0
    for one in [pid, *children(pid)]:
        with open(f"/proc/{one}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        total += sum(int(field) for field in fields[11:15])
    return total / TICK


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0


def start(command, log=None):
    return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def requests(folder):
    with open(f"{folder}/access.log", encoding="utf-8") as file:
        return sum(1 for _ in file)


def spent_by(command):
    """Processor seconds of a command that ends."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def urls(port, count):
    return [f"http://127.0.0.1:{port}/r{number}.git" for number in range(count)]


def floor(folder, port, count):
    with open(f"{folder}/curl", "w", encoding="utf-8") as file:
        for url in urls(port, count):
            file.write(f'url = "{url}/info/refs?service=git-upload-pack"\noutput = "/dev/null"\n')
    return spent_by(["curl", "--silent", "--config", f"{folder}/curl"]) / count


def peer(port, count):
    return sum(spent_by(["git", "ls-remote", "--quiet", url]) for url in urls(port, count)) / count


def configure(folder, port, count):
    lines = [f"data_dir: {folder}/data", "listen: 127.0.0.1:" + str(free_port()), "poll: 60s",
             "repositories:"]
    lines += [f"  - {{name: r{number}, url: '{url}'}}"
              for number, url in enumerate(urls(port, count))]
    with open(f"{folder}/bough.yaml", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def measure(daemon, folder, arguments):
    """Once every repository has been fetched and looked at once more."""
    known = 0
    while known < arguments.repositories:
        time.sleep(1)
        known = len(os.listdir(f"{folder}/data/mirrors")) if os.path.isdir(f"{folder}/data/mirrors") else 0
    time.sleep(70)
    seconds, polls, begun = processor_seconds(daemon.pid), requests(folder), time.monotonic()
    time.sleep(arguments.seconds)
    took = time.monotonic() - begun
    return (processor_seconds(daemon.pid) - seconds, requests(folder) - polls, took,
            sum(resident_mib(one) for one in [daemon.pid, *children(daemon.pid)]))


def run(arguments, folder):
    port = free_port()
    os.makedirs(f"{folder}/git")
    make_repositories(f"{folder}/git", arguments.repositories, arguments.branches)
    with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as file:
        file.write(nginx_config(folder, port))
    started = [start(["fcgiwrap", "-c", "2", "-s", f"unix:{folder}/cgi.sock"])]
    try:
        while not os.path.exists(f"{folder}/cgi.sock"):
            time.sleep(0.1)
        started.append(start(["nginx", "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]))
        time.sleep(1)
        some = min(200, arguments.repositories)
        least, most = floor(folder, port, some), peer(port, min(50, some))
        configure(folder, port, arguments.repositories)
        with open(f"{folder}/serve.log", "wb") as log:
            daemon = start([arguments.bough, "--config", f"{folder}/bough.yaml", "serve"], log)
        started.append(daemon)
        spent, polls, took, memory = measure(daemon, folder, arguments)
        print(f"{arguments.repositories} repositories x {arguments.branches} branches, polled every 60 s,"
              f" {took:.0f} s watched")
        print(f"  bough: {1000 * spent / max(polls, 1):.3f} ms of processor for each of {polls} polls,"
              f" {100 * spent / took:.2f} % of one core, {memory:.0f} MiB with its workers")
        print(f"  floor, curl:         {1000 * least:.3f} ms for each")
        print(f"  peer, git ls-remote: {1000 * most:.3f} ms for each")
    finally:
        for process in reversed(started):
            os.killpg(process.pid, signal.SIGTERM)  # fcgiwrap does not end its own children
            process.wait(60)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bough", default=f"{ROOT}/build/release/reconciler/bough")
    parser.add_argument("--repositories", type=int, default=1000)
    parser.add_argument("--branches", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=120)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="bough-idle-")
    os.chmod(folder, 0o755)
    try:
        run(arguments, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
