"""Real runs over several processes, each a module for torchrun.

    torchrun --nproc-per-node 2 -m course.clusters.runs.data_parallel

The same module runs on many machines, over NCCL where they have GPUs: only torchrun's options
differ (`--nnodes`, `--rdzv-endpoint`). `course.clusters.launch.launch` starts one from a notebook.
"""
