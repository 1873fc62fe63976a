# SPDX-License-Identifier: MIT OR Apache-2.0
"""What runs on the hosts: PostgreSQL and the S3 server on one, `assay serve` and `assay worker` on the others."""

import os
import pwd
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from .network import run

PORT, HEALTH = 8080, 8081
# How long anything may take to start, s.
START = 60


class Process:
    """A program on a host that can be killed, frozen and started anew."""

    def __init__(self, host, name, words, environment, folder, user=None):
        self.host, self.name, self.environment, self.log = host, name, environment, folder / f"{name}.log"
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        self.words = host.command(*as_user, *words)
        self.process, self.starting = None, threading.Lock()

    def start(self):
        """Starts it, unless somebody else has done so."""
        surroundings = os.environ | self.environment
        with self.starting, open(self.log, "ab") as log:
            if not self.is_alive():
                self.process = subprocess.Popen(
                    self.words, env=surroundings, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        if self.is_alive():
            self.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def stop(self, patience=60):
        """Ends it as an operator does; whether it ended well."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.process is None or self.process.wait(patience) == 0
        except subprocess.TimeoutExpired:
            self.kill()
            return False


class Database:
    """PostgreSQL with its usual promises: nothing about the disk is turned off."""

    def __init__(self, host, folder):
        # It refuses to be run by root.
        names = [user.pw_name for user in pwd.getpwall()]
        self.user = "postgres" if "postgres" in names else "nobody"
        self.host, data = host, folder / "postgres"
        data.mkdir()
        shutil.chown(data, self.user)
        options = ["-A", "trust", "-U", "assay", "-E", "UTF8", "--locale", "C"]
        run("setpriv", f"--reuid={self.user}", "--clear-groups", "initdb", "-D", str(data), *options)
        with open(data / "pg_hba.conf", "a", encoding="utf-8") as access:
            access.write("host all all 10.77.0.0/24 trust\n")
        settings = {
            "listen_addresses": host.address,
            "unix_socket_directories": str(data),
            "max_connections": "200",
            # Who is gone without a word holds no lock for long.
            "tcp_keepalives_idle": "5",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "2",
            "tcp_user_timeout": "15s",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.process = Process(host, "postgres", ["postgres", "-D", str(data), *options], {}, folder, self.user)
        self.process.start()
        wait("PostgreSQL", lambda: self.ask("SELECT 1", "postgres") == [["1"]])
        self.ask("CREATE DATABASE assay", "postgres")

    @property
    def url(self):
        return f"postgres://assay@{self.host.address}/assay"

    def ask(self, query, database="assay"):
        """The rows of a query, as texts."""
        words = ["psql", "-h", self.host.address, "-U", "assay", "-d", database, "-AtqF", "\x1f", "-c", query]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return [line.split("\x1f") for line in done.stdout.splitlines()]


def bucket(host, folder, programs):
    """The S3 server; its process, and what tells clients of it."""
    process = Process(
        host, "bucket", [str(programs / "assay-test-bucket"), str(folder / "s3"), f"{host.address}:9000", "assay"], {}, folder
    )
    (folder / "s3").mkdir()
    process.start()
    wait("the S3 server", lambda: "AWS_" in process.log.read_text())
    lines = [line.removeprefix("export ") for line in process.log.read_text().splitlines() if "AWS_" in line]
    return process, {name: value.strip("'\"") for name, value in (line.split("=", 1) for line in lines)}


def server(host, folder, programs, environment):
    """`assay serve` and `assay worker` of one host."""
    own = environment | {"ASSAY_DATA": str(folder / f"{host.name}-data")}
    assay = str(programs / "assay")
    listen = f"{host.address}:{PORT}"
    serve = [assay, "serve", "--listen", listen, "--allow-net", "10.77.0.0/24", "--log", "json"]
    worker = [assay, "worker", "--listen", f"{host.address}:{HEALTH}", "--allow-net", "10.77.0.0/24", "--log", "json"]
    worker_data = own | {"ASSAY_DATA": str(folder / f"{host.name}-worker-data")}
    return [
        Process(host, f"{host.name}-serve", serve, own, folder),
        Process(host, f"{host.name}-worker", worker, worker_data, folder),
    ]


def wait(what, is_there, patience=START):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            if is_there():
                return
        except (OSError, RuntimeError):
            pass
        time.sleep(0.2)
    raise RuntimeError(f"{what} was not there after {patience} s")
