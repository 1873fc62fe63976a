# SPDX-License-Identifier: MIT OR Apache-2.0
"""Against the program: ASSAY_PROGRAM, and a picture's path in CHECKREAL_TEST_PICTURE."""

import hashlib
import os
import signal
import tempfile
import threading
import time
import unittest

from assay.bulk import Examiner, ExaminerError, kind_of, map_frames, spark_schema


@unittest.skipUnless(os.environ.get("ASSAY_PROGRAM"), "ASSAY_PROGRAM is not set")
class BulkTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = os.environ["ASSAY_PROGRAM"]
        cls.path = os.environ["CHECKREAL_TEST_PICTURE"]
        with open(cls.path, "rb") as file:
            cls.picture = file.read()

    def examiner(self, **options):
        return Examiner(self.program, models=["noise"], **options)

    def test_paths_and_bytes_have_a_row_each_in_their_order(self):
        with self.examiner() as examiner:
            pictures = [self.path, self.picture, "/nothing/there.jpg", b"GIF89a"] * 5
            rows = list(examiner.rows(pictures))
            self.assertEqual(len(rows), len(pictures))
            digest = hashlib.sha256(self.picture).hexdigest()
            for index in range(0, len(rows), 4):
                by_path, by_bytes, missing, foreign = rows[index : index + 4]
                self.assertEqual((by_path["source"], by_path["sha256"]), (self.path, digest))
                self.assertEqual((by_bytes["source"], by_bytes["sha256"]), (None, digest))
                self.assertEqual(by_path["noise_analysis_score"], by_bytes["noise_analysis_score"])
                self.assertEqual(missing["error_code"], "INVALID_REQUEST")
                self.assertEqual(foreign["error_code"], "UNSUPPORTED_FORMAT")
                self.assertEqual(foreign["file_size_bytes"], 6)
            for row in rows:
                self.assertEqual(list(row), examiner.columns)
                self.assertEqual(len(row["policy_digest"]), 64)
            self.assertEqual(list(examiner.rows([])), [])

    def test_values_are_of_the_kind_that_their_column_says(self):
        kinds = {"text": str, "real": (int, float), "whole": int, "moment": int}
        with self.examiner() as examiner:
            (row,) = examiner.rows([self.path])
        for column, value in row.items():
            if value is not None:
                self.assertIsInstance(value, kinds[kind_of(column)], column)
        self.assertLess(abs(row["processed_at"] / 1000 - time.time()), 600)
        self.assertIn("`noise_analysis_score` double", spark_schema(row))

    def test_a_process_that_is_killed_costs_no_row(self):
        with self.examiner() as examiner:
            rows = []
            for row in examiner.rows([self.path] * 12):
                if len(rows) == 3:
                    os.kill(examiner._process.pid, signal.SIGKILL)
                rows.append(row)
        self.assertEqual([row["status"] for row in rows], ["complete"] * 12)

    def test_a_picture_that_ends_the_process_again_and_again_says_so(self):
        with self.examiner() as examiner:
            over = threading.Event()

            def kill():
                while not over.is_set():
                    process = examiner._process
                    if process is not None:
                        try:
                            process.kill()
                        except ProcessLookupError:
                            pass
                    time.sleep(0.01)

            killer = threading.Thread(target=kill)
            killer.start()
            try:
                (row,) = examiner.rows([self.path])
            finally:
                over.set()
                killer.join()
            self.assertEqual((row["source"], row["status"]), (self.path, "failed"))
            self.assertIn("status -9", row["error_message"])
            (row,) = examiner.rows([self.path])
            self.assertEqual(row["status"], "complete")

    def test_a_wrong_configuration_is_told_in_the_programs_words(self):
        with self.assertRaisesRegex(ExaminerError, "nothing_of_this_name"):
            self.examiner(policy="nothing_of_this_name")
        with self.assertRaisesRegex(ExaminerError, "cannot be started"):
            Examiner("/nothing/assay")

    def test_a_path_that_is_no_line_is_refused(self):
        with self.examiner() as examiner, self.assertRaisesRegex(ValueError, "line break"):
            list(examiner.rows(["a\nb"]))

    def test_nothing_is_left_in_the_folder_for_bytes(self):
        folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
        before = {name for name in os.listdir(folder) if name.startswith("assay-")}
        with self.examiner() as examiner:
            list(examiner.rows([self.picture] * 3))
        after = {name for name in os.listdir(folder) if name.startswith("assay-")}
        self.assertLessEqual(after, before)

    def test_frames_are_examined_where_pandas_is(self):
        try:
            import pandas
            import pyarrow  # noqa: F401
        except ImportError:
            self.skipTest("pandas and pyarrow are not installed")
        frame = pandas.DataFrame({"path": [self.path, "/nothing/there.jpg"]})
        options = {"program": self.program, "models": ["noise"]}
        (made,) = map_frames(**options)(iter([frame]))
        self.assertEqual(list(made["status"]), ["complete", "failed"])
