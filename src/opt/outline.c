/* outline: the blocks of a loop copied into a function of their own.
 *
 * needs: normal form. keeps: the function the loop stands in.
 *
 * The copy's parameters are the values the loop takes from outside (constants are made again in it), behind those the
 * caller asks for. What its edges out of the loop lead to is the caller's: between hl_outline_copy and
 * hl_outline_edges it gives each block outside that such an edge reaches a block of the copy.
 */
#include "opt/loops.h"

/* ---- what crosses the border ----------------------------------------------------------------- */

void hl_outline_open(Outline *o, Compile *c, Func *f, const Loop *loop) {
    *o = (Outline){.c = c, .f = f, .loop = loop};
    o->ninside = f->blocks.len + 4 * loop->blocks.len + 2; /* more blocks come afterwards, all outside */
    o->inside = hl_new_array(&o->scratch, bool, o->ninside);
    for (uint32_t i = 0; i < loop->blocks.len; i++)
        o->inside[loop->blocks.data[i]] = true;
}

/* Data, sizes and strides of arrays, what is computed of the data's address, and complex numbers of their parts. */
bool hl_outline_is_restated(const Ins *ins) {
    return hl_opt_is_array_part(ins) || ins->op == OP_PTR_ADD || ins->op == OP_CMAKE;
}

static Ref restate(Outline *o, Ref position, Ref value) {
    Ins ins = *hl_ins(o->f, value);
    if (!o->inside[ins.block] || !hl_outline_is_restated(&ins)) return value;
    Ref *args = hl_new_array(&o->scratch, Ref, ins.nargs);
    for (uint32_t i = 0; i < ins.nargs; i++)
        args[i] = restate(o, position, ins.args[i]);
    Ref copy = hl_ins_new(o->f, (Op)ins.op, ins.type, args, ins.nargs, ins.aux, ins.loc);
    hl_insert_before(o->f, position, copy);
    return copy;
}

/* Outside the loop, parts of the arrays in it are taken of the arrays again: only arrays cross the border, since
 * a pointer keeps no memory alive and a phi of pointers would own what it cannot release. */
void hl_outline_restate_parts(Outline *o) {
    for (Ref r = 1, n = o->f->ins.len; r < n; r++) {
        Ins ins = *hl_ins(o->f, r);
        if (ins.op == OP_COUNT || !ins.block || o->inside[ins.block]) continue;
        for (uint32_t i = 0; i < ins.nargs; i++) {
            bool is_phi = ins.op == OP_PHI;
            Ref position = is_phi ? hl_terminator(o->f, hl_block(o->f, ins.block)->preds.data[i]) : r;
            Ref value = restate(o, position, ins.args[i]);
            hl_ins(o->f, r)->args[i] = value;
        }
    }
}

static bool is_constant(const Ins *ins) {
    return ins->op == OP_CONST_INT || ins->op == OP_CONST_FLOAT || ins->op == OP_CONST_NONE ||
           ins->op == OP_CONST_DATA || ins->op == OP_UNDEF || ins->op == OP_OPT_NONE;
}

void hl_outline_borders(Outline *o) {
    o->is_listed = hl_new_array(&o->scratch, bool, o->f->ins.len);
    for (Ref r = 1; r < o->f->ins.len; r++) {
        const Ins *ins = hl_ins(o->f, r);
        if (ins->op == OP_COUNT || !ins->block) continue;
        for (uint32_t i = 0; i < ins->nargs; i++) {
            Ref value = ins->args[i];
            bool value_inside = o->inside[hl_ins(o->f, value)->block];
            if (o->is_listed[value] || value_inside == o->inside[ins->block]) continue;
            o->is_listed[value] = true;
            if (value_inside)
                hl_push(&o->scratch, &o->live_out, value);
            else
                hl_push(&o->scratch, &o->live_in, value);
        }
    }
}

/* ---- the copy -------------------------------------------------------------------------------- */

static void declare(Outline *o, const char *name, const Type *const *first, uint32_t nfirst) {
    Func *f = o->f, *g = hl_func_like(f, name, o->c->functions.len);
    g->param_types = hl_new_array(f->arena, const Type *, nfirst + o->live_in.len + 1);
    g->param_names = hl_new_array(f->arena, const char *, nfirst + o->live_in.len + 1);
    for (; g->nparams < nfirst; g->nparams++)
        g->param_types[g->nparams] = first[g->nparams];
    for (uint32_t i = 0; i < o->live_in.len; i++)
        if (!is_constant(hl_ins(f, o->live_in.data[i])))
            g->param_types[g->nparams++] = hl_ins(f, o->live_in.data[i])->type;
    for (uint32_t i = 0; i < g->nparams; i++)
        g->param_names[i] = hl_intern(hl_arena_printf(f->arena, "v%u", i));
    hl_push(&o->c->arena, &o->c->functions, g);
    o->g = g;
}

static Ref copy_ins(Outline *o, BlockId to, const Ins *ins) {
    Ref r = hl_ins_new(o->g, (Op)ins->op, ins->type, NULL, 0, ins->aux, ins->loc);
    hl_ins(o->g, r)->flags = ins->flags;
    hl_append(o->g, to, r);
    return r;
}

static void make_entry(Outline *o, uint32_t nfirst) {
    int64_t number = 0;
    Loc loc = hl_ins(o->f, hl_terminator(o->f, o->loop->header))->loc;
    o->entry = hl_block_new(o->g);
    o->first = hl_new_array(&o->scratch, Ref, nfirst + 1);
    for (; number < nfirst; number++) {
        Ins ins = {.op = OP_PARAM, .type = o->g->param_types[number], .aux = {.i = number}, .loc = loc};
        o->first[number] = copy_ins(o, o->entry, &ins);
    }
    for (uint32_t i = 0; i < o->live_in.len; i++) {
        Ref value = o->live_in.data[i];
        Ins ins = *hl_ins(o->f, value);
        if (!is_constant(&ins))
            ins = (Ins){.op = OP_PARAM, .type = ins.type, .aux = {.i = number++}, .loc = ins.loc};
        o->map[value] = copy_ins(o, o->entry, &ins);
    }
}

static BlockId copied_block(const Outline *o, BlockId b) {
    return o->inside[b] ? o->block_map[b] : o->entry;
}

/* Instructions without operands and the edges that come in; order of predecessors as in the original. */
static void copy_block(Outline *o, BlockId b) {
    const Block *block = hl_block(o->f, b);
    BlockId copy = o->block_map[b];
    hl_block(o->g, copy)->cold = block->cold;
    for (uint32_t i = 0; i < block->ins.len; i++) {
        Ref r = block->ins.data[i];
        o->map[r] = copy_ins(o, copy, hl_ins(o->f, r));
    }
    for (uint32_t i = 0; i < block->preds.len; i++)
        hl_add_pred(o->g, copy, copied_block(o, block->preds.data[i]));
}

static void fill_operands(Outline *o, Ref r) {
    const Ins *ins = hl_ins(o->f, r);
    Ins *copy = hl_ins(o->g, o->map[r]);
    if (ins->op == OP_PHI) {
        for (uint32_t i = 0; i < ins->nargs; i++)
            hl_phi_add(o->g, o->map[r], o->map[ins->args[i]]);
        return;
    }
    copy->nargs = ins->nargs;
    copy->args = hl_new_array(o->g->arena, Ref, ins->nargs + 1);
    for (uint32_t i = 0; i < ins->nargs; i++)
        copy->args[i] = o->map[ins->args[i]];
}

void hl_outline_copy(Outline *o, const char *name, const Type *const *first, uint32_t nfirst) {
    const Loop *loop = o->loop;
    declare(o, name, first, nfirst);
    o->map = hl_new_array(&o->scratch, Ref, o->f->ins.len);
    o->block_map = hl_new_array(&o->scratch, BlockId, o->f->blocks.len);
    make_entry(o, nfirst);
    for (uint32_t i = 0; i < loop->blocks.len; i++)
        o->block_map[loop->blocks.data[i]] = hl_block_new(o->g);
    for (uint32_t i = 0; i < loop->blocks.len; i++)
        copy_block(o, loop->blocks.data[i]);
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Block *block = hl_block(o->f, loop->blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++)
            fill_operands(o, block->ins.data[k]);
    }
}

void hl_outline_edges(Outline *o) {
    const Loop *loop = o->loop;
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Block *block = hl_block(o->f, loop->blocks.data[i]);
        Block *copy = hl_block(o->g, o->block_map[loop->blocks.data[i]]);
        copy->nsuccs = block->nsuccs;
        for (uint32_t s = 0; s < block->nsuccs; s++)
            copy->succs[s] = o->block_map[block->succs[s]];
    }
    hl_set_jump(o->g, o->entry, o->block_map[loop->header],
                hl_ins(o->f, hl_terminator(o->f, loop->header))->loc);
    Block *header = hl_block(o->g, o->block_map[loop->header]);
    header->preds.len--; /* the edge from the entry has its place already */
}

Ref *hl_outline_arguments(Outline *o, uint32_t nfirst, uint32_t *n) {
    Ref *args = hl_new_array(&o->scratch, Ref, nfirst + o->live_in.len + 1);
    *n = nfirst;
    for (uint32_t i = 0; i < o->live_in.len; i++)
        if (!is_constant(hl_ins(o->f, o->live_in.data[i]))) args[(*n)++] = o->live_in.data[i];
    return args;
}
