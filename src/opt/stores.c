/* stores: in an innermost loop, `if new < a[i]: a[i] = new` writes a[i] in every round, the old value or the new.
 *
 * needs: form LOOPS; hoist_checks before it, for a loop with checks is not vectorised anyhow. keeps: valid SSA.
 *
 * The branch goes and LLVM makes plain vector code of what is left, often a minimum; what it makes of a store under a
 * condition itself is a masked store, which costs several plain ones. It may not do this for us: it must not write where the
 * program does not, for another thread may write there. Compiled code that holds the GIL has no other thread beside it,
 * so functions that may run without it are left alone. The element was read in the same round: it can be written, and
 * nothing was written between.
 *
 * A loop with more than one such branch, or with anything else that keeps it from becoming vectors, is left alone: a store
 * that seldom happens is cheap there.
 */
#include <string.h>

#include "opt/internal.h"

enum { MOST_BLOCKS = 5, MOST_OPERATIONS = 16 };

typedef struct Site {
    BlockId test, then,
        join; /* test leads to then, and to join past an empty block or none; then jumps to join */
    Ref store, load;
} Site;

/* ---- finding one ----------------------------------------------------------------------------- */

/* Does the load read the element that the other instruction loads or stores? */
static bool same_element(const Func *f, Ref load, Ref access) {
    const Ins *a = hl_ins(f, load), *b = hl_ins(f, access);
    return a->op == OP_ARRAY_LOAD && a->nargs <= b->nargs &&
           !memcmp(a->args, b->args, a->nargs * sizeof(Ref));
}

/* The last load of the accessed element in block b, with no write behind it; 0 if there is none. */
static Ref loaded_before(const Func *f, BlockId b, Ref access) {
    const Block *block = hl_block(f, b);
    for (uint32_t i = block->ins.len; i-- > 0;) {
        Ref r = block->ins.data[i];
        if (same_element(f, r, access)) return r;
        if (hl_opt_effects(hl_ins(f, r)) > READ && hl_opt_effects(hl_ins(f, r)) != CONTROL) return 0;
    }
    return 0;
}

/* Can it be done in every round at little cost, without a trap? A load only where the test has loaded the element already:
 * its index may be in range only behind the test. */
static bool may_run_always(const Func *f, BlockId test, Ref r) {
    Op op = (Op)hl_ins(f, r)->op;
    if (op == OP_ARRAY_LOAD) return loaded_before(f, test, r) != 0;
    if (op == OP_MATH || op == OP_PHI || hl_opt_is_division(op)) return false;
    return hl_op_info(op)->effects == PURE;
}

/* The store at the end of a block that does little else; 0 if it is another kind of block. */
static Ref only_store(const Func *f, BlockId test, BlockId b) {
    const Block *block = hl_block(f, b);
    if (block->ins.len < 2 || block->ins.len > MOST_OPERATIONS || block->cold) return 0;
    for (uint32_t i = 0; i + 2 < block->ins.len; i++)
        if (!may_run_always(f, test, block->ins.data[i])) return 0;
    Ref store = block->ins.data[block->ins.len - 2];
    return hl_ins(f, store)->op == OP_ARRAY_STORE ? store : 0;
}

/* Does nothing behind the join depend on the way there? */
static bool joins_equal(const Func *f, BlockId join, uint32_t one, uint32_t other) {
    const Block *block = hl_block(f, join);
    for (uint32_t i = 0; i < block->ins.len; i++) {
        const Ins *phi = hl_ins(f, block->ins.data[i]);
        if (phi->op != OP_PHI) return true;
        if (phi->args[one] != phi->args[other]) return false;
    }
    return true;
}

/* Is it a block that only goes on to another one? From 3.12 on, each way through a body jumps back by itself. */
static bool is_empty(const Block *block) {
    return block->preds.len == 1 && block->nsuccs == 1 && block->ins.len == 1;
}

static bool find_site(const Func *f, BlockId test, Site *out) {
    const Block *block = hl_block(f, test);
    for (uint32_t k = 0; block->nsuccs == 2 && k < 2; k++) {
        BlockId other = block->succs[!k];
        bool passes = is_empty(hl_block(f, other));
        BlockId join = passes ? hl_block(f, other)->succs[0] : other;
        *out = (Site){.test = test, .then = block->succs[k], .join = join};
        const Block *then = hl_block(f, out->then);
        if (then->preds.len != 1 || then->nsuccs != 1 || then->succs[0] != join) continue;
        uint32_t from = passes ? hl_pred_index(f, other, 0) : hl_pred_index(f, test, !k);
        if (!joins_equal(f, join, from, hl_pred_index(f, out->then, 0))) continue;
        out->store = only_store(f, test, out->then);
        out->load = out->store ? loaded_before(f, test, out->store) : 0;
        if (out->load) return true;
    }
    return false;
}

/* ---- the loop around it ---------------------------------------------------------------------- */

static bool may_become_vectors(const Func *f, const Loop *loop) {
    if (loop->blocks.len > MOST_BLOCKS || loop->latches.len != 1) return false;
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Block *block = hl_block(f, loop->blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++) {
            const Ins *ins = hl_ins(f, block->ins.data[k]);
            if (hl_opt_effects(ins) == RAISE || ins->op == OP_CALL) return false;
        }
    }
    return true;
}

static bool is_innermost(const Cfg *cfg, const Loop *loop) {
    for (uint32_t i = 0; i < cfg->loops.len; i++)
        if (cfg->loops.data[i]->parent == loop) return false;
    return true;
}

/* ---- changing it ----------------------------------------------------------------------------- */

static void load_once(Func *f, const Site *site) {
    const Block *then = hl_block(f, site->then);
    for (uint32_t i = 0; i < then->ins.len; i++)
        if (hl_ins(f, then->ins.data[i])->op == OP_ARRAY_LOAD)
            hl_replace_all(f, then->ins.data[i], loaded_before(f, site->test, then->ins.data[i]));
}

/* The branch is taken always: hl_cleanup drops it. */
static void store_always(Func *f, const Site *site) {
    Ref branch = hl_terminator(f, site->test), condition = hl_ins(f, branch)->args[0];
    Loc loc = hl_ins(f, site->store)->loc;
    load_once(f, site);
    bool then = hl_block(f, site->test)->succs[0] == site->then;
    uint32_t value = hl_ins(f, site->store)->nargs - 1;
    Ref stored = hl_ins(f, site->store)->args[value];
    Ref ways[] = {condition, then ? stored : site->load, then ? site->load : stored};
    Ref chosen = hl_ins_new(f, OP_SELECT, hl_ins(f, stored)->type, ways, 3, (Aux){0}, loc);
    Ref always = hl_ins_new(f, OP_CONST_INT, hl_type(TY_B1), NULL, 0, (Aux){.i = then}, loc);
    hl_insert_before(f, site->store, chosen);
    hl_ins(f, site->store)->args[value] = chosen;
    hl_insert_before(f, branch, always);
    hl_ins(f, branch)->args[0] = always;
}

/* A function that is called by one without the GIL, or from a parallel loop, has other threads beside it too. */
static bool has_other_threads(const Compile *c) {
    const FuncOptions *options = &c->functions.data[0]->options;
    return options->nogil || options->parallel;
}

bool hl_opt_stores(Compile *c, Func *f) {
    if (has_other_threads(c) || f->cold) return true;
    Arena scratch = {0};
    const Cfg *cfg = hl_cfg_compute(&scratch, f);
    Site site;
    for (uint32_t i = 0; i < cfg->loops.len; i++) {
        const Loop *loop = cfg->loops.data[i];
        if (!is_innermost(cfg, loop) || !may_become_vectors(f, loop)) continue;
        for (uint32_t k = 0; k < loop->blocks.len; k++)
            if (find_site(f, loop->blocks.data[k], &site)) {
                store_always(f, &site);
                break;
            }
    }
    hl_cleanup(f);
    hl_arena_free(&scratch);
    return true;
}
