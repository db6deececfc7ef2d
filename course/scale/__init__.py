"""Scale: what a language model is made of, what it costs to train and to serve, and how good it gets."""
