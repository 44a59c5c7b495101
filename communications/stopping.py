"""A flag that says "finish what you are at": shared by a process and the children it forks."""

import mmap


class StopFlag:
    """One byte of shared memory, so that a worker's parent can tell children amid their work."""

    def __init__(self) -> None:
        self._byte = mmap.mmap(-1, 1)

    def set(self) -> None:
        self._byte[0] = 1

    def is_set(self) -> bool:
        return self._byte[0] == 1
