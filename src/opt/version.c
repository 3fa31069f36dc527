/* version: a loop that runs only where a test holds, and its cold copy for where it does not.
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

typedef struct Version {
    Outline o;
    Func *f;
    BlockIds exits; /* one for each edge out */
} Version;

static void split_exits(Version *v) {
    const Loop *loop = v->o.loop;
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        BlockId b = loop->blocks.data[i];
        for (uint32_t s = 0; s < hl_block(v->f, b)->nsuccs; s++)
            if (!v->o.inside[hl_block(v->f, b)->succs[s]])
                hl_push(&v->o.scratch, &v->exits, hl_split_edge(v->f, b, s));
    }
}

/* ---- the copy -------------------------------------------------------------------------------- */

/* The block an edge out of the copy leads to: returns its number and what is known of the live-outs. */
static BlockId copy_exit(Version *v, const Cfg *cfg, uint32_t number) {
    Func *g = v->o.g;
    BlockId exit = v->exits.data[number], from = hl_block(v->f, exit)->preds.data[0], b = hl_block_new(g);
    Loc loc = hl_ins(v->f, hl_terminator(v->f, from))->loc;
    Ref *parts = hl_new_array(&v->o.scratch, Ref, v->o.live_out.len + 1);
    parts[0] = hl_ins_new(g, OP_CONST_INT, hl_type(TY_I64), NULL, 0, (Aux){.i = number}, loc);
    hl_append(g, b, parts[0]);
    for (uint32_t i = 0; i < v->o.live_out.len; i++) {
        Ref value = v->o.live_out.data[i];
        parts[i + 1] = v->o.map[value];
        if (hl_dominates(cfg, hl_ins(v->f, value)->block, from)) continue;
        parts[i + 1] = hl_ins_new(g, OP_UNDEF, hl_ins(v->f, value)->type, NULL, 0, (Aux){0}, loc);
        hl_append(g, b, parts[i + 1]);
    }
    Ref all = hl_ins_new(g, OP_TUPLE_MAKE, g->result, parts, v->o.live_out.len + 1, (Aux){0}, loc);
    hl_append(g, b, all);
    hl_append(g, b, hl_ins_new(g, OP_RETURN, NULL, &all, 1, (Aux){0}, loc));
    hl_add_pred(g, b, v->o.block_map[from]);
    return b;
}

/* ---- the call -------------------------------------------------------------------------------- */

static Ref call_copy(Version *v, BlockId b, Loc loc) {
    uint32_t n;
    Ref *args = hl_outline_arguments(&v->o, 0, &n);
    Ref call = hl_ins_new(v->f, OP_CALL, v->o.g->result, args, n, (Aux){.func = v->o.g}, loc);
    hl_append(v->f, b, call);
    return call;
}

static Ref part(Version *v, BlockId b, Ref tuple, uint32_t i) {
    Loc loc = hl_ins(v->f, tuple)->loc;
    Ref r = hl_ins_new(v->f, OP_TUPLE_GET, v->o.g->result->args[i], &tuple, 1, (Aux){.i = i}, loc);
    hl_append(v->f, b, r);
    return r;
}

/* Leads from b to the exit with that number: a chain of comparisons, the last exit without one. */
static void branch_to_exits(Version *v, BlockId b, Ref which, Loc loc) {
    Func *f = v->f;
    for (uint32_t i = 0; i + 1 < v->exits.len; i++) {
        Ref number = hl_ins_new(f, OP_CONST_INT, hl_type(TY_I64), NULL, 0, (Aux){.i = i}, loc);
        hl_append(f, b, number);
        Ref here = hl_ins_new(f, OP_EQ, hl_type(TY_B1), (Ref[]){which, number}, 2, (Aux){0}, loc);
        hl_append(f, b, here);
        BlockId next = hl_block_new(f);
        hl_block(f, next)->cold = true;
        hl_set_branch(f, b, here, v->exits.data[i], next, loc);
        b = next;
    }
    if (v->exits.len)
        hl_set_jump(f, b, hl_last(&v->exits), loc);
    else
        hl_append(f, b, hl_ins_new(f, OP_UNREACHABLE, NULL, NULL, 0, (Aux){0}, loc));
}

/* The phis of one live-out in the exits it reaches, and what is used behind them. */
static void join_value(Version *v, const Cfg *cfg, Ref value, Ref from_copy) {
    uint32_t n = 0;
    BlockId *blocks = hl_new_array(&v->o.scratch, BlockId, v->exits.len + 1);
    Ref *phis = hl_new_array(&v->o.scratch, Ref, v->exits.len + 1);
    for (uint32_t i = 0; i < v->exits.len; i++) {
        BlockId exit = v->exits.data[i];
        if (!hl_dominates(cfg, hl_ins(v->f, value)->block, hl_block(v->f, exit)->preds.data[0])) continue;
        const Ins *ins = hl_ins(v->f, value);
        Ref phi = hl_ins_new(v->f, OP_PHI, ins->type, (Ref[]){value, from_copy}, 2, (Aux){0}, ins->loc);
        hl_insert_phi(v->f, exit, phi);
        blocks[n] = exit;
        phis[n++] = phi;
    }
    hl_loops_repair(v->f, value, v->o.inside, blocks, phis, n);
}

static BlockId branch_to_copy(Version *v, Ref condition, Loc loc) {
    Func *f = v->f;
    BlockId before = v->o.loop->preheader, entry = hl_split_edge(f, before, 0), cold = hl_block_new(f);
    hl_block(f, cold)->cold = true;
    hl_remove(f, hl_terminator(f, before));
    hl_block(f, before)->nsuccs = 0;
    hl_remove_pred(f, entry, 0);
    hl_set_branch(f, before, condition, entry, cold, loc);
    return cold;
}

static void copy_loop(Version *v, const Cfg *cfg) {
    const Type **types = hl_new_array(v->f->arena, const Type *, v->o.live_out.len + 1);
    types[0] = hl_type(TY_I64);
    for (uint32_t i = 0; i < v->o.live_out.len; i++)
        types[i + 1] = hl_ins(v->f, v->o.live_out.data[i])->type;
    hl_outline_copy(&v->o, "cold", NULL, 0);
    v->o.g->cold = true;
    v->o.g->result = hl_type_tuple(types, v->o.live_out.len + 1);
    for (uint32_t i = 0; i < v->exits.len; i++)
        v->o.block_map[v->exits.data[i]] = copy_exit(v, cfg, i);
    hl_outline_edges(&v->o);
}

bool hl_loops_lead_to_landing(const Func *f, const Cfg *cfg, const Loop *loop) {
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Block *block = hl_block(f, loop->blocks.data[i]);
        const Ins *last = hl_ins(f, hl_last(&block->ins));
        bool guards = last->op == OP_BRANCH && hl_ins(f, last->args[0])->op == OP_FAILED;
        if (guards && !hl_loop_contains(loop, cfg, block->succs[0])) return true;
    }
    return false;
}

void hl_loops_version(Compile *c, Func *f, const Cfg *cfg, const Loop *loop, Ref condition) {
    Version v = {.f = f};
    Loc loc = hl_ins(f, hl_terminator(f, loop->header))->loc;
    hl_outline_open(&v.o, c, f, loop);
    split_exits(&v);
    hl_outline_restate_parts(&v.o);
    hl_outline_borders(&v.o);
    copy_loop(&v, cfg);
    BlockId cold = branch_to_copy(&v, condition, loc);
    Ref tuple = call_copy(&v, cold, loc), which = part(&v, cold, tuple, 0);
    Ref *parts = hl_new_array(&v.o.scratch, Ref, v.o.live_out.len + 1);
    for (uint32_t i = 0; i < v.o.live_out.len; i++)
        parts[i] = part(&v, cold, tuple, i + 1);
    branch_to_exits(&v, cold, which, loc);
    for (uint32_t i = 0; i < v.o.live_out.len; i++)
        join_value(&v, cfg, v.o.live_out.data[i], parts[i]);
    hl_arena_free(&v.o.scratch);
}
