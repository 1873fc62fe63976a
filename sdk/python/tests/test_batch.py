# SPDX-License-Identifier: MIT OR Apache-2.0
from checkreality import RequestTimeoutError

from .fake import BothClients, reply


def page(names, next_cursor, status="PROCESSING"):
    verdict = {"label": "AUTHENTIC", "confidence": 0.9, "risk_level": "LOW"}
    results = [
        {"request_id": f"req_{n}", "reference_id": n, "status": "complete", "verdict": verdict}
        for n in names
    ]
    body = {"batch_id": "batch_1", "status": status, "total": 3, "completed": 0, "failed": 0}
    return reply(body={**body, "results": results, "next_cursor": next_cursor})


class BatchTest(BothClients):
    def test_results_come_as_they_complete_page_after_page_each_once(self):
        def check(client, server):
            results = list(client.batch_results("batch_1", poll_interval=0.01, page_size=2))
            self.assertEqual([one.reference_id for one in results], ["a", "b", "c"])
            self.assertEqual(results[0].verdict.label, "AUTHENTIC")
            queries = [one.path.partition("?")[2] for one in server.asked]
            behind = "limit=2&cursor=c2"
            self.assertEqual(queries, ["limit=2", "limit=2&cursor=c0", behind, behind])

        pages = [page("", "c0"), page("ab", "c2"), page("", "c2"), page("c", None, "COMPLETE")]
        self.with_both(pages, check)

    def test_a_batch_that_is_never_done_is_given_up(self):
        def check(client, _):
            with self.assertRaises(RequestTimeoutError):
                client.wait_for_batch("batch_1", poll_interval=0.01, timeout=0.05)

        self.with_both([page("", "c0")], check)
