# SPDX-License-Identifier: MIT OR Apache-2.0
"""Moderation: uploads are collected into a batch, and a webhook tells when it is done.

python moderation.py upload-1.jpg upload-2.jpg

CHECKREAL_WEBHOOK_SECRET is the organisation's secret, WEBHOOK_URL where this program is reached from
outside; without it only a server on this machine reaches it.
"""

import os
import queue
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from checkreality import BatchImage, CheckRealClient, WebhookVerificationError, read_webhook

SECRET = os.environ["CHECKREAL_WEBHOOK_SECRET"]
done: "queue.Queue[str]" = queue.Queue()


class Receiver(BaseHTTPRequestHandler):
    """Answers first; the work is done elsewhere, as the API waits 10 s."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = read_webhook(body, self.headers, SECRET)
        except WebhookVerificationError:
            self.send_response(401)
            self.end_headers()
            return
        self.send_response(204)
        self.end_headers()
        if event.event == "batch.complete" and event.batch_id is not None:
            done.put(event.batch_id)


if __name__ == "__main__":
    receiver = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{receiver.server_address[1]}/"

    client = CheckRealClient()
    batch = client.analyze_batch(
        [BatchImage(image_path=path, reference_id=path) for path in sys.argv[1:]],
        policy="content-moderation",
        webhook_url=os.environ.get("WEBHOOK_URL", here),
    )
    print(f"{batch.batch_id}: {batch.image_count} images", file=sys.stderr)

    for result in client.batch_results(done.get()):
        is_fine = result.verdict is not None and result.verdict.risk_level == "LOW"
        print("publish" if is_fine else "hold", result.reference_id)
