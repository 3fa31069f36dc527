"""What type checkers and editors see: the names that `__init__.py` loads when first asked for."""

from . import cuda as cuda, diagnostics as diagnostics, extending as extending, np as np, report as report
from ._alias import install_as_numba as install_as_numba
from ._hotloop import _conformance_counters as _conformance_counters
from ._version import numba_version as numba_version
from .comparison import compare as compare
from .core import config as config, errors as errors, types as types, typing as typing
from .core.decorators import jit as jit, jit_module as jit_module, njit as njit
from .core.errors import (
    ByteCodeSupportError as ByteCodeSupportError,
    CompilerError as CompilerError,
    ConstantInferenceError as ConstantInferenceError,
    DeprecationError as DeprecationError,
    ForbiddenConstruct as ForbiddenConstruct,
    ForceLiteralArg as ForceLiteralArg,
    HotloopAssertionError as HotloopAssertionError,
    HotloopAttributeError as HotloopAttributeError,
    HotloopDebugInfoWarning as HotloopDebugInfoWarning,
    HotloopDeprecationWarning as HotloopDeprecationWarning,
    HotloopError as HotloopError,
    HotloopExperimentalFeatureWarning as HotloopExperimentalFeatureWarning,
    HotloopIRAssumptionWarning as HotloopIRAssumptionWarning,
    HotloopIndexError as HotloopIndexError,
    HotloopInvalidConfigWarning as HotloopInvalidConfigWarning,
    HotloopKeyError as HotloopKeyError,
    HotloopNotImplementedError as HotloopNotImplementedError,
    HotloopParallelSafetyWarning as HotloopParallelSafetyWarning,
    HotloopPedanticWarning as HotloopPedanticWarning,
    HotloopPendingDeprecationWarning as HotloopPendingDeprecationWarning,
    HotloopPerformanceWarning as HotloopPerformanceWarning,
    HotloopRuntimeError as HotloopRuntimeError,
    HotloopSystemWarning as HotloopSystemWarning,
    HotloopTypeError as HotloopTypeError,
    HotloopTypeSafetyWarning as HotloopTypeSafetyWarning,
    HotloopValueError as HotloopValueError,
    HotloopWarning as HotloopWarning,
    IRError as IRError,
    InternalError as InternalError,
    InternalTargetMismatchError as InternalTargetMismatchError,
    LiteralTypingError as LiteralTypingError,
    LoweringError as LoweringError,
    NonexistentTargetError as NonexistentTargetError,
    NotDefinedError as NotDefinedError,
    NumbaAssertionError as NumbaAssertionError,
    NumbaAttributeError as NumbaAttributeError,
    NumbaDebugInfoWarning as NumbaDebugInfoWarning,
    NumbaDeprecationWarning as NumbaDeprecationWarning,
    NumbaError as NumbaError,
    NumbaExperimentalFeatureWarning as NumbaExperimentalFeatureWarning,
    NumbaIRAssumptionWarning as NumbaIRAssumptionWarning,
    NumbaIndexError as NumbaIndexError,
    NumbaInvalidConfigWarning as NumbaInvalidConfigWarning,
    NumbaKeyError as NumbaKeyError,
    NumbaNotImplementedError as NumbaNotImplementedError,
    NumbaParallelSafetyWarning as NumbaParallelSafetyWarning,
    NumbaPedanticWarning as NumbaPedanticWarning,
    NumbaPendingDeprecationWarning as NumbaPendingDeprecationWarning,
    NumbaPerformanceWarning as NumbaPerformanceWarning,
    NumbaRuntimeError as NumbaRuntimeError,
    NumbaSystemWarning as NumbaSystemWarning,
    NumbaTypeError as NumbaTypeError,
    NumbaTypeSafetyWarning as NumbaTypeSafetyWarning,
    NumbaValueError as NumbaValueError,
    NumbaWarning as NumbaWarning,
    RedefinedError as RedefinedError,
    RequireLiteralValue as RequireLiteralValue,
    TypingError as TypingError,
    UnsupportedBytecodeError as UnsupportedBytecodeError,
    UnsupportedError as UnsupportedError,
    UnsupportedParforsError as UnsupportedParforsError,
    UnsupportedRewriteError as UnsupportedRewriteError,
    UntypedAttributeError as UntypedAttributeError,
    VerificationError as VerificationError,
)
from .core.types import (
    int8 as int8,
    int16 as int16,
    int32 as int32,
    int64 as int64,
    uint8 as uint8,
    uint16 as uint16,
    uint32 as uint32,
    uint64 as uint64,
    intp as intp,
    uintp as uintp,
    intc as intc,
    uintc as uintc,
    ssize_t as ssize_t,
    size_t as size_t,
    boolean as boolean,
    float32 as float32,
    float64 as float64,
    complex64 as complex64,
    complex128 as complex128,
    bool_ as bool_,
    byte as byte,
    char as char,
    uchar as uchar,
    short as short,
    ushort as ushort,
    int_ as int_,
    uint as uint,
    long_ as long_,
    ulong as ulong,
    longlong as longlong,
    ulonglong as ulonglong,
    double as double,
    void as void,
    none as none,
    b1 as b1,
    i1 as i1,
    i2 as i2,
    i4 as i4,
    i8 as i8,
    u1 as u1,
    u2 as u2,
    u4 as u4,
    u8 as u8,
    f4 as f4,
    f8 as f8,
    c8 as c8,
    c16 as c16,
    optional as optional,
    ffi_forced_object as ffi_forced_object,
    ffi as ffi,
    deferred_type as deferred_type,
    bool as bool,
)
from .core.typing.typeof import typeof as typeof
from .core.withcontexts import objmode as objmode
from .magic import load_ipython_extension as load_ipython_extension
from .np.numpy_support import from_dtype as from_dtype
from .np.ufunc.decorators import guvectorize as guvectorize, vectorize as vectorize
from .core.parallel import get_num_threads as get_num_threads
from .core.parallel import get_parallel_chunksize as get_parallel_chunksize
from .core.parallel import get_thread_id as get_thread_id
from .core.parallel import parallel_chunksize as parallel_chunksize
from .core.parallel import prange as prange
from .misc.special import literal_unroll as literal_unroll
from .core.parallel import set_num_threads as set_num_threads
from .core.parallel import set_parallel_chunksize as set_parallel_chunksize
from .core.parallel import threading_layer as threading_layer

__version__: str
version_info: tuple
