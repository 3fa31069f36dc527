/* opt: typed IR to better typed IR. The passes are listed, in order, in passes.def; pipeline.c runs them.
 *
 * hl_optimise itself is declared in compile.h. What passes share is here: running one of them by name (for
 * tests), and building counted loops.
 */
#ifndef HL_OPT_H
#define HL_OPT_H

#include "compile.h"
#include "infer/infer.h"

/* Forms a function has; see passes.def. */
enum Form { FORM_LOOPS = 1, FORM_COUNTED = 2, FORM_POLLED = 4 };

/* ---- pipeline.c ---------------------------------------------------------------------------------------------------- */

/* Runs one pass over one function and hl_verify after it; false with c->diag set. */
HL_API bool hl_opt_run(Compile *c, Func *f, const char *pass);
HL_API bool hl_opt_has_pass(const char *name);
#define PASS(name, function, needs, gives, purpose) bool function(Compile *c, Func *f);
#include "opt/passes.def"
#undef PASS

/* ---- loopbuild.c: counted loops, built at an emitter -------------------------------------------------------------------
 *
 *     at->block ─► header: i = phi 0, next ─(i < count)─► body ... at->block ─► latch: next = i + 1 ─► header
 *                     └────► exit
 */

typedef struct HlLoop {
    BlockId header, body, exit;
    Ref index; /* i64, from 0 up to the count */
} HlLoop;

/* Opens a block at an instruction: `position` and what follows go to the block that is returned, and the emitter
 * stands at the end of what came before, which has no terminator until hl_opt_jump leads on. */
HL_API BlockId hl_opt_cut(HlEmitter *at, Ref position);
/* Ends at->block. */
HL_API void hl_opt_jump(HlEmitter *at, BlockId to);
HL_API void hl_opt_branch(HlEmitter *at, Ref condition, BlockId yes, BlockId no);
/* A new block, cold when asked, to emit into later. */
HL_API BlockId hl_opt_block(HlEmitter *at, bool cold);
/* The emitter stands in the body when the loop is open, in the exit when it is closed. Between the two the caller
 * may make blocks of its own. Loops close in the reverse order. */
HL_API void hl_opt_loop_open(HlEmitter *at, Ref count, HlLoop *loop);
HL_API void hl_opt_loop_close(HlEmitter *at, const HlLoop *loop);

/* ---- loopbuild.c: instructions at an emitter ---------------------------------------------------------------------------- */

HL_API Ref hl_opt_ins(HlEmitter *at, Op op, const Type *type, const Ref *args, uint32_t nargs, Aux aux);
HL_API Ref hl_opt_op2(HlEmitter *at, Op op, const Type *type, Ref x, Ref y);
HL_API Ref hl_opt_i64(HlEmitter *at, int64_t value);
HL_API Ref hl_opt_compare(HlEmitter *at, Op op, Ref x, Ref y);
HL_API Ref hl_opt_select(HlEmitter *at, const Type *type, Ref condition, Ref yes, Ref no);

#endif
