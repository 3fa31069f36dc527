/* split_complex: complex values that are carried round loops become two floats each, so that carries.c sees two sums
 * where the source adds complex numbers.
 *
 * needs, keeps: valid SSA. Phis only: what is made of them is folded with the cmake that gives them their values.
 */
#include "opt/parallel.h"

typedef struct Halves {
    Ref phi, part[2];
} Halves;

typedef struct Splitter {
    Func *f;
    Arena scratch;
    VEC(Halves) all;
} Splitter;

static Ref new_ins(Func *f, Op op, const Type *type, const Ref *args, uint32_t nargs, Loc loc) {
    return hl_ins_new(f, op, type, args, nargs, (Aux){0}, loc);
}

static void find_phis(Splitter *s) {
    for (Ref r = 1, n = s->f->ins.len; r < n; r++) {
        Ins phi = *hl_ins(s->f, r);
        if (phi.op != OP_PHI || !phi.block || !phi.type || !hl_type_is_complex(phi.type)) continue;
        Halves halves = {.phi = r};
        for (int k = 0; k < 2; k++) {
            halves.part[k] = new_ins(s->f, OP_PHI, hl_type_real_of(phi.type), NULL, 0, phi.loc);
            hl_insert_phi(s->f, phi.block, halves.part[k]);
            if (hl_value_name(s->f, r)) hl_name_value(s->f, halves.part[k], hl_value_name(s->f, r));
        }
        hl_push(&s->scratch, &s->all, halves);
    }
}

/* The real or imaginary part of an operand, at the end of the block it comes from. */
static Ref part_of(const Splitter *s, Ref value, int k, BlockId from) {
    const Ins *ins = hl_ins(s->f, value);
    for (uint32_t i = 0; i < s->all.len; i++)
        if (s->all.data[i].phi == value) return s->all.data[i].part[k];
    if (ins->op == OP_CMAKE) return ins->args[k];
    Ref part = new_ins(s->f, k ? OP_CIMAG : OP_CREAL, hl_type_real_of(ins->type), &value, 1, ins->loc);
    hl_insert_before(s->f, hl_terminator(s->f, from), part);
    return part;
}

static void fill_phis(Splitter *s) {
    for (uint32_t i = 0; i < s->all.len; i++) {
        Ins phi = *hl_ins(s->f, s->all.data[i].phi);
        for (uint32_t n = 0; n < phi.nargs; n++)
            for (int k = 0; k < 2; k++) {
                BlockId from = hl_block(s->f, phi.block)->preds.data[n];
                hl_phi_add(s->f, s->all.data[i].part[k], part_of(s, phi.args[n], k, from));
            }
    }
}

/* Users take the parts, or both put together again. */
static void replace_phi(Func *f, const Halves *halves) {
    Ref phi = halves->phi,
        whole = new_ins(f, OP_CMAKE, hl_ins(f, phi)->type, halves->part, 2, hl_ins(f, phi)->loc);
    for (Ref r = 1; r < whole; r++) {
        Ins ins = *hl_ins(f, r);
        if ((ins.op != OP_CREAL && ins.op != OP_CIMAG) || ins.args[0] != phi) continue;
        hl_replace_all(f, r, halves->part[ins.op == OP_CIMAG]);
        hl_remove(f, r);
    }
    hl_insert_before(f, hl_opt_first(f, hl_ins(f, phi)->block), whole);
    hl_replace_all(f, phi, whole);
    hl_remove(f, phi);
}

void hl_split_complex(Func *f) {
    Splitter s = {.f = f};
    find_phis(&s);
    fill_phis(&s);
    for (uint32_t i = 0; i < s.all.len; i++)
        replace_phi(f, &s.all.data[i]);
    if (s.all.len) hl_cleanup(f);
    hl_arena_free(&s.scratch);
}
