"""Many real repositories behind nginx and `git http-backend`."""

import collections
import os
import shutil
import socket
import subprocess
import time

from processes import end, free_port, start

# Of an engine that bough does not serve, so that nothing has to be created first.
SPEC = "name: shop\ndatabases:\n  - {name: db, engine: REDIS}\n"


def import_branches(repository, names, spec):
    stream = ""
    for number, name in enumerate(names):
        stream += (f"commit refs/heads/{name}\n"
                   f"committer a <a@example.com> {1700000000 + number} +0000\n"
                   f"data 1\nx\nM 100644 inline app.yaml\ndata {len(spec)}\n{spec}\n")
    subprocess.run(["git", "-C", repository, "fast-import", "--quiet"], input=stream.encode(),
                   check=True)


def make_repositories(folder, count, branches, spec):
    """One real repository, and copies of it."""
    first = f"{folder}/team/r0.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", first], check=True)
    names = ["main", *(f"branch-{number}" for number in range(1, branches))]
    import_branches(first, names, spec)
    subprocess.run(["git", "-C", first, "update-server-info"], check=True)
    for number in range(1, count):
        shutil.copytree(first, f"{folder}/team/r{number}.git")


def nginx_config(folder, port):
    scratch = "".join(f" {kind}_temp_path {folder}/{kind};"
                      for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return (f"daemon off; user root; worker_processes 1; pid {folder}/nginx.pid;"
            f" error_log {folder}/error.log; events {{ worker_connections 1024; }} http {{"
            f" log_format times '$msec $request_time $uri'; access_log {folder}/access.log times;"
            f" keepalive_requests 1000000; keepalive_timeout 300;{scratch}"
            f" server {{ listen 127.0.0.1:{port};"
            f" location ~ ^(/.*)$ {{ fastcgi_pass unix:{folder}/cgi.sock;"
            " fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;"
            f" fastcgi_param GIT_HTTP_EXPORT_ALL 1; fastcgi_param GIT_PROJECT_ROOT {folder}/git;"
            " fastcgi_param PATH_INFO $1; fastcgi_param QUERY_STRING $query_string;"
            " fastcgi_param REQUEST_METHOD $request_method;"
            " fastcgi_param CONTENT_TYPE $content_type;"
            " fastcgi_param CONTENT_LENGTH $content_length; } } }")


def wait_for(family, address, patience=60):
    """Until something accepts connections there."""
    until = time.monotonic() + patience
    while True:
        with socket.socket(family) as client:
            if client.connect_ex(address) == 0:
                return
        if time.monotonic() > until:
            raise TimeoutError(f"nothing listens on {address}")
        time.sleep(0.05)


class GitSite:
    """Serves `count` repositories of equal content until it is closed."""

    def __init__(self, folder, count, branches, spec=SPEC):
        self.folder, self.count, self.port, self.started = folder, count, free_port(), []
        os.makedirs(f"{folder}/git/team")
        make_repositories(f"{folder}/git", count, branches, spec)
        with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(nginx_config(folder, self.port))
        self.started.append(start(["fcgiwrap", "-c", "2", "-s", f"unix:{folder}/cgi.sock"]))
        wait_for(socket.AF_UNIX, f"{folder}/cgi.sock")
        self.started.append(start(["nginx", "-e", f"{folder}/error.log",
                                   "-c", f"{folder}/nginx.conf"]))
        wait_for(socket.AF_INET, ("127.0.0.1", self.port))

    def close(self):
        for process in reversed(self.started):
            end(process)

    def repository(self, number):
        return f"{self.folder}/git/team/r{number}.git"

    def urls(self, count=None):
        return [f"http://127.0.0.1:{self.port}/team/r{number}.git"
                for number in range(self.count if count is None else count)]

    def answered(self):
        """(begun, ended, path) of every request so far."""
        found = []
        with open(f"{self.folder}/access.log", encoding="utf-8") as file:
            for line in file.read().splitlines():
                ended, took, path = line.split(" ", 2)
                found.append((float(ended) - float(took), float(ended), path))
        return found

    def requests(self):
        return len(self.answered())

    def most_at_once(self, since=0.0):
        """How many requests for one repository were under way together, at most."""
        by_repository = collections.defaultdict(list)
        for begun, ended, path in self.answered():
            if ended > since:
                # The log knows milliseconds: what ends and begins in the same one did not overlap.
                by_repository[path.split(".git")[0]] += [(begun, 1), (max(begun, ended - 0.001), -1)]
        most = 0
        for moments in by_repository.values():
            under_way = 0
            for _, change in sorted(moments):
                under_way += change
                most = max(most, under_way)
        return most, len(by_repository)
