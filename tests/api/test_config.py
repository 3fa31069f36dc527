"""Settings: names, values, the two prefixes, reloading."""

import pytest
from hotloop import config


@pytest.fixture
def environ(monkeypatch):
    """The environment, to be changed; settings follow at `reload_config` and are put back afterwards."""
    yield monkeypatch
    monkeypatch.undo()
    config.reload_config()


@pytest.mark.parametrize(
    "variable, text, name, value",
    [
        ("NUMBA_DISABLE_JIT", "1", "DISABLE_JIT", 1),
        ("HOTLOOP_DISABLE_JIT", "1", "DISABLE_JIT", 1),
        ("HOTLOOP_DEBUGINFO", "1", "DEBUGINFO_DEFAULT", 1),
        ("NUMBA_CUDA_DEBUGINFO", "1", "CUDA_DEBUGINFO_DEFAULT", 1),
        ("HOTLOOP_STRICT", "1", "STRICT", 1),
        ("NUMBA_BOUNDSCHECK", "0", "BOUNDSCHECK", 0),
        ("HOTLOOP_SEMANTICS", "numba", "SEMANTICS", "numba"),
        ("HOTLOOP_CACHE_DIR", "/tmp/x", "CACHE_DIR", "/tmp/x"),
        ("NUMBA_CPU_NAME", "generic", "CPU_NAME", "generic"),
        ("NUMBA_OPT", "max", "OPT", 3),
        ("NUMBA_OPT", "0", "OPT", 0),
        ("NUMBA_CUDA_DEALLOCS_RATIO", "0.5", "CUDA_DEALLOCS_RATIO", 0.5),
        ("NUMBA_NUM_THREADS", "3", "NUMBA_NUM_THREADS", 3),
        ("NUMBA_THREADING_LAYER_PRIORITY", "omp tbb", "THREADING_LAYER_PRIORITY", ["omp", "tbb"]),
        ("HOTLOOP_DUMP", "ssa,asm", "DUMP", "ssa,asm"),
    ],
)
def test_values(environ, variable, text, name, value):
    for prefix in ("NUMBA_", "HOTLOOP_"):
        environ.delenv(prefix + variable.partition("_")[2], raising=False)
    environ.setenv(variable, text)
    config.reload_config()
    assert getattr(config, name) == value and type(value) in type(getattr(config, name)).__mro__


def test_hotloops_variable_wins(environ):
    environ.setenv("NUMBA_OPT", "1")
    environ.setenv("HOTLOOP_OPT", "2")
    config.reload_config()
    assert config.OPT == 2


def test_bad_value_warns_and_keeps_the_default(environ):
    environ.setenv("HOTLOOP_DEBUG", "x")
    with pytest.warns(
        RuntimeWarning, match="'HOTLOOP_DEBUG' is defined but its associated value 'x' could not be parsed"
    ):
        config.reload_config()
    assert config.DEBUG == 0


@pytest.mark.parametrize("text", ["0", "-3", "100000", "two"])
def test_bad_thread_count(environ, text):
    environ.delenv("HOTLOOP_NUM_THREADS", raising=False)
    environ.setenv("NUMBA_NUM_THREADS", text)
    with pytest.warns(
        RuntimeWarning, match=f"'NUMBA_NUM_THREADS' is defined .* '{text}' could not be parsed"
    ):
        config.reload_config()
    assert config.NUMBA_NUM_THREADS == config.NUMBA_DEFAULT_NUM_THREADS


def test_bad_opt(environ):
    environ.setenv("NUMBA_OPT", "9")
    with pytest.warns(RuntimeWarning, match="supported values are 0, 1, 2, 3, and 'max'"):
        config.reload_config()
    assert config.OPT == 3 and not config.OPT.is_opt_max


def test_assigned_values_stay_while_the_environment_does(environ):
    config.reload_config()
    environ.setattr(config, "DEBUG", 7)
    config.reload_config()
    assert config.DEBUG == 7
    environ.setenv("HOTLOOP_TRACE", "1")
    config.reload_config()
    assert config.DEBUG == 0 and config.TRACE == 1


NUMBAS = """
ALWAYS_WARN_UNINIT_VAR ANNOTATE BOUNDSCHECK CACHE_DIR CACHE_LOCATOR_CLASSES CHROME_TRACE COLOR_SCHEME
CPU_FEATURES CPU_NAME CUDA_ARRAY_INTERFACE_SYNC CUDA_DEALLOCS_COUNT CUDA_DEALLOCS_RATIO CUDA_DEBUGINFO_DEFAULT
CUDA_DRIVER CUDA_ENABLE_MINOR_VERSION_COMPATIBILITY CUDA_INCLUDE_PATH CUDA_LOG_API_ARGS CUDA_LOG_LEVEL
CUDA_LOG_SIZE CUDA_LOW_OCCUPANCY_WARNINGS CUDA_MEMORY_MANAGER CUDA_PER_THREAD_DEFAULT_STREAM
CUDA_USE_NVIDIA_BINDING CUDA_VERBOSE_JIT_LOG CUDA_WARN_ON_IMPLICIT_COPY DEBUG DEBUGINFO_DEFAULT
DEBUG_ARRAY_OPT DEBUG_ARRAY_OPT_RUNTIME DEBUG_ARRAY_OPT_STATS DEBUG_CACHE DEBUG_FRONTEND DEBUG_INLINE_CLOSURE
DEBUG_JIT DEBUG_NRT DEBUG_NRT_STACK_LIMIT DEBUG_PRINT_AFTER DEBUG_PRINT_BEFORE DEBUG_PRINT_WRAP
DEBUG_TYPEINFER DEVELOPER_MODE DIFF_IR DISABLE_CUDA DISABLE_JIT DISABLE_PERFORMANCE_WARNINGS
DISABLE_TYPEINFER_FAIL_CACHE DUMP_ASSEMBLY DUMP_BYTECODE DUMP_CFG DUMP_FUNC_OPT DUMP_IR DUMP_LLVM
DUMP_OPTIMIZED DUMP_SSA ENABLE_AVX ENABLE_CUDASIM ENABLE_PROFILING ENABLE_SYS_MONITORING
EXTEND_VARIABLE_LIFETIMES FULL_TRACEBACKS FUNCTION_CACHE_SIZE GDB_BINARY HIGHLIGHT_DUMPS HTML IS_32BITS IS_OSX
IS_WIN32 JIT_COVERAGE LLVM_PASS_TIMINGS LLVM_REFPRUNE_FLAGS LLVM_REFPRUNE_PASS LOOP_VECTORIZE MACHINE_BITS
NRT_STATS NUMBA_DEFAULT_NUM_THREADS NUMBA_NUM_THREADS OPT PARALLEL_DIAGNOSTICS PARFOR_MAX_TUPLE_SIZE PYVERSION
SHOW_HELP SLP_VECTORIZE THREADING_LAYER THREADING_LAYER_PRIORITY TRACE USING_SVML
""".split()


@pytest.mark.parametrize("name", NUMBAS)
def test_numbas_names(name):
    assert hasattr(config, name)
