# %% [markdown]
# # 07 · A language model by hand
#
# {{ launch_links }}
#
# **60 minutes**, in five parts. You need autograd (lesson 02) and the training loop (lesson 03).
#
# You will be able to
#
# - cut text into tokens, and learn a vocabulary with byte-pair encoding;
# - write causal attention, and repair mistakes in its mask that raise no error;
# - train a GPT with `course.scratch`, look inside it, and let it write with temperature, top-k and top-p;
# - show that the same program is PyTorch's, and say what a larger model buys.
#
# A [[language model]] gives, for a text so far, the chance of everything that may come next. That is all it does. Asked again
# and again, it writes.

# %%
# {{ get_ready }}

# %%
import time
from collections import Counter
from itertools import pairwise

import numpy as np
import torch
from IPython.display import display

from course import scratch
from course.compare import cmp, copy_weights
from course.language import engines, exercises, explorers, questions, texts, trained
from course.language.gpt import Config, gpt, llama_like
from course.language.sampling import generate, perplexity

print(texts.names().datasheet)

# %% [markdown]
# ## Part 1 · Tokens (12 minutes)
#
# A network computes with numbers, so text is cut into tokens (lesson 04), each with a number; all the tokens that a model knows are its
# [[vocabulary]]. The simplest cut is into letters. Above is the datasheet of this lesson's first text: the common first names of
# the US census of 1990, one a line. It is a list of what people were called, not of people. Below are its tokens; the first of them is the
# line's end, so the model will learn where names begin and end.
#
# Letters make long texts. Words make huge vocabularies, and a new word has no token. Between the two lies [[byte-pair encoding]], which
# joins the two neighbours that stand side by side most often into a new token, and again, and again. To a computer any text is a row of
# [[bytes|byte]], numbers from 0 to 255. Ours begins with those 256 as tokens, as GPT-2's does, so that every text can be cut. Most
# large language models read in this way or a similar one. How far does it get?

# %%
letters, tokens = trained.tokens_of(trained.recipe("names"))
print(len(letters), "tokens:", repr(letters.alphabet))
print(repr(texts.names().text[:16]), "→", tokens[:16])
tokens_guess = questions.tokens_guess()
tokens_guess

# %%
display(explorers.byte_pairs())
tokens_guess.compare(questions.characters_a_token())

# %% [markdown]
# Each box is a token; ␣ is a space, and a token may begin with one. Press *Next merge* a few times, and see what is joined next and
# why. Then type a text of your own: your name, another language, a line of code, an emoji (its bytes, often four, shown as `<F0>` and so on, stay
# apart where nothing like it was seen). Under *Learned from* choose Python's manual: which of your words does it know whole?
#
# **Exercise 1** ●●○ (7 minutes). Learn the merges. `tokens` is a list of texts, single characters at first. Do `count` times: count all
# pairs of neighbours, take the most common (of equally common ones the first in the text), note it, and join it everywhere, from the left. Stop
# early where no pair is left. (The real one also never joins across words, and looks at each different word only once: that makes it fast.)


# %% exercise="learn_merges"
def learn_merges(tokens, count):
    """Return the list of merged pairs, in order, such as [("t", "h"), ("th", "e")]."""
    ### BEGIN SOLUTION
    merges = []
    for _ in range(count):
        pairs = Counter(pairwise(tokens))
        if not pairs:
            break
        best = max(pairs, key=pairs.get)
        merges.append(best)
        joined, place = [], 0
        while place < len(tokens):
            if tuple(tokens[place : place + 2]) == best:
                joined.append(best[0] + best[1])
                place += 2
            else:
                joined.append(tokens[place])
                place += 1
        tokens = joined
    return merges
    ### END SOLUTION


# %% check="learn_merges" points=2
exercises.learn_merges.check()

# %% [markdown]
# ## Part 2 · A model that guesses (6 minutes)
#
# Nobody needs to label anything: every place of a text is a question, and the next token is its answer. The loss is lesson 03's cross-entropy,
# minus the logarithm of the chance that the model gave to the right token. Cross-entropy is counted in *nats*: a [[nat]] is the unit that the
# natural logarithm gives. Before you train: what does knowing nothing cost?

# %%
first_loss_guess = questions.first_loss_guess()
first_loss_guess

# %%
names = trained.trained("names", progress=True)
print(names)
print(f"Held-out loss {names.held_out:.2f}: perplexity {perplexity(names.held_out):.1f}")
known = set(texts.names().text.split())
for temperature in (0.5, 0.8, 1.3):
    made = names.write(count=600, temperature=temperature, seed=1).split("\n")[:-1]
    share = np.mean([name in known for name in made])
    print(f"temperature {temperature}: {share:.0%} of {len(made)} are in the list;", *made[:8])
first_loss_guess.compare(
    questions.first_loss(),
    "It is ln 27. The first weights are small and random, so training begins near it.",
)

# %% [markdown]
# A [[GPT]], *generative pretrained transformer*, is a language model made of attention, which part 3 opens. The engine that you built has just
# trained one. (Your course folder keeps it, so that the next time takes only a moment.) The [[perplexity]] of a model is e to the power of its loss: the model is as
# uncertain as one that chooses evenly among so many tokens. An even guess among 27 has perplexity 27.
#
# Then it wrote, carefully at a low *temperature* (part 4) and boldly at a high one. Many of these names are not in the list, and yet you can pronounce
# most of them. Others are: a model trained on people's data can give that data back, and the more carefully it writes, the more of it. These
# names were public; with addresses it would be a leak. (To train on a text of your own: `trained.on_text(text, progress=True)`, then `.write()`.)
#
# ## Part 3 · Inside (17 minutes)
#
# The first thing that a token meets is its [[embedding]], a row of numbers that training chose for it, here 48. Nobody told the model what a
# vowel is. Which letters have the most similar rows, those with the smallest angle between them? And we train a second model (about a minute), on the
# prose of Python's own manual in 768 byte-pair tokens, to look at both from inside.

# %%
rows = names.model.tokens.weight.detach().numpy()
rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
for letter in "aeotn":
    alike = np.argsort(-rows @ rows[letters.encode(letter)[0]])[1:5]
    print(letter, "is most like", " ".join(repr(letters.decode([token])) for token in alike))
manual = trained.trained("manual", progress=True)
print(manual)
print(manual.write("The statement", count=60, temperature=0.7, top_p=0.9, seed=2))

# %% [markdown]
# (The manual's model has a much lower loss on what it was trained on than on held-out pages: it has met every paragraph several
# times, and other pages speak of other things. It overfits, as in lesson 03.)
#
# Each place adds an embedding of its position in the text to that of its token, and still knows nothing of its neighbours. In
# [[attention]] each place looks at the places before it, and at itself, and takes something from each. An [[attention head]], *head* for short, is
# one way of looking; each of the two layers of these models has four, side by side. Point at a token on the left: lines show where it looks. Then:
#
# 1. Press the small maps one after the other. One head of layer 1 nearly always looks one place back: which? The numbers below the explorer
#    measure it.
# 2. Press *1 Scores*, *2 Causal mask*, *3 Softmax*. The crossed-out triangle is the future, which no place may see.
# 3. Press *Play*, then change *Temperature* and *Top-p* while it writes. Press a letter on the right to choose it yourself.
# 4. Choose Python's manual and type *The function is called with the arguments of the function*. Which heads of
#    layer 2 find the earlier *function*?

# %%
display(explorers.attention_viewer())
text = tokens[:2000]
maps = names.model.attention_maps(scratch.tensor([text[n : n + 16] for n in range(0, 1600, 16)]))
for layer, weights in enumerate(maps, start=1):
    back = np.diagonal(weights.numpy(), offset=-1, axis1=2, axis2=3).mean(axis=(0, 2))
    print(f"layer {layer}, weight on the letter just before, by head:", np.round(back, 2))

# %% [markdown]
# Nobody asked for such a head: training found it useful to know the letter before. Do not read too much into the others; what a head
# looks at is not yet why the model answers as it does.
#
# Now in symbols. From each place's numbers three *linear* layers (a matrix of weights and a bias, no activation) make a [[query]] $q$ (what I
# look for), a [[key]] $k$ (what I am) and a [[value]] $v$ (what I give), each of size $d$. How well a query fits a key is their *score*: multiply
# them number by number, and add up. With one row a place, $Q K^\top$ holds all scores, and
#
# $$ \mathrm{attention}(Q, K, V) = \mathrm{softmax}\!\left(\frac{Q K^\top}{\sqrt d} + M\right) V . $$
#
# The [[causal mask]] $M$ hides the future: it is 0 up to a place's own column and minus infinity after it. The [[softmax]] of a row of
# scores raises e to each and divides by the sum, so that all become positive and add up to 1. These are the
# weights by which the values are mixed. Without the $\sqrt d$, scores would spread more the larger $d$ is, and the softmax would see only the largest.
#
# **Exercise 2** ●●● (6 minutes). Write it. `q`, `k`, `v` have shape (..., t, d): t places of d numbers, and before them any axes, such as
# one of heads. Subtract each row's maximum before `np.exp`: the result stays the same, and nothing overflows.


# %% exercise="causal_attention"
def causal_attention(q, k, v):
    """Return what each place takes from itself and those before it: shape (..., t, d)."""
    ### BEGIN SOLUTION
    t, d = q.shape[-2:]
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(d)
    scores = np.where(np.triu(np.ones((t, t), bool), 1), -np.inf, scores)
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True) @ v
    ### END SOLUTION


# %% check="causal_attention" points=3
exercises.causal_attention.check()

# %% [markdown]
# That is PyTorch's `scaled_dot_product_attention(q, k, v, is_causal=True)`, and the same in `course.scratch`; the course's tests hold all three
# together. A GPT is a stack of blocks, the explorer's layers: attention, then a small network at each place, both *added* to what was there,
# and before each the place's numbers are normalised (centred, and scaled to a spread of 1). Such a stack is called a *transformer*. At
# the end one linear layer gives every token of the vocabulary a score, its [[logit]], which the softmax turns into a chance. Read it in `course/language/gpt.py`.
#
# **Exercise 3** ●●○ (4 minutes). Repair the mask. A colleague turns scores (t, t) into the weights of attention. It runs, and trains badly. Two
# things are wrong.
#
# ```python
# def attention_weights(scores):
#     raised = np.exp(scores - scores.max(axis=1, keepdims=True))
#     weights = raised / raised.sum(axis=1, keepdims=True)
#     return np.where(np.triu(np.ones_like(scores)) == 1, 0, weights)
# ```


# %% exercise="attention_weights" shown=["raised = np.exp(scores - scores.max(axis=1, keepdims=True))"]
def attention_weights(scores):
    """Return weights (t, t): no future, each row adds up to 1."""
    ### BEGIN SOLUTION
    scores = np.where(np.triu(np.ones_like(scores), 1) == 1, -np.inf, scores)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% check="attention_weights" points=2
exercises.attention_weights.check()

# %% [markdown]
# ## Part 4 · Writing (11 minutes)
#
# The explorer has three settings for writing. The [[temperature]] of a draw divides the logits before the softmax: below 1 the likely becomes likelier, above 1
# chances level out, and 0 stands for "always the likeliest". [[Top-k|top-k]] sampling draws among the k likeliest tokens alone. [[Top-p|top-p]] sampling
# draws among the fewest tokens, likeliest first, that together reach a share p (Holtzman and others, 2020): few where the model is sure, many where it is not.
#
# **Exercise 4** ●●○ (5 minutes). Write temperature and top-p. First the temperature makes chances of the logits; then a token stays while the likelier ones
# *before* it have not yet reached `top_p`, so at least one stays; all others get 0, and those that stay add up to 1 again.


# %% exercise="token_chances"
def token_chances(logits, temperature, top_p):
    """Return the chance of each token: an array like `logits`, sum 1. temperature is above 0."""
    ### BEGIN SOLUTION
    raised = np.exp((logits - logits.max()) / temperature)
    chances = raised / raised.sum()
    order = np.argsort(-chances)
    before = np.cumsum(chances[order]) - chances[order]
    chances[order[before >= top_p]] = 0
    return chances / chances.sum()
    ### END SOLUTION


# %% check="token_chances" points=2
exercises.token_chances.check()

# %% [markdown]
# **Exercise 5** ●●○ (5 minutes). For every new token, must everything be computed again? Keys and values of earlier places never change, since
# those places see nothing later. A [[KV cache]] keeps the keys and values of all tokens so far, so that only the newest token's are computed. Write the
# attention of the newest token alone. `q`, `k`, `v` are its rows, of shape (d,); `cache["k"]` and `cache["v"]` hold the rows of the
# tokens before, of shape (n, d). Add the new ones there, and return what the token takes. Below the check, a larger GPT writes without a
# cache and with one.


# %% exercise="attend_next"
def attend_next(q, k, v, cache):
    """Return the newest token's attention, shape (d,), and keep its key and value in `cache`."""
    ### BEGIN SOLUTION
    cache["k"] = np.vstack([cache["k"], k])
    cache["v"] = np.vstack([cache["v"], v])
    scores = cache["k"] @ q / np.sqrt(len(q))
    raised = np.exp(scores - scores.max())
    return raised / raised.sum() @ cache["v"]
    ### END SOLUTION


# %% check="attend_next" points=2
exercises.attend_next.check()

# %%
longer = gpt(scratch, Config(len(letters), context=256))  # 4 layers, width 128; not trained
written = {}
for use_cache in (False, True):
    began = time.perf_counter()
    written[use_cache] = list(generate(longer, [0], 200, seed=0, use_cache=use_cache))
    print(f"200 tokens, cache {use_cache}: {time.perf_counter() - began:.2f} s")
print("the same tokens:", written[False] == written[True])

# %% [markdown]
# ## Part 5 · The same in PyTorch, and larger (6 minutes)
#
# `gpt(engine, config)` is written once; the engine is an argument, and so is the kind of model. GPT-2 has an embedding for each position, and a
# network with *GELU*, a smooth relative of ReLU, at each place. Llama 3 differs in four things above all. Its normalisation scales
# and does not centre. [[Rotary positions|rotary positions]] turn the numbers of each query and key, two by two, by angles that grow with its place. A
# [[gated network]] multiplies, number by number, what two linear layers give, one of them bent by an activation (*SwiGLU*). In [[grouped-query attention]] several query heads share one head of keys and values, so that the cache is smaller.
#
# Below, both kinds get the same weights in both engines. Then the names' model is trained in both, 300 steps in 32-bit numbers and 50 in 64-bit, with the
# same first weights and the same batches.

# %%
sizes = {"context": 16, "layers": 2, "heads": 4, "width": 48}
batch = np.array([tokens[:16], tokens[16:32]])
for name, config in {
    "GPT-2-like": Config(len(letters), **sizes),
    "Llama-like": llama_like(len(letters), **sizes, groups=2, hidden=128),
}.items():
    mine, theirs = gpt(scratch, config), gpt(torch, config)
    copy_weights(theirs, mine)
    logits = mine(scratch.from_numpy(batch)), theirs(torch.from_numpy(batch))
    print(cmp(name, *logits), f" parameters: {sum(w.numel() for w in mine.parameters()):,}")
display(engines.trained_in_both("names", steps=300))
display(engines.trained_in_both("names", "float64", steps=50))
size_guess = questions.size_guess()
size_guess

# %% [markdown]
# So what you built is PyTorch, in small. What would a larger model do? Commit yourself on the card above. Then five GPTs, from 652 to 102,592 parameters, take
# turns on the same batches of names; the cell trains them to the end, in half a minute or less.

# %%
contest = explorers.loss_against_parameters()
display(contest)
contest.run_to_end()
run = contest.training
display(run.table())
size_guess.compare(questions.of_ten_times(run.slope, run.held_out[0]), run.describe())

# %% [markdown]
# Ten times the parameters bring a few per cent, and a second tenfold brings less than the first: the points bend away from the straight line, as if towards a
# floor. Part of a name is chance, and here names and updates are few. Set 20 *updates of each model*, then 600, and press *Play*: in which of the two do the points
# bend? Lesson 08 fits such curves properly, floor included, and asks how to spend a given number of operations.
#
# ## Reflect (8 minutes)
#
# - A language model gives the chance of each next token; cross-entropy trains it, and perplexity says among how many tokens it wavers.
# - Byte-pair encoding joins the commonest neighbours; every text can be cut, and common words need few tokens.
# - Attention is a weighted mean of values, by how queries fit keys; the causal mask keeps the answer out of the question.
# - Temperature, top-k and top-p decide how the same model sounds. The KV cache changes the time and not the text.
# - The same program runs on both engines; their losses lie on one another.
#
# **Where this goes wrong in practice**: a mask that lets the future through, and a loss too good to be true; perplexities compared across
# vocabularies; training text that comes back word for word; a model judged on text that it was trained on; a tokenizer other than the one
# it was trained with; and fluent sentences taken for true ones.
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.mask(), questions.perplexity(), questions.cache())

# %% [markdown] answer="names_in_use" points=2
# **Exercise 6** ●●○ (5 minutes). A school wants made-up pupils' names for its exercise sheets, and would like to use the names' model. Decide, in five or
# six sentences: which temperature and top-p, and why; what you check before a name is printed; what the datasheet says of who is missing; and
# whether you would use this model at all.
#
# <!-- BEGIN SOLUTION -->
# I would take a temperature of about 0.8 and a top-p of 0.9: varied, but without the odd spellings of the far tail. At low temperatures about half of what it
# writes are names from the list, remembered or found again; so I compare each with the list. For this purpose such a name is harmless, since the list is public and names
# nobody in particular; with a list of the school's own pupils I would not train at all. Someone reads every name before it is printed: the model knows letters, not insults, brands or
# real persons. The list is the United States of 1990, common names alone, in letters A to Z and two sexes: pupils with accents, hyphens, or names from elsewhere do
# not occur, and sheets made with it would tell them so. I would rather ask the pupils for names to use, or draw from lists of the countries they come from; the
# model is the worse tool here.
# <!-- END SOLUTION -->
