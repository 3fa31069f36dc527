/* owners: which values own a reference to an array's memory, and which refer to that memory.
 *
 * A root owns one reference from where it stands: a fresh array or list, each one a call returned or an item of a list
 * is, and some phis. (Wherever this page says array it means lists too.) Parameters
 * are borrowed from the caller, who keeps them for the whole call. Views, pointers, tuples and selections refer to the
 * memory of the roots they were made of.
 *
 * A phi whose operands are borrowed, or refer to roots that stand above it on every path, merely refers to them too:
 * those roots live as long as it is used, and nothing is counted on its edges (rows of a matrix, two arrays that are
 * swapped in a loop). Otherwise (x = phi(x0, fresh array of the last round)) the phi itself is a root, and each edge
 * gives it a reference. One phi becoming a root can make others so: it is a fixed point that only grows.
 */
#include "opt/counts.h"

#include <string.h>

bool hl_owners_holds_counted(const Type *t) {
    if (!t) return false;
    if (hl_type_is_counted(t) || t->kind == TY_OBJECT) return true;
    if (t->kind != TY_TUPLE && t->kind != TY_OPTIONAL) return false;
    for (uint32_t i = 0; i < t->nargs; i++)
        if (hl_owners_holds_counted(t->args[i])) return true;
    return false;
}

bool hl_owners_is_null(const Func *f, Ref value) {
    const Ins *ins = hl_ins(f, value);
    while (hl_opt_is_same_memory(ins))
        ins = hl_ins(f, ins->args[0]);
    return ins->op == OP_UNDEF || ins->op == OP_ARRAY_CONST || ins->op == OP_OPT_NONE;
}

/* ---- results of calls, taken apart --------------------------------------------------------------------------------------- */

/* Part number i of a tuple, directly behind it: stands for all other reads of that part. */
static Ref only_part(Func *f, Ref tuple, uint32_t i) {
    const Type *type = hl_ins(f, tuple)->type->args[i];
    Ref part = hl_ins_new(f, OP_TUPLE_GET, type, &tuple, 1, (Aux){.i = i}, hl_ins(f, tuple)->loc);
    for (Ref r = 1; r < part; r++) {
        const Ins *ins = hl_ins(f, r);
        if (ins->op != OP_TUPLE_GET || ins->args[0] != tuple || ins->aux.i != i) continue;
        hl_replace_all(f, r, part);
        hl_remove(f, r);
    }
    hl_opt_insert_behind(f, tuple, part);
    return part;
}

typedef VEC(Ref) RefList;

static void split_tuple(Func *f, Arena *scratch, Ref tuple, RefList *arrays) {
    const Type *type = hl_ins(f, tuple)->type;
    for (uint32_t i = 0; i < type->nargs; i++) {
        if (!hl_owners_holds_counted(type->args[i])) continue;
        Ref part = only_part(f, tuple, i);
        if (type->args[i]->kind == TY_TUPLE)
            split_tuple(f, scratch, part, arrays);
        else
            hl_push(scratch, arrays, part);
    }
}

/* Lists the values that own what a call returned. */
static void split_calls(Func *f, Arena *scratch, RefList *arrays) {
    for (Ref r = 1, n = f->ins.len; r < n; r++) {
        const Ins *ins = hl_ins(f, r);
        if (ins->op != OP_CALL || !hl_owners_holds_counted(ins->type)) continue;
        if (ins->type->kind == TY_TUPLE)
            split_tuple(f, scratch, r, arrays);
        else
            hl_push(scratch, arrays, r);
    }
}

/* ---- what refers to what --------------------------------------------------------------------------------------------------- */

static void add_root(Owners *o, Ref r) {
    hl_push(&o->scratch, &o->roots, r);
    o->number[r] = o->roots.len;
}

static bool carries(const Ins *ins) {
    return ins->op != OP_CALL && ins->op != OP_RT && ins->op < OP_COUNT && ins->type &&
           (ins->type->kind == TY_PTR || hl_owners_holds_counted(ins->type));
}

static bool unite(Owners *o, Ref into, const Word *from) {
    if (!from) return false;
    Word *set = o->refers[into];
    if (!set) set = o->refers[into] = hl_new_array(&o->scratch, Word, o->nwords);
    Word news = 0;
    for (uint32_t i = 0; i < o->nwords; i++) {
        news |= from[i] & ~set[i];
        set[i] |= from[i];
    }
    return news != 0;
}

/* One round; a root refers to itself alone. */
static bool flow_once(Owners *o) {
    bool changed = false;
    for (uint32_t i = 0; i < o->cfg->nrpo; i++) {
        const Block *block = hl_block(o->f, o->cfg->rpo[i]);
        for (uint32_t k = 0; k < block->ins.len; k++) {
            Ref r = block->ins.data[k];
            const Ins *ins = hl_ins(o->f, r);
            if (o->number[r] || !carries(ins)) continue;
            for (uint32_t a = 0; a < ins->nargs; a++)
                changed |= unite(o, r, o->refers[ins->args[a]]);
        }
    }
    return changed;
}

static void flow(Owners *o) {
    o->nwords = (o->roots.len + 63) / 64;
    memset(o->refers, 0, o->nins * sizeof *o->refers);
    for (uint32_t i = 0; i < o->roots.len; i++) {
        Word *set = o->refers[o->roots.data[i]] = hl_new_array(&o->scratch, Word, o->nwords);
        hl_set_add(set, i);
    }
    while (flow_once(o))
        ;
}

/* ---- phis that are roots ------------------------------------------------------------------------------------------------------ */

/* Where a block goes on when nothing in it fails: what a guarded instruction gives is not there at the landing. 0: no block
 * is reached by that edge alone. */
static BlockId behind_failures(const Func *f, BlockId b) {
    const Ins *last = hl_ins(f, hl_terminator(f, b));
    if (last->op != OP_BRANCH || hl_ins(f, last->args[0])->op != OP_FAILED) return b;
    BlockId next = hl_block(f, b)->succs[1];
    return hl_block(f, next)->preds.len == 1 ? next : 0;
}

static bool stands_above(const Owners *o, Ref root, BlockId block) {
    BlockId at = behind_failures(o->f, hl_ins(o->f, root)->block);
    return at && at != block && hl_dominates(o->cfg, at, block);
}

static bool must_own(const Owners *o, Ref phi) {
    const Ins *ins = hl_ins(o->f, phi);
    for (uint32_t i = 0; o->refers[phi] && i < o->roots.len; i++)
        if (hl_set_has(o->refers[phi], i) && !stands_above(o, o->roots.data[i], ins->block)) return true;
    return false;
}

static bool make_owners_of_phis(Owners *o) {
    uint32_t before = o->roots.len;
    for (Ref r = 1; r < o->nins; r++) {
        const Ins *ins = hl_ins(o->f, r);
        if (ins->op == OP_PHI && ins->block && !o->number[r] && hl_owners_holds_counted(ins->type) &&
            must_own(o, r)) {
            add_root(o, r);
            break; /* others may be fine now */
        }
    }
    return o->roots.len != before;
}

/* Does it come with a reference of its own? */
static bool is_fresh(const Ins *ins) {
    switch ((int)ins->op) {
    case OP_ARRAY_ALLOC:
    case OP_LIST_NEW:
    case OP_BOX:
    case OP_CATCH:
    case OP_OPERATE: return true;
    case OP_LIST_LOAD:
    case OP_UNBOX: return hl_owners_holds_counted(ins->type);
    default: return false;
    }
}

void hl_owners_find(Owners *o, Func *f) {
    RefList returned = {0};
    o->f = f;
    split_calls(f, &o->scratch, &returned);
    o->nins = f->ins.len;
    o->cfg = hl_cfg_compute(&o->scratch, f);
    o->number = hl_new_array(&o->scratch, uint32_t, o->nins);
    o->refers = hl_new_array(&o->scratch, Word *, o->nins);
    for (uint32_t i = 0; i < returned.len; i++)
        add_root(o, returned.data[i]);
    for (Ref r = 1; r < o->nins; r++)
        if (is_fresh(hl_ins(f, r))) add_root(o, r);
    do
        flow(o);
    while (make_owners_of_phis(o));
}

Ref hl_owners_exact(const Owners *o, Ref value) {
    while (!o->number[value]) {
        const Ins *ins = hl_ins(o->f, value);
        if (!hl_opt_is_same_memory(ins)) return 0;
        value = ins->args[0];
    }
    return value;
}
