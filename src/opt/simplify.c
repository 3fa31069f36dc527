/* simplify: one walk that folds instructions and merges equal ones.
 *
 * Needs and keeps any typed IR that is not counted yet. Afterwards
 *   - no instruction equals an older value or a constant by fold.c;
 *   - of two equal pure instructions none dominates the other (global value numbering over the dominator tree, without
 *     hoisting); the same holds for checks of the same condition, for the second can never fail;
 *   - sizes, strides and the data pointer of an array that does not show them stand right behind it, each once, so that
 *     equal sizes are one Ref wherever they are asked for.
 *
 * Blocks are visited in reverse postorder, so operands (except those of phis over back edges) are final before their
 * users. One table from hashes to instructions serves the whole function: an entry counts where its block dominates.
 */
#include "opt/simplify.h"

#include <string.h>

typedef struct Entry {
    Ref ins;
    uint32_t next; /* place in entries, 0: none */
} Entry;

typedef struct Simplify {
    Func *f;
    Arena scratch;
    const Cfg *cfg;
    VEC(Ref) becomes;    /* by Ref: what replaces it; 0: nothing */
    bool *is_told_apart; /* by Ref < nold: array.make whose identity can be seen */
    Ref nold;
    VEC(Entry) entries; /* [0] unused */
    uint32_t *buckets, mask;
    bool changed;
} Simplify;

static Ref current(const Simplify *s, Ref r) {
    while (r < s->becomes.len && s->becomes.data[r])
        r = s->becomes.data[r];
    return r;
}

static void replace(Simplify *s, Ref r, Ref by) {
    while (s->becomes.len <= r)
        hl_push(&s->scratch, &s->becomes, 0);
    s->becomes.data[r] = by;
    s->changed = true;
}

/* ---- equal instructions -------------------------------------------------------------------------------------------------- */

static bool commutes(Op op) {
    return op == OP_ADD || op == OP_MUL || op == OP_AND || op == OP_OR || op == OP_XOR || op == OP_EQ ||
           op == OP_NE;
}

/* Views are objects: what leaves the function, or is compared with `is`, is not another equal view. */
static bool *find_told_apart(Simplify *s) {
    bool *told_apart = hl_new_array(&s->scratch, bool, s->f->ins.len);
    for (Ref r = 1; r < s->f->ins.len; r++) {
        const Ins *ins = hl_ins(s->f, r);
        bool sees = ins->op == OP_RETURN || ins->op == OP_CALL || ins->op == OP_PHI ||
                    ins->op == OP_PARALLEL || ins->op == OP_TUPLE_MAKE || ins->op == OP_OPT_SOME ||
                    ins->op == OP_SELECT || ins->op == OP_RECAST || ins->op == OP_ARRAY_SAME;
        for (uint32_t i = 0; sees && i < ins->nargs; i++)
            told_apart[ins->args[i]] = hl_ins(s->f, ins->args[i])->op == OP_ARRAY_MAKE;
    }
    return told_apart;
}

static bool can_tell_apart(const Simplify *s, Ref r) {
    return r < s->nold && s->is_told_apart[r];
}

/* May an equal one that dominates stand for it? Of a check only the condition counts. */
static bool is_numbered(const Ins *ins) {
    if (ins->op == OP_CHECK || ins->op == OP_CHECK_INDEX) return true;
    if (ins->op == OP_PHI || ins->op == OP_PARAM || ins->op == OP_BUFFER || ins->op == OP_COUNT) return false;
    return hl_opt_effects(ins) == PURE && ins->type;
}

static uint32_t compared_args(const Ins *ins) {
    return ins->op == OP_CHECK ? 1 : ins->nargs;
}

static uint32_t hash(const Ins *ins) {
    uint64_t h = ins->op * 0x9e3779b97f4a7c15u ^ (uintptr_t)ins->type;
    if (ins->op != OP_CHECK && ins->op != OP_CHECK_INDEX)
        h = (h ^ (uint64_t)ins->aux.i) * 0xff51afd7ed558ccdu;
    uint64_t args = 0;
    for (uint32_t i = 0; i < compared_args(ins); i++)
        args = commutes((Op)ins->op) ? args + ins->args[i] * 0xc4ceb9fe1a85ec53u
                                     : (args ^ ins->args[i]) * 0xc4ceb9fe1a85ec53u;
    h = (h ^ args) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(h >> 32);
}

static bool same_aux(const Ins *a, const Ins *b) {
    if (a->op == OP_CHECK || a->op == OP_CHECK_INDEX) return true;
    if (a->op == OP_CONST_FLOAT) return memcmp(&a->aux.f[0], &b->aux.f[0], sizeof a->aux.f[0]) == 0;
    return a->aux.i == b->aux.i;
}

static bool are_equal(const Ins *a, const Ins *b) {
    if (a->op != b->op || a->type != b->type || !same_aux(a, b)) return false;
    uint32_t n = compared_args(a);
    if (n != compared_args(b)) return false;
    if (!n || memcmp(a->args, b->args, n * sizeof *a->args) == 0) return true;
    return commutes((Op)a->op) && a->args[0] == b->args[1] && a->args[1] == b->args[0];
}

static Ref find_equal(const Simplify *s, const Ins *ins, uint32_t h) {
    for (uint32_t e = s->buckets[h & s->mask]; e; e = s->entries.data[e].next) {
        const Ins *old = hl_ins(s->f, s->entries.data[e].ins);
        if (are_equal(old, ins) && hl_dominates(s->cfg, old->block, ins->block))
            return s->entries.data[e].ins;
    }
    return 0;
}

static void remember(Simplify *s, Ref r, uint32_t h) {
    hl_push(&s->scratch, &s->entries, ((Entry){r, s->buckets[h & s->mask]}));
    s->buckets[h & s->mask] = s->entries.len - 1;
}

/* ---- one instruction ---------------------------------------------------------------------------------------------------------- */

static void update_operands(const Simplify *s, Ref r) {
    Ins *ins = hl_ins(s->f, r);
    for (uint32_t i = 0; i < ins->nargs; i++)
        ins->args[i] = current(s, ins->args[i]);
}

/* Another array under a cast has the same parts. */
static void look_through_recast(const Simplify *s, Ref r) {
    Ins *ins = hl_ins(s->f, r);
    while (hl_opt_is_array_part(ins) && hl_ins(s->f, ins->args[0])->op == OP_RECAST)
        ins->args[0] = hl_ins(s->f, ins->args[0])->args[0];
}

static Ref constant_before(Simplify *s, Ref r, int64_t value) {
    const Ins *ins = hl_ins(s->f, r);
    const Type *type = ins->type;
    Ref c = hl_ins_new(s->f, OP_CONST_INT, type, NULL, 0, (Aux){.i = value}, ins->loc);
    hl_insert_before(s->f, r, c);
    return c;
}

static bool fold(Simplify *s, Ref r) {
    Folded folded = hl_fold(s->f, hl_ins(s->f, r));
    if (folded.kind == FOLD_NOTHING) return false;
    replace(s, r, folded.kind == FOLD_VALUE ? folded.value : constant_before(s, r, folded.constant));
    return true;
}

static bool is_true_check(const Simplify *s, const Ins *ins) {
    return ins->op == OP_CHECK && hl_opt_is_int(s->f, ins->args[0], 1);
}

static bool merge(Simplify *s, Ref r) {
    const Ins *ins = hl_ins(s->f, r);
    if (!is_numbered(ins) || can_tell_apart(s, r)) return false;
    uint32_t h = hash(ins);
    Ref old = find_equal(s, ins, h);
    if (!old) {
        remember(s, r, h);
        return false;
    }
    hl_ins(s->f, old)->flags &= ins->flags;
    replace(s, r, old);
    return true;
}

/* A part of an array gets a place of its own right behind the array. */
static void stand_behind_array(Simplify *s, Ref r) {
    Ins ins = *hl_ins(s->f, r);
    if (!hl_opt_is_array_part(&ins) || hl_opt_part_behind(s->f, ins.args[0], (Op)ins.op, ins.aux.i) == r)
        return;
    Ref moved = hl_ins_new(s->f, (Op)ins.op, ins.type, ins.args, ins.nargs, ins.aux, ins.loc);
    hl_opt_insert_behind(s->f, ins.args[0], moved);
    remember(s, moved, hash(&ins));
    replace(s, r, moved);
}

static void visit(Simplify *s, Ref r) {
    update_operands(s, r);
    look_through_recast(s, r);
    Op op = (Op)hl_ins(s->f, r)->op;
    if (op == OP_PHI || fold(s, r)) return;
    bool merged = merge(s, r);
    if (!merged) stand_behind_array(s, r);
    if ((merged && (op == OP_CHECK || op == OP_CHECK_INDEX)) || is_true_check(s, hl_ins(s->f, r))) {
        hl_remove(s->f, r);
        s->changed = true;
    }
}

/* Instructions come and go while their block is visited, so the list is copied. */
static void visit_block(Simplify *s, BlockId b) {
    uint32_t n = hl_block(s->f, b)->ins.len;
    Ref *ins = hl_new_array(&s->scratch, Ref, n);
    memcpy(ins, hl_block(s->f, b)->ins.data, n * sizeof *ins);
    for (uint32_t i = 0; i < n; i++)
        visit(s, ins[i]);
}

/* ---- the function ---------------------------------------------------------------------------------------------------------------- */

static void replace_all(Simplify *s) {
    Ref *map = hl_new_array(&s->scratch, Ref, s->f->ins.len);
    memcpy(map, s->becomes.data, s->becomes.len * sizeof *map);
    hl_replace_many(s->f, map);
}

bool hl_opt_simplify(Compile *c, Func *f) {
    (void)c;
    Simplify s = {.f = f, .nold = f->ins.len};
    uint32_t nbuckets = 64;
    while (nbuckets < f->ins.len)
        nbuckets *= 2;
    s.cfg = hl_cfg_compute(&s.scratch, f);
    s.buckets = hl_new_array(&s.scratch, uint32_t, nbuckets);
    s.mask = nbuckets - 1;
    s.is_told_apart = find_told_apart(&s);
    hl_push(&s.scratch, &s.entries, (Entry){0});
    for (uint32_t i = 0; i < s.cfg->nrpo; i++)
        visit_block(&s, s.cfg->rpo[i]);
    if (s.changed) {
        if (s.becomes.len) replace_all(&s);
        hl_cleanup(f);
    }
    hl_arena_free(&s.scratch);
    return true;
}
