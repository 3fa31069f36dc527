/* outline: a loop that runs only where a test holds, and its cold copy for where it does not.
 *
 * needs: normal form. keeps: valid SSA. breaks: the Cfg, and normal form of the loops around.
 *
 *     preheader ─(test)─► entry of the loop ... ─► exit k ─► as before
 *         └─► cold: t = call @f.cold1(live-ins); which = t[0] ─(which == k)─► exit k
 *
 * The copy is a function of its own, not a second loop in this one: LLVM would optimise both (twice the
 * compile time, measured), and its code would lie between the hot loops. Its parameters are the values the
 * loop takes from outside, its result which edge it left the loop by and the values used behind the loop.
 * Every edge out of the loop gets a block for itself, where a phi brings the value of the loop and that of
 * the copy together; uses behind take what reaches them. An error inside the copy is the copy's: it names
 * the line, the caller adds no frame (lower/call.c).
 */
#include "opt/loops.h"

typedef struct Outline {
    Compile *c;
    Func *f, *g;
    Arena scratch;
    const Loop *loop;
    bool *inside;       /* by block of f */
    VEC(BlockId) exits; /* one for each edge out */
    VEC(Ref) live_in, live_out;
    bool *is_listed; /* by Ref */
    Ref *map;        /* by Ref of f: its copy in g */
    BlockId *block_map;
    BlockId entry; /* of g */
} Outline;

/* ---- what crosses the border ----------------------------------------------------------------- */

static void split_exits(Outline *o) {
    for (uint32_t i = 0; i < o->loop->blocks.len; i++) {
        BlockId b = o->loop->blocks.data[i];
        for (uint32_t s = 0; s < hl_block(o->f, b)->nsuccs; s++)
            if (!o->inside[hl_block(o->f, b)->succs[s]])
                hl_push(&o->scratch, &o->exits, hl_split_edge(o->f, b, s));
    }
}

/* Blocks are added afterwards: two for an exit, two more, all outside. */
static void mark_inside(Outline *o) {
    o->inside = hl_new_array(&o->scratch, bool, o->f->blocks.len + 4 * o->loop->blocks.len + 2);
    for (uint32_t i = 0; i < o->loop->blocks.len; i++)
        o->inside[o->loop->blocks.data[i]] = true;
}

/* Data, sizes and strides of arrays, and what is computed of the data's address. */
static bool is_part_of_array(const Ins *ins) {
    return hl_opt_is_array_part(ins) || ins->op == OP_PTR_ADD;
}

static Ref restate(Outline *o, Ref position, Ref value) {
    Ins ins = *hl_ins(o->f, value);
    if (!o->inside[ins.block] || !is_part_of_array(&ins)) return value;
    Ref *args = hl_new_array(&o->scratch, Ref, ins.nargs);
    for (uint32_t i = 0; i < ins.nargs; i++)
        args[i] = restate(o, position, ins.args[i]);
    Ref copy = hl_ins_new(o->f, (Op)ins.op, ins.type, args, ins.nargs, ins.aux, ins.loc);
    hl_insert_before(o->f, position, copy);
    return copy;
}

/* Outside the loop, parts of the arrays in it are taken of the arrays again: only arrays cross the border, since
 * a pointer keeps no memory alive and a phi of pointers would own what it cannot release. */
static void restate_parts(Outline *o) {
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

static void find_borders(Outline *o) {
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

static void declare(Outline *o) {
    Func *f = o->f,
         *g = hl_func_new(f->arena, hl_arena_printf(f->arena, "%s.cold%u", f->name, o->c->functions.len));
    uint32_t nparams = 0, nresults = 0;
    const Type **types = hl_new_array(f->arena, const Type *, o->live_out.len + 1);
    g->qualname = f->qualname;
    g->file = f->file;
    g->first_line = f->first_line;
    g->object = f->object;
    g->options = f->options;
    g->options.inline_always = false;
    g->cold = true;
    g->param_types = hl_new_array(f->arena, const Type *, o->live_in.len + 1);
    g->param_names = hl_new_array(f->arena, const char *, o->live_in.len + 1);
    for (uint32_t i = 0; i < o->live_in.len; i++) {
        const Ins *ins = hl_ins(f, o->live_in.data[i]);
        if (is_constant(ins)) continue;
        g->param_types[nparams] = ins->type;
        g->param_names[nparams] = hl_intern(hl_arena_printf(f->arena, "v%u", nparams));
        nparams++;
    }
    g->nparams = nparams;
    types[nresults++] = hl_type(TY_I64);
    for (uint32_t i = 0; i < o->live_out.len; i++)
        types[nresults++] = hl_ins(f, o->live_out.data[i])->type;
    g->result = hl_type_tuple(types, nresults);
    hl_push(&o->c->arena, &o->c->functions, g);
    o->g = g;
}

static Ref copy_ins(Outline *o, BlockId to, const Ins *ins) {
    Ref r = hl_ins_new(o->g, (Op)ins->op, ins->type, NULL, 0, ins->aux, ins->loc);
    hl_ins(o->g, r)->flags = ins->flags;
    hl_append(o->g, to, r);
    return r;
}

static void make_entry(Outline *o) {
    int64_t number = 0;
    o->entry = hl_block_new(o->g);
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

/* The block an edge out of the copy leads to: returns its number and what is known of the live-outs. */
static BlockId copy_exit(Outline *o, const Cfg *cfg, uint32_t number) {
    Func *g = o->g;
    BlockId exit = o->exits.data[number], from = hl_block(o->f, exit)->preds.data[0], b = hl_block_new(g);
    Loc loc = hl_ins(o->f, hl_terminator(o->f, from))->loc;
    Ref *parts = hl_new_array(&o->scratch, Ref, o->live_out.len + 1);
    parts[0] = hl_ins_new(g, OP_CONST_INT, hl_type(TY_I64), NULL, 0, (Aux){.i = number}, loc);
    hl_append(g, b, parts[0]);
    for (uint32_t i = 0; i < o->live_out.len; i++) {
        Ref value = o->live_out.data[i];
        parts[i + 1] = o->map[value];
        if (hl_dominates(cfg, hl_ins(o->f, value)->block, from)) continue;
        parts[i + 1] = hl_ins_new(g, OP_UNDEF, hl_ins(o->f, value)->type, NULL, 0, (Aux){0}, loc);
        hl_append(g, b, parts[i + 1]);
    }
    Ref all = hl_ins_new(g, OP_TUPLE_MAKE, g->result, parts, o->live_out.len + 1, (Aux){0}, loc);
    hl_append(g, b, all);
    hl_append(g, b, hl_ins_new(g, OP_RETURN, NULL, &all, 1, (Aux){0}, loc));
    hl_add_pred(g, b, o->block_map[from]);
    return b;
}

static void copy_edges_out(Outline *o, BlockId b) {
    const Block *block = hl_block(o->f, b);
    Block *copy = hl_block(o->g, o->block_map[b]);
    copy->nsuccs = block->nsuccs;
    for (uint32_t s = 0; s < block->nsuccs; s++)
        copy->succs[s] = o->block_map[block->succs[s]];
}

static void copy_loop(Outline *o, const Cfg *cfg) {
    const Loop *loop = o->loop;
    o->map = hl_new_array(&o->scratch, Ref, o->f->ins.len);
    o->block_map = hl_new_array(&o->scratch, BlockId, o->f->blocks.len);
    make_entry(o);
    for (uint32_t i = 0; i < loop->blocks.len; i++)
        o->block_map[loop->blocks.data[i]] = hl_block_new(o->g);
    for (uint32_t i = 0; i < loop->blocks.len; i++)
        copy_block(o, loop->blocks.data[i]);
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Block *block = hl_block(o->f, loop->blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++)
            fill_operands(o, block->ins.data[k]);
    }
    for (uint32_t i = 0; i < o->exits.len; i++)
        o->block_map[o->exits.data[i]] = copy_exit(o, cfg, i);
    for (uint32_t i = 0; i < loop->blocks.len; i++)
        copy_edges_out(o, loop->blocks.data[i]);
    hl_set_jump(o->g, o->entry, o->block_map[loop->header],
                hl_ins(o->f, hl_terminator(o->f, loop->header))->loc);
    Block *header = hl_block(o->g, o->block_map[loop->header]);
    header->preds.len--; /* the edge from the entry has its place already */
}

/* ---- the call -------------------------------------------------------------------------------- */

static Ref call_copy(Outline *o, BlockId b, Loc loc) {
    Ref *args = hl_new_array(&o->scratch, Ref, o->live_in.len + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->live_in.len; i++)
        if (!is_constant(hl_ins(o->f, o->live_in.data[i]))) args[n++] = o->live_in.data[i];
    Ref call = hl_ins_new(o->f, OP_CALL, o->g->result, args, n, (Aux){.func = o->g}, loc);
    hl_append(o->f, b, call);
    return call;
}

static Ref part(Outline *o, BlockId b, Ref tuple, uint32_t i) {
    Loc loc = hl_ins(o->f, tuple)->loc;
    Ref r = hl_ins_new(o->f, OP_TUPLE_GET, o->g->result->args[i], &tuple, 1, (Aux){.i = i}, loc);
    hl_append(o->f, b, r);
    return r;
}

/* Leads from b to the exit with that number: a chain of comparisons, the last exit without one. */
static void branch_to_exits(Outline *o, BlockId b, Ref which, Loc loc) {
    Func *f = o->f;
    for (uint32_t i = 0; i + 1 < o->exits.len; i++) {
        Ref number = hl_ins_new(f, OP_CONST_INT, hl_type(TY_I64), NULL, 0, (Aux){.i = i}, loc);
        hl_append(f, b, number);
        Ref here = hl_ins_new(f, OP_EQ, hl_type(TY_B1), (Ref[]){which, number}, 2, (Aux){0}, loc);
        hl_append(f, b, here);
        BlockId next = hl_block_new(f);
        hl_block(f, next)->cold = true;
        hl_set_branch(f, b, here, o->exits.data[i], next, loc);
        b = next;
    }
    if (o->exits.len)
        hl_set_jump(f, b, hl_last(&o->exits), loc);
    else
        hl_append(f, b, hl_ins_new(f, OP_UNREACHABLE, NULL, NULL, 0, (Aux){0}, loc));
}

/* The phis of one live-out in the exits it reaches, and what is used behind them. */
static void join_value(Outline *o, const Cfg *cfg, Ref value, Ref from_copy) {
    uint32_t n = 0;
    BlockId *blocks = hl_new_array(&o->scratch, BlockId, o->exits.len + 1);
    Ref *phis = hl_new_array(&o->scratch, Ref, o->exits.len + 1);
    for (uint32_t i = 0; i < o->exits.len; i++) {
        BlockId exit = o->exits.data[i];
        if (!hl_dominates(cfg, hl_ins(o->f, value)->block, hl_block(o->f, exit)->preds.data[0])) continue;
        const Ins *ins = hl_ins(o->f, value);
        Ref phi = hl_ins_new(o->f, OP_PHI, ins->type, (Ref[]){value, from_copy}, 2, (Aux){0}, ins->loc);
        hl_insert_phi(o->f, exit, phi);
        blocks[n] = exit;
        phis[n++] = phi;
    }
    hl_loops_repair(o->f, value, o->inside, blocks, phis, n);
}

static BlockId branch_to_copy(Outline *o, Ref condition, Loc loc) {
    Func *f = o->f;
    BlockId before = o->loop->preheader, entry = hl_split_edge(f, before, 0), cold = hl_block_new(f);
    hl_block(f, cold)->cold = true;
    hl_remove(f, hl_terminator(f, before));
    hl_block(f, before)->nsuccs = 0;
    hl_remove_pred(f, entry, 0);
    hl_set_branch(f, before, condition, entry, cold, loc);
    return cold;
}

void hl_loops_version(Compile *c, Func *f, const Cfg *cfg, const Loop *loop, Ref condition) {
    Outline o = {.c = c, .f = f, .loop = loop};
    Loc loc = hl_ins(f, hl_terminator(f, loop->header))->loc;
    mark_inside(&o);
    split_exits(&o);
    restate_parts(&o);
    find_borders(&o);
    declare(&o);
    copy_loop(&o, cfg);
    BlockId cold = branch_to_copy(&o, condition, loc);
    Ref tuple = call_copy(&o, cold, loc), which = part(&o, cold, tuple, 0);
    Ref *parts = hl_new_array(&o.scratch, Ref, o.live_out.len + 1);
    for (uint32_t i = 0; i < o.live_out.len; i++)
        parts[i] = part(&o, cold, tuple, i + 1);
    branch_to_exits(&o, cold, which, loc);
    for (uint32_t i = 0; i < o.live_out.len; i++)
        join_value(&o, cfg, o.live_out.data[i], parts[i]);
    hl_arena_free(&o.scratch);
}
