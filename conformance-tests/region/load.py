# SPDX-License-Identifier: MIT OR Apache-2.0
"""Clients that want every answer, a receiver of webhooks, and those who count what they may not have."""

import base64
import http.client
import http.server
import json
import random
import struct
import threading
import time

from .network import CLIENTS
from .services import PORT

HOOKS = 9100
# How long a client waits for an answer before it asks another host, s.
PATIENCE = 40
SIDE = 104
# Answers to what came too slowly, too often, or while something was out of reach.
COME_AGAIN = (408, 429, 503)


def picture(chance):
    """A BMP of noise that no other picture equals."""
    pixels = chance.randbytes(SIDE * SIDE * 3)
    size = 54 + len(pixels)
    head = struct.pack("<2sIHHI", b"BM", size, 0, 0, 54)
    return head + struct.pack("<IiiHHIIiiII", 40, SIDE, SIDE, 1, 24, 0, len(pixels), 0, 0, 0, 0) + pixels


def call(host, method, path, key, body=None, headers=None, patience=PATIENCE):
    """Status, headers and body of one answer; OSError where there is none."""
    connection = http.client.HTTPConnection(host.address, PORT, timeout=patience)
    try:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"} | (headers or {})
        connection.request(method, path, body and json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()


class Receiver:
    """Takes webhooks, and refuses some so that they come again."""

    def __init__(self, seed):
        self.told, self.lock = {}, threading.Lock()
        chance, outer = random.Random(f"{seed} receiver"), self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outer.lock:
                    is_refused = chance.random() < 0.05
                    if not is_refused:
                        bodies = outer.told.setdefault(self.headers["webhook-id"], [])
                        bodies.append(body)
                self.send_response(500 if is_refused else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((CLIENTS, HOOKS), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://{CLIENTS}:{HOOKS}/hook"


class Client(threading.Thread):
    """Submits until it is told to stop; each request until it is answered, by whichever host."""

    def __init__(self, number, seed, hosts, key, receiver, stopped):
        super().__init__()
        self.chance = random.Random(f"{seed} client {number}")
        self.number, self.hosts, self.key, self.receiver, self.stopped = number, hosts, key, receiver, stopped
        # What was accepted: kind, answer, images.
        self.accepted, self.wrong = [], []
        # Answers at once that other attempts of the same request had made.
        self.given_again = []
        # Requests whose answer never came, and answers that asked to come again.
        self.broken = self.busy = self.repeats = 0
        self.give_up = None

    def run(self):
        turn = 0
        while not self.stopped.is_set():
            turn += 1
            kind = self.chance.choices(["now", "later", "batch"], [4, 4, 2])[0]
            images = self.chance.randint(2, 5) if kind == "batch" else 1
            self.submit(kind, f"client-{self.number}-{turn}", [picture(self.chance) for _ in range(images)])

    def submit(self, kind, name, pictures):
        coded = [base64.b64encode(picture).decode() for picture in pictures]
        body, path = {"image_base64": coded[0], "reference_id": name}, "/v1/analyze"
        if kind == "later":
            body["options"] = {"webhook_url": self.receiver.url}
        if kind == "batch":
            images = [{"image_base64": text, "reference_id": f"{name}-{i}"} for i, text in enumerate(coded)]
            body, path = {"images": images, "webhook_url": self.receiver.url}, "/v1/analyze/batch"
        first = self.ask(path, name, body)
        if first is None:
            return
        self.accepted.append((kind, first, len(pictures)))
        # The same request once more, elsewhere: the same answer, and nothing new.
        if self.chance.random() < 0.2:
            self.repeats += 1
            again = self.ask(path, name, body)
            if again is not None and again != first:
                self.wrong.append(f"{name} was answered twice: {first} and {again}")

    def ask(self, path, name, body):
        """The answer, after as many attempts as it takes; None where the time is over."""
        while self.give_up is None or time.monotonic() < self.give_up:
            host = self.chance.choice(self.hosts)
            try:
                status, headers, answer = call(host, "POST", path, self.key, body, {"Idempotency-Key": name})
            except OSError:
                self.broken += 1
                time.sleep(self.chance.uniform(0.1, 0.5))
                continue
            if status in (200, 202):
                answer = json.loads(answer)
                if status == 200 and headers.get("X-Cache") == "HIT":
                    self.given_again.append(answer)
                return answer
            if status in COME_AGAIN:
                self.busy += 1
                time.sleep(min(float(headers.get("Retry-After", 1)), 2) * self.chance.uniform(0.5, 1))
                continue
            self.wrong.append(f"{name}: {status} {answer[:300]!r}")
            return None
        self.wrong.append(f"{name} was not answered to the end")
        return None


class Limited(threading.Thread):
    """Asks as often as it can with a key of few requests a minute; counts those that pass, by the minute."""

    def __init__(self, number, hosts, key, stopped):
        super().__init__()
        self.hosts, self.number, self.key, self.stopped = hosts, number, key, stopped
        self.passed, self.refused, self.wrong = {}, 0, []

    def run(self):
        turn = self.number
        while not self.stopped.wait(0.05):
            turn += 1
            host = self.hosts[turn % len(self.hosts)]
            try:
                status, headers, _ = call(host, "GET", "/v1/detectors", self.key, patience=5)
            except OSError:
                continue
            if status == 200:
                minute = headers["X-RateLimit-Reset"]
                self.passed[minute] = self.passed.get(minute, 0) + 1
            elif status == 429:
                self.refused += 1
            elif status not in COME_AGAIN:
                self.wrong.append(f"the limited organisation got {status}")


class Revoker(threading.Thread):
    """Makes a key, revokes it on one host, and asks all of them with it."""

    def __init__(self, seed, hosts, admin, stopped):
        super().__init__()
        self.chance = random.Random(f"{seed} revoker")
        self.hosts, self.admin, self.stopped = hosts, admin, stopped
        self.revoked = self.asked = 0
        self.wrong = []

    def run(self):
        while not self.stopped.wait(2):
            try:
                self.turn()
            except OSError:
                pass

    def turn(self):
        host = self.chance.choice(self.hosts)
        status, _, answer = call(host, "POST", "/v1/admin/keys", self.admin, {"scopes": ["read"]}, patience=10)
        if status not in (200, 201):
            return
        made = json.loads(answer)
        for other in self.hosts:
            try:
                call(other, "GET", "/v1/detectors", made["key"], patience=3)
            except OSError:
                pass
        host = self.chance.choice(self.hosts)
        status, _, _ = call(host, "POST", f"/v1/admin/keys/{made['id']}/revoke", self.admin, {}, patience=10)
        if status != 200:
            return
        self.revoked += 1
        for other in self.hosts:
            try:
                status, _, _ = call(other, "GET", "/v1/detectors", made["key"], patience=5)
            except OSError:
                continue
            self.asked += 1
            if status == 200:
                self.wrong.append(f"{other.name} let in {made['id']}, which {host.name} had revoked")


class Changer(threading.Thread):
    """Puts a policy into force by one host's command, and asks all hosts which they have."""

    def __init__(self, seed, hosts, key, assay, folder, stopped):
        super().__init__()
        self.chance = random.Random(f"{seed} changer")
        self.hosts, self.key, self.assay, self.stopped = hosts, key, assay, stopped
        self.file = folder / "turning.toml"
        self.put = self.asked = 0
        self.wrong = []

    def run(self):
        turn = 0
        while not self.stopped.wait(5):
            turn += 1
            text = f'name = "turning"\nversion = "{turn}"\nextends = "default"\nrisk.high = 0.9{turn:05}\n'
            self.file.write_text(text)
            code, told = self.assay(self.chance.choice(self.hosts), "policy", "put", str(self.file))
            if code:
                continue
            self.put += 1
            digest = told.split()[-1]
            for host in self.hosts:
                try:
                    status, _, answer = call(host, "GET", "/v1/policies", self.key, patience=10)
                except OSError:
                    continue
                if status != 200:
                    continue
                self.asked += 1
                if digest not in [policy["digest"] for policy in json.loads(answer)["policies"]]:
                    self.wrong.append(f"{host.name} had not the policy of turn {turn}")
