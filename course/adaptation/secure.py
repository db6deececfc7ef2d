"""The idea of secure aggregation: the server learns the sum of what clients send, and nothing else.

Each pair of clients agrees on a secret mask; one adds it, the other subtracts it, and in the sum all
masks cancel. Source: Bonawitz et al. 2017. What is left out here, and what the real protocol is
about: agreeing on secrets over an open line, and sharing them so that a client may drop out late.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEP = 2.0**-24  # the smallest difference that is sent


@dataclass(frozen=True)
class SecureSum:
    """What the server received from each client, and the sum it could take off the masks."""

    received: dict[int, NDArray[np.uint64]]
    total: NDArray[np.float64]


def secure_sum(
    updates: Mapping[int, NDArray[np.float64]], dropped: Collection[int] = (), secret: int = 0
) -> SecureSum:
    """Add the updates of all clients but the ``dropped``, each behind its masks.

    updates: client: array, all of one shape, sizes below 1e9. Numbers are sent as multiples of
    2**-24 in whole numbers modulo 2**64, so that masks cancel exactly.
    Raises ValueError for no client left, other shapes, or values that are not finite.
    """
    here = [client for client in updates if client not in dropped]
    if not here:
        raise ValueError("Nobody is left to add up: every client dropped out.")
    shape = np.shape(updates[here[0]])
    received = {}
    for client in here:
        values = np.asarray(updates[client], np.float64)
        if values.shape != shape:
            raise ValueError(
                f"Client {client} sends an update of shape {values.shape}, the first one {shape}."
            )
        if not (np.abs(values) < 1e9).all():
            raise ValueError(f"Client {client} sends a value that is not finite or above 1e9.")
        sent = np.rint(values / _STEP).astype(np.int64).view(np.uint64).copy()
        for other in updates:  # masks were agreed before anybody dropped out
            if other != client:
                sent = _masked(sent, client, other, secret)
        received[client] = sent
    total = np.zeros(shape, np.uint64)
    for sent in received.values():
        total = total + sent
    # The masks shared with those who dropped out are left over: the others reveal these secrets.
    for gone in updates:
        if gone in here:
            continue
        for client in here:
            total = total - _masked(np.zeros(shape, np.uint64), client, gone, secret)
    return SecureSum(received, np.asarray(total.view(np.int64) * _STEP, np.float64))


def _masked(values: NDArray[np.uint64], client: int, other: int, secret: int) -> NDArray[np.uint64]:
    pair = (min(client, other), max(client, other))
    mask = np.random.default_rng([secret, *pair]).integers(0, 2**64, values.shape, np.uint64)
    return values + mask if client < other else values - mask
