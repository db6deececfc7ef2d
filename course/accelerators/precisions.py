"""How many bytes a number takes in each precision that chips compute in."""

from __future__ import annotations

from difflib import get_close_matches

# TF32 is a way to multiply; in memory its numbers are FP32. INT4 and FP4 come two to a byte.
BYTES: dict[str, float] = {
    "fp64": 8,
    "fp32": 4,
    "tf32": 4,
    "fp16": 2,
    "bf16": 2,
    "fp8": 1,
    "int8": 1,
    "fp4": 0.5,
    "int4": 0.5,
}
_TORCH = {"float64": "fp64", "float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}


def bytes_of(precision: str) -> float:
    """Bytes of a number in memory; raises ValueError with the nearest name for an unknown one."""
    if isinstance(precision, str) and precision in BYTES:
        return BYTES[precision]
    name = str(precision).removeprefix("torch.").lower()
    near = [_TORCH[name]] if name in _TORCH else get_close_matches(name, list(BYTES), 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(BYTES)}."
    raise ValueError(f"no precision {precision!r}; {hint}")
