"""What the six explorers say of what they show."""

import numpy as np
import pytest

from course.edge import explorers
from course.edge.explorers import bits, cloud, distilling, pareto, prune


def test_bits_show_the_cliff_and_its_words():
    low = bits.simulate(bits.BitParameters(bits=2))
    assert low.here < 0.5 < low.aware[low.place]
    said = bits.describe(low)
    assert "With 2 bits and one scale for the whole layer" in said and f"{low.here:.1%}" in said
    rows = bits.table(low).rows
    assert [row[0] for row in rows] == [2, 3, 4, 5, 6, 7, 8]
    assert rows[0][1] == pytest.approx(100 * low.here)
    for per in ("channel", "group"):
        other = bits.simulate(bits.BitParameters(bits=2, per=per, calibration="mse"))
        assert np.isfinite(other.here)


def test_more_bits_are_more_bytes():
    sizes = [bits.simulate(bits.BitParameters(bits=b)).bytes for b in (2, 4, 8)]
    assert sizes == sorted(sizes)


def test_pruning_puts_theory_beside_the_clock():
    found = prune.simulate(prune.PruningParameters(share="0.9", width="128", batch="1"))
    said = prune.describe(found)
    assert "In theory the timed layer is 10 times faster; measured here" in said
    assert len(prune.table(found).rows) == 7


def test_distillation_names_the_teachers_doubt():
    found = distilling.simulate(distilling.DistillationParameters(temperature="16", width="4"))
    assert found.answer.sum() == pytest.approx(1)
    assert found.answer.argmax() == found.label
    assert "At temperature 16" in distilling.describe(found)


def test_what_fits_is_said_and_what_does_not_too():
    none = pareto.simulate(pareto.ParetoParameters(device="mcu_small"))
    assert "None of the" in pareto.describe(none) and "memory" in pareto.describe(none)
    late = pareto.simulate(pareto.ParetoParameters(device="pi5", deadline=0.1))
    assert "the deadline or the arithmetic" in pareto.describe(late)
    many = pareto.simulate(pareto.ParetoParameters(device="car", deadline=33.0))
    said = pareto.describe(many)
    assert "a car at 100 km/h moves" in said and "Wh (assumed)" in said
    best = many.fitting[0]
    assert best.candidate.top1 == max(p.candidate.top1 for p in many.placed if p.fits)
    assert "no int8 peak is published" in str(pareto.table(late))
    assert "assumed" in pareto.table(many).caption


def test_the_cloud_wins_at_the_median_on_fibre_and_loses_the_tail_in_a_train():
    fibre = cloud.simulate(cloud.CloudParameters(link="fibre"))
    assert "At the median the cloud is faster" in cloud.describe(fibre)
    train = cloud.simulate(cloud.CloudParameters(link="train"))
    late = train.trips.share_late(train.deadline)
    assert late[0] > 0.3 and late[1] < 0.01
    assert "assumptions" in cloud.table(train).caption


@pytest.mark.parametrize("name", explorers.__all__)
def test_a_value_that_does_not_fit_is_refused(name):
    with pytest.raises((ValueError, TypeError)):
        getattr(explorers, name)(nonsense=1)
