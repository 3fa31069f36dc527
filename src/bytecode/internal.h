/* What the files of bytecode/ share: decoded code objects and their control-flow graph. */
#ifndef HL_BYTECODE_INTERNAL_H
#define HL_BYTECODE_INTERNAL_H

#include "bytecode/bytecode.h"

/* For versions written as opcodes.def has them: PY_SINCE(312). */
#define PY_SINCE(version) (PY_MAJOR_VERSION * 100 + PY_MINOR_VERSION >= (version))

/* ---- decode.c: code object -> instructions in normal form ---------------------------------------------- */

typedef enum BcHandler {
#define HANDLER(name, flow, accepts) BH_##name,
#include "handlers.def"
#undef HANDLER
    BH_COUNT
} BcHandler;

enum BcFlow { FLOW_NEXT, FLOW_JUMP, FLOW_BRANCH, FLOW_END };
enum BcAccepts {
    ACCEPTS_PLAIN = 0,
    ACCEPTS_NULLS = 1,
    ACCEPTS_LISTS = 2,
    ACCEPTS_ITERS = 4,
    ACCEPTS_MAPS = 8,
    ACCEPTS_DISPLAY = ACCEPTS_LISTS | ACCEPTS_ITERS,
    ACCEPTS_CALLS = ACCEPTS_NULLS | ACCEPTS_ITERS,
    ACCEPTS_ANYTHING = 15
};

typedef struct BcHandlerInfo {
    const char *name;
    uint8_t flow, accepts;
} BcHandlerInfo;
extern const BcHandlerInfo hl_bc_handlers[BH_COUNT];

enum { BC_NONE = UINT32_MAX };

typedef struct Instr {
    uint32_t offset; /* bytes; of the first EXTENDED_ARG */
    uint8_t op;      /* CPython's number */
    uint8_t handler; /* BcHandler */
    uint32_t arg;
    uint32_t target; /* index of the instruction jumped to, or BC_NONE */
    uint32_t pops, pushes, jump_pushes;
    const char *words; /* why it is refused, for BH_refuse */
    Loc loc;
    uint32_t handler_at; /* index of the instruction that its exceptions go to, or BC_NONE */
    uint32_t
        handler_depth; /* of the operand stack there, below what is pushed: a place (if handler_place), the exception */
    bool handler_place;
    uint8_t objmode; /* 1 + the block in Code.objmode that it is inside of, or 0 */
} Instr;

/* A variable that an objmode block gives to the code behind it. */
typedef struct ObjmodeOutput {
    const char *name; /* interned */
    uint32_t local;   /* BC_NONE: there is none of this name */
    const char *type; /* as py.promised has it */
} ObjmodeOutput;

typedef struct ObjmodeBlock {
    ObjmodeOutput *outputs;
    uint32_t noutputs;
    uint32_t depth; /* where its __exit__ would stand on the operand stack */
} ObjmodeBlock;

typedef struct Code {
    PyFunctionObject *function;
    PyCodeObject *object;
    Instr *instrs;
    uint32_t ninstrs;
    uint32_t *index_at; /* by code unit: the instruction that starts there, or BC_NONE */
    uint32_t nunits;
    uint32_t nlocals; /* of co_localsplus: plain locals, cells and free variables */
    uint32_t nstack;
    bool foreign;   /* may leave operations to Python's objects */
    bool hands_out; /* inner functions may be called by others than compiled code */
    VEC(ObjmodeBlock) objmode;
} Code;

/* NULL with c->diag set. */
Code *hl_bc_decode(Compile *c, PyFunctionObject *function);
const char *hl_bc_op_name(uint32_t op);    /* "LOAD_FAST"; NULL for a number without a row */
const char *hl_bc_op_meaning(uint32_t op); /* the name of its handler, or the words it is refused with */
const char *hl_bc_local_name(const Code *code, uint32_t local); /* interned */
bool hl_bc_is_free(const Code *code, uint32_t local);
bool hl_bc_is_cell(const Code *code, uint32_t local); /* shared with functions inside; no free variable */
const char *hl_bc_text(PyObject *string);             /* a str as interned UTF-8; "?" when it has none */

/* ---- objmode.c ------------------------------------------------------------------------------------------- */

/* Finds the objmode blocks of a decoded function. False with c->diag set: one is not as it must be. */
bool hl_bc_find_objmode(Compile *c, Code *code);

/* ---- tables.c: the two packed tables of a code object -------------------------------------------------- */

/* The location of every code unit. */
void hl_bc_locations(PyCodeObject *code, Loc *locs, uint32_t nunits);
/* Where exceptions of one code unit go. */
typedef struct Protection {
    uint32_t handler; /* a unit, or BC_NONE */
    uint32_t depth;   /* of the operand stack that the handler finds, below what is pushed for it */
    bool place;       /* is the place of the failure pushed, below the exception? */
} Protection;
/* For every code unit. */
void hl_bc_protection(PyCodeObject *code, Protection *protections, uint32_t nunits);

/* ---- cfg.c: basic blocks, only those that the start reaches -------------------------------------------- */

typedef struct BcBlock {
    uint32_t first, end; /* instructions [first, end) */
    uint32_t depth;      /* of the operand stack at the start */
    uint32_t succs[2];   /* blocks: falling through, then jumping */
    uint32_t nsuccs, npreds;
    uint64_t *bound; /* bit per local: surely bound at the start */
} BcBlock;

typedef struct BcCfg {
    BcBlock *blocks; /* by offset */
    uint32_t nblocks;
    uint32_t start;     /* the block the function is entered at */
    uint32_t *block_at; /* by instruction: the block that starts there, or BC_NONE */
} BcCfg;

/* May it raise, with these locals bound? Then what handles its exceptions is reached. */
bool hl_bc_may_raise(const Code *code, const Instr *instr, const uint64_t *bound);
BcCfg *hl_bc_cfg(Compile *c, const Code *code, uint32_t start, uint32_t depth, const uint64_t *bound);
/* The effect of one instruction on the set of surely bound locals (a use that did not raise proves it bound).
 */
void hl_bc_step_bound(const Instr *instr, uint64_t *bound);

static inline uint32_t bit_words(uint32_t nbits) {
    return (nbits + 63) / 64;
}
static inline bool bit_get(const uint64_t *bits, uint32_t i) {
    return bits[i / 64] >> (i % 64) & 1;
}
static inline void bit_set(uint64_t *bits, uint32_t i) {
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}
static inline void bit_clear(uint64_t *bits, uint32_t i) {
    bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

/* ---- closures.c: variables shared with inner functions -------------------------------------------------- */

typedef enum VariableKind { VARIABLE_VALUE, VARIABLE_FUNCTION, VARIABLE_CELL, VARIABLE_FROZEN } VariableKind;

typedef struct Inner Inner;

/* A variable that some inner function uses; one for each scope it is a local of. */
typedef struct Variable {
    const char *name; /* interned */
    VariableKind kind;
    Inner *function;  /* FUNCTION */
    PyObject *object; /* FROZEN: borrowed; NULL: not bound */
    PyObject *cell;   /* of a variable of a function outside the compiled one; borrowed */
} Variable;

/* A function made by MAKE_FUNCTION: its captures are parameters behind its own. */
struct Inner {
    PyFunctionObject *function; /* made while compiling, without cells: never called */
    Variable **free;            /* by free variable of its code */
    uint32_t nfree, constant;   /* which constant of the enclosing code it is */
    VEC(Variable *) captures;
    GeneratorUse use;                /* of a generator expression, or 0 */
    Inner *variants[GENERATOR_USES]; /* of one: by use */
    bool passing;                    /* something it captures by value changes behind its last use */
};

typedef struct Scope {
    const Inner *self;    /* the function itself, when it is an inner one */
    Variable **variables; /* by local: cells and free variables; NULL for others */
    Inner **inners;       /* by constant: code objects; NULL for others */
    uint32_t ninners;
} Scope;

uint32_t hl_bc_consumer(const Code *code, uint32_t instr);
const Scope *hl_bc_scope(Compile *c, const Code *code);
bool hl_bc_is_generator(const Inner *inner);
const void *hl_bc_generator(Compile *c, const void *function, GeneratorUse use);
/* Its code, its globals, and for each free variable its cell or which capture is (in) it: a tuple, borrowed. */
const void *hl_bc_function_parts(Compile *c, const void *function);
uint32_t hl_bc_function_constant(Compile *c, const void *function);
Inner *hl_bc_made_function(const Code *code, const Scope *scope, uint32_t instr);
/* The instruction behind the ones that make the function, from MAKE_FUNCTION on. */
uint32_t hl_bc_behind_function(const Code *code, uint32_t made);

/* ---- ssa.c: the abstract machine (locals, stack) over blocks ------------------------------------------- */

enum SlotKind { SLOT_VALUE, SLOT_NULL, SLOT_LIST, SLOT_ITER, SLOT_SAVED, SLOT_MAP };
typedef struct Slot {
    Ref ref;      /* 0 for SLOT_NULL */
    Ref flag;     /* of a local that a comprehension has set aside (SLOT_SAVED): was it bound? */
    uint8_t kind; /* known without types, the same on every path */
} Slot;

typedef struct PendingPhi {
    Ref phi;
    uint32_t variable;
} PendingPhi;

typedef struct Builder {
    Compile *c;
    Func *f;
    const Code *code;
    const BcCfg *cfg;
    const Scope *scope;
    Ref *captured; /* by capture of scope->self: its parameter */
    BlockId block; /* the block that instructions are appended to; 0: this path has ended */
    Slot *stack;
    uint32_t depth;
    const Instr *guarded;        /* the instruction whose exceptions are handled here, or NULL */
    const ObjmodeBlock *objmode; /* that the instruction is inside of, or NULL */
    bool may_fail;               /* something was emitted for it that may */
    uint64_t *bound;             /* locals surely bound here */
    const char **kwnames;        /* of the next call (KW_NAMES) */
    uint32_t nkw;
    Ref true_value, false_value; /* what the companion flags hold */
    Ref step;                    /* what folds a generator expression's values */
    const HlDeclared *declared;  /* the types of variables; NULL: of none */
    Ref undef_value;             /* of an unbound local */
    BlockId *ssa_block;          /* by BcBlock */
    uint8_t **entry_kinds;       /* by BcBlock: SlotKind of each stack entry; NULL: not reached yet */
    VEC(Ref *) values;       /* by BlockId: by variable its value at the end (so far), 0: not written there */
    VEC(uint8_t) joins;      /* by BlockId: has several predecessors, so a variable's value there is a phi */
    VEC(PendingPhi) pending; /* phis without operands yet */
} Builder;

void hl_bc_run(Builder *b, const Instr *instr); /* handle.c: one instruction, by its handler */

/* handle_functions.c: an inner function without defaults, with the values it captures. */
Ref hl_bc_function(Builder *b, const Inner *inner, Loc loc);

/* Are operations left to Python's objects here? */
static inline bool hl_bc_has_objects(const Builder *b) {
    return b->code->foreign || b->objmode;
}

/* What handlers do (ssa.c). */
Ref hl_bc_emit(Builder *b, Op op, const Ref *args, uint32_t nargs, Aux aux, Loc loc);
/* Where what was emitted so far fails, its exception goes to the handler; this path goes on where it did not. */
void hl_bc_guard(Builder *b);
void hl_bc_refuse(Builder *b, const char *words, Loc loc); /* py.unsupported here, and this path ends */
/* An operation that only objects have; 0 after a refusal in code without them. words NULL: those of its row. */
Ref hl_bc_operate(Builder *b, ForeignId id, const Ref *args, uint32_t nargs, const char *words, Loc loc);
void hl_bc_push(Builder *b, Ref value);
void hl_bc_push_kind(Builder *b, Ref value, enum SlotKind kind);
Slot hl_bc_pop(Builder *b);
Ref hl_bc_none(Builder *b, Loc loc);
Ref hl_bc_object(Builder *b, Ref value, Loc loc); /* as Python has it */
const Variable *hl_bc_cell(const Builder *b, uint32_t local);
void hl_bc_cell_set(Builder *b, Ref cell, Ref value, Loc loc);
void hl_bc_make_cell(Builder *b, uint32_t local,
                     Loc loc);                     /* CPython's own, which starts with the local's value */
Ref hl_bc_variable(Builder *b, const Variable *v); /* what a function that captures it is given */
Ref hl_bc_read_local(Builder *b, uint32_t local, Loc loc); /* with its check where it may be unbound */
void hl_bc_write_local(Builder *b, uint32_t local, Ref value, Loc loc);
/* The value as the type that the variable was declared with, if it was. */
Ref hl_bc_declared(Builder *b, uint32_t local, Ref value, Loc loc);
/* A comprehension sets a local aside on the stack, and puts it back, bound or not. */
void hl_bc_save_local(Builder *b, uint32_t local);
void hl_bc_restore_local(Builder *b, uint32_t local, Loc loc);
void hl_bc_delete_local(Builder *b, uint32_t local, Loc loc);
/* Edges out of the current block; the stack is as the target expects it. */
void hl_bc_jump(Builder *b, uint32_t target_instr, Loc loc);
void hl_bc_branch(Builder *b, Ref cond, uint32_t yes_instr, uint32_t no_instr, Loc loc);
/* The values on top of the stack may be objects: what they are may be asked with the frame as it is now, `offset` being the
 * next instruction's. Nothing where functions are compiled without objects. */
void hl_bc_observe(Builder *b, uint32_t nobserved, uint32_t offset, Loc loc);
void hl_bc_for_iter(Builder *b, const Instr *instr);
/* A generator expression used as b->scope->self->use says: takes a value; what it returns at its end. */
void hl_bc_yield(Builder *b, Ref value, Loc loc);
Ref hl_bc_yielded(Builder *b);

/* ---- constants.c --------------------------------------------------------------------------------------- */

/* The values of a constant, global or closure cell as instructions; false when it has no compiled form (an
 * integer beyond 64 bits) after py.unsupported was emitted. */
bool hl_bc_push_object(Builder *b, PyObject *object, Loc loc);
/* Any object as a constant, whatever it is. */
Ref hl_bc_constant(Builder *b, PyObject *object, Loc loc);
/* The bytes of a frozen array, copied C contiguous into the arena, and its shape; NULL: out of memory. */
const ConstData *hl_host_array_data(Compile *c, const void *array, int64_t *shape);
bool hl_bc_push_literal(Builder *b, PyObject *object, const Instr *instr);

/* ---- sets.c -------------------------------------------------------------------------------------------- */

/* The set that a display of these constants is; 0 where one of them has no compiled form, as above. */
Ref hl_bc_constant_set(Builder *b, PyObject *frozenset, Loc loc);

/* ---- named.c ------------------------------------------------------------------------------------------- */

const void *hl_host_named_tuple(Compile *c, const void *object, const char **name);

/* ---- names.c ------------------------------------------------------------------------------------------- */

bool hl_names_init(void);
/* A module of sys.modules, or with `whole` the package it belongs to. Borrowed; NULL when it is not loaded. */
PyObject *hl_bc_loaded_module(const char *name, bool whole);

/* ---- host.c -------------------------------------------------------------------------------------------- */

/* The text of the exception that is set, which is cleared; other: there is none. */
const char *hl_bc_take_error(const char *other);
/* Globals, then builtins, as they are now. Borrowed; NULL when there is none. */
PyObject *hl_bc_global(const Code *code, PyObject *name);

/* The Python function behind one of our dispatchers, or NULL for any other object. */
const void *hl_host_unwrap(Compile *c, PyObject *object, FuncOptions *options);

/* ---- signature.c --------------------------------------------------------------------------------------- */

/* The local (of co_localsplus) that parameter number `parameter` arrives in; *args stands behind the
 * positional ones. */
uint32_t hl_bc_parameter_local(const PyCodeObject *code, uint32_t parameter);
uint32_t hl_bc_nparameters(const PyCodeObject *code);
const HostSignature *hl_host_signature(Compile *c, const void *function);

/* ---- dump.c -------------------------------------------------------------------------------------------- */

void hl_bc_print_code(Text *out, const Code *code);
void hl_bc_print_cfg(Text *out, const Code *code, const BcCfg *cfg);

/* The files of this folder that see NumPy's C API share one table of it, filled by hl_bytecode_init. */
#define PY_ARRAY_UNIQUE_SYMBOL hl_bytecode_numpy_api

#endif
