# SPDX-License-Identifier: MIT OR Apache-2.0
"""`assay.bulk.map_ray` on a Ray cluster of two workers on this machine, each on a core of its own.

    PYTHONPATH=sdk/python/src python3 sdk/python/tests/ray_cluster.py target/release/assay PICTURES [COUNT]

PICTURES is a folder; COUNT pictures of it are examined (60), some again if it has fewer. Shows that a worker whose process
is killed half-way, and one whose whole node is, cost no row and repeat none, and what two workers do in the time of
one. Exits with 1 where a row is missing or there twice. Needs `pip install 'ray[data]'`; says so where it is missing.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from typing import Any, Callable, List, Optional, Tuple

BATCH = 2

# A node may take its time where others use the machine too.
os.environ.setdefault("RAY_raylet_start_wait_time_s", "300")


class Workers:
    """A cluster whose head does no work, with workers that are pinned to a core each."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self._cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
        self._cores = os.sched_getaffinity(0)
        self.nodes: List[Any] = []

    def add(self, core: int) -> None:
        """Whatever the worker starts is pinned as it is."""
        os.sched_setaffinity(0, {core})
        try:
            self.nodes.append(self._cluster.add_node(num_cpus=1))
        finally:
            os.sched_setaffinity(0, self._cores)
        self._cluster.wait_for_nodes()

    def kill_node(self) -> None:
        self._cluster.remove_node(self.nodes.pop(), allow_graceful=False)

    @property
    def address(self) -> str:
        return str(self._cluster.address)

    def end(self) -> None:
        self._cluster.shutdown()


def kill_process_of_a_worker() -> None:
    """Kills one of Ray's processes below this one that keeps an `assay`, and not the `assay` itself."""
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                is_worker = b"MapWorker(MapBatches" in file.read()
        except OSError:
            continue
        if is_worker and is_below_this(int(name)):
            os.kill(int(name), signal.SIGKILL)
            return
    raise RuntimeError("no worker of Ray's was found to kill")


def is_below_this(process: int) -> bool:
    while process > 1:
        if process == os.getpid():
            return True
        with open(f"/proc/{process}/stat") as file:
            process = int(file.read().rpartition(")")[2].split()[1])
    return False


def examine(
    program: str, pictures: List[str], concurrency: int, half_way: Optional[Callable[[], None]]
) -> Tuple[List[str], float, List[float]]:
    """The sources of the rows, how long it took, and when each came, s after the first."""
    import ray

    from assay.bulk import map_ray

    items = [{"path": path} for path in pictures]
    dataset = ray.data.from_items(items, override_num_blocks=len(items) // BATCH)
    made = map_ray(dataset, concurrency=concurrency, batch_size=BATCH, program=program)
    sources, came = [], []
    start = time.monotonic()
    for row in made.iter_rows():
        sources.append(row["source"])
        came.append(time.monotonic() - start)
        if half_way is not None and len(sources) == len(pictures) // 2:
            half_way()
            half_way = None
    return sources, time.monotonic() - start, [at - came[0] for at in came]


def rate(came: List[float]) -> float:
    """Rows a second between the first quarter and the third, when all workers are at work."""
    low, high = len(came) // 4, 3 * len(came) // 4
    return (high - low) / (came[high] - came[low])


def main() -> int:
    try:
        import ray
    except ImportError:
        print("ray is not installed, nothing is tested: pip install 'ray[data]'")
        return 0
    program, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    files = sorted(os.path.join(folder, name) for name in os.listdir(folder))
    copies = tempfile.mkdtemp(prefix="assay-ray-")
    pictures = []
    for number in range(count):
        # A name each, so that every row can be told from the others.
        pictures.append(os.path.join(copies, f"{number}.jpg"))
        os.symlink(files[number % len(files)], pictures[-1])
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        print("two cores are needed")
        return 1
    workers = Workers()
    is_well = True
    try:
        ray.init(address=workers.address, log_to_driver=False, logging_level="error")
        ray.data.DataContext.get_current().enable_progress_bars = False
        rates = {}

        def check(what: str, concurrency: int, half_way: Optional[Callable[[], None]]) -> None:
            nonlocal is_well
            sources, seconds, came = examine(program, pictures, concurrency, half_way)
            missing = len(set(pictures) - set(sources))
            again = len(sources) - len(set(sources))
            is_well = is_well and missing == 0 and again == 0
            rates[what] = rate(came)
            told = {
                "run": what,
                "pictures": len(pictures),
                "missing": missing,
                "again": again,
                "seconds": round(seconds, 1),
                "a_second": round(rates[what], 3),
            }
            print(json.dumps(told), flush=True)

        workers.add(cores[0])
        check("one worker", 1, None)
        workers.add(cores[1])
        check("two workers", 2, None)
        check("two workers, a process killed", 2, kill_process_of_a_worker)
        check("two workers, a node killed", 2, workers.kill_node)
        ratio = rates["two workers"] / rates["one worker"]
        print(json.dumps({"two_over_one": round(ratio, 3)}), flush=True)
    finally:
        ray.shutdown()
        workers.end()
        shutil.rmtree(copies)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
