# SPDX-License-Identifier: MIT OR Apache-2.0
"""Whether a series of measurements goes upwards: a line through the means of its minutes."""

import math
from statistics import fmean

# Student's t for 95 %, both sides, by degrees of freedom; the next smaller one is taken [NIST Handbook, 1.3.6.7.2].
T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 8: 2.306, 10: 2.228, 15: 2.131, 20: 2.086, 30: 2.042, 40: 2.021}


class Line:
    """A least squares line through (time in s, value): its slope an hour, with a 95 % interval.

    Neighbouring measurements resemble each other, so that each minute counts as one."""

    def __init__(self, points):
        minutes = {}
        for time, value in points:
            minutes.setdefault(int(time // 60), []).append((time, value))
        means = [(fmean(time for time, _ in own) / 3600, fmean(value for _, value in own)) for own in minutes.values()]
        if len(means) < 3:
            raise ValueError("a line takes three minutes")
        middle, self.mean = fmean(hour for hour, _ in means), fmean(value for _, value in means)
        spread = sum((hour - middle) ** 2 for hour, _ in means)
        self.slope = sum((hour - middle) * (value - self.mean) for hour, value in means) / spread
        rest = sum((value - self.mean - self.slope * (hour - middle)) ** 2 for hour, value in means)
        freedom = len(means) - 2
        t = T[max(known for known in T if known <= freedom)]
        self.margin = t * math.sqrt(rest / freedom / spread)

    def is_flat(self, allowed):
        """Whether it may be level, or rises by less than `allowed` an hour."""
        return self.slope - self.margin <= 0 or self.slope + self.margin <= allowed
