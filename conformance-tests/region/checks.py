# SPDX-License-Identifier: MIT OR Apache-2.0
"""What must hold when all is healed: a line for each, and whether it does."""

import json
import time

from .load import call


def settled(database, patience):
    """Waits until no job and no webhook is left to do; what is left."""
    end = time.monotonic() + patience
    while True:
        jobs = database.ask("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')")
        hooks = database.ask("SELECT count(*) FROM deliveries WHERE state = 'pending'")
        left = int(jobs[0][0]), int(hooks[0][0])
        if left == (0, 0) or time.monotonic() > end:
            return left
        time.sleep(1)


class Checks:
    """Collects what held and what did not."""

    def __init__(self, say):
        self.say, self.broken = say, []

    def that(self, what, faults):
        """`faults` names what is wrong; nothing is wrong where it is empty."""
        faults = list(faults)
        self.say(f"{'ok    ' if not faults else 'BROKEN'} {what}")
        for fault in faults[:10]:
            self.say(f"         {fault}")
        if faults:
            self.broken.append(what)


def images_of(host, key, clients):
    """The request ids of all accepted images, and what is wrong with their results."""
    singles, batched, faults = [], [], []
    for kind, answer, images in (item for client in clients for item in client.accepted):
        if kind != "batch":
            singles.append((answer["request_id"], kind))
            continue
        status, _, body = call(host, "GET", f"/v1/batches/{answer['batch_id']}?limit=1000", key)
        batch = json.loads(body)
        if status != 200 or batch["status"] != "COMPLETE" or len(batch["results"]) != images:
            faults.append(f"{answer['batch_id']}: {status} {str(batch)[:200]}")
            continue
        batched += [result["request_id"] for result in batch["results"]]
    ids = [name for name, _ in singles] + batched
    again = {answer["request_id"] for client in clients for answer in client.given_again}
    lost = 0
    for name in ids:
        status, _, body = call(host, "GET", f"/v1/analyses/{name}", key)
        if status == 404 and name in again:
            # Names of answers that were given again are written down within 200 ms (docs/API.md).
            lost += 1
        elif status != 200 or json.loads(body)["status"] != "complete":
            faults.append(f"{name}: {status} {body[:200]!r}")
    return ids, [name for name, kind in singles if kind == "later"], faults, lost


def results(checks, database, host, key, clients, left):
    """Every accepted image has one result, is charged once, and stands in the log once."""
    checks.that(f"no job and no webhook is left to do: {left}", [left] if left != (0, 0) else [])
    ids, later, faults, lost = images_of(host, key, clients)
    checks.that(f"each of {len(ids)} accepted images has a result", faults)
    checks.say(f"         {lost} names of answers that were given again went with their host")
    checks.that("no two images have one name", [] if len(set(ids)) == len(ids) else [len(ids) - len(set(ids))])
    twice = database.ask(
        "SELECT subject, count(*) FROM audit_log WHERE act IN ('analysis.complete', 'analysis.failed') "
        "GROUP BY subject HAVING count(*) > 1"
    )
    checks.that("no image was finished twice", twice)
    jobs = int(database.ask("SELECT count(*) FROM jobs WHERE organisation = 'region'")[0][0])
    wanted = len(later) + sum(images for client in clients for kind, _, images in client.accepted if kind == "batch")
    unknown = [] if jobs == wanted else [f"{jobs} in the database, {wanted} were answered"]
    checks.that(f"each of {jobs} jobs is one that a client was told of", unknown)
    used = int(database.ask("SELECT coalesce(sum(images), 0) FROM usage WHERE organisation = 'region'")[0][0])
    checks.that(f"each of {len(ids)} accepted images is charged", [] if used == len(ids) else [f"{used} charged"])
    return later


def webhooks(checks, database, receiver, clients, later):
    """Each was told, as one message, once per attempt that was written down."""
    batches = {answer["batch_id"] for client in clients for kind, answer, _ in client.accepted if kind == "batch"}
    bodies = {name: json.loads(told[0]) for name, told in receiver.told.items()}
    subjects = [body.get("batch_id") or body.get("request_id") for body in bodies.values()]
    missing = (set(later) | batches) - set(subjects)
    checks.that(f"each of {len(later) + len(batches)} webhooks arrived", missing)
    checks.that("nothing was told by two messages", [] if len(set(subjects)) == len(subjects) else ["some were"])
    changed = [name for name, told in receiver.told.items() if len(set(told)) > 1]
    checks.that("a message is the same with every attempt", changed)
    written = int(database.ask("SELECT count(*) FROM attempts WHERE status BETWEEN 200 AND 299")[0][0])
    arrived = sum(len(told) for told in receiver.told.values())
    checks.say(f"         {arrived} arrived, {written} of them written down; the others' senders were killed or cut off")


def limits(checks, limited, most):
    """No minute let pass more than the limit, whichever hosts were asked."""
    minutes = {}
    for one in limited:
        for minute, passed in one.passed.items():
            minutes[minute] = minutes.get(minute, 0) + passed
    over = [f"{passed} in the minute to {minute}" for minute, passed in minutes.items() if passed > most]
    refused = sum(one.refused for one in limited)
    checks.that(f"at most {most} requests passed in each of {len(minutes)} minutes ({refused} refused)", over)
    checks.that("the limit was reached", [] if refused else ["nothing was refused"])
    checks.that("the limited organisation got no other answers", [fault for one in limited for fault in one.wrong])
