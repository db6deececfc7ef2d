# %% [markdown]
# # 08 · LLM scale
#
# {{ launch_links }}
#
# **54 minutes**, in four parts. You need the small GPT of lesson 07, and what a cluster is (lesson 06).
#
# You will be able to
#
# - count every parameter of a language model from a dozen numbers, and say what it takes to serve it;
# - turn parameters, tokens and chips into days and dollars, and see when a claim cannot be true;
# - say what fills a chip's memory in training, and what to do about it;
# - fit a scaling law to runs of your own, and plan a run for a budget.
#
# A [[large language model]] (LLM) is lesson 07's model with larger numbers. Nothing here needs a large computer: the laws that
# people use to plan runs of millions of dollars are short formulas, and all of them are held to published figures below.

# %%
# {{ get_ready }}

# %%
import numpy as np
from IPython.display import display

from course.facts import corpora, interruptions, scaling, training_memory
from course.scale import built, exercises, explorers, fitting, laws, little_runs, memory, questions
from course.scale.config import architecture
from course.scale.costs import lost_share
from course.scale.parameters import parameters
from course.scale.past_runs import past_runs
from course.scale.published import models, row_of

table_guess = questions.ends_guess()
table_guess

# %% [markdown]
# ## Part 1 · What a model is made of (16 minutes)
#
# Above is a card: commit yourself first. As in lesson 07, each token is looked up in a table of embeddings, goes through a pile of equal
# *layers*, and meets an *output head* that gives every token a logit. A layer (a *block* of lesson 07) has attention, in which tokens look at one another
# through heads, and a [[feed-forward part]], a small network that changes each token by itself. Here is the whole pile, drawn to scale.

# %%
display(explorers.scale_calculator())
rows = [(row_of(name), parameters(shape)) for name, shape in models().items()]
known = [(row, count) for row, count in rows if row.verified and row.parameters]
print(
    f"{len(known)} published models; equal to the unit: {sum(r.parameters == n for r, n in known)}"
)
table_guess.compare(questions.ends_counted())

# %% [markdown]
# Try three models. *Llama-3.2-3B* stores no head. A head is [[tied|tied head]] if the table of tokens serves as the head too. *Mixtral-8x7B* has a pale
# part, which a token does not meet. In a [[mixture of experts]] there are several feed-forward parts, the *experts*, and a small *router*
# sends each token to few of them, in Mixtral to two of eight. In *GPT-2 XL* (set *Text* to 1,024) no heads
# share keys and values, so its *cache* (lesson 07) is large for its size.
#
# **Exercise 1** ●●○ (6 minutes). Count every parameter of a model of the Llama kind. In a layer: the matrices of the queries and of attention's output are
# `hidden` by `hidden`; those of the keys and of the values `hidden` by `kv_heads · hidden / heads`, for several heads share them; the feed-forward part is *gated*,
# three matrices of `hidden` by `ffn`; and there are two norms of `hidden` numbers each. There are no biases. Outside: the table of tokens, `vocab` by `hidden`, one
# last norm, and a head as large as the table unless it is tied.


# %% exercise="count_parameters"
def count_parameters(layers, hidden, heads, kv_heads, ffn, vocab, tied):
    """Return the exact number of parameters, a whole number."""
    ### BEGIN SOLUTION
    head_dim = hidden // heads
    attention = 2 * hidden * hidden + 2 * hidden * kv_heads * head_dim
    feed_forward = 3 * hidden * ffn
    tables = vocab * hidden * (1 if tied else 2)
    return tables + layers * (attention + feed_forward + 2 * hidden) + hidden
    ### END SOLUTION


# %% check="count_parameters" points=2
exercises.count_parameters.check()

# %% [markdown]
# **Any open model.** The file `config.json` beside an open model's weights holds these numbers. Paste its text, or give its path; whatever contradicts
# itself is named. **The same in PyTorch**: modules built on the device *meta* have shapes and no memory, so PyTorch can count what no computer here could hold.

# %%
mine = architecture("""{"model_type": "llama", "hidden_size": 2048, "num_hidden_layers": 22,
    "num_attention_heads": 32, "num_key_value_heads": 4, "intermediate_size": 5632,
    "vocab_size": 32000, "max_position_embeddings": 2048, "tie_word_embeddings": false}""")
print(f"yours: {parameters(mine):,} parameters; see explorers.scale_calculator(mine)")
built.counted_in_both()

# %% [markdown]
# **Exercise 2** ●●○ (5 minutes). Repair an order. A colleague calculates the memory for serving `texts` texts of `tokens` tokens at once, and orders far
# too many chips. There are three bugs.
#
# ```python
# def serving_bytes(parameters, layers, heads, kv_heads, head_dim, tokens, texts, itemsize):
#     kept = layers * heads * head_dim * tokens
#     return texts * (parameters + kept) * itemsize
# ```


# %% exercise="serving_bytes"
def serving_bytes(parameters, layers, heads, kv_heads, head_dim, tokens, texts, itemsize):
    """Return bytes for the weights and for the cache; itemsize: bytes of a number."""
    ### BEGIN SOLUTION
    kept = 2 * layers * kv_heads * head_dim * tokens
    return parameters * itemsize + texts * kept * itemsize
    ### END SOLUTION


# %% check="serving_bytes" points=2
exercises.serving_bytes.check()

# %% [markdown]
# ## Part 2 · Days and dollars (10 minutes)
#
# Every parameter costs a token a multiplication and an addition forward, and twice that backward: **6 operations a parameter and token**. (Attention adds
# some, as the calculator shows; the table of tokens is only looked up.) With $N$ parameters (of experts, those that a token meets) and $D$ tokens a training takes about $6ND$ operations. Chips never
# reach their *peak*, the operations a second that their maker states; the share that the model's own operations reach is the *MFU*, model FLOPs utilisation
# (lesson 06).

# %%
mfu_guess = questions.mfu_guess()
mfu_guess

# %%
display(explorers.training_run())
for run in past_runs():
    if "OPT" in run.name or "3.1" in run.name:
        print(f"{run.name:38}{run.row.billion_tokens:8,.0f} billion tokens, MFU {run.mfu:6.1%}")
stops = interruptions.interruptions()
hours = stops[0].days * 24 * stops[0].accelerators / sum(stop.count for stop in stops)
print(f"Llama 3 405B: a stop every {hours / stops[0].accelerators:.1f} hours")
(published,) = interruptions.effective_training()
lost = lost_share(16384, hours, 30, 15)
print(f"a checkpoint every 30 minutes, 15 to restart: {lost:.0%} would be lost", end="; ")
print(f"published: less than {100 - published.at_least_pct:.0f}%")
mfu_guess.compare(questions.median_mfu())

# %% [markdown]
# Every point is a training that somebody published; the slider *MFU* moves them all. No single value fits all, but over five powers of
# ten of operations so short a formula is seldom off by more than a factor of two. Turned round, it says which MFU a run must have had: $6ND$ over (chip-hours · 3,600 · peak).
# Stops and restarts are part of it where the published hours hold them. Prices perish: these are of 2026. *Show as table* names the source of every run.

# %% [markdown] answer="two_estimates" points=2
# **Exercise 3** ●●○ (5 minutes). Criticise a published estimate. Above are two MFUs for one training, OPT-175B. The first takes 34 days on 992 chips, which LLaMA's
# paper assumes, and 180 billion tokens, as many lists print. OPT's own log says: a corpus of 180 billion tokens, a run on 300 billion, and "~33 days of continuous
# training on 1024" chips, "assuming no hardware issues"; the run began on 11 November and ended on 6 January. By which factor do the MFUs differ, and
# which input makes the difference? Which MFU would you use for a comparison of *how well teams use chips*, and what would you still ask?
#
# <!-- BEGIN SOLUTION -->
# 34.6 % over 20.8 % is a factor of 1.66, and 300 over 180 billion tokens is 1.67: chips and days hardly differ, the tokens make it. 180 billion
# is the size of the corpus; two thirds of it were read twice, and a token costs its operations every time. So 300 billion is right, and 20.8 % is wrong.
#
# But 34.6 % leaves out all that went wrong: 33 days are what an undisturbed run would have taken. From 11 November to 6 January are 56 days, and over those the MFU is
# about 20 %. That one I would use where the other runs count all their days, 34.6 % where they count working hours alone. I would ask which of the two they count, whether
# failed attempts and tokens repeated after a restart are in it, and whether 6·N·D or a count with attention is meant.
# <!-- END SOLUTION -->

# %% [markdown]
# ## Part 3 · What fills the memory (5 minutes)
#
# In training a parameter takes 16 bytes: 2 for the weight, 2 for its gradient, and 12 for Adam's state, which is two averages (lesson 03) and a copy of the
# weight, in 32 bits each. And each layer keeps its *activations*, what the backward pass needs. [[ZeRO]] cuts what every copy of the model holds in full into
# shares, one a copy: in stage 1 Adam's state, in stage 2 the gradients too, in stage 3 the weights too. [[Recomputation|recomputation]] throws activations away
# and makes them again in the backward pass: less memory, more operations.

# %%
display(explorers.memory_ledger())
for stage, row in enumerate(training_memory.zero_overview()):
    found = memory.model_states(1e9 * row.billion_parameters, stage, int(row.data)).total / 1e9
    print(f"{row.configuration:20} published {row.gb_per_device:6.1f} GB, calculated {found:7.2f}")

# %% [markdown]
# *DeepSeek-V3* on 64 copies: nothing but ZeRO-3 comes near. *GPT 22B* keeps attention's scores, so recomputing just them, called *selective*, pays; newer
# programs never write them to memory. Cutting up the weights costs messages (lesson 06), recomputing every layer about a third more operations: memory is bought with time.
#
# ## Part 4 · How good will it be? (15 minutes)
#
# Before a large run people train small ones and draw a line. So do we, with the engine you built: models of one hidden layer that guess
# the next byte of Python's manual, in six sizes, each on four amounts of text (about half a minute). The sizes leave out the table of bytes, 3,072 numbers in
# every model, as some published laws do too.

# %%
runs = little_runs.runs(progress=True)
most = little_runs.TOKENS[-1]
small = [run for run in runs if run.tokens == most and run.width < little_runs.WIDTHS[-1]]
for run in small:
    print(f"{run.parameters:7,} parameters, {run.tokens:,} bytes: loss {run.loss:.3f} nats a byte")
largest_guess = questions.largest_guess()
largest_guess

# %% [markdown]
# **Exercise 4** ●●○ (5 minutes). A [[scaling law]] says which loss a model will reach from its size, its data or its operations; the simplest is
# $\mathrm{loss} = \mathrm{floor} + A / N^{\alpha}$. What lies above the floor follows a [[power law]]: ten times the size always divides it by the same factor. Take logarithms:
# $\log(\mathrm{loss} - \mathrm{floor}) = \log A - \alpha \log N$, a straight line. Return $A$ and $\alpha$ of the best line (`np.polyfit`).


# %% exercise="fit_power_law"
def fit_power_law(parameters, losses, floor):
    """Return (A, alpha) of losses = floor + A / parameters**alpha; floor is one number."""
    ### BEGIN SOLUTION
    slope, height = np.polyfit(np.log(parameters), np.log(losses - floor), 1)
    return float(np.exp(height)), float(-slope)
    ### END SOLUTION


# %% check="fit_power_law" points=2
exercises.fit_power_law.check()

# %%
sizes, losses = np.array([run.parameters for run in small]), np.array([run.loss for run in small])
for floor in (0.0, 0.5, 1.0):
    a, alpha = fitting.power_law(sizes, losses, floor)
    law = floor + a * np.append(sizes, 1e6) ** -alpha
    off = np.abs(law[:-1] - losses).max()
    print(f"floor {floor}: alpha {alpha:.2f}, off by {off:.3f} at most, at a million {law[-1]:.2f}")
display(explorers.own_law())
largest_guess.compare(questions.largest_loss())

# %% [markdown]
# Three floors fit your five runs to within a few hundredths of a nat, and at a million parameters they are two tenths of a nat apart.
# [[Extrapolation|extrapolation]] is reading a law beyond the data that it was fitted to. The explorer's law has five constants,
# $\mathrm{loss} = E + A / N^{\alpha} + B / D^{\beta}$, for size and text both. A [[bootstrap]] fits a law again and again to samples
# drawn from the same runs, some runs twice, some not at all; the band holds 9 in 10 of those laws. Lower *Sizes fitted to* and see it widen. Two
# warnings. The diamond may lie outside the band: the band knows how the *runs* scatter, not whether the *formula* holds beyond them. And $E$, the loss that remains, is hardly pinned down: whoever reads off such a fit how
# unpredictable text itself is (its *entropy*) reads tea leaves.
#
# DeepMind fitted the same formula to its own models (*Chinchilla*, 2022). Two years later *Epoch AI* read the runs off a figure of that paper, fitted them again
# and found other constants. A split of a budget is [[compute-optimal]] if no other size of model and amount of text reaches a lower loss with the same operations.

# %%
display(explorers.frontier())
for epochs in (1, 2, 4, 16, 64):
    print(
        f"{epochs:3} epochs of 1 trillion tokens are worth {laws.worth(1e12, epochs) / 1e12:5.2f} trillion"
    )
n, d = laws.law("epoch-corrected").optimum(3.8e25)
print(
    f"Llama 3's 3.8e25 operations, by Epoch AI's fit: {n / 1e9:,.0f} billion parameters, {d / 1e12:.1f} trillion tokens"
)
for text in corpora.corpora():
    print(f"  {text.name}: {text.value / 1e12:.1f} trillion, {d / text.value:.1f} epochs")
(theirs,) = scaling.constants("llama3-scaling-law").values()
print(f"its makers' own law: {theirs / 1e9:.0f} billion parameters")

# %% [markdown]
# Choose *Chinchilla, as printed*: about 93 tokens a parameter at the budget shown, where the paper's other two approaches say about 20. Rounding did part of that
# (try *before rounding*); fitted again, all three nearly agree. Then raise *Tokens served later*: whoever serves much wants a smaller model, trained longer.
# Is there enough text? Each further epoch over the same text is worth less (Muennighoff et al., 2023, printed above). For all of Llama 3's
# budget most of these public collections would have to be read several times.
#
# **Exercise 5** ●●○ (5 minutes). Plan a run for a budget. Dollars buy chip-hours, those buy operations (seconds · `peak` in operations a second · MFU), and
# operations are $6ND$ with $D$ = `tokens_per_parameter` · $N$.


# %% exercise="plan_run"
def plan_run(dollars, price, peak, mfu, tokens_per_parameter):
    """Return (parameters, tokens); price: dollars for a chip and hour; mfu: a share, 0 to 1."""
    ### BEGIN SOLUTION
    flops = dollars / price * 3600 * peak * mfu
    parameters = (flops / (6 * tokens_per_parameter)) ** 0.5
    return parameters, tokens_per_parameter * parameters
    ### END SOLUTION


# %% check="plan_run" points=2
exercises.plan_run.check()

# %% [markdown]
# ## Reflect (8 minutes)
#
# - A dozen numbers fix a model to the last parameter. Experts save operations and no memory; shared keys and values save cache.
# - Training takes about $6ND$ operations; published runs reach a third of the peak, more or less. Claims that need more than all of it are wrong, or count otherwise.
# - 16 bytes a parameter, and activations: cut them up or recompute, and pay in messages or operations.
# - A scaling law is a fit. It plans well near its runs; its constants are uncertain, and a loss says little about what the model is good for.
#
# **Where this goes wrong in practice**: peaks of sparse matrices taken for dense ones; active and total parameters mixed up; a price without its date; a loss
# read in the middle of a run, whose learning rate has not fallen yet; a law trusted three powers of ten beyond its runs; and "20 tokens a parameter" for a model that
# millions will use.
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.experts(), questions.peak(), questions.serving())

# %% [markdown] answer="your_budget" points=2
# **Exercise 6** ●●○ (5 minutes). Your team has 100,000 dollars and wants a model that answers customers, about a billion tokens a month. Decide: train one of your own, and then how large and on how many
# tokens; or take an open model. Use the explorers' numbers, name two inputs that you trust least, and say which number would change your mind.
#
# <!-- BEGIN SOLUTION -->
# At 2.5 dollars an hour 100,000 dollars are 40,000 H100-hours; at 40 % of 989 TFLOP/s that is about 5.7e22 operations: some 22 billion parameters on 435 billion tokens at 20 a parameter, or about 7
# billion parameters on 1.4 trillion. Llama-3.1-8B saw 15 trillion tokens, with more than ten times our operations. So we take an open model of that size, and spend the
# money on data of our own, fine-tuning and tests.
#
# I trust least the MFU (40 % is what experienced teams reach on good days; ours may be half) and the price (perishable, and the first attempts fail). What would change my mind: no open model whose licence, language
# or data we may use. The operations of serving decide nothing here: a billion tokens a month are about 1.9e20 operations a year for 8 billion parameters, well under one percent of the training. A chip that
# waits for questions day and night costs more: at 2.5 dollars an hour, some 22,000 a year.
# <!-- END SOLUTION -->
