"""Several processes train one network: each computes the gradients of its part of a batch, all take the mean.

On a processor that serves others too, processes of one thread each are far faster than one process of several threads,
whose threads wait for each other at every operation.
"""

from __future__ import annotations

from collections.abc import Iterable
from multiprocessing.synchronize import Barrier

import torch
from torch import nn
from torch.multiprocessing import get_context

LONGEST_WAIT_S = 900.0
"""For the others; the first process measures accuracy now and then while the others wait."""


class Together:
    """One process's place among all.

    Args:
        rank: Number of this process; the first, 0, measures, logs and saves.
        shared: float32 (processes, parameters + 1) in shared memory.
        barrier: Where all wait for all.
    """

    def __init__(self, rank: int, shared: torch.Tensor, barrier: Barrier) -> None:
        self.rank, self.count = rank, len(shared)
        self._shared, self._barrier = shared, barrier

    @property
    def leads(self) -> bool:
        """Whether this is the first process."""
        return self.rank == 0

    def average_gradients(self, parameters: Iterable[nn.Parameter], seconds: float) -> float:
        """Replace each gradient by the mean over all processes.

        Returns:
            The first process's ``seconds``, so that all agree on the time.

        Raises:
            BrokenBarrierError: Another process has ended.
        """
        if self.count == 1:
            return seconds
        gradients = [p.grad for p in parameters if p.grad is not None]
        self._shared[self.rank] = torch.cat([*(g.flatten() for g in gradients), torch.tensor([seconds])])
        self._barrier.wait(LONGEST_WAIT_S)
        mean, agreed = self._shared[:, :-1].mean(0), float(self._shared[0, -1])
        self._barrier.wait(LONGEST_WAIT_S)
        for gradient, part in zip(gradients, mean.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))
        return agreed

    def leave(self) -> None:
        """Tell the others that this process goes on no more."""
        self._barrier.abort()


def places(count: int, parameters: int) -> list[Together]:
    """A place for each of ``count`` processes."""
    barrier = get_context("spawn").Barrier(count)
    shared = torch.zeros(count, parameters + 1).share_memory_()
    return [Together(rank, shared, barrier) for rank in range(count)]
