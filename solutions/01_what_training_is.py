# %% [markdown]
# # 01 · What training is
#
# {{ launch_links }}
#
# **48 minutes**, in four parts. You need Python, a little NumPy (arrays that add and multiply element by element), and
# school algebra.
#
# You will be able to
#
# - say what a model, a parameter, a loss and a gradient are;
# - write the mean squared error and one step of gradient descent by hand;
# - tell beforehand at which learning rate training falls apart, and find that rate by trying;
# - find a bug that raises no error and only makes a fit bad;
# - train a small network while you look on, and show that PyTorch does the same.
#
# How to work: run the cells from the top with <kbd>Shift</kbd>+<kbd>Enter</kbd>. Where a cell says
# `NotImplementedError`, it waits for your code; the cell below it checks what you wrote. A `NameError` says that a cell above has
# not been run since the kernel started: choose *Run*, then *Run All Above Selected Cell*.
#
# ## Part 1 · A model, and how wrong it is (8 minutes)
#
# We have measurements of 442 people with diabetes: their *body mass index* (weight in kilograms divided by the square of
# the height in metres), and how far their disease had progressed a year later, a number in which more is worse. Knowing the
# first, can one guess the second?
#
# A [[model]] is a function that turns an input into a [[prediction]]. Ours is the simplest that is of any use, a straight line:
#
# $$\text{prediction} = \text{slope} \cdot x + \text{intercept}$$
#
# The input $x$ is the body mass index, counted in tens above 20: $x = 0$ is an index of 20, $x = 1$ an index of 30. The
# [[target]] $y$ is the right answer, here the progression in hundreds. The two numbers `slope` and `intercept` are the
# model's [[parameters|parameter]], the numbers in it that we are free to choose. [[Training|training]] chooses a model's
# parameters, so that its predictions come near the targets.
#
# The next cells say where the data come from and how far the progression reaches. Then they ask for your guess; commit yourself before you go on.

# %%
# {{ get_ready }}

# %%
import numpy as np
from IPython.display import display

from course import compare
from course.learning import descent, exercises, explorers, line, questions

points = line.diabetes()
print(points.datasheet)
print(f"The progression y: from {points.y.min():.2f} to {points.y.max():.2f} hundreds")
slope_guess = questions.slope_guess()
slope_guess

# %% [markdown]
# Now drag the two ends of the line until it fits as well as you can (or use the sliders). To the right every possible line is
# one place: its slope counts to the right, its intercept upwards. The dot is your line. The shade tells how wrong a line is: dark
# where it is least wrong. You may drag the dot, too.

# %%
explorers.line_fit()

# %%
slope_guess.compare(questions.best_slope())

# %% [markdown]
# The result is the slope of the best line there is, found by a formula. In words: people whose index is 10 higher have on
# average a progression higher by about that many hundreds. That is what *goes together* in these 442 people; the line
# does not say that the one causes the other.
#
# "How wrong" was one number all the time. A [[loss]] says in one number how wrong a model is on given points. Ours is the
# [[mean squared error]]: the error of a point is its prediction minus its target; square each error, so that none is negative
# and large ones count more; take the mean.
#
# $$\text{loss} = \frac{1}{n} \sum_{i=1}^{n} (\text{prediction}_i - y_i)^2$$
#
# **Exercise 1** ●○○ (3 minutes). Write it: two NumPy arrays come in, each with one number for each point; one number goes out.
# All training in this course lowers some loss, so it is worth having written one.


# %% exercise="mean_squared_error"
def mean_squared_error(predictions, targets):
    """The mean of the squared errors: one number."""
    ### BEGIN SOLUTION
    return np.mean((predictions - targets) ** 2)
    ### END SOLUTION


# %% check="mean_squared_error" points=2
exercises.mean_squared_error.check()

# %% [markdown]
# ## Part 2 · Downhill (13 minutes)
#
# You found the line by looking at the picture of all losses, the *loss surface*. With two parameters one can; with a million nobody sees it.
# But at the place where one stands, one can ask for each parameter: *if I make it a little larger, how does the loss
# change?* The change of the loss divided by the change of the parameter is a slope of the loss, and such slopes for all the
# parameters together are the loss's [[gradient]]. Let us ask it of the flat line at height 2.5:

# %%
nudge = 0.0001
here = line.loss(0.0, 2.5, points)
by_slope = (line.loss(nudge, 2.5, points) - here) / nudge
by_intercept = (line.loss(0.0, 2.5 + nudge, points) - here) / nudge
formula = line.gradient(0.0, 2.5, points)
print(f"by trying:   {by_slope:.4f} for the slope, {by_intercept:.4f} for the intercept")
print(f"by formula:  {formula[0]:.4f} for the slope, {formula[1]:.4f} for the intercept")

# %% [markdown]
# Both numbers are positive: to make either parameter larger makes the loss larger, so both should become smaller. For the mean
# squared error there are formulas, and they agree with what trying gave, but for the last digit: the nudge is small, not
# nothing. (Lesson 02 shows where such formulas come from.)
#
# $$\text{gradient for the slope} = 2 \cdot \text{mean of } (\text{error}_i \cdot x_i) \qquad
# \text{gradient for the intercept} = 2 \cdot \text{mean of } \text{error}_i$$
#
# The gradient points uphill. [[Gradient descent|gradient descent]] goes the other way, again and again: from each parameter a
# step takes away its gradient times a small number, the [[learning rate]] (`lr`):
#
# $$\text{parameter} \leftarrow \text{parameter} - \mathrm{lr} \cdot \text{gradient}$$
#
# **Exercise 2** ●●○ (5 minutes). Write one step: from `slope` and `intercept`, which are numbers, to the two new ones; `x` and `y`
# are arrays, one number for each point. Take both gradients at the same place, and only then move.


# %% exercise="gradient_step"
def gradient_step(slope, intercept, x, y, lr):
    """Return (slope, intercept) after one step of gradient descent."""
    ### BEGIN SOLUTION
    errors = slope * x + intercept - y
    new_slope = slope - lr * 2 * np.mean(errors * x)
    new_intercept = intercept - lr * 2 * np.mean(errors)
    return new_slope, new_intercept
    ### END SOLUTION


# %% check="gradient_step" points=2
exercises.gradient_step.check()

# %% [markdown]
# That is the whole of training: a model, a loss, and a step that is repeated. The course's own loop does it here, from slope
# 0 and intercept 0:

# %%
print("steps    slope  intercept     loss")
for steps in (0, 1, 2, 5, 10, 50, 100, 200):
    slope, intercept = line.fit(points, lr=0.3, steps=steps)
    loss = line.loss(slope, intercept, points)
    print(f"{steps:5d}  {slope:7.4f}    {intercept:7.4f}  {loss:7.4f}")
slope, intercept = line.best_line(points)
print(f"best   {slope:7.4f}    {intercept:7.4f}  {line.loss(slope, intercept, points):7.4f}")

# %% [markdown]
# The first steps lower the loss a lot, the later ones hardly; and yet the slope is still moving then. The loss does not go to
# 0: the people differ in more than their index, and no line passes through all of them. The *best* loss that a model can reach and
# a *good* loss are two different things.
#
# **Exercise 3** ●●○ (5 minutes), a bug hunt. A colleague keeps `x` as a column, of shape (n, 1), as many libraries do, and
# `y` as a flat array, of shape (n,). The function runs, raises nothing, and finds a line that is nearly flat, whatever the
# data. Find out why, and write the repaired function. (What is the shape of a column minus a flat array?)
#
# ```python
# def fit_line(x, y, lr, steps):
#     slope, intercept = 0.0, 0.0
#     for _ in range(steps):
#         error = slope * x + intercept - y
#         slope -= lr * (2 * error * x).mean()
#         intercept -= lr * (2 * error).mean()
#     return slope, intercept
# ```


# %% exercise="fit_line" shown=["slope, intercept = 0.0, 0.0", "for _ in range(steps):", "error = slope * x + intercept - y", "slope -= lr * (2 * error * x).mean()", "intercept -= lr * (2 * error).mean()"]
def fit_line(x, y, lr, steps):
    """Fit a line to a column x and a flat y; return (slope, intercept)."""
    ### BEGIN SOLUTION
    x = x[:, 0]  # one shape for both, so that each error belongs to one point
    slope, intercept = 0.0, 0.0
    for _ in range(steps):
        error = slope * x + intercept - y
        slope -= lr * (2 * error * x).mean()
        intercept -= lr * (2 * error).mean()
    return slope, intercept
    ### END SOLUTION


# %% check="fit_line" points=2
exercises.fit_line.check()

# %% [markdown]
# ## Part 3 · The edge (10 minutes)
#
# Our loss surface is a bowl, longer than it is wide. At a learning rate of 0.4, gradient descent comes down to its bottom. And
# at 0.75? Commit yourself.

# %%
edge_guess = questions.edge_guess()
edge_guess

# %% [markdown]
# How large may the learning rate be? School algebra is enough to know. Take one parameter $p$ and the simplest valley, the
# loss $\frac{\lambda}{2} p^2$, lowest at 0. How sharply a loss bends is its [[curvature]], here the number $\lambda$. The gradient
# is $\lambda p$ (a small nudge $d$ shows it: $(p + d)^2 = p^2 + 2pd + d^2$, and $d^2$ is next to nothing), so one step gives
#
# $$p - \mathrm{lr} \cdot \lambda p = (1 - \mathrm{lr} \cdot \lambda)\, p$$
#
# Every step multiplies $p$ by the same number. If that lies between $-1$ and 1, $p$ shrinks towards 0. If it is below $-1$, which it is
# as soon as the learning rate exceeds $2 / \lambda$, every step jumps over the valley, to a place higher up
# on the other side. Training [[diverges|diverge]] when its steps raise the loss without end. Our bowl has two parameters, and the
# direction in which it bends most decides: there $\lambda$ is largest. Move the learning rate up to the edge, and over it.

# %%
explorers.gradient_descent(learning_rate=0.4)

# %%
before, after = (descent.descend(points, rate, steps=40) for rate in (0.4, 0.75))
display(edge_guess.compare(questions.what_it_did(after, before)))

for momentum in (0.0, 0.5, 0.9):
    predicted = descent.largest_stable_rate(line.curvatures(points), momentum)
    measured = descent.measured_edge(points, momentum)
    print(f"momentum {momentum}: predicted edge {predicted:.4f}, found by trying {measured:.4f}")

# %% [markdown]
# The prediction holds. (The last digit of what was found by trying may be another: so near the edge, the 2,000 steps of a try
# are too few to tell.)
#
# [[Momentum|momentum]] is a memory: the step is taken not along the gradient but along a velocity $v$, which keeps a share $\beta$ of what it was:
#
# $$v \leftarrow \beta v + \text{gradient} \qquad \text{parameter} \leftarrow \text{parameter} - \mathrm{lr} \cdot v$$
#
# Along a valley the pushes add up, across it they cancel, and the largest stable rate grows to $2 (1 + \beta) / \lambda$, as the last two
# lines above confirm.
# Go back to the explorer and look for the rate and the momentum that get lowest in 40 steps. Then count the body mass index from 0, or from its
# mean: the people are the same, but from 0 the bowl becomes a ravine, from the mean it becomes rounder, and the edge moves. That is why inputs are
# [[centred and scaled|centring and scaling]] before training: from each its mean is subtracted, and the rest divided by its spread.
#
# In a network $\lambda$ changes while it trains and is costly to find, so one searches the edge by trying, as the table above did.
#
# **Exercise 4** ●●○ (5 minutes). `diverges(rate)` is a function that tries a rate and returns True or False. `low` does not
# diverge, `high` does. Return the largest rate that does not, within 0.1 %. A try costs a whole training run, so at most 60 are
# allowed. (Try the middle. In which half must the edge be?)


# %% exercise="largest_stable_rate"
def largest_stable_rate(diverges, low, high):
    """Return the largest rate between low and high that does not diverge."""
    ### BEGIN SOLUTION
    for _ in range(30):
        middle = (low + high) / 2
        if diverges(middle):
            high = middle
        else:
            low = middle
    return low
    ### END SOLUTION


# %% check="largest_stable_rate" points=2
exercises.largest_stable_rate.check()

# %% [markdown]
# ## Part 4 · From a line to a network (10 minutes)
#
# A [[neuron]] is our line with more inputs: it multiplies each by a number of its own, adds up, and sends the sum through a bent
# curve. The numbers by which a neuron multiplies its inputs are its [[weights|weight]]; the one that it adds besides is its
# [[bias]], our intercept. The bent curve at a neuron's end is its [[activation]] (*ReLU* cuts off what is negative; *tanh* squeezes
# everything between $-1$ and 1, *sigmoid* between 0 and 1; *linear* means none). A [[layer]] is a few neurons side by side, and a [[network]] is layers one after the other (all but the last are called *hidden*). Weights and biases are its
# parameters, and they are trained as the slope was: loss, gradient, step.
#
# In the playground a network sees points with two coordinates and learns to answer 1 for the circles and $-1$ for the squares; the
# loss is the mean squared error. Data are [[held out]], or *kept back*, when a model is judged on them but never trained on them; here, half
# of the points are. Each step looks only at a [[batch]], a few of the points to train on, and an [[epoch]] is a pass over all the
# points to train on. The [[features|feature]] are the numbers that a network is given of a point: its coordinates, and, if you
# like, their squares and more.
#
# What is the bend good for? Guess, before you try it with the activation set to *linear*:

# %%
linear_guess = questions.linear_guess()
linear_guess

# %%
play = explorers.playground()
play

# %%
linear_guess.compare(questions.linear_share())

# %% [markdown]
# A line of a line is a line: without the bend, any number of layers is no more than one, and no straight cut separates a ring from
# its middle. Now play, for some minutes. Each small picture shows what one neuron answers at every place (press it to see it large).
# Links are the weights, broken where negative; small squares are the biases, hollow where negative; both are wider where larger, and
# *Weights* shows their numbers. An [[optimizer]] is a rule for the step, such as gradient
# descent or momentum; lesson 03 builds some. (*SGD* in the menu is gradient descent.)
# The [[seed]] decides all that is random, so the same seed gives the same run. Try two or three of these:
#
# - press *Play* and pull the learning rate up, until training falls apart;
# - solve the *circle* with a single neuron, by giving it other features (what is a circle's equation?);
# - get the *spiral*'s loss on the points kept back below 0.1 (another optimizer and more features help);
# - train six layers with *sigmoid*, and look at *Gradients*: what reaches the first layer?
# - set the noise high and the share to train on low, with a large network: when do the two loss curves part? Does it help to set
#   *Regularisation*? [[Regularisation|regularisation]] adds to the loss a price for large weights, by their size (L1) or their square (L2).
#
# *Show as program* writes your setup as Python code that runs with `course.scratch`, the engine that
# this course builds by hand, and, with one line changed, with PyTorch.
#
# **The same in PyTorch.** PyTorch, the library in which most of this is done in practice, finds the gradients by itself (lessons 02
# and 03 build what its lines do). It takes the very same steps, for the line and for the playground as you left it:

# %%
import torch

x, y = torch.tensor(points.x), torch.tensor(points.y)
place = torch.zeros(2, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.SGD([place], lr=0.3)
for _ in range(300):
    optimizer.zero_grad()
    ((place[0] * x + place[1] - y) ** 2).mean().backward()
    optimizer.step()

mine = np.array(line.fit(points, lr=0.3, steps=300))
print(compare.cmp("slope and intercept", mine, place.detach()))
print("The playground's network:", play.in_pytorch(300))

# %% [markdown]
# The differences are rounding: the two add the same numbers in another order. The times are measured here, now. On a network as
# small as this one, most of the time is spent on deciding what to compute, not on computing it.
#
# ## Reflect (7 minutes)
#
# - Training lowers a loss by moving parameters, a small step against the gradient at a time.
# - The learning rate decides: too small and it creeps; above $2 / \lambda$, without momentum, it diverges.
# - A loss is a number about *these* points. Points kept back tell what it is worth for others.
# - **Where this goes wrong in practice**: arrays of two shapes that are quietly stretched to a table, as in exercise 3; a learning rate
#   copied from another problem, whose surface bends otherwise; inputs far from 0; a line's slope read as a cause.
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.falling_loss(), questions.too_large(), questions.what_moves())

# %% [markdown] answer="train_longer" points=1
# **Exercise 5** ●●○ (4 minutes). A colleague trains a large network on few, noisy points. After 50 epochs the loss on the points
# trained on is still falling, while the loss on the points kept back has been rising for a while. She wants to train ten
# times longer, "because it is still learning". Decide what to do and defend it in three or four sentences: what is it still
# learning, what would you change, and what would you look at to know that it helped? (You can produce the case in the
# playground.)
#
# <!-- BEGIN SOLUTION -->
# I would not train longer. What the network still learns is the noise of its own training points, which helps with no
# others, as the rising curve shows. I would take the parameters from about where that curve was lowest, and then try more
# points, a smaller network, or regularisation. Whether it helped is seen in the loss on points that were kept back; and if I
# compare many settings on them, I need further points for the last word.
# <!-- END SOLUTION -->
