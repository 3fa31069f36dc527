/* Private to lower/: the module being built, the function being built, and what each file offers the others.
 *
 * A value of the typed IR is an array of LLVM scalars, its machine components (type/flatten.c): a scalar has
 * one, an array<f64,2,C> has six, none has none. Nothing ever becomes an LLVM aggregate except the result of
 * a call.
 */
#ifndef HL_LOWER_INTERNAL_H
#define HL_LOWER_INTERNAL_H

#include <llvm-c/Core.h>

#include "lower/lower.h"
#include "machine/machine.h"
#include "runtime/runtime.h"

typedef enum IntrinsicId {
#define INTRINSIC(name, text) INTRINSIC_##name,
#include "intrinsics.def"
#undef INTRINSIC
    INTRINSIC_COUNT
} IntrinsicId;

/* A function of the LLVM module, ours or the runtime's. */
typedef struct Callee {
    LLVMValueRef fn;
    LLVMTypeRef type;
    LLVMValueRef info; /* HlFuncInfo; NULL for the runtime's */
} Callee;

typedef enum AttrId {
#define ATTR(name, text) ATTR_##name,
#include "attributes.def"
#undef ATTR
    ATTR_COUNT
} AttrId;

typedef struct Debug Debug;
typedef struct Variable Variable;

/* What is compiled together: the function asked for with what it calls, or a large function of the prelude with what that
 * calls. Large functions that a unit calls are units of their own, found by name when the code is loaded. */
typedef struct Unit Unit;
struct Unit {
    const Func *root;   /* its way in */
    const char *digest; /* of all that the code depends on; NULL: the function asked for */
    FuncList functions; /* the root first; a small function may be in several units */
    FuncList outside;   /* the roots of the units it calls */
    Map symbols;        /* Func * of both lists -> name */
    VEC(Unit *) called;
};
typedef VEC(Unit *) UnitList;

/* One LLVM module. A unit becomes two: its functions that run, and, where there are any, those that hardly
 * ever do, which are compiled at once and badly. What one defines the other declares. */
typedef struct Module {
    Compile *c;
    const Unit *unit;
    bool cold; /* the second */
    LLVMContextRef context;
    LLVMModuleRef llvm;
    LLVMTypeRef i1, i8, i32, i64, f64, ptr, nothing;
    LLVMTypeRef scalar[TY_COUNT]; /* a component in a register, by TypeKind; NULL: no machine scalar */
    LLVMTypeRef site_type, info_type;
    unsigned attr_kind[ATTR_COUNT];
    unsigned tbaa_kind, prof_kind, scope_kind, noalias_kind;
    LLVMValueRef tbaa_data, tbaa_private, tbaa_list, likely, unlikely;
    LLVMValueRef intrinsic[INTRINSIC_COUNT][TY_COUNT]; /* declarations, by the type they are overloaded on */
    Callee rt[RT_COUNT];
    Callee raise, raise_index, raise_recursion, traceback, poll; /* hlrt_... */
    Map functions;                                               /* Func * -> Callee * */
    Map constants; /* interned text, ErrorInfo *, ConstData * -> LLVMValueRef */
    Debug *debug;
} Module;

/* A block shared by all places of a function that fail in one way; phis tell the places apart. */
enum { MAX_EXIT_VALUES = 4 };
typedef struct Exit {
    LLVMBasicBlockRef block; /* NULL until something branches there */
    LLVMValueRef phis[MAX_EXIT_VALUES];
    uint32_t nphis;
} Exit;

/* The exits of all places that own the same arrays, which are released on the way out. */
typedef struct Exits {
    const Ins *owned;          /* an `unwind`; NULL: nothing */
    LLVMBasicBlockRef landing; /* where guarded instructions lead; NULL: out of the function */
    Exit raise, raise_index, unwind;
    Exit follow; /* the cold copy of a part of this function has failed and named the line */
} Exits;

/* One function. */
typedef struct Emitter {
    Module *m;
    Compile *c;
    const Func *f;
    const Cfg *cfg;
    LLVMBuilderRef b;
    Callee *self;
    LLVMValueRef ctx;
    LLVMValueRef breaker;       /* ctx->eval_breaker; NULL without a poll */
    LLVMBasicBlockRef prologue; /* stack slots and what is loaded once */
    uint32_t *first;            /* by Ref: where its components start in values */
    LLVMValueRef *values;
    LLVMBasicBlockRef *heads; /* by BlockId: the LLVM block it starts with; NULL when unreachable */
    LLVMBasicBlockRef *tails; /* and the one it ends in: checks split it */
    LLVMBasicBlockRef *twins; /* where the second of two edges to the same block starts */
    VEC(Exits *) all_exits;
    const Ins *owned;       /* what errors release at the place where we are */
    Exits *exits;           /* of that place */
    int64_t nviews;         /* places that made a view so far */
    LLVMBasicBlockRef end;  /* the one return; NULL until something goes there */
    LLVMValueRef *end_phis; /* what it returns: the components and the status */
    LLVMValueRef payload;   /* stack slots for the arguments of an exception */
    Ref current;            /* the instruction being lowered */
    Variable *variables;    /* the locals that debug.c has made so far */
} Emitter;

typedef void (*Handler)(Emitter *e, Ref r, int detail);
#define LOWER(op, handler, number) void hl_lower_##handler(Emitter *e, Ref r, int detail);
#include "lower.def"
#undef LOWER

/* ---- module.c: types, declarations, attributes ----------------------------------------------- */

void hl_lower_module_open(Module *m, Compile *c, const Unit *unit, Machine *machine, bool cold);
/* The LLVM type of component kinds in memory: b1 is a byte. */
LLVMTypeRef hl_lower_memory_type(const Module *m, const Type *scalar);
LLVMValueRef hl_lower_i64(const Module *m, int64_t value);
LLVMValueRef hl_lower_i32(const Module *m, int32_t value);
LLVMAttributeRef hl_lower_attr(const Module *m, AttrId attr, uint64_t value);
void hl_lower_fn_attr(const Module *m, LLVMValueRef fn, AttrId attr);
/* A function that hardly ever runs: not inlined, and no reason against inlining the one that calls it. */
void hl_lower_mark_cold(const Module *m, LLVMValueRef fn);
void hl_lower_param_attr(const Module *m, LLVMValueRef fn, unsigned param, AttrId attr, uint64_t value);
/* The rows of runtime/runtime.def by RtId. */
typedef struct RtRow {
    const char *symbol, *result, *arguments;
    int effects;
} RtRow;
extern const RtRow hl_lower_rt_rows[];
Callee *hl_lower_rt_callee(Module *m, RtId id);
/* A helper of runtime.h that is no row of runtime.def: hlrt_raise_at and the like; all cold. */
Callee *hl_lower_helper(Module *m, Callee *slot, const char *name, const char *arguments);
LLVMValueRef hl_lower_intrinsic(Module *m, IntrinsicId id, const Type *type);
void hl_lower_mark_likely(const Module *m, LLVMValueRef branch);
void hl_lower_mark_data(const Module *m, LLVMValueRef access);
void hl_lower_mark_list(const Module *m, LLVMValueRef access);
void hl_lower_mark_private(const Module *m, LLVMValueRef access);
/* ctx->field: a pointer. */
LLVMValueRef hl_lower_ctx_field(Emitter *e, size_t offset, const char *name);
/* All components of `types`, in the compilation's arena. */
const Type **hl_lower_components(Module *m, const Type *const *types, uint32_t n, uint32_t *count);

/* ---- units.c, digest.c, kept.c, shipped.c ------------------------------------------------------- */

/* The function asked for first. */
UnitList hl_lower_units(Compile *c);
/* Of all that lowering reads of the unit's functions, as hexadecimal digits; the units it calls have theirs. */
const char *hl_lower_digest(Compile *c, const Unit *unit);
/* May the object of a unit with this function be used in another compilation? */
bool hl_lower_is_shareable(const Func *f);
/* The objects of a unit that some compilation of this process made for this processor (by hl_machine_describe), or NULL;
 * they stay. */
const void *hl_lower_kept(const char *digest, size_t *nbytes);
void hl_lower_keep(const char *digest, const void *object, size_t nbytes);
void hl_lower_list_kept(UnitTaker take, void *user);
/* The same of those made with the package for a level of processors, or NULL. */
const void *hl_lower_shipped(const char *level, const char *digest, size_t *nbytes);

/* ---- constant.c: constant data of the module, each thing once -------------------------------- */

LLVMValueRef hl_lower_string(Module *m, const char *text);
LLVMValueRef hl_lower_site(Module *m, const ErrorInfo *error);
LLVMValueRef hl_lower_func_info(Module *m, const Func *f);
const char *hl_lower_file(const Func *f);

/* Where the components of the parts start among those of an aggregate: an optional says first whether it is
 * there. */
static inline uint32_t hl_lower_parts_start(const Type *type) {
    return type->kind == TY_OPTIONAL;
}

/* ---- boundary.c: storage values as components of their semantic type, and back; false when they do not fit ---- */

bool hl_lower_cross_out(Emitter *e, const Type *semantic, Ref r, LLVMValueRef *outside);
bool hl_lower_cross_in(Emitter *e, const Type *semantic, Ref r, LLVMValueRef *outside);

/* ---- function.c, shim.c, call.c -------------------------------------------------------------- */

/* What every function of ours has; a cold one is kept out of the way. */
void hl_lower_function_attrs(const Module *m, LLVMValueRef fn, bool cold);
void hl_lower_ctx_attrs(const Module *m, LLVMValueRef fn); /* of parameter 0 */
/* Is a function of the module's unit defined in the module? */
static inline bool hl_lower_is_here(const Module *m, const Func *f) {
    return (f->cold && !f->small) == m->cold;
}
/* One of the unit's functions, or one from outside. */
void hl_lower_declare(Module *m, const Func *f, bool outside);
bool hl_lower_define(Module *m, const Func *f);
LLVMValueRef hl_lower_declare_shim(Module *m, const char *symbol);
void hl_lower_define_shim(Module *m, const Func *f, LLVMValueRef shim);
/* Records an internal error at the current instruction. */
void hl_lower_fail(Emitter *e, const char *format, ...) HL_PRINTF(2, 3);
static inline LLVMValueRef hl_lower_value(const Emitter *e, Ref r, uint32_t component) {
    return e->values[e->first[r] + component];
}
static inline LLVMValueRef *hl_lower_parts(const Emitter *e, Ref r) {
    return e->values + e->first[r];
}
static inline uint32_t hl_lower_nparts(const Emitter *e, Ref r) {
    return e->first[r + 1] - e->first[r];
}
/* The single component of operand n of instruction r. */
static inline LLVMValueRef hl_lower_operand(const Emitter *e, Ref r, uint32_t n) {
    return e->values[e->first[hl_ins(e->f, r)->args[n]]];
}
static inline void hl_lower_set(Emitter *e, Ref r, LLVMValueRef value) {
    e->values[e->first[r]] = value;
}
/* A new LLVM block behind the current one. */
LLVMBasicBlockRef hl_lower_block(Emitter *e, const char *name);
static inline void hl_lower_at(Emitter *e, LLVMBasicBlockRef block) {
    LLVMPositionBuilderAtEnd(e->b, block);
}
/* A stack slot made once, in the prologue. */
LLVMValueRef hl_lower_stack(Emitter *e, LLVMTypeRef type, unsigned align, const char *name);
/* One call of the current function's builder; sets what every call site has. */
LLVMValueRef hl_lower_emit_call(Emitter *e, const Callee *callee, LLVMValueRef *args, unsigned nargs);
/* A component as the uint64_t it travels in between the shim, payloads and the outside; and back. */
LLVMValueRef hl_lower_to_slot(const Module *m, LLVMBuilderRef b, LLVMValueRef value, const Type *type);
LLVMValueRef hl_lower_from_slot(const Module *m, LLVMBuilderRef b, LLVMValueRef slot, const Type *type);
LLVMValueRef hl_lower_slot_address(const Module *m, LLVMBuilderRef b, LLVMValueRef slots, uint32_t i);
LLVMValueRef hl_lower_load_slot(const Module *m, LLVMBuilderRef b, LLVMValueRef slots, uint32_t i,
                                const Type *type);

/* ---- arith.c --------------------------------------------------------------------------------- */

/* Sets the function's fast-math flags on a float instruction that asks for them. */
LLVMValueRef hl_lower_fast(const Emitter *e, Ref r, LLVMValueRef value);

/* ---- alloc.c --------------------------------------------------------------------------------- */

/* Takes or gives back one reference to each array and object in a value. */
void hl_lower_retain(Emitter *e, Ref value);
void hl_lower_release(Emitter *e, Ref value);

/* ---- memory.c -------------------------------------------------------------------------------- */

/* A scalar in memory: a bool is a byte there. */
/* The block of an array's owner, without the mark of a view. */
LLVMValueRef hl_lower_block_of(Emitter *e, LLVMValueRef owner);
LLVMValueRef hl_lower_load_scalar(Emitter *e, const Type *type, LLVMValueRef address, unsigned align);
void hl_lower_store_scalar(Emitter *e, const Type *type, LLVMValueRef value, LLVMValueRef address,
                           unsigned align);

/* ---- control.c ------------------------------------------------------------------------------- */

/* Returns the components of the result and a status. */
void hl_lower_leave_with(Emitter *e, LLVMValueRef *parts);

/* ---- error.c: leaving a function with an error ----------------------------------------------- */

/* Goes on where `good` holds and leaves, the error being recorded, where not. */
void hl_lower_unwind_unless(Emitter *e, LLVMValueRef good);
/* The same without a frame of this function in the traceback. */
void hl_lower_follow_unless(Emitter *e, LLVMValueRef good);
/* Leaves when the runtime recorded an error. */
void hl_lower_test_status(Emitter *e);
void hl_lower_check_stack(Emitter *e);
/* At the start of a block nothing is owned. */
void hl_lower_reset_unwind(Emitter *e);
void hl_lower_choose_exits(Emitter *e, const Ins *ins);
/* Fills the shared blocks; last of all. */
void hl_lower_finish_exits(Emitter *e);

/* ---- control.c ------------------------------------------------------------------------------- */

void hl_lower_fill_phis(Emitter *e);

/* ---- debug.c: lines and variables for debuggers ---------------------------------------------- */

void hl_lower_debug_open(Module *m); /* when some function asks for it; else m->debug stays NULL */
void hl_lower_debug_function(Module *m, const Func *f, LLVMValueRef fn);
void hl_lower_debug_at(Emitter *e, Loc loc);
void hl_lower_debug_prologue(const Emitter *e);
void hl_lower_debug_close(Module *m);

#endif
