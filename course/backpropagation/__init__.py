"""Backpropagation: the chain rule as a program, and how to tell that its gradients are right."""
