"""Settings from the environment: ``config.X`` is ``HOTLOOP_X``, or ``NUMBA_X`` where that is unset.

The names and defaults are Numba's, plus hotloop's own.  Numba's settings for parts that hotloop does not have
are kept so that reading them works; docs/numba.md says which have an effect.  A name may also be assigned;
`reload_config` puts back what the environment says if that has changed, as Numba does.
"""

import os
import sys

IS_WIN32 = sys.platform.startswith("win32")
IS_OSX = sys.platform.startswith("darwin")
MACHINE_BITS = tuple.__itemsize__ * 8
IS_32BITS = MACHINE_BITS == 32
PYVERSION = sys.version_info[:2]
USING_SVML = False
_MOST_THREADS = 4096


class _OptLevel(int):
    """An optimisation level; ``max`` is 3 and remembered as such."""

    def __new__(cls, text):
        if str(text) not in ("0", "1", "2", "3", "max"):
            raise ValueError(f"unsupported value '{text}', supported values are 0, 1, 2, 3, and 'max'")
        level = super().__new__(cls, 3 if text == "max" else int(text))
        level.is_opt_max = text == "max"
        return level


def _names(text):
    """Split a list of names at blanks."""
    return text.split()


# Hotloop's own settings, then Numba's: name -> (how to read the text, default).
_SETTINGS = {
    "STRICT": (int, 0),
    "SEMANTICS": (str, "python"),
    "DUMP": (str, ""),
    "DUMP_FUNC": (str, ""),
}
_SETTINGS.update(
    (name, (int, 0))
    for name in """
    ALWAYS_WARN_UNINIT_VAR ANNOTATE CUDA_DEBUGINFO_DEFAULT CUDA_ENABLE_MINOR_VERSION_COMPATIBILITY
    CUDA_LOG_API_ARGS CUDA_PER_THREAD_DEFAULT_STREAM CUDA_USE_NVIDIA_BINDING DEBUG DEBUGINFO_DEFAULT
    DEBUG_ARRAY_OPT DEBUG_ARRAY_OPT_RUNTIME DEBUG_ARRAY_OPT_STATS DEBUG_CACHE DEBUG_FRONTEND
    DEBUG_INLINE_CLOSURE DEBUG_JIT DEBUG_NRT DEBUG_NRT_STACK_LIMIT DEBUG_TYPEINFER DEVELOPER_MODE DIFF_IR
    DISABLE_CUDA DISABLE_JIT DISABLE_PERFORMANCE_WARNINGS DISABLE_TYPEINFER_FAIL_CACHE DUMP_ASSEMBLY
    DUMP_BYTECODE DUMP_CFG DUMP_FUNC_OPT DUMP_IR DUMP_LLVM DUMP_OPTIMIZED DUMP_SSA ENABLE_CUDASIM
    ENABLE_PROFILING ENABLE_SYS_MONITORING EXTEND_VARIABLE_LIFETIMES FULL_TRACEBACKS HIGHLIGHT_DUMPS
    JIT_COVERAGE LLVM_PASS_TIMINGS NRT_STATS PARALLEL_DIAGNOSTICS SHOW_HELP SLP_VECTORIZE TRACE""".split()
)
_SETTINGS.update(
    BOUNDSCHECK=(int, None),
    CACHE_DIR=(str, ""),
    CACHE_LOCATOR_CLASSES=(str, ""),
    CHROME_TRACE=(str, ""),
    COLOR_SCHEME=(str, "no_color"),
    CPU_FEATURES=(str, None),
    CPU_NAME=(str, None),
    CUDA_ARRAY_INTERFACE_SYNC=(int, 1),
    CUDA_DEALLOCS_COUNT=(int, 10),
    CUDA_DEALLOCS_RATIO=(float, 0.2),
    CUDA_DRIVER=(str, ""),
    CUDA_INCLUDE_PATH=(str, "/usr/local/cuda/include"),
    CUDA_LOG_LEVEL=(str, ""),
    CUDA_LOG_SIZE=(int, 1024),
    CUDA_LOW_OCCUPANCY_WARNINGS=(int, 1),
    CUDA_MEMORY_MANAGER=(str, "default"),
    CUDA_VERBOSE_JIT_LOG=(int, 1),
    CUDA_WARN_ON_IMPLICIT_COPY=(int, 1),
    DEBUG_PRINT_AFTER=(str, "none"),
    DEBUG_PRINT_BEFORE=(str, "none"),
    DEBUG_PRINT_WRAP=(str, "none"),
    ENABLE_AVX=(int, 1),
    FUNCTION_CACHE_SIZE=(int, 128),
    GDB_BINARY=(str, "gdb"),
    HTML=(str, None),
    LLVM_REFPRUNE_FLAGS=(str, "all"),
    LLVM_REFPRUNE_PASS=(int, 1),
    LOOP_VECTORIZE=(int, 1),
    OPT=(_OptLevel, _OptLevel("3")),
    PARFOR_MAX_TUPLE_SIZE=(int, 100),
    THREADING_LAYER=(str, "default"),
    THREADING_LAYER_PRIORITY=(_names, ["tbb", "omp", "workqueue"]),
)

_environ = None


def _read_environ():
    """Return the settings present in the environment: ``HOTLOOP_X`` wins over ``NUMBA_X``."""
    names = [name for name in os.environ if name.startswith(("HOTLOOP_", "NUMBA_"))]
    names.sort(reverse=True)  # HOTLOOP_X comes last and stays
    return {name.partition("_")[2]: (name, os.environ[name]) for name in names}


def _parse(read, default, key, text):
    """Return *text* as *read* reads it, or *default* with a warning that names the variable."""
    try:
        return read(text)
    except Exception as error:
        from warnings import warn

        warn(
            f"Environment variable '{key}' is defined but its associated value "
            f"'{text}' could not be parsed: {error}",
            RuntimeWarning,
            stacklevel=4,
        )
        return default


def _thread_count(text):
    """Read a number of threads, which the runtime reads by the same rule."""
    count = int(text)
    if not 1 <= count <= _MOST_THREADS:
        raise ValueError(f"the number of threads must be between 1 and {_MOST_THREADS}")
    return count


def _default_threads():
    """Return the number of CPUs this process may use."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:
        return max(1, os.cpu_count() or 1)


def prefer(name, value):
    """Make *value* the default of a setting, which the environment still overrides."""
    global _environ
    _SETTINGS[name] = (_SETTINGS[name][0], value)
    _environ = None
    reload_config()


def reload_config():
    """Read the environment again if it has changed since the last time; then every setting is set anew."""
    global _environ
    environ = _read_environ()
    if environ == _environ:
        return
    _environ = environ
    values = globals()
    for name, (read, default) in _SETTINGS.items():
        variable = name.removesuffix("_DEFAULT")  # DEBUGINFO_DEFAULT is read from HOTLOOP_DEBUGINFO
        values[name] = _parse(read, default, *environ[variable]) if variable in environ else default
    values["NUMBA_DEFAULT_NUM_THREADS"] = threads = _default_threads()
    key_and_text = environ.get("NUM_THREADS")
    values["NUMBA_NUM_THREADS"] = _parse(_thread_count, threads, *key_and_text) if key_and_text else threads


reload_config()
