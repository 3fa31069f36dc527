"""Other people's libraries inside compiled functions: scikit-learn and torch, as in plain Python.

What has no compiled form is left to the interpreter, one operation at a time; loops and NumPy expressions
around it are machine code. The warning a function gives once names what was left.
"""

import warnings

import numpy as np
from _compare import Comparison

from hotloop import njit
from hotloop.errors import HotloopPerformanceWarning


def count_errors(X, y):
    """Train a linear classifier and count the points it gets wrong."""
    clf = LinearSVC(random_state=0)
    clf.fit(X, y)
    pred = clf.predict(X)
    wrong = 0
    for i in range(len(y)):
        if pred[i] != y[i]:
            wrong += 1
    return wrong


def torch_function(x):
    """Return exp(x) + sin(x) - cos(x) of a tensor."""
    x_np = x.numpy()
    result_np = np.exp(x_np) + np.sin(x_np) - np.cos(x_np)
    result = torch.from_numpy(result_np)
    return result


def smooth(x):
    """Smooth a tensor exponentially: torch copies it, the loop over its elements is machine code."""
    out = x.clone()
    for i in range(1, len(out)):
        out[i] = 0.9 * out[i - 1] + 0.1 * x[i]
    return out


def show(title, function, *args, agree):
    """Time a function beside plain Python, and print what the interpreter does in it."""
    compiled = njit(function)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", HotloopPerformanceWarning)
        Comparison(title).row(function.__name__, function, compiled, *args, agree=agree)
    for warning in seen:
        print("left to the interpreter:", *str(warning.message).splitlines(), sep="\n  ")


def main():
    global LinearSVC, torch
    try:
        from sklearn.svm import LinearSVC
    except ImportError:
        print("scikit-learn is not installed: pip install scikit-learn")
    else:
        rng = np.random.default_rng(0)
        X = rng.random((1000, 10))
        y = (X[:, 0] + 0.3 * rng.random(1000) > 0.6).astype(np.int64)
        show("A linear SVM of scikit-learn, 1,000 points", count_errors, X, y, agree=np.array_equal)
    try:
        import torch
    except ImportError:
        print("torch is not installed: pip install torch")
        return

    def close(left, right):
        return torch.allclose(left, right, rtol=1e-5, atol=1e-6)

    torch.manual_seed(0)
    x = torch.randn(1000)
    show("A function of a torch tensor, 1,000 numbers", torch_function, x, agree=close)
    show("A loop over a torch tensor, 1,000 numbers", smooth, x, agree=torch.equal)


if __name__ == "__main__":
    main()
