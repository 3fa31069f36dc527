"""Classification: a linear support vector machine trained by loops, beside scikit-learn's LinearSVC.

Dual coordinate descent (Hsieh, Chang, Lin, Keerthi and Sundararajan, ICML 2008), the method inside
liblinear: for one sample at a time the best step of its multiplier alpha is known in closed form, and the
weights follow. Squared hinge loss and a constant feature for the intercept, as in LinearSVC, so both solve
the same problem.
"""

import numpy as np
from _compare import Comparison, best_time, pretty_time

from hotloop import njit


def train(x, labels, orders, penalty, tolerance):
    """Return the weights (the intercept last) that separate label 1 from label 0.

    Each row of `orders` is one pass over the samples, in that order; a shuffled order converges ten times
    faster. Ends with the last row, or earlier when in a whole pass no gradient was larger than `tolerance`.
    """
    samples, features = x.shape
    weights = np.zeros(features + 1)
    alpha = np.zeros(samples)
    diagonal = 0.5 / penalty
    for epoch in range(orders.shape[0]):
        largest = 0.0
        for k in range(samples):
            i = orders[epoch, k]
            sign = 2.0 * labels[i] - 1.0
            score = weights[features]
            norm = 1.0 + diagonal
            for j in range(features):
                score += weights[j] * x[i, j]
                norm += x[i, j] * x[i, j]
            gradient = sign * score - 1.0 + diagonal * alpha[i]
            if alpha[i] > 0.0 or gradient < 0.0:
                largest = max(largest, abs(gradient))
                before = alpha[i]
                alpha[i] = max(before - gradient / norm, 0.0)
                step = sign * (alpha[i] - before)
                for j in range(features):
                    weights[j] += step * x[i, j]
                weights[features] += step
        if largest < tolerance:
            break
    return weights


def accuracy(weights, x, labels):
    """Return the share of samples on the right side of the plane."""
    return np.mean((x @ weights[:-1] + weights[-1] > 0.0) == (labels == 1))


def make_data():
    """Return 1000 points of the unit cube with 0/1 labels: a hidden plane, one label in ten flipped."""
    np.random.seed(7)
    x = np.random.rand(1000, 10)
    plane = np.random.rand(10) - 0.5
    labels = (x @ plane > 0.5 * plane.sum()).astype(np.int64)
    flipped = np.random.rand(1000) < 0.1
    labels[flipped] = 1 - labels[flipped]
    return x, labels


def beside_scikit_learn(x, labels, weights, seconds):
    """Print accuracy and training time of both, and check that they found the same plane."""
    ours = accuracy(weights, x, labels)
    print(f"{'loops, compiled':24}accuracy {ours:.3f}   trained in {pretty_time(seconds)}")
    try:
        from sklearn.svm import LinearSVC
    except ImportError:
        print("scikit-learn is not installed: nothing to compare with (pip install scikit-learn)")
        return
    model = LinearSVC(C=1.0, tol=1e-4, dual=True, max_iter=10_000, random_state=0)
    seconds = best_time(model.fit, x, labels)
    theirs = np.append(model.coef_[0], model.intercept_)
    print(f"{'LinearSVC':24}accuracy {model.score(x, labels):.3f}   trained in {pretty_time(seconds)}")
    assert np.allclose(weights, theirs, atol=1e-2), "the weights differ from LinearSVC's"
    print(f"the weights agree to {np.max(np.abs(weights - theirs)):.1g}")


def main():
    x, labels = make_data()
    orders = np.array([np.random.permutation(len(x)) for _ in range(200)])
    problem = (x, labels, orders, 1.0, 1e-4)
    compiled = njit(train)
    table = Comparison("Linear SVM by dual coordinate descent, 1000 x 10")
    weights = table.row("train", train, compiled, *problem)
    beside_scikit_learn(x, labels, weights, best_time(compiled, *problem))


if __name__ == "__main__":
    main()
