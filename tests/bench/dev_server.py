"""bough's own PostgreSQL, looked at from outside."""

import base64
import hashlib
import hmac
import os
import re
import subprocess


class DevServer:
    """Of the installation whose data are in the folder."""

    def __init__(self, data):
        with open(f"{data}/key", encoding="utf-8") as file:
            key = bytes.fromhex(file.read().strip())
        release = sorted(os.listdir(f"{data}/dev"))[0]
        with open(f"{data}/dev/{release}/settings", encoding="utf-8") as file:
            port = re.search(r"^port = (\d+)", file.read(), re.M).group(1)
        label = f"password\n8:dev-{release}\n5:bough\n1".encode()
        password = base64.b32encode(hmac.new(key, label, hashlib.sha256).digest()[:20])
        self.env = {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": port, "PGUSER": "bough",
                    "PGDATABASE": "postgres", "PGPASSWORD": password.decode().lower()}

    def row(self, sql):
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-c", sql], env=self.env, check=True,
                              stdout=subprocess.PIPE, text=True, timeout=60)
        return done.stdout.strip().split("|")

    def counts(self):
        """(transactions, rows written, bytes of WAL) since it was made."""
        found = self.row(
            "SELECT sum(xact_commit + xact_rollback), sum(tup_inserted + tup_updated + tup_deleted),"
            " pg_current_wal_insert_lsn() - '0/0' FROM pg_stat_database WHERE datname IS NOT NULL")
        return tuple(int(one) for one in found)
