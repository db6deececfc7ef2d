"""The reference workloads on engines that do not have PyTorch's names, one file for each.

Each is written as the engine's own documentation advises, and offers `program(workload)`; see
`programs.Program` for what that returns.
"""
