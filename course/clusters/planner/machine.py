"""A cluster: chips, nodes, links; and what share of its printed peaks a training run reaches.

The shares are few, and the same for every model and plan on a generation of chips. Where each one
comes from stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from course.facts.chips import Chip, chip
from course.facts.links import link, links
from course.facts.measured_peaks import measured_peaks

HALF = 2  # bytes of a 16-bit number
HOP_INSIDE, HOP_BETWEEN = 3e-6, 12e-6  # seconds a message takes however small it is: order of size
RESERVED = 4e9  # bytes for the driver, the libraries' workspaces and buffers: order of size


@dataclass(frozen=True)
class Efficiency:
    """Shares of printed peaks, 0 to 1.

    matmul: of the dense peak, in the large matrix products of a layer; matmul_fp8: the same of
    the FP8 peak. memory: of main memory's
    bandwidth, in elementwise work. inside, between: of the links' bandwidth, in collectives.
    hidden: of the time in which a chip computes, traffic that needs nothing of it can pass unseen.
    tensor_hidden: of the traffic between tensor ranks, the part that the software hides.
    """

    matmul: float
    matmul_fp8: float = 0.50
    memory: float = 0.85
    inside: float = 0.77
    between: float = 0.70
    hidden: float = 0.65
    tensor_hidden: float = 0.0


# Where they come from. Fitted: once, over all published runs of a generation (`published.py`).
#   matmul     fitted. It stays below the best product that was measured (0.869 of A100's peak, 0.803
#              of H100's, `measured_peaks`), as it must: a layer's shapes are not the best ones,
#              kernels start and end, and a chip that is busy for weeks clocks lower.
#   matmul_fp8 fitted, to MLPerf's five entries alone, all of one model: the weakest of the shares.
#   memory     order of size of a copy that streams through main memory.
#   inside     an all-reduce over NVLink 3 moves about 230 of 300 GB/s: order of size.
#   between    A100: the floor under fully sharded training in Megatron-LM's Table 2. H100: order of
#              size of a long transfer, protocol taken off.
#   hidden     A100: the same rows, while they still compute. H100: order of size; what it leaves is
#              the slowdown of the computing that shares memory and cores with the traffic.
#   tensor_hidden  A100's software of 2021 and 2022 hid none. H100: half, the products beside it being
#              split in pieces of which the last ones stay exposed.
GENERATIONS: dict[str, Efficiency] = {
    "A100": Efficiency(matmul=0.70),
    "H100": Efficiency(matmul=0.58, between=0.90, hidden=0.90, tensor_hidden=0.5),
}


def efficiency_of(name: str) -> Efficiency:
    """The shares for a chip: its generation's, else H100's with the product scaled as measured.

    A chip of which no measured peak is known is taken to reach H100's shares.
    """
    for generation, shares in GENERATIONS.items():
        if generation in name:
            return shares
    h100 = GENERATIONS["H100"]
    best = {row.chip: row.share for row in measured_peaks()}
    if name not in best:
        return h100
    ratio = best[name] / next(share for chip, share in best.items() if "H100" in chip)
    return replace(h100, matmul=h100.matmul * ratio, matmul_fp8=h100.matmul_fp8 * ratio)


@dataclass(frozen=True)
class Cluster:
    """``nodes`` of ``per_node`` chips each.

    inside, between: bytes a second of one chip's link, each way, inside a node and to other nodes.
    precision: of the matrix products.
    """

    chip: Chip
    nodes: int
    per_node: int
    inside: float
    between: float
    precision: str = "bf16"

    def __post_init__(self) -> None:
        for name in ("nodes", "per_node"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a whole number above 0, not {value!r}")
        for name in ("inside", "between"):
            if not getattr(self, name) > 0:
                raise ValueError(
                    f"bandwidth {name} must be above 0 bytes a second, not {getattr(self, name)!r}"
                )
        if self.chip.memory_gb is None or self.chip.bandwidth_gb_s is None:
            raise ValueError(
                f"no memory size or bandwidth of {self.chip.name} is published here; choose "
                "another chip"
            )
        self.chip.peak(self.precision)

    @property
    def chips(self) -> int:
        """In all."""
        return self.nodes * self.per_node

    @property
    def memory(self) -> float:
        """Bytes of one chip's main memory (1e9 for each printed gigabyte)."""
        return 1e9 * (self.chip.memory_gb or 0)

    @property
    def peak(self) -> float:
        """Operations a second of one chip in the precision of the matrix products."""
        return self.chip.peak(self.precision)

    @property
    def speed(self) -> float:
        """Operations a second that one chip reaches in the products of linear layers."""
        fp8 = self.precision == "fp8"
        return self.peak * (self.share.matmul_fp8 if fp8 else self.share.matmul)

    @property
    def share(self) -> Efficiency:
        """What share of its peaks is reached."""
        return efficiency_of(self.chip.name)


# What connects the chips of these generations, by the names of `course.facts.links`.
_LINKS = {
    "A100": ("NVLink 3", "InfiniBand HDR"),
    "H100": ("NVLink 4", "InfiniBand NDR"),
    "H200": ("NVLink 4", "InfiniBand NDR"),
}


def cluster(
    name: str,
    chips: int,
    *,
    per_node: int = 8,
    inside: str | float | None = None,
    between: str | float | None = None,
    precision: str = "bf16",
) -> Cluster:
    """A cluster of ``chips`` chips of that name; fewer than a node has are one node.

    inside, between: a link's name, or 1e9 bytes a second each way; by default what the chip's
    generation is sold with. Raises KeyError for a chip or link that is none, and ValueError for
    chips that do not fill nodes or whose links are not known here.
    """
    found = chip(name)
    for what, value in (("chips", chips), ("per_node", per_node)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{what} must be a whole number above 0, not {value!r}")
    per_node = min(per_node, chips)
    if chips % per_node:
        low = chips // per_node * per_node
        raise ValueError(
            f"{per_node} chips a node do not divide {chips} chips; {low} or {low + per_node} "
            "chips would fill nodes"
        )
    usual = next((pair for kind, pair in _LINKS.items() if kind in found.name), (None, None))
    speeds = []
    for what, given, known in (("inside", inside, usual[0]), ("between", between, usual[1])):
        wanted = known if given is None else given
        if wanted is None:
            raise ValueError(
                f"what connects chips of {found.name} is not known here; give {what}= the name of "
                f"a link ({', '.join(row.name for row in links())}) or 1e9 bytes a second each way"
            )
        gb_s = link(wanted).gb_s_each_way if isinstance(wanted, str) else wanted
        speeds.append(1e9 * gb_s)
    return Cluster(found, chips // per_node, per_node, speeds[0], speeds[1], precision)
