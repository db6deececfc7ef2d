"""What training is: a line fitted by hand, gradient descent and its edge, a small live network."""
