# SPDX-License-Identifier: MIT OR Apache-2.0
import os
import shutil
import ssl
import subprocess
import tempfile
import unittest

from checkreality import ConnectionFailedError

from .fake import KINDS, USAGE, Fake, reply


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.key, cls.certificate = (os.path.join(cls.folder.name, n) for n in ("key", "pem"))
        command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=test".split()
        command += ["-addext", "subjectAltName=IP:127.0.0.1"]
        command += ["-keyout", cls.key, "-out", cls.certificate]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def serve(self):
        server = Fake(reply(body=USAGE))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
        server.base_url = server.base_url.replace("http://", "https://")
        return server

    def test_a_certificate_that_is_trusted_is_accepted(self):
        for kind in KINDS:
            with self.serve() as server:
                trust = ssl.create_default_context(cafile=self.certificate)
                client = kind("a-key", base_url=server.base_url, ssl_context=trust)
                self.assertEqual(client.get_usage().organisation, "acme")

    def test_one_that_is_not_or_is_anothers_is_refused_and_nothing_is_sent(self):
        for kind in KINDS:
            for host, trusted in (("127.0.0.1", None), ("localhost", self.certificate)):
                with self.serve() as server:
                    trust = ssl.create_default_context(cafile=trusted)
                    url = server.base_url.replace("127.0.0.1", host)
                    client = kind("a-key", base_url=url, max_attempts=1, ssl_context=trust)
                    with self.assertRaisesRegex(ConnectionFailedError, "certificate|CERTIFICATE"):
                        client.get_usage()
                    self.assertEqual(server.asked, [])
