# SPDX-License-Identifier: MIT OR Apache-2.0
import unittest

from checkreality._wire import Parser, WireError


def parsed(data, step):
    """What comes of bytes that come in pieces, and then end."""
    parser = Parser()
    for start in range(0, len(data), step):
        found = parser.feed(data[start : start + step])
        if found is not None:
            return found
    return parser.feed(b"")


class WireTest(unittest.TestCase):
    def check(self, data, status, body):
        for step in (1, 2, 3, 7, len(data)):
            found = parsed(data, step)
            self.assertEqual((found.status, found.body), (status, body), step)
            self.assertEqual(found.headers.get("x-a", "b c"), "b c")

    def test_a_body_ends_by_length_chunks_or_the_connection(self):
        head = b"HTTP/1.1 200 OK\r\nX-A:  b c \r\n"
        self.check(head + b"Content-Length: 3\r\n\r\nabc", 200, b"abc")
        self.check(head + b"Content-Length: 0\r\n\r\n", 200, b"")
        self.check(head + b"\r\nabc", 200, b"abc")
        chunks = b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\nA;x=y\r\n\r\n23456789\r\n0\r\n\r\n"
        self.check(head + chunks, 200, b"ab\r\n23456789")
        self.check(b"HTTP/1.1 100 Continue\r\n\r\n" + head + b"Content-Length: 1\r\n\r\na", 200, b"a")
        self.check(b"HTTP/1.0 204\r\n\r\n", 204, b"")

    def test_what_is_no_answer_is_refused(self):
        head = b"HTTP/1.1 200 OK\r\n"
        for data in (
            b"",
            b"HTTP/1.1 200",
            b"SSH-2.0-OpenSSH\r\n\r\n",
            b"HTTP/2 200\r\n\r\n",
            b"HTTP/1.1 999 X\r\n\r\n",
            head + b"no colon\r\n\r\n",
            head + b" folded: a\r\n\r\n",
            head + b"Content-Length: -1\r\n\r\n",
            head + b"Content-Length: 1, 1\r\n\r\na",
            head + b"Content-Length: 99999999999\r\n\r\n",
            head + b"Content-Length: 2\r\n\r\na",
            head + b"Transfer-Encoding: gzip\r\n\r\n",
            head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            head + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
            head + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
            head + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
            head + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
            head + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 2_000,
            b"a" * 70_000,
        ):
            for step in (1 << 10, len(data) or 1):
                with self.assertRaises(WireError, msg=data[:80]):
                    parsed(data, step)
