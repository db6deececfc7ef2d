# %% [markdown]
# # 03 · The training loop
#
# {{ launch_links }}
#
# **55 minutes**, in four parts. You need Python, and what a gradient is (lesson 02).
#
# You will be able to
#
# - write the five lines that every training loop repeats, and say what breaks without each of them;
# - write a step of gradient descent and a step of Adam by hand;
# - feed a network in mini-batches, and find the bug in a loop that learns badly;
# - stop a training in time;
# - show that the loop you built is PyTorch's: same weights, same batches, same curve.
#
# How to work: run the cells from the top with <kbd>Shift</kbd>+<kbd>Enter</kbd>. Where a cell says
# `NotImplementedError`, it waits for your code; the cell below it checks what you wrote.

# %%
# {{ get_ready }}

# %%
import numpy as np

from course import compare, datasets, models, scratch
from course.optimization import exercises, explorers, questions
from course.scratch.nn.functional import cross_entropy
from course.training import evaluate, fit, loaders

# %% [markdown]
# ## Part 1 · Five lines (10 minutes)
#
# Here are 1,797 small images of handwritten digits, each 8 by 8 pixels, written by 13 people; they come with
# scikit-learn. Some are kept back ("held out"): the network never trains on them, so they can tell whether it
# has learned digits or only these images.

# %%
digits = datasets.load("digits")
print(digits.datasheet)
digits.figure()

# %% [markdown]
# A *multilayer perceptron* turns the 64 pixels of an image into 10 numbers, one a digit; the largest is its answer. Its
# parameters start at random. The *loss* says in one number how wrong the answers are, and training lowers it, by the
# same five lines again and again:
#
# | line | what it does |
# |---|---|
# | `optimizer.zero_grad()` | forget the gradients of the step before |
# | `outputs = model(inputs)` | *forward*: compute the answers |
# | `loss = cross_entropy(outputs, targets)` | how wrong they are |
# | `loss.backward()` | *backward*: the gradient of the loss for every parameter |
# | `optimizer.step()` | move every parameter a little against its gradient |

# %%
scratch.manual_seed(0)
train, held_out = loaders(scratch, digits, batch_size=32)
model = models.mlp(scratch.nn, (64, 64, 10))
optimizer = scratch.optim.SGD(model.parameters(), lr=0.1)
inputs, targets = next(iter(train))

for step in range(5):
    optimizer.zero_grad()
    outputs = model(inputs)
    loss = cross_entropy(outputs, targets)
    loss.backward()
    optimizer.step()
    print(f"step {step}: loss {loss.item():.4f}")

# %% [markdown]
# The loss falls. Now a question to commit yourself to before you see the answer: the first of the five lines only
# *forgets*. What if you leave it out, and train on?

# %%
zero_grad_guess = questions.zero_grad_guess()
zero_grad_guess


# %%
def losses_by_pass(forget):
    """The mean loss of each of ten passes, with or without zero_grad."""
    scratch.manual_seed(0)
    model = models.mlp(scratch.nn, (64, 64, 10))
    optimizer = scratch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(10):
        for inputs, targets in train:
            if forget:
                optimizer.zero_grad()
            loss = cross_entropy(model(inputs), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return np.reshape(losses, (10, -1)).mean(axis=1)


# %%
with_line, without_line = losses_by_pass(forget=True), losses_by_pass(forget=False)
print("pass    with  without zero_grad")
for number in range(10):
    print(f"{number + 1:4d}  {with_line[number]:6.3f}  {without_line[number]:6.3f}")
zero_grad_guess.compare(questions.what_happened(with_line[-1], without_line[-1]))

# %% [markdown]
# Guessing blindly among ten digits has the loss ln 10 = 2.303, and after ten passes the loop without `zero_grad` is
# worse than that. `backward` *adds* to each parameter's `grad`, so every step takes all earlier gradients along, as if
# they were still true. In the first pass that even helps: the old gradients point about the same way, and the
# parameters pick up speed. But it is a speed that never fades: they overshoot, and are thrown back and forth.
#
# No error was raised, and whoever looked at the first pass alone was pleased. That is what makes this bug so common.
#
# Now every line has a switch. The loop below is really run, on the same digits, without the lines that you switch off;
# for each line it says what it did in the step that you look at. Find the two lines whose absence ends in an error, and
# the three whose absence does not. Which of the five mistakes would you notice last?

# %%
explorers.five_lines()

# %% [markdown]
# ## Part 2 · One step (15 minutes)
#
# `optimizer.step()` is the line where learning happens, and it is short. In *gradient descent* each parameter $p$ with
# gradient $g$ moves against it, by a small factor, the *learning rate*:
#
# $$p \leftarrow p - \mathrm{lr} \cdot g$$
#
# **Exercise 1** ●○○ (5 minutes). Write it for a list of parameters. Each has its gradient in `p.grad`. Change the
# parameters themselves, inside `with scratch.no_grad():`, because a step is not part of the model and must leave no
# trace in its graph.


# %% exercise="sgd_step"
def sgd_step(parameters, lr):
    """Move each parameter against its gradient, in place."""
    ### BEGIN SOLUTION
    with scratch.no_grad():
        for p in parameters:
            p -= lr * p.grad
    ### END SOLUTION


# %% check="sgd_step" points=2
exercises.sgd_step.check()

# %% [markdown]
# One learning rate for all parameters is a compromise: too large for steep directions, too small for flat ones. Other
# optimizers remember. *Momentum* keeps a velocity; *RMSprop* divides by the size of recent gradients; *Adam* does
# both; *AdamW* also shrinks the parameters a little at every step.
#
# Below, five of them start from one point and race downhill. They are the very optimizers of `course.scratch.optim`,
# and the gradients come from its autograd. First, commit yourself:

# %%
race_guess = questions.race_guess()
race_guess

# %%
explorers.optimizer_race()

# %%
race_guess.compare(questions.race_winner())

# %% [markdown]
# Move the learning rate up until one of them leaves the surface, and change the surface. On a quadratic bowl, plain
# gradient descent diverges as soon as the learning rate exceeds 2 / λ, where λ is the curvature in the steepest
# direction. No optimizer wins everywhere: a race on a surface of two parameters says little about a network of
# millions, which is why we measure.
#
# **Exercise 2** ●●○ (8 minutes). One step of Adam for one parameter, an array `p` with gradient `g`. `m` and `v` are
# running means of the gradient and of its square; `t` counts steps from 1. Both means start at 0, so the first ones
# are too small; dividing by $1 - \beta^t$ makes up for it:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$$
#
# $$\hat m = \frac{m}{1 - \beta_1^t} \qquad \hat v = \frac{v}{1 - \beta_2^t} \qquad
# p \leftarrow p - \mathrm{lr}\, \frac{\hat m}{\sqrt{\hat v} + 10^{-8}}$$


# %% exercise="adam_step"
def adam_step(p, g, m, v, t, lr, beta1, beta2):
    """Return the new (p, m, v) after step number t."""
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return p - lr * m_hat / (v_hat**0.5 + 1e-8), m, v
    ### END SOLUTION


# %% check="adam_step" points=2
exercises.adam_step.check()

# %% [markdown]
# ## Part 3 · Batches, and a bug (17 minutes)
#
# A step on all the data is exact and slow; a step on one image is fast and noisy. A *mini-batch* lies between. One pass
# over all of them is an *epoch*. How large should a batch be, and how large the learning rate? Each cell below is a
# training of its own, from the same first weights, measured here and now (it takes a few seconds). First let all see the
# same images, then let all take the same number of steps: the rows part in the one case and come together in the other.

# %%
explorers.batch_rate()

# %% [markdown]
# With the same images, a large batch takes few steps, and needs a larger learning rate to get as far; beyond some rate
# every row breaks down. With the same steps, the large batches lose nothing, but look at far more images for it.
#
# **Exercise 3** ●●○ (6 minutes). Write an iterator over mini-batches: in random order (from
# `np.random.default_rng(seed)`), each row exactly once, inputs with their own targets, and the last batch smaller where
# the division leaves a rest.


# %% exercise="minibatches"
def minibatches(inputs, targets, batch_size, seed):
    """Yield (inputs, targets) in batches, in random order."""
    ### BEGIN SOLUTION
    order = np.random.default_rng(seed).permutation(len(inputs))
    for start in range(0, len(inputs), batch_size):
        rows = order[start : start + batch_size]
        yield inputs[rows], targets[rows]
    ### END SOLUTION


# %% check="minibatches" points=2
exercises.minibatches.check()

# %% [markdown]
# **Exercise 4** ●●○ (6 minutes). A colleague wrote this epoch. It runs, raises nothing, and trains badly; and it should
# return the *mean* loss over the batches. It has two bugs. Write the repaired function below.
#
# ```python
# def train_epoch(model, batches, loss_function, optimizer):
#     for inputs, targets in batches:
#         loss = loss_function(model(inputs), targets)
#         loss.backward()
#         optimizer.step()
#     return loss.item()
# ```


# %% exercise="train_epoch" shown=["loss = loss_function(model(inputs), targets)", "for inputs, targets in batches:"]
def train_epoch(model, batches, loss_function, optimizer):
    """Train on every batch once; return the mean of their losses."""
    ### BEGIN SOLUTION
    total = 0.0
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = loss_function(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(batches)
    ### END SOLUTION


# %% check="train_epoch" points=2
exercises.train_epoch.check()

# %% [markdown]
# ## Part 4 · The same in PyTorch (15 minutes)
#
# `course.training.fit` is the five lines with a progress bar, a history and a few safety nets; you can read it in
# `course/training/loop.py`. It trains the network on all the digits, several epochs long.

# %%
scratch.manual_seed(0)
model = models.mlp(scratch.nn, (64, 64, 10))
optimizer = scratch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
history = fit(model, train, loss=cross_entropy, optimizer=optimizer, epochs=10, validation=held_out)
found = evaluate(model, held_out, cross_entropy)
print(f"{found['accuracy']:.1%} of {found['count']} held-out digits are right")
history.figure()

# %% [markdown]
# The held-out loss need not fall as long as the training loss does. *Early stopping* ends a training when it has not
# reached a new best for some epochs, the *patience*, and keeps the best epoch's parameters.
#
# **Exercise 5** ●●○ (5 minutes). Given the held-out losses of the epochs (numbered from 0), return two numbers: the epoch
# with the best loss so far, and the epoch at which training stops: the one that makes it `patience` epochs in a row
# without a new best, or the last one there is. A loss that only equals the best is no new best.


# %% exercise="early_stop"
def early_stop(losses, patience):
    """Return (best epoch, epoch at which training stops)."""
    ### BEGIN SOLUTION
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best == patience:
            return best, epoch
    return best, len(losses) - 1
    ### END SOLUTION


# %% check="early_stop" points=2
exercises.early_stop.check()

# %% [markdown]
# Everything so far ran on `course.scratch`, the engine that this course builds by hand on NumPy. Is it right? The
# strongest test that we know: give PyTorch the *same* first weights and the *same* batches, in 64-bit numbers, train
# both for an epoch, and hold the results beside each other.

# %%
beside = compare.run("mlp", "digits", epochs=1, dtype="float64")
beside

# %% [markdown]
# Both curves are one curve. The largest difference is rounding: the two engines add the same numbers in another order.
# In 32-bit numbers, with which networks are usually trained, rounding is larger and grows a little with every step.
#
# The times are measured here, now, and vary from run to run; on such a small network most of the time is spent on
# deciding what to compute, not on computing it.
#
# Now you. A loop that names no engine runs on either.
#
# **Exercise 6** ●●○ (5 minutes). Write the five lines once more, for whatever `engine` is given, `scratch` or `torch`:
# gradient descent with `engine.optim.SGD` and `engine.nn.functional.cross_entropy`. Return the list of the batches' losses
# as numbers. The check runs your loop on both, in 64-bit numbers, and asks for agreement to 0.0000000001.


# %% exercise="train_on" shown=["loss = engine.nn.functional.cross_entropy(model(inputs), targets)", "for inputs, targets in batches:", "losses.append(loss.item())"]
def train_on(engine, model, batches, lr):
    """Train on every batch once, by gradient descent; return the losses."""
    ### BEGIN SOLUTION
    optimizer = engine.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = engine.nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% check="train_on" points=2
exercises.train_on.check()

# %% [markdown]
# Change the model, the numbers and the epochs below. With the convolutional network and 32-bit numbers, rounding can
# decide which of two pixels is the larger, and the curves part a little; with 64-bit numbers they do not.

# %%
explorers.side_by_side()

# %% [markdown]
# ## Reflect
#
# Three questions. Each option, right or wrong, explains itself.

# %%
questions.order()

# %%
questions.batch_size()

# %%
questions.evaluation()

# %% [markdown] answer="explain_zero_grad" points=1
# **Exercise 7** ●●○ (5 minutes). PyTorch could forget the gradients by itself at every `backward`, and a whole class of
# bugs would be gone. It does not. Defend or attack that decision in three or four sentences: name one thing that the
# adding makes possible, and one price.
#
# <!-- BEGIN SOLUTION -->
# Because gradients add up, a batch that is too large for the memory can be computed in pieces: several `backward` calls,
# one step. Losses of several parts of a model can be sent back one after the other in the same way. The price is a line
# that everyone must remember, whose absence raises no error: the loop still runs, and only learns badly.
# <!-- END SOLUTION -->

# %% [markdown]
# **What to take away**
#
# - Training is five lines: zero_grad, forward, loss, backward, step.
# - An optimizer is a rule for `step`; all that it knows is the gradient and what it remembers of earlier ones.
# - Mini-batches trade exactness for speed, and must be shuffled with their targets.
# - The loop built by hand gives PyTorch's numbers, because it *is* PyTorch, in small.
#
# **Where this goes wrong in practice**: a forgotten `zero_grad` or one in the wrong place; a loss printed from the last
# batch and taken for the whole; a learning rate copied from another optimizer (0.1 suits gradient descent here, and
# is a hundred times too much for Adam); judging by the training loss alone.
