# SPDX-License-Identifier: MIT OR Apache-2.0
"""What happens to hosts, at random and one thing a host at a time."""

import random
import signal
import threading
from collections import Counter


class Troubles:
    """One thread a host that troubles it, heals it, and leaves it alone for a while."""

    def __init__(self, seed, hosts, processes, store, say):
        self.hosts, self.processes, self.store, self.say = hosts, processes, store, say
        self.counts, self.stopped = Counter(), threading.Event()
        self.threads = [
            threading.Thread(target=self.of, args=(host, random.Random(f"{seed} {host.name}"))) for host in hosts
        ]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        """Waits until all hosts are healed."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def of(self, host, chance):
        kinds = [self.kill, self.kill, self.kill, self.freeze, self.cut_off, self.cut_from_store, self.slow_down]
        while not self.stopped.wait(chance.uniform(2, 12)):
            trouble = chance.choice(kinds)
            seconds = chance.uniform(1, 25)
            victim = chance.choice(self.processes[host])
            self.counts[trouble.__name__] += 1
            self.say(f"{host.name}: {trouble.__name__} {victim.name if trouble in (self.kill, self.freeze) else ''} {seconds:.1f} s")
            trouble(host, victim, seconds)

    def pause(self, seconds):
        self.stopped.wait(seconds)

    def kill(self, _host, victim, seconds):
        victim.kill()
        self.pause(seconds / 3)
        victim.start()

    def freeze(self, _host, victim, seconds):
        victim.signal(signal.SIGSTOP)
        # Longer than any lease, every now and then.
        self.pause(seconds * 1.5)
        victim.signal(signal.SIGCONT)

    def cut_off(self, host, _victim, seconds):
        host.cut_off()
        self.pause(seconds)
        host.heal([self.store])

    def cut_from_store(self, host, _victim, seconds):
        host.cut_from(self.store)
        self.pause(seconds)
        host.heal([self.store])

    def slow_down(self, host, _victim, seconds):
        host.slow_down(512)
        self.pause(seconds)
        host.heal([self.store])


def keep_alive(processes, stopped, ended, refused):
    """Starts anew what ended by itself, as an orchestrator does, and counts it: apart what could not start, because the
    database was out of reach."""
    while not stopped.wait(1):
        for process in processes:
            status = process.process.poll()
            if status not in (None, -signal.SIGKILL):
                (refused if status == 2 else ended)[process.name] += 1
                process.start()
