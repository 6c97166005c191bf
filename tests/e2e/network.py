"""Servers that commands of branches may or may not reach."""

import contextlib
import socket
import threading


@contextlib.contextmanager
def listener():
    """The port of a server on this machine that takes every connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    server.accept()[0].close()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def tries(*targets):
    """A command that says which of host:port it reaches."""
    lines = [f"if timeout 5 bash -c 'exec 3<>/dev/tcp/{host}/{port}' 2>/dev/null; "
             f"then echo {host} reached; else echo {host} unreachable; fi"
             for host, port in targets]
    return "; ".join(lines)
