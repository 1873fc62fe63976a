# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a server and all processes that it started use, read from /proc every now and then."""

import os
import threading
import time
from pathlib import Path

PAUSE = 10
MEGABYTE = 1e6
PAGE = os.sysconf("SC_PAGE_SIZE")


class Watch(threading.Thread):
    """Takes a sample each ten seconds until it is told to stop."""

    NAMES = ["server_mb", "workers_mb", "descriptors", "threads", "processes"]

    def __init__(self, server, stopped, copy):
        super().__init__()
        # `copy` is a file that each sample is written to, or none.
        self.server, self.stopped, self.copy = server, stopped, copy
        self.write(["seconds", *self.NAMES])
        # Seconds since the beginning, and the values of NAMES.
        self.samples = []
        # Processes that had ended and were waited for in neither of two samples in a row.
        self.zombies, self.dead = set(), set()
        self.begin = time.monotonic()

    def run(self):
        while not self.stopped.wait(PAUSE):
            self.sample()

    def sample(self):
        family = [process for process in map(Process.read, self.family()) if process]
        dead = {process.number for process in family if process.state == "Z"}
        self.zombies |= dead & self.dead
        self.dead = dead
        server = [process for process in family if process.number == self.server]
        if not server:
            return
        of_all = [
            server[0].bytes / MEGABYTE,
            (sum(process.bytes for process in family) - server[0].bytes) / MEGABYTE,
            sum(process.descriptors for process in family),
            sum(process.threads for process in family),
            len(family),
        ]
        self.samples.append((time.monotonic() - self.begin, of_all))
        self.write(f"{value:.1f}" for value in [self.samples[-1][0], *of_all])

    def write(self, words):
        if self.copy:
            print("\t".join(words), file=self.copy, flush=True)

    def family(self):
        """The server and all that descend from it."""
        parents = {}
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                try:
                    stat = Path(entry.path, "stat").read_text()
                except OSError:
                    continue
                parents.setdefault(int(stat.rpartition(") ")[2].split()[1]), []).append(int(entry.name))
        found = [self.server]
        for number in found:
            found += parents.get(number, [])
        return found


class Process:
    """One process at one moment."""

    def __init__(self, number):
        folder = Path("/proc", str(number))
        stat = (folder / "stat").read_text().rpartition(") ")[2].split()
        self.number, self.state, self.threads = number, stat[0], int(stat[17])
        # Resident, with what it shares.
        self.bytes = int(stat[21]) * PAGE
        self.descriptors = 0 if self.state == "Z" else len(os.listdir(folder / "fd"))

    @classmethod
    def read(cls, number):
        try:
            return cls(number)
        except OSError:
            # It ended meanwhile.
            return None
