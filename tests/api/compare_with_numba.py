"""Prints where hotloop's types differ from Numba's, over the expressions of `expressions`.

Run it with the Python that has hotloop and name the Python that has Numba::

    python tests/api/compare_with_numba.py /path/to/python-with-numba

With ``--write`` after it, the table ``facts.jsonl`` that the tests read is written anew: Numba's answers, and
hotloop's where `expressions.MEANT` says so.
"""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))


def own_side(package):
    """Return what each expression gives under the package of that name."""
    import expressions

    names = expressions.namespace(package)
    return {expression: expressions.describe(expression, names) for expression in expressions.ALL}


def write_facts(ours, theirs):
    """Write the table that the tests read."""
    from expressions import MEANT

    chosen = {
        expression: ours[expression] if expression in MEANT else theirs[expression] for expression in ours
    }
    lines = [json.dumps([expression, found]) + "\n" for expression, found in chosen.items()]
    (Path(__file__).parent / "facts.jsonl").write_text("".join(lines))


def main(argv):
    """Compare with the interpreter named in *argv*, or print one side."""
    if argv[:1] == ["--dump"]:
        print(json.dumps(own_side(argv[1])))
        return 0
    other = subprocess.run([argv[0], __file__, "--dump", "numba"], capture_output=True, text=True, check=True)
    ours, theirs = own_side("hotloop"), json.loads(other.stdout)
    different = 0
    for expression, found in ours.items():
        expected = theirs[expression]
        for key in [key for key in {**found, **expected} if found.get(key) != expected.get(key)]:
            different += 1
            print(f"{expression}\n  {key}: {found.get(key)}\n  Numba: {expected.get(key)}")
    if argv[1:] == ["--write"]:
        write_facts(ours, theirs)
    print(f"{len(ours)} expressions, {different} differences")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
