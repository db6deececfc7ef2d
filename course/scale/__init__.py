"""How big a language model is, what it costs to train and serve: by formula, held to published runs."""
