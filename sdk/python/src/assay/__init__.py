# SPDX-License-Identifier: MIT OR Apache-2.0
"""Driving the `assay` program from Python: archives of millions of pictures, by `assay.bulk`."""
