/* runtime: what compiled code calls and the memory layouts it shares with the dispatcher.
 *
 * Needs libc only; the same sources are built into libhotloop.so and, by clang, into bitcode that inlines
 * into compiled code. Nothing here may touch Python, and no bitcode may use thread-local storage: per-thread state
 * is the HlContext, which the dispatcher makes for each call from Python, a parallel region for each of its
 * threads, and every compiled function gets as its first argument.
 */
#ifndef HL_RUNTIME_H
#define HL_RUNTIME_H

#include "base/base.h"

/* In front of every shared allocation; the data follows it, 64-byte aligned. */
typedef struct HlBlock {
    int64_t refcount; /* atomic */
    int64_t nbytes;
    void *object; /* the PyObject this memory belongs to; NULL for memory of our own */
    void (*release_object)(
        struct HlBlock *block); /* called instead of free when the last reference goes; may be NULL */
    union {
        void *array; /* of memory of our own: the PyObject that was made for it, borrowed, while that lives */
        void *data;  /* of an object's: where it lay when it was first looked at */
    };
    int32_t written; /* compiled code has written this memory of an object that wants to know */
    uint32_t
        shape; /* of an object's memory: a hash of sizes and strides; 0: it was not looked at (dispatch/watch.c) */
    struct HlBlock *next,
        **link; /* among the blocks of a call that it made for objects: the next, what points here */
} HlBlock;
_Static_assert(sizeof(HlBlock) == 64, "the data behind a block is 64-byte aligned");

/* A list of compiled code is a block without data (list.c). */
typedef struct HlList {
    int64_t refcount, nbytes; /* nbytes: of one item, once it has had one */
    void *object;
    void (*release_object)(HlBlock *block);
    int64_t len, capacity;
    char *items;
    uint64_t refs; /* bit i: slot i of an item holds a counted block */
} HlList;
_Static_assert(sizeof(HlList) == sizeof(HlBlock), "a list is a block");

/* The owner among an array's components is the address of its block, and in its low bits the number of the place that
 * made a view of that memory: 0 says that the array is the very object that owns the block. Two arrays are one object
 * when all their components are equal. Blocks are aligned to HL_VIEW_PLACES. */
enum { HL_VIEW_PLACES = 16 };
static inline HlBlock *hl_block_of(void *owner) {
    /* by integers: a view of memory without an owner has a number over address 0, where pointer arithmetic may not go */
    return (HlBlock *)((uintptr_t)owner & ~(uintptr_t)(HL_VIEW_PLACES - 1));
}

/* What HlErrorSite.class_name says of a float that is no 64-bit int: the exception depends on the float, the payload. */
#define HL_INT_OF_FLOAT "?int_of_float"
/* And of a function that was left unfinished: the payload is the number of the place (Compile.exits). */
#define HL_EXIT "?exit"

/* The axes of a tensor in an IndexError count from here: torch has other words for them. */
enum { HL_TENSOR_AXES = 64 };

enum { HL_MAX_ERROR_ARGS = 8, HL_MAX_TRACEBACK = 64 };

/* One compiled frame an error passed through. */
typedef struct HlFrame {
    const struct HlFuncInfo *func;
    int32_t line;
} HlFrame;

/* What stands for the prelude's folder, wherever that is, in HlFuncInfo.file. */
#define HL_PRELUDE_FILES "<prelude>/"

/* Constant data of each compiled function, for tracebacks. */
typedef struct HlFuncInfo {
    const char *qualname, *file;
    int32_t first_line;
} HlFuncInfo;

typedef enum HlErrorKind {
    HL_ERROR_NONE,
    HL_ERROR_RAISE,  /* error->site says what: class, message, types of the arguments */
    HL_ERROR_INDEX,  /* payload: index, axis, size */
    HL_ERROR_MEMORY, /* payload: nbytes, and then, where it is known, the kind of an element and the shape */
    HL_ERROR_RECURSION,
    HL_ERROR_PYTHON, /* the Python error indicator is set already (poll, with the GIL) */
    HL_ERROR_OBJECT, /* payload: the exception, a reference: of any thread of a parallel region */
} HlErrorKind;

/* Constant data of one place that raises, in the compiled object. */
typedef struct HlErrorSite {
    const char *class_name; /* "ValueError", or "module.Class" */
    int64_t class_index;    /* index into the objects the specialisation holds, -1: a builtin class by name */
    const char *message;    /* constant message, or format whose %ld %f take the payload; NULL: arguments */
    const char
        *arg_types; /* semantic types as text, separated by spaces; their components are in the payload */
    int32_t nargs;
} HlErrorSite;

/* In HlError.nframes: the frame that fails next is in the traceback already. */
enum { HL_FRAME_IS_THERE = -1 };

typedef struct HlError {
    int32_t kind;
    int32_t nframes;
    int32_t npayload; /* slots in payload; 0: a message is shown as it is, without conversions */
    const HlErrorSite *site;
    uint64_t payload[2 * HL_MAX_ERROR_ARGS];
    HlFrame frames[HL_MAX_TRACEBACK]; /* innermost first; the outermost ones win when there are more */
} HlError;

/* ---- random numbers (random.c) -------------------------------------------------------------------------- */

enum { HL_TWISTER_WORDS = 624 };
enum { HL_STREAM_NUMPY, HL_STREAM_PYTHON, HL_NSTREAMS };

/* The second of two normal numbers that were made together; lies so in NumPy's RandomState. */
typedef struct HlGauss {
    int32_t is_there;
    double value;
} HlGauss;

/* A bit generator of any kind, as NumPy's C interface has it (bitgen_t). */
typedef struct HlBitgen {
    void *state;
    uint64_t (*next_uint64)(void *state);
    uint32_t (*next_uint32)(void *state);
    double (*next_double)(void *state);
    uint64_t (*next_raw)(void *state);
} HlBitgen;

/* A source of random numbers. A Mersenne twister's words are drawn inline, in the memory of NumPy's or Python's own generator;
 * where `next` says that no word is left the slow path makes new ones. It is taken each time for a bit generator of
 * another kind, and by the first draw of a call, when `gauss` is NULL: the stream is closed. */
typedef struct HlStream {
    uint32_t *words;
    int32_t *next;
    HlGauss *gauss;
    const HlBitgen *bitgen; /* NULL for a twister */
} HlStream;

typedef struct HlStreams {
    HlStream of[HL_NSTREAMS];
    uint32_t in_parts;          /* bit 1 << HL_STREAM_*: the parallel region that begins draws from it */
    uint64_t seed[HL_NSTREAMS]; /* of those, for its parts */
    void *generator;            /* the np.random.Generator that is open (generator.c), or NULL */
    HlBitgen *generator_bits;
} HlStreams;

/* Streams of their own for one part of a parallel region. */
typedef struct HlPartStreams {
    HlStreams streams;
    struct {
        uint32_t words[HL_TWISTER_WORDS];
        int32_t next;
        HlGauss gauss;
    } of[HL_NSTREAMS];
} HlPartStreams;

typedef struct HlContext HlContext;
struct HlContext {
    int32_t status;                       /* not 0: an error is recorded in .error */
    int32_t has_gil;                      /* is the GIL held by this thread now? */
    const volatile int32_t *eval_breaker; /* CPython's: not 0 when something waits */
    void (*poll)(HlContext *ctx);         /* slow path of a poll; may set status */
    char *stack_limit;                    /* recursive functions raise RecursionError below this address */
    HlStreams *streams;                   /* of this call; hlrt_closed_streams until the first draw */
    struct HlRegion *region;              /* the parallel region this thread works in; NULL outside */
    int32_t thread;                       /* its number there, 0 outside */
    int32_t line;                         /* of the operation on an object that is asked for */
    int32_t changed;                      /* memory of an object is not where, or what, it was */
    void *const *objects;                 /* the Python objects the code was compiled with */
    HlError error;
};

/* ---- what lowered code refers to by name (beside the functions of runtime.def) ----------------------- */

HL_API void hlrt_raise(HlContext *ctx, const HlErrorSite *site, const uint64_t *payload, int64_t npayload);
HL_API void hlrt_raise_index(HlContext *ctx, uint64_t wrapped, int64_t axis, int64_t size);
HL_API void hlrt_raise_recursion(HlContext *ctx);
HL_API void hlrt_traceback(HlContext *ctx, const HlFuncInfo *func, int32_t line);
/* The same two with the frame that raises. */
HL_API void hlrt_raise_at(HlContext *ctx, const HlErrorSite *site, const uint64_t *payload, int64_t npayload,
                          const HlFuncInfo *func, int32_t line);
HL_API void hlrt_raise_index_at(HlContext *ctx, uint64_t wrapped, int64_t axis, int64_t size,
                                const HlFuncInfo *func, int32_t line);
/* ctx->poll(ctx). */
HL_API void hlrt_poll(HlContext *ctx);
HL_API int64_t hlrt_live_blocks(void);
/* Where the stack of this thread must not grow beyond. */
HL_API char *hlrt_stack_limit(void);
/* Rounds [from, to) of a parallel loop, part number `part`; a status. */
typedef int32_t (*HlBody)(HlContext *ctx, int64_t part, int64_t from, int64_t to, const uint64_t *captured);
/* The most threads a parallel region may have in this process. */
HL_API int64_t hlrt_max_threads(void);
/* "omp"; NULL where no OpenMP library was found or none has been needed yet. */
HL_API const char *hlrt_threading_layer(void);

/* ---- the functions of runtime.def -------------------------------------------------------------------- */

typedef struct HlComplex {
    double re, im;
} HlComplex;
#include "runtime/functions.h"

/* Streams of which none is open, and how they are opened: sets ctx->streams, or ctx->status and returns false. Whoever
 * runs compiled code says it, for the state belongs to Python's objects. */
HL_API extern HlStreams hlrt_closed_streams;
typedef bool (*HlOpenStream)(HlContext *ctx, int which);
HL_API void hlrt_set_open_stream(HlOpenStream open);
/* A Generator that was an argument is opened in the same way; NumPy's functions are found once. */
typedef bool (*HlOpenGenerator)(HlContext *ctx, void *generator);
HL_API void hlrt_set_open_generator(HlOpenGenerator open);
HL_API bool hlrt_generator_set_functions(void *(*find)(const char *name));
/* A function's number in generator.def, -1: there is none. */
HL_API int64_t hlrt_generator_number(const char *name);
/* Part number `part` of the region that `region` holds the seeds of draws from `own`. */
HL_API void hlrt_random_part(HlPartStreams *own, const HlStreams *region, int64_t part);
/* `next` of a stream that is no twister. */
HL_API extern int32_t hlrt_no_words;
/* How a Python object is called (site: as for exceptions; message: the names of keyword arguments, separated by spaces);
 * sets ctx->status when it fails. */
typedef void (*HlForeign)(HlContext *ctx, const HlErrorSite *site, const uint64_t *slots);
HL_API void hlrt_set_foreign(HlForeign call);

/* For the runtime itself: gives the memory of a block back, records a MemoryError, makes room in a list. */
HL_API void hlrt_free_memory(HlBlock *block);
/* Memory of large blocks, of which nbytes alone is set; NULL: there is none. */
#define HL_LARGE_FROM ((int64_t)128 << 10)
#define HL_LARGE_UP_TO (INT64_MAX - 8192)
HlBlock *hlrt_new_large(int64_t nbytes);
void hlrt_free_large(HlBlock *block);
HL_API void hlrt_drop_kept(void);
HL_API void *hlrt_raise_memory(HlContext *ctx, int64_t nbytes);
HL_API bool hlrt_list_reserve(HlContext *ctx, HlList *list, int64_t n, int64_t nbytes, int64_t refs);

/* What the dispatcher does with Python's objects for compiled code (the rows object_... of runtime.def). */
typedef struct HlObjectApi {
    void (*retain)(const HlContext *ctx, void *object);
    void (*release)(const HlContext *ctx, void *object);
    void *(*operate)(HlContext *ctx, int64_t operation, void **operands, int64_t n);
    int64_t (*test)(HlContext *ctx, int64_t operation, void **operands, int64_t n);
    void *(*catch)(HlContext *ctx);
    void *(*box)(HlContext *ctx, int64_t type, const uint64_t *slots);
    void *(*box_int)(HlContext *ctx, int64_t value);
    void *(*box_float)(HlContext *ctx, double value);
    int64_t (*has)(HlContext *ctx, int64_t type, void *object);
    void (*unbox)(HlContext *ctx, int64_t type, void *object, uint64_t *slots);
    void (*exit_object)(HlContext *ctx, void *object);
    void (*exit_number)(HlContext *ctx, uint64_t bits);
    void (*begin_region)(
        HlContext *ctx); /* its threads may want the GIL, which the caller gives up for so long */
    void (*end_region)(HlContext *ctx);
} HlObjectApi;
HL_API void hlrt_set_object_api(const HlObjectApi *given);
/* The context of the call: of the thread that began the parallel region, where there is one. */
HL_API HlContext *hlrt_caller(HlContext *ctx);
/* For parallel.c: the last two of the api. */
HL_API void hlrt_object_begin_region(HlContext *ctx);
HL_API void hlrt_object_end_region(HlContext *ctx);

/* The address of hlrt_<name> and the helpers above; NULL when there is none. */
HL_API void *hlrt_resolve(const char *name);

/* BLAS entry points (Fortran gemm and gemv, gemv may be NULL, with 64- or 32-bit integers), set by the
 * dispatcher when NumPy or SciPy has them. */
typedef struct HlBlas {
    void *dgemm, *sgemm, *zgemm, *cgemm;
    void *dgemv, *sgemv, *zgemv, *cgemv;
    int int_nbytes;
} HlBlas;
HL_API void hlrt_set_blas(const HlBlas *blas);

/* LAPACK's by element type: float32, float64, complex64, complex128; NULL for one that was not found. */
typedef struct HlLapack {
#define LAPACK(name, real, complex) void *name[4];
#include "runtime/lapack.def"
#undef LAPACK
    int int_nbytes;
} HlLapack;
HL_API void hlrt_set_lapack(const HlLapack *lapack);

#endif
