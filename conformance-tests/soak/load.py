# SPDX-License-Identifier: MIT OR Apache-2.0
"""Clients that keep a server busy, each in its own way, and a receiver of webhooks that also has pictures to fetch."""

import base64
import http.client
import http.server
import json
import random
import socket
import threading
import time
from collections import Counter

# What a busy server may answer to anybody.
BUSY = (408, 429, 503)
# How long a client waits for an answer, s.
PATIENCE = 120


def coded(data):
    return base64.b64encode(data).decode()


class Receiver:
    """Takes webhooks, refuses some so that they come again, and gives out a picture to whoever asks."""

    def __init__(self, seed, files):
        self.told, chance, outer = 0, random.Random(f"{seed} receiver"), self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                is_refused = chance.random() < 0.05
                outer.told += not is_refused
                self.send_response(500 if is_refused else 200)
                self.end_headers()

            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(files.picture(chance))

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/x"
        threading.Thread(target=server.serve_forever, daemon=True).start()


class Client(threading.Thread):
    """Repeats its turn until it is told to stop, and counts answers by status."""

    def __init__(self, number, surroundings):
        super().__init__()
        self.chance = random.Random(f"{surroundings.seed} {type(self).__name__} {number}")
        self.all, self.statuses, self.wrong = surroundings, Counter(), []

    def run(self):
        while not self.all.stopped.is_set():
            try:
                self.turn()
            except TimeoutError:
                # How long a full server takes is no promise.
                self.statuses["too late"] += 1
            except (OSError, http.client.HTTPException) as error:
                # The server is told to stop only after all clients.
                self.wrong.append(f"no answer: {error!r}")
                time.sleep(1)

    def ask(self, method, path, body=None, allowed=(200,), key=None):
        """The answer where it is one of `allowed`; a busy server's is no fault."""
        connection = http.client.HTTPConnection(*self.all.address, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {key or self.all.key}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, body and json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        self.statuses[answer.status] += 1
        if answer.status in allowed:
            return json.loads(text)
        if answer.status not in BUSY:
            self.wrong.append(f"{method} {path}: {answer.status} {text[:300]!r}")
        time.sleep(0.2)
        return None


class Asker(Client):
    """Pictures that are answered at once, some with heatmaps or fetched, and what was answered read again."""

    def turn(self):
        options = {"return_heatmap": self.chance.random() < 0.2}
        if self.chance.random() < 0.1:
            body = {"image_url": self.all.receiver.url, "options": options}
        else:
            body = {"image_base64": coded(self.all.files.picture(self.chance)), "options": options}
        answer = self.ask("POST", "/v1/analyze", body)
        if answer:
            self.ask("GET", f"/v1/analyses/{answer['request_id']}")
            if answer["status"] != "complete":
                self.wrong.append(f"an analysis is {answer['status']}")
        self.ask("GET", self.chance.choice(["/v1/usage", "/v1/detectors", "/v1/policies"]))
        self.ask("GET", "/v1/usage", allowed=(401,), key="nobody")


class Batcher(Client):
    """Batches and single pictures whose answers come by webhook; one after the other, so that no queue grows."""

    def turn(self):
        if self.chance.random() < 0.5:
            pictures = [self.all.files.picture(self.chance) for _ in range(self.chance.randint(2, 6))]
            images = [{"image_base64": coded(picture)} for picture in pictures]
            body = {"images": images, "webhook_url": self.all.receiver.url}
            answer = self.ask("POST", "/v1/analyze/batch", body, allowed=(202,))
            place = answer and f"/v1/batches/{answer['batch_id']}"
        else:
            options = {"webhook_url": self.all.receiver.url}
            body = {"image_base64": coded(self.all.files.picture(self.chance)), "options": options}
            answer = self.ask("POST", "/v1/analyze", body, allowed=(202,))
            place = answer and f"/v1/analyses/{answer['request_id']}"
        while answer and not self.all.stopped.wait(1):
            now = self.ask("GET", place)
            if now and now["status"].upper() != "PROCESSING":
                if now["status"].upper() != "COMPLETE":
                    self.wrong.append(f"{place} ended as {now['status']}")
                return


class Breaker(Client):
    """Files that are no pictures any more, and bodies that are no JSON."""

    def turn(self):
        body = {"image_base64": coded(self.all.files.broken(self.chance)), "options": {"models": ["metadata", "noise"]}}
        self.ask("POST", "/v1/analyze", body, allowed=(200, 400, 413, 422))
        self.ask("POST", "/v1/analyze", ["["] * self.chance.randint(1, 1000), allowed=(400,))


class Leaver(Client):
    """Goes away in the middle of a request or before the answer."""

    def turn(self):
        body = json.dumps({"image_base64": coded(self.all.files.picture(self.chance))}).encode()
        head = (
            f"POST /v1/analyze HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.all.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        request = head.encode() + body
        sent = self.chance.choice([self.chance.randrange(len(request)), len(request)])
        with socket.create_connection(self.all.address, PATIENCE) as connection:
            try:
                connection.sendall(request[:sent])
            except OSError:
                # The server may have closed it before.
                pass
            # Long enough that some of it is under way.
            self.all.stopped.wait(self.chance.uniform(0, 4))
        self.statuses["left"] += 1


class Attacker(Client):
    """Asks for a detector that attacks the process it runs in, beside a sound one that must answer all the same."""

    ATTACKS = ["segfault", "abort", "exit", "forge", "threads", "spin", "overflow", "allocate", "print"]

    def turn(self):
        options = {"policy": self.chance.choice(self.ATTACKS), "models": ["noise", "hostile"]}
        body = {"image_base64": coded(self.all.files.picture(self.chance)), "options": options}
        answer = self.ask("POST", "/v1/analyze", body)
        if answer:
            status = answer["model_results"]["noise_analysis"]["status"]
            if status not in ("complete", "timeout"):
                self.wrong.append(f"beside {options['policy']} noise is {status}")
        time.sleep(0.5)
