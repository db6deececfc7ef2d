"""A language model by hand: from text to tokens, a GPT for both engines, and text again."""
