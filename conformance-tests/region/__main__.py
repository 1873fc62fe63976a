# SPDX-License-Identifier: MIT OR Apache-2.0
"""A region in trouble for a while; see region.sh."""

import argparse
import http.client
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from .checks import Checks, limits, results, settled, webhooks
from .load import Changer, Client, Limited, Receiver, Revoker
from .network import Network
from .services import PORT, Database, bucket, server, wait
from .troubles import Troubles, keep_alive

HOSTS, CLIENTS, ASKERS = 3, 4, 2
A_MINUTE = 30
# How long what is left may take when all is healed, s.
HEALED = 240
ORGANISATIONS = f"""
[[organisation]]
name = "region"
requests_per_minute = 1_000_000_000
requests_per_day = 1_000_000_000

[[organisation]]
name = "limited"
requests_per_minute = {A_MINUTE}

[webhooks]
retry_seconds = [1, 2, 4, 8, 15, 30, 60, 60, 60]
"""


def main():
    parser = argparse.ArgumentParser(prog="region.sh")
    parser.add_argument("minutes", metavar="MINUTES", nargs="?", type=float, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--programs", type=Path, default=Path("target/release"))
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    programs = arguments.programs.resolve()
    for name in ["assay", "assay-test-bucket"]:
        if not (programs / name).exists():
            print(f"not run: {programs / name} is not there; build it or name another with --programs", file=sys.stderr)
            return 3
    folder = Path(tempfile.mkdtemp(prefix="assay-region-"))
    folder.chmod(0o755)
    processes = []
    try:
        return trial(arguments, programs, folder, processes)
    finally:
        for process in reversed(processes):
            process.kill()
        if arguments.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def trial(arguments, programs, folder, processes):
    begin = time.monotonic()

    def say(text):
        print(f"{time.monotonic() - begin:7.1f} {text}", flush=True)

    say(f"seed {arguments.seed}, {arguments.minutes} minutes, {HOSTS} hosts")
    network = Network()
    store = network.host("store", 20)
    hosts = [network.host(f"host{number}", 10 + number) for number in range(1, HOSTS + 1)]
    database = Database(store, folder)
    processes.append(database.process)
    blobs, environment = bucket(store, folder, programs)
    processes.append(blobs)

    config = folder / "assay.toml"
    config.write_text(Path("config/assay.toml").read_text() + ORGANISATIONS)
    # Libraries are found beside the program.
    environment |= {"ASSAY_CONFIG": str(config), "ASSAY_DATABASE": database.url, "ASSAY_BLOBS": "s3://assay/region"}
    of_host = {host: server(host, folder, programs, environment) for host in hosts}
    all_servers = [process for own in of_host.values() for process in own]
    processes += all_servers
    # All at once, on an empty database.
    for process in all_servers:
        process.start()
    for host in hosts:
        wait(host.name, lambda: is_ready(host))

    def assay(host, *words):
        surroundings = environment | {"PATH": os.environ["PATH"], "ASSAY_DATA": str(folder)}
        command = host.command(str(programs / "assay"), *words)
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True)
        return done.returncode, done.stdout.strip()

    def key(organisation, *scopes):
        words = [word for scope in scopes for word in ("--scope", scope)]
        code, text = assay(hosts[0], "keys", "create", "--org", organisation, "--plan", "enterprise", *words)
        if code:
            raise RuntimeError(f"no key of {organisation} could be made")
        return text

    own, admin, few = key("region"), key("region", "admin"), key("limited")
    receiver, stopped, over = Receiver(arguments.seed), threading.Event(), threading.Event()
    clients = [Client(number, arguments.seed, hosts, own, receiver, stopped) for number in range(CLIENTS)]
    limited = [Limited(number, hosts, few, stopped) for number in range(ASKERS)]
    revoker = Revoker(arguments.seed, hosts, admin, stopped)
    changer = Changer(arguments.seed, hosts, own, assay, folder, stopped)
    troubles = Troubles(arguments.seed, hosts, of_host, store, say)
    ended, refused = Counter(), Counter()
    keeper = threading.Thread(target=keep_alive, args=(all_servers, over, ended, refused))
    for thread in [*clients, *limited, revoker, changer, keeper]:
        thread.start()
    troubles.start()
    time.sleep(arguments.minutes * 60)

    troubles.stop()
    say("healed: what is left is done now")
    for client in clients:
        client.give_up = time.monotonic() + HEALED
    stopped.set()
    for thread in [*clients, *limited, revoker, changer]:
        thread.join()
    left = settled(database, HEALED)

    accepted = [item for client in clients for item in client.accepted]
    say(f"troubles: {dict(troubles.counts)}; starts in vain, without the database: {refused.total()}")
    say(
        f"accepted: {len(accepted)} requests; attempts broken off: {sum(c.broken for c in clients)}, told to come again: "
        f"{sum(c.busy for c in clients)}; sent twice: {sum(c.repeats for c in clients)}"
    )
    checks = Checks(say)
    checks.that("something was accepted", [] if accepted else ["nothing"])
    checks.that("no client got a wrong answer", [fault for client in clients for fault in client.wrong])
    later = results(checks, database, hosts[0], own, clients, left)
    webhooks(checks, database, receiver, clients, later)
    limits(checks, limited, A_MINUTE)
    checks.that(f"{revoker.revoked} revoked keys were refused by all hosts ({revoker.asked} times)", revoker.wrong)
    checks.that(f"{changer.put} policies were in force at once on all hosts ({changer.asked} times)", changer.wrong)
    code, told = assay(hosts[0], "audit", "verify")
    checks.that(f"the audit log is {told}", [] if code == 0 else [code])
    over.set()
    keeper.join()
    checks.that("no host ended by itself", ended.items())
    ill = [process.name for process in all_servers if not process.stop()]
    checks.that("each host ended well when it was told to", ill)
    say("all held" if not checks.broken else f"seed {arguments.seed}: {len(checks.broken)} did not hold")
    return 1 if checks.broken else 0


def is_ready(host):
    connection = http.client.HTTPConnection(host.address, PORT, timeout=5)
    connection.request("GET", "/readyz")
    return connection.getresponse().status == 200


sys.exit(main())
