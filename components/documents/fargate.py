"""Which sizes of tasks Fargate has."""

from __future__ import annotations

_GIB = 1024
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
_MEMORY: dict[int, tuple[int, ...]] = {
    256: (512, _GIB, 2 * _GIB),
    512: tuple(range(_GIB, 4 * _GIB + 1, _GIB)),
    1024: tuple(range(2 * _GIB, 8 * _GIB + 1, _GIB)),
    2048: tuple(range(4 * _GIB, 16 * _GIB + 1, _GIB)),
    4096: tuple(range(8 * _GIB, 30 * _GIB + 1, _GIB)),
    8192: tuple(range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB)),
    16384: tuple(range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB)),
}


def check_size(cpu: int, memory: int) -> None:
    """Raises `ValueError` unless Fargate has this pair of CPU units and MiB."""
    if cpu not in _MEMORY:
        allowed = ", ".join(map(str, _MEMORY))
        raise ValueError(f"cpu {cpu} is no size of Fargate; allowed: {allowed} (1024 is one vCPU)")
    allowed_memory = _MEMORY[cpu]
    if memory not in allowed_memory:
        low, high, step = allowed_memory[0], allowed_memory[-1], allowed_memory[-1]
        step -= allowed_memory[-2]
        sizes = "512, 1024 or 2048" if cpu == 256 else f"{low} to {high} in steps of {step}"
        raise ValueError(f"memory {memory} MiB doesn't go with cpu {cpu}; allowed: {sizes} MiB")
