"""hotloop under Numba's name: after `install_as_numba`, ``import numba`` and all below it mean hotloop.

The module ``numba`` is an object of its own, because it tells Numba's version; its other names are hotloop's.
A submodule such as ``numba.core.types`` *is* hotloop's module of that path, so types and errors are the same
objects under both names.
"""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import hotloop

from . import _version
from ._missing import missing_module, refuse_missing

# Processes that a script starts find a package ``numba`` here which calls `install_as_numba` (see `_run`).
FOR_CHILDREN = Path(__file__).parent / "_as_numba"


class _Numba(type(sys)):
    """The module ``numba``: Numba's version, and hotloop's names."""

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"module 'numba' has no attribute {name!r}")
        here = vars(hotloop)  # the decorators are there from the start
        value = here[name] if name in here else hotloop._load(name, "numba")
        setattr(self, name, value)
        return value

    def __dir__(self):
        return sorted({*vars(self), *dir(hotloop)})


class _Finder:
    """Gives hotloop's modules for names under ``numba``, before any installed Numba is looked at."""

    @staticmethod
    def find_spec(fullname, path=None, target=None):
        if fullname != "numba" and not fullname.startswith("numba."):
            return None
        ours = "hotloop" + fullname[len("numba") :]
        try:
            found = importlib.util.find_spec(ours)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise missing_module(fullname)
        return ModuleSpec(fullname, _Loader(), is_package=found.submodule_search_locations is not None)


class _Loader:
    """Hands out the module that exists already, which says from now on what it lacks of Numba's."""

    def create_module(self, spec):
        if spec.name == "numba":
            module = sys.modules["numba"]
        else:
            module = importlib.import_module("hotloop" + spec.name[len("numba") :])
            refuse_missing(module, spec.name)
        self.spec = module.__spec__
        return module

    def exec_module(self, module):
        module.__spec__ = self.spec


def install_as_numba():
    """Let ``import numba`` mean hotloop from now on, with Numba's semantics unless settings say otherwise.

    Scripts and third-party packages that import Numba afterwards run on hotloop.  A name of Numba's that
    hotloop lacks raises ImportError or AttributeError when it is asked for, and says what to use instead.

    Raises
    ------
    RuntimeError
        When Numba itself has been imported before.

    Examples
    --------
    >>> hotloop.install_as_numba()
    >>> import numba
    >>> numba.__version__
    '0.68.1'
    """
    there = sys.modules.get("numba")
    if isinstance(there, _Numba):
        return
    if there is not None and Path(there.__file__ or "").parent.parent != FOR_CHILDREN:
        raise RuntimeError(
            "Numba is imported already: call hotloop.install_as_numba() before `import numba`."
        )
    from .core import config

    config.prefer("SEMANTICS", "numba")
    numba = _Numba("numba", "hotloop, as Numba.")
    numba.__file__ = hotloop.__file__
    numba.__path__ = []
    numba.__all__ = list(hotloop.__all__)
    numba.__version__ = _version.numba_version
    numba.version_info = _version.version_info(_version.numba_version)
    numba.__spec__ = ModuleSpec("numba", _Loader(), is_package=True)
    numba.__loader__, numba.__package__ = numba.__spec__.loader, "numba"
    sys.modules["numba"] = numba
    sys.meta_path.insert(0, _Finder)
