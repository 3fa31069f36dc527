/* ir: functions in SSA form, untyped (`py.*` operations) and typed; ops.def says what each operation means.
 *
 * A function is a list of instructions named by 32-bit Refs (1, 2, ...; 0 is none) and a list of blocks
 * (block 1 is the entry, 0 is none). A block holds its phis first, then the rest, then one terminator.
 * Instructions never move in Func.ins, so a Ref stays valid; a deleted one has op OP_COUNT. In the typed form
 * every Ins.type of a VALUE is a storage type. Everything lives in the arena of the Compile.
 */
#ifndef HL_IR_H
#define HL_IR_H

#include "base/base.h"
#include "type/type.h"

typedef uint32_t Ref;
typedef uint32_t BlockId;

typedef enum Op {
#define OP(name, text, nargs, result, aux, effects, meaning) OP_##name,
#include "ops.def"
#undef OP
    OP_COUNT
} Op;

typedef enum MathId {
#define MATH(name, nargs, c_name) MATH_##name,
#include "math.def"
#undef MATH
    MATH_COUNT
} MathId;

typedef enum RtId {
#define RT(name, result, args, effects, meaning) RT_##name,
#include "runtime/runtime.def"
#undef RT
    RT_COUNT
} RtId;

typedef enum ForeignId {
#define FOREIGN(name, text, meaning) FOREIGN_##name,
#include "foreign.def"
#undef FOREIGN
    FOREIGN_COUNT,
    FOREIGN_FIRST_TEST = FOREIGN_IS_MAPPING /* from here on the result is a truth value */
} ForeignId;

typedef enum UfuncId {
#define UFUNC(name, nin, kernel) UFUNC_##name,
#include "ufuncs.def"
#undef UFUNC
    UFUNC_COUNT
} UfuncId;

/* aux of py.binary and py.inplace, py.unary, py.compare */
typedef enum BinaryOp {
    BIN_ADD,
    BIN_SUB,
    BIN_MUL,
    BIN_TRUEDIV,
    BIN_FLOORDIV,
    BIN_MOD,
    BIN_POW,
    BIN_LSHIFT,
    BIN_RSHIFT,
    BIN_AND,
    BIN_OR,
    BIN_XOR,
    BIN_MATMUL
} BinaryOp;
typedef enum UnaryOp { UN_NEG, UN_POS, UN_INVERT, UN_NOT } UnaryOp;
typedef enum CompareOp { CMP_LT, CMP_LE, CMP_EQ, CMP_NE, CMP_GT, CMP_GE } CompareOp;

enum { ANY = 0xff };
enum OpResult { VALUE, VOID, TERM };
enum OpEffects { PURE, READ, WRITE, RAISE, CONTROL };
enum OpAux {
    AUX_NONE,
    AUX_CONST,
    AUX_INT,
    AUX_FLOAT,
    AUX_NAME,
    AUX_FUNC,
    AUX_RT,
    AUX_MATH,
    AUX_UFUNC,
    AUX_CALL,
    AUX_ERROR,
    AUX_OBJECT,
    AUX_FOREIGN,
    AUX_DATA
};

typedef struct OpInfo {
    const char *text;
    uint8_t nargs, result, aux, effects;
} OpInfo;
HL_API const OpInfo *hl_op_info(Op op);
/* May a function of runtime.def fail? */
HL_API bool hl_rt_fails(RtId id);

/* What code without objects refuses this operation as; NULL: it has a form without them. */
HL_API const char *hl_foreign_words(ForeignId id);

/* Flags of an instruction. */
enum {
    INS_NSW = 1,      /* signed overflow proved impossible */
    INS_NUW = 2,      /* unsigned overflow proved impossible */
    INS_INBOUNDS = 4, /* ptr.add stays inside one allocation */
    INS_FAST = 8,     /* Func.options.fastmath flags apply (set on float operations by specialise) */
    INS_GUARDED = 16, /* when it fails control goes to the landing (see `failed`), not out of the function */
    INS_OUT = 32,     /* an ew.assign that is part of its ufunc: out=, or an augmented assignment */
    INS_SERIAL = 64,  /* an ew.assign whose loop is no parallel region, whatever the options say */
    INS_OBJECT =
        128, /* in an objmode block, on Python's objects whatever the operands are; an unbox that cannot fail for it */
};

typedef struct Func Func;

/* The keyword part of a call: the last nkw operands belong to kwnames. */
typedef struct CallInfo {
    uint32_t npos, nkw;
    const char **kwnames;
} CallInfo;

/* An exception that compiled code raises: a class, and a message or arguments. */
typedef struct ErrorInfo {
    const char *class_name;   /* "ValueError"; interned; "module.Class" for a class that is no builtin */
    const void *class_object; /* the PyObject, or NULL for a builtin: found by name */
    const char *message;      /* printf-like with %ld, %f for the arguments; NULL: they are the exception's */
    const Type **arg_types;   /* semantic types of the arguments; one of literal type has no operand */
    uint32_t nargs;
} ErrorInfo;

typedef struct ConstData {
    const void *bytes;
    size_t nbytes;
    uint32_t align;
} ConstData;

typedef union Aux {
    int64_t i;
    double f[2];
    const char *name; /* interned */
    Func *func;
    const CallInfo *call;
    const ErrorInfo *error;
    const void *object;
    const ConstData *data;
} Aux;

typedef struct Ins {
    uint16_t op;
    uint8_t flags;
    uint32_t nargs;
    BlockId block;
    Ref *args;
    const Type *type; /* result; NULL for VOID and TERM, and in untyped code where not given by a constant */
    Aux aux;
    Loc loc;
} Ins;

typedef struct Block {
    VEC(Ref) ins; /* phis first, terminator last */
    /* In the order of phi operands; a predecessor that comes in over two edges stands twice. */
    VEC(BlockId) preds;
    BlockId succs[2];
    uint8_t nsuccs;
    bool cold;     /* expected not to run */
    bool brief;    /* heads a loop that ends within a few hundred rounds */
    bool piece;    /* heads a loop that runs one block of a longer loop's rounds */
    bool parallel; /* heads a prange loop that is to run in parallel */
} Block;

enum { FAST_REASSOC = 64 };
typedef struct FuncOptions {
    uint32_t fastmath; /* nnan=1 ninf=2 nsz=4 arcp=8 contract=16 afn=32 reassoc=FAST_REASSOC */
    bool boundscheck;  /* default true */
    bool numpy_errors; /* error_model='numpy': division by zero gives inf/nan/0 */
    bool numba_semantics;
    bool nogil;
    bool inline_always;
    bool debug;
    bool parallel; /* prange loops run in parallel */
} FuncOptions;

/* Of a function that reduces all elements of an array, its one parameter: what joins the results for two parts of the
 * array, and the function for a contiguous vector. In memory only: text does not show it. */
typedef struct Reduction {
    int64_t combine; /* UfuncId */
    Func *vector;    /* NULL: the function is no such reduction */
} Reduction;

struct Func {
    Arena *arena;
    const char *name;     /* unique symbol in its module: "axpy.1" */
    const char *qualname; /* for tracebacks */
    const char *file;
    int first_line;
    const void *object; /* the Python function (borrowed; NULL when read from text) */
    FuncOptions options;
    uint32_t nparams;
    const Type **param_types; /* semantic; NULL in untyped code */
    const char **param_names;
    const Type *result; /* semantic type of the result; NULL in untyped code */
    Reduction reduction;
    uint8_t heaviness;             /* see opt/polls.c */
    bool recursive;                /* may call itself, directly or not: entered with a stack check */
    bool external;                 /* has a shim and is entered from the dispatcher */
    bool cold;                     /* outlined slow path: not worth optimising */
    bool small;                    /* with cold: worth it, for size */
    bool part;                     /* of the function that calls it: its errors name the place there */
    bool prelude;                  /* of the array library (in memory only: text does not show it) */
    VEC(Ins) ins;                  /* [0] unused */
    VEC(Block) blocks;             /* [0] unused, [1] entry */
    VEC(const char *) value_names; /* by Ref, what the source calls a value; NULL or past the end: nothing */
};

/* ---- build.c ------------------------------------------------------------------------------------------- */

/* Without blocks: the first hl_block_new gives the entry, which no edge may lead to. Bounds checks are on. */
HL_API Func *hl_func_new(Arena *arena, const char *name);
/* All options in one number, for keys and digests. */
HL_API int64_t hl_options_number(const FuncOptions *o);
/* Another function of the same source, named f.kind<number>, with f's options; it need not be inlined as f must. */
HL_API Func *hl_func_like(const Func *f, const char *kind, uint32_t number);
static inline Ins *hl_ins(const Func *f, Ref r) {
    return &f->ins.data[r];
}
static inline Block *hl_block(const Func *f, BlockId b) {
    return &f->blocks.data[b];
}
HL_API BlockId hl_block_new(Func *f);
/* A new instruction that stands in no block yet; args are copied. Constants and params included. */
HL_API Ref hl_ins_new(Func *f, Op op, const Type *type, const Ref *args, uint32_t nargs, Aux aux, Loc loc);
/* For messages: the first name stays. */
HL_API void hl_name_value(Func *f, Ref r, const char *name);
static inline const char *hl_value_name(const Func *f, Ref r) {
    return r < f->value_names.len ? f->value_names.data[r] : NULL;
}
HL_API void hl_append(Func *f, BlockId b, Ref r);           /* at the end (before nothing) */
HL_API void hl_insert_before(Func *f, Ref position, Ref r); /* in position's block */
HL_API void hl_insert_phi(Func *f, BlockId b, Ref r);       /* at the head of the block */
HL_API void hl_remove(Func *f, Ref r); /* takes it out of its block and marks it deleted */
HL_API void hl_replace_all(Func *f, Ref old, Ref replacement); /* every operand */
/* Operand r becomes map[r] where that is not 0, chains followed. */
HL_API void hl_replace_many(Func *f, const Ref *map);
HL_API void hl_set_jump(Func *f, BlockId b, BlockId to, Loc loc); /* appends the terminator, adds the pred */
HL_API void hl_set_branch(Func *f, BlockId b, Ref cond, BlockId yes, BlockId no, Loc loc);
HL_API void hl_add_pred(Func *f, BlockId b, BlockId pred); /* phis must get their operand by hl_phi_add */
HL_API void hl_phi_add(Func *f, Ref phi, Ref value);       /* the only way to give a phi more operands */
/* The edge's place in the successor's preds. */
HL_API uint32_t hl_pred_index(const Func *f, BlockId from, uint32_t which_succ);
HL_API void hl_remove_pred(Func *f, BlockId b, uint32_t which); /* with the phi operands */
HL_API BlockId hl_split_edge(Func *f, BlockId from, uint32_t which_succ);
/* Position and what follows go to a new block, with a jump there. */
HL_API BlockId hl_split_block_before(Func *f, Ref position);
HL_API Ref hl_terminator(const Func *f, BlockId b);
/* Drops what no edge reaches, folds phis with one distinct operand, removes unused PURE/READ instructions. */
HL_API void hl_cleanup(Func *f);

/* ---- cfg.c: orders, dominators, loops (computed when asked, in a scratch arena) ------------------------ */

typedef struct Loop Loop;
struct Loop {
    BlockId header;
    Loop *parent;        /* NULL for an outermost one */
    VEC(BlockId) blocks; /* inner loops' included; header first */
    VEC(BlockId) latches;
    VEC(BlockId) exits; /* blocks outside that an edge from inside reaches, each once */
    BlockId preheader;  /* the only outside predecessor when it jumps only here, else 0 */
    uint32_t depth;     /* 1 for an outermost one */
};
typedef struct Cfg {
    uint32_t nblocks;
    BlockId *rpo; /* reachable blocks in reverse postorder */
    uint32_t nrpo;
    uint32_t *rpo_number; /* by block; UINT32_MAX when unreachable */
    BlockId *idom;        /* by block; 0 for the entry and the unreachable */
    uint32_t *dom_first;  /* by block; a dominates b when dom_first[b] is one of the */
    uint32_t *dom_size;   /* dom_size[a] numbers from dom_first[a]; 0 for the unreachable */
    VEC(Loop *) loops;    /* outer before inner */
    Loop **loop_of;       /* by block: the innermost loop it is in, or NULL */
} Cfg;
HL_API Cfg *hl_cfg_compute(Arena *arena, const Func *f);
HL_API bool hl_dominates(const Cfg *cfg, BlockId a, BlockId b);
HL_API bool hl_loop_contains(const Loop *loop, const Cfg *cfg, BlockId b);

/* ---- verify.c: all invariants, listed there; NULL or the first violation as text (in the arena) -------- */

HL_API const char *hl_verify(const Func *f, bool typed);

/* ---- print.c, parse.c: parse(print(f)) is f ------------------------------------------------------------ */

HL_API void hl_print_func(Text *out, const Func *f);
/* The shortest text that reads back equal: "1.0", "nan", "-inf". */
HL_API void hl_print_float(Text *out, double value);
typedef VEC(Func *) FuncList;
HL_API void hl_print_module(Text *out, const FuncList *funcs);
/* Reads functions (calls refer to functions of the same text, in any order). False with a message, malloc'd,
 * in *error, which is NULL after success. */
HL_API bool hl_parse_module(Arena *arena, const char *text, FuncList *funcs, char **error);

#endif
