# SPDX-License-Identifier: MIT OR Apache-2.0
"""The example detector as its host sees it: frames over a socket, a picture at descriptor 3."""

import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

EXAMPLE = pathlib.Path(__file__).resolve().parent.parent / "examples" / "detector.py"
WIDTH, HEIGHT = 80, 60


class Detector:
    """A program and the host's end of its socket."""

    def __init__(self, program, picture):
        self.host, end = socket.socketpair()
        memory = tempfile.TemporaryFile()
        memory.write(picture)
        memory.flush()
        self.process = subprocess.Popen(
            [sys.executable, "-c", "import os, runpy, sys; os.dup2(int(sys.argv[1]), 3); runpy.run_path(sys.argv[2])",
             str(memory.fileno()), str(program)],
            stdin=end, stdout=end, stderr=subprocess.DEVNULL, pass_fds=(memory.fileno(),))
        end.close()
        memory.close()

    def ask(self, question):
        body = json.dumps(question).encode()
        self.host.sendall(len(body).to_bytes(4, "little") + body)
        length = int.from_bytes(self.host.recv(4, socket.MSG_WAITALL), "little")
        return json.loads(self.host.recv(length, socket.MSG_WAITALL))

    def end(self):
        self.host.close()
        return self.process.wait(timeout=20)


class DetectorTest(unittest.TestCase):
    def start(self, program, picture):
        detector = Detector(program, picture)
        self.addCleanup(detector.process.kill)
        self.addCleanup(detector.host.close)
        return detector

    def question(self, width=WIDTH, height=HEIGHT):
        pixels = width * height * 3
        return {"type": "examine", "width": width, "height": height, "facts": {}, "remaining_ms": 1000,
                "pixels": {"offset": 0, "bytes": pixels}, "file": {"offset": WIDTH * HEIGHT * 3, "bytes": 4}}

    def test_example_answers_each_question(self):
        samples = bytes(sample for pixel in range(WIDTH * HEIGHT) for sample in (7, pixel % 16, 9))
        detector = self.start(EXAMPLE, samples + b"FILE")
        hello = detector.ask({"type": "hello", "protocol": 1})
        self.assertEqual((hello["protocol"], hello["id"], hello["kind"]), (1, "green-entropy", "generation"))
        for _ in range(2):
            report = detector.ask(self.question())
            self.assertEqual(report["type"], "report")
            self.assertAlmostEqual(report["attributes"]["entropy_bits"], 4.0)
            self.assertAlmostEqual(report["score"], 0.5)
        self.assertEqual(detector.ask(self.question(8, 8))["type"], "not_applicable")
        self.assertEqual(detector.end(), 0)

    def test_exceptions_and_prints_are_no_answers_of_their_own(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "odd.py"
            source = EXAMPLE.parent.parent / "src"
            program.write_text(
                f"import sys\nsys.path.insert(0, {str(source)!r})\nfrom assay_detector import serve\n"
                "def detect(picture):\n    print('noise')\n    return 1 / (len(picture.file) - 4)\n"
                "serve(detect, id='odd', version='1', kind='provenance')\n")
            detector = self.start(program, bytes(WIDTH * HEIGHT * 3) + b"FILE")
            detector.ask({"type": "hello", "protocol": 1})
            answer = detector.ask(self.question())
            self.assertEqual(answer["type"], "failed")
            self.assertIn("ZeroDivisionError", answer["message"])
            self.assertEqual(detector.end(), 0)


if __name__ == "__main__":
    unittest.main()
