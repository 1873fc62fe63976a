# SPDX-License-Identifier: MIT OR Apache-2.0
"""A server under load for a while; see soak.sh."""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

from .files import Files
from .flat import Line
from .load import Asker, Attacker, Batcher, Breaker, Leaver, Receiver
from .watch import Watch

NEEDED = ["assay", "assay-conformance", "libassay_hostile.so"]
CLIENTS = [Asker, Asker, Asker, Asker, Batcher, Batcher, Breaker, Breaker, Leaver, Attacker]
# The first sixth, at most so many seconds, is not looked at.
WARM_UP = 600
# A line that surely rises by less than this share of its mean an hour counts as flat.
ALLOWED = 0.02
# How long a server may take to start and to end, s.
START, END = 120, 60
# Answers that are kept fill their 128 MB over hours, and would hide what grows beside them.
CONFIGURATION = """
[policies]
search = ["{folder}/policies"]

[cache]
seconds = 0

[[organisation]]
name = "soak"
requests_per_minute = 1_000_000_000
requests_per_day = 1_000_000_000

[[plugin]]
model = "hostile"
library = "{library}"
"""
POLICY = """name = "{attack}"
version = "1"
extends = "default"
[detectors.hostile]
deadline_ms = 1_000
params = {{ attack = "{attack}" }}
"""


def main():
    parser = argparse.ArgumentParser(prog="soak.sh")
    parser.add_argument("minutes", metavar="MINUTES", nargs="?", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--programs", type=Path, default=Path("target/release"))
    parser.add_argument("--samples", type=argparse.FileType("w"))
    arguments = parser.parse_args()
    if arguments.minutes < 4:
        parser.error("a line takes four minutes")
    # What was started is ended too where this is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    programs = arguments.programs.resolve()
    for name in NEEDED:
        if not (programs / name).exists():
            print(f"not run: {programs / name} is not there; build it or name another folder with --programs", file=sys.stderr)
            return 3
    folder = Path(tempfile.mkdtemp(prefix="assay-soak-"))
    try:
        return soak(arguments, programs, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def soak(arguments, programs, folder):
    print(f"seed {arguments.seed}, {arguments.minutes} minutes, {len(CLIENTS)} clients", flush=True)
    configure(folder, programs)
    environment = os.environ | {"ASSAY_CONFIG": str(folder / "assay.toml"), "ASSAY_DATA": str(folder / "data")}
    assay = str(programs / "assay")
    create = [assay, "keys", "create", "--org", "soak", "--plan", "enterprise"]
    key = subprocess.run(create, env=environment, check=True, capture_output=True, text=True).stdout.strip()
    files = Files(folder / "pictures", programs, arguments.seed)
    stopped = threading.Event()
    with open(folder / "log", "wb") as log:
        serve = [assay, "serve", "--listen", "127.0.0.1:0", "--allow-net", "127.0.0.0/8"]
        server = subprocess.Popen(serve, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        all_ = SimpleNamespace(
            seed=arguments.seed,
            files=files,
            stopped=stopped,
            key=key,
            address=address_of(server, folder / "log"),
            receiver=Receiver(arguments.seed, files),
        )
        clients = [kind(number, all_) for number, kind in enumerate(CLIENTS)]
        watch = Watch(server.pid, stopped, arguments.samples)
        for thread in [*clients, watch]:
            thread.start()
        end = time.monotonic() + arguments.minutes * 60
        while time.monotonic() < end and server.poll() is None:
            stopped.wait(1)
        stopped.set()
        for thread in [*clients, watch]:
            thread.join()
        server.send_signal(signal.SIGTERM)
        try:
            status = server.wait(END)
        except subprocess.TimeoutExpired:
            status = f"still there after {END} s"
    finally:
        stopped.set()
        if server.poll() is None:
            server.kill()
        server.wait()
    verify = subprocess.run([assay, "audit", "verify"], env=environment, capture_output=True, text=True)
    return report(arguments, clients, watch, all_.receiver, status, verify)


def configure(folder, programs):
    (folder / "policies").mkdir()
    for attack in Attacker.ATTACKS:
        (folder / "policies" / f"{attack}.toml").write_text(POLICY.format(attack=attack))
    text = Path("config/assay.toml").read_text().replace("[cache]\nseconds = 86_400\n", "")
    more = CONFIGURATION.format(folder=folder, library=programs / "libassay_hostile.so")
    (folder / "assay.toml").write_text(text + more)


def address_of(server, log):
    end = time.monotonic() + START
    while time.monotonic() < end and server.poll() is None:
        if found := re.search(r"http://([\d.]+):(\d+)", log.read_text()):
            return found[1], int(found[2])
        time.sleep(0.1)
    raise RuntimeError(f"the server does not listen: {log.read_text()[-2000:]}")


def report(arguments, clients, watch, receiver, status, verify):
    """Prints all of it; the exit status."""
    faults = []
    statuses = Counter()
    for client in clients:
        statuses += client.statuses
        faults += [f"{type(client).__name__}: {fault}" for fault in client.wrong]
    told = ", ".join(f"{name}: {count}" for name, count in sorted(statuses.items(), key=str))
    print(f"answers by status: {told}; webhooks: {receiver.told}")
    warm_up = min(WARM_UP, arguments.minutes * 10)
    later = [(time, values) for time, values in watch.samples if time > warm_up]
    print(f"{len(later)} samples after {warm_up / 60:.1f} minutes")
    print(f"{'':12} {'mean':>9} {'least':>9} {'most':>9} {'slope an hour (95 %)':>28}")
    for index, name in enumerate(Watch.NAMES):
        points = [(time, values[index]) for time, values in later]
        line = Line(points)
        least, most = min(value for _, value in points), max(value for _, value in points)
        is_flat = line.is_flat(ALLOWED * line.mean)
        interval = f"{line.slope:+.1f} ({line.slope - line.margin:+.1f} to {line.slope + line.margin:+.1f})"
        print(f"{name:12} {line.mean:9.1f} {least:9.1f} {most:9.1f} {interval:>28} {'' if is_flat else 'RISES'}")
        if not is_flat:
            faults.append(f"{name} rises")
    if watch.zombies:
        faults.append(f"{len(watch.zombies)} processes were left as zombies")
    if status != 0:
        faults.append(f"the server ended with {status}")
    if verify.returncode:
        faults.append(f"the audit log: {verify.stdout}{verify.stderr}")
    for fault, count in Counter(faults).most_common(20):
        print(f"WRONG {count} x {fault}")
    print("flat, and nothing wrong" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
