# SPDX-License-Identifier: MIT OR Apache-2.0
"""Hosts as network namespaces on one bridge, and what can go wrong between them."""

import subprocess

NET = "10.77.0"
CLIENTS = f"{NET}.1"
# Nobody has it: what is sent there is gone without a word, as behind a cut cable.
NOBODY = "02:00:00:00:00:99"


def run(*words, check=True):
    done = subprocess.run(words, capture_output=True, text=True)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


class Network:
    """A bridge in this process's namespace, where the clients are."""

    def __init__(self):
        # The names of namespaces are files; the mount keeps them from the machine's own.
        run("mkdir", "-p", "/run/netns")
        run("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "bridge", "type", "bridge")
        run("ip", "address", "add", f"{CLIENTS}/24", "dev", "bridge")
        run("ip", "link", "set", "bridge", "up")

    def host(self, name, number):
        return Host(name, f"{NET}.{number}")


class Host:
    """One namespace with one address."""

    def __init__(self, name, address):
        self.name, self.address = name, address
        run("ip", "netns", "add", name)
        run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", name, "master", "bridge", "up")
        self.inside("ip", "link", "set", "lo", "up")
        self.inside("ip", "address", "add", f"{address}/24", "dev", "eth0")
        self.inside("ip", "link", "set", "eth0", "up")

    def command(self, *words):
        return ["ip", "netns", "exec", self.name, *words]

    def inside(self, *words, check=True):
        return run(*self.command(*words), check=check)

    def cut_off(self):
        """Nothing comes or goes."""
        run("ip", "link", "set", self.name, "down")

    def cut_from(self, other):
        """What it sends to one other is lost; the clients still reach it."""
        self.inside("ip", "neigh", "replace", other.address, "lladdr", NOBODY, "dev", "eth0", "nud", "permanent")

    def slow_down(self, kilobits):
        """What it sends waits its turn on a thin line, and is dropped where too much waits."""
        rate = f"{kilobits}kbit"
        self.inside("tc", "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", rate, "burst", "16kb", "latency", "3s")

    def heal(self, others):
        run("ip", "link", "set", self.name, "up")
        for other in others:
            self.inside("ip", "neigh", "del", other.address, "dev", "eth0", check=False)
        self.inside("tc", "qdisc", "del", "dev", "eth0", "root", check=False)
