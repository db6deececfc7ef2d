"""Training without a supercomputer: LoRA, transfer, federated averaging, what a budget buys."""
