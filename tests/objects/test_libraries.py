"""Real libraries inside compiled functions: scikit-learn, torch and pandas as a person writes them."""

import numpy as np
import pytest

from hotloop import _hotloop, njit

pytestmark = pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.random((200, 5))
    return X, (X[:, 0] + 0.1 * rng.random(200) > 0.5).astype(np.int64)


def test_an_estimator_is_returned(data):
    LinearSVC = pytest.importorskip("sklearn.svm").LinearSVC

    @njit
    def train_svm(X, y):
        clf = LinearSVC(random_state=0)
        clf.fit(X, y)
        return clf

    for _ in range(2):
        clf = train_svm(*data)
        assert isinstance(clf, LinearSVC)
        assert np.array_equal(clf.coef_, train_svm.py_func(*data).coef_)


def test_a_native_loop_counts_errors(data):
    LinearSVC = pytest.importorskip("sklearn.svm").LinearSVC

    @njit
    def errors(X, y):
        clf = LinearSVC(random_state=0)
        clf.fit(X, y)
        pred = clf.predict(X)
        wrong = 0
        for i in range(len(y)):
            if pred[i] != y[i]:
                wrong += 1
        return wrong

    for _ in range(3):
        before = _hotloop._conformance_counters()
        assert errors(*data) == errors.py_func(*data)
        after = _hotloop._conformance_counters()
    assert after["native"] == before["native"] + 1, "what was seen before is known now"
    assert after["fallback"] - before["fallback"] < 10, "the loop is no chain of interpreted operations"


def test_forest_and_pipeline(data):
    ensemble = pytest.importorskip("sklearn.ensemble")
    pipeline = pytest.importorskip("sklearn.pipeline")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    linear = pytest.importorskip("sklearn.linear_model")

    @njit
    def forest(X, y):
        model = ensemble.RandomForestClassifier(n_estimators=5, random_state=0)
        model.fit(X, y)
        p = model.predict_proba(X)
        best = 0.0
        for i in range(p.shape[0]):
            if p[i, 1] > best:
                best = p[i, 1]
        return best

    @njit
    def piped(X, y):
        model = pipeline.make_pipeline(preprocessing.StandardScaler(), linear.LogisticRegression())
        model.fit(X, y)
        p = model.predict_proba(X)
        return p[0, 0] + p[1, 1]

    for function in (forest, piped):
        for _ in range(2):
            assert function(*data) == function.py_func(*data)


def test_cross_validation(data):
    linear = pytest.importorskip("sklearn.linear_model")
    selection = pytest.importorskip("sklearn.model_selection")

    @njit
    def scores(X, y, folds):
        total = 0.0
        for train, test in folds.split(X):
            model = linear.LogisticRegression()
            model.fit(X[train], y[train])
            pred = model.predict(X[test])
            right = 0
            for i in range(len(test)):
                if pred[i] == y[test[i]]:
                    right += 1
            total += right / len(test)
        return total

    folds = selection.KFold(4)
    for _ in range(2):
        assert scores(*data, folds) == scores.py_func(*data, folds)


def test_torch_function():
    torch = pytest.importorskip("torch")

    @njit
    def torch_function(x):
        x_np = x.numpy()
        result_np = np.exp(x_np) + np.sin(x_np) - np.cos(x_np)
        result = torch.from_numpy(result_np)
        return result

    x = torch.randn(1000)
    for _ in range(3):
        got, expected = torch_function(x), torch_function.py_func(x)
        assert got.dtype == expected.dtype and torch.allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_the_expression_between_is_one_native_loop():
    """NumPy functions of what foreign code gives are not left to NumPy."""

    class Holder:
        def __init__(self, array):
            self.array = array

        def numpy(self):
            return self.array

    @njit
    def f(x):
        a = x.numpy()
        return np.exp(a) + np.sin(a) - np.cos(a)

    x = Holder(np.linspace(0, 1, 50))
    for _ in range(2):
        assert np.allclose(f(x), f.py_func(x), rtol=1e-14)
    before = _hotloop._conformance_counters()["fallback"]
    f(x)
    assert _hotloop._conformance_counters()["fallback"] == before + 2, "one attribute, one call"


def test_pandas_column():
    pandas = pytest.importorskip("pandas")

    @njit
    def total(df):
        x = df["x"].to_numpy()
        s = 0.0
        for i in range(x.size):
            s += x[i] * x[i]
        return s

    df = pandas.DataFrame({"x": np.arange(50.0)})
    for _ in range(3):
        assert total(df) == total.py_func(df)
