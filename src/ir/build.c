/* build: making instructions and blocks, and changing them in place.
 *
 * An instruction never moves in Func.ins; a block holds the Refs of its own in order. Every edge stands
 * twice, as a successor and as a predecessor, and phi operand i belongs to preds[i]: the functions here that
 * change an edge keep the three together. When one block reaches another over both edges of a branch, its two
 * entries in preds are in the order of the edges (succs[0] first).
 */
#include <assert.h>
#include <string.h>

#include "ir/internal.h"

/* ---- functions, blocks, instructions ------------------------------------------------------------------- */

int64_t hl_options_number(const FuncOptions *o) {
    int64_t flags = o->boundscheck | o->numpy_errors << 1 | o->numba_semantics << 2 | o->nogil << 3 |
                    o->inline_always << 4 | o->debug << 5 | o->parallel << 6;
    return (int64_t)o->fastmath << 8 | flags;
}

Func *hl_func_new(Arena *arena, const char *name) {
    Func *f = hl_new(arena, Func);
    f->arena = arena;
    f->name = f->qualname = hl_intern(name);
    f->options.boundscheck = true;
    hl_push(arena, &f->ins, (Ins){.op = OP_COUNT});
    hl_push(arena, &f->blocks, (Block){0});
    return f;
}

Func *hl_func_like(const Func *f, const char *kind, uint32_t number) {
    Func *g = hl_func_new(f->arena, hl_arena_printf(f->arena, "%s.%s%u", f->name, kind, number));
    g->qualname = f->qualname;
    g->file = f->file;
    g->first_line = f->first_line;
    g->object = f->object;
    g->options = f->options;
    g->options.inline_always = false;
    g->prelude = f->prelude;
    return g;
}

BlockId hl_block_new(Func *f) {
    hl_push(f->arena, &f->blocks, (Block){0});
    return f->blocks.len - 1;
}

/* Room for n operands; a power of two, so that hl_phi_add sees from the count alone when it is full. */
static Ref *new_operands(Func *f, uint32_t n) {
    uint32_t cap = 1;
    while (cap < n)
        cap *= 2;
    return hl_new_array(f->arena, Ref, cap);
}

Ref hl_ins_new(Func *f, Op op, const Type *type, const Ref *args, uint32_t nargs, Aux aux, Loc loc) {
    Ins ins = {.op = (uint16_t)op, .nargs = nargs, .type = type, .aux = aux, .loc = loc};
    if (nargs) {
        ins.args = new_operands(f, nargs);
        memcpy(ins.args, args, nargs * sizeof *args);
    }
    hl_push(f->arena, &f->ins, ins);
    return f->ins.len - 1;
}

Ref hl_terminator(const Func *f, BlockId b) {
    const Block *block = hl_block(f, b);
    if (!block->ins.len) return 0;
    Ref last = hl_last(&block->ins);
    return is_term(hl_ins(f, last)) ? last : 0;
}

/* ---- where an instruction stands ----------------------------------------------------------------------- */

static uint32_t position_of(const Func *f, Ref r) {
    const Block *block = hl_block(f, hl_ins(f, r)->block);
    uint32_t i = 0;
    while (block->ins.data[i] != r)
        i++;
    return i;
}

static void insert_at(Func *f, BlockId b, uint32_t position, Ref r) {
    Block *block = hl_block(f, b);
    hl_push(f->arena, &block->ins, r);
    Ref *place = block->ins.data + position;
    memmove(place + 1, place, (block->ins.len - 1 - position) * sizeof *place);
    *place = r;
    hl_ins(f, r)->block = b;
}

void hl_name_value(Func *f, Ref r, const char *name) {
    while (f->value_names.len <= r)
        hl_push(f->arena, &f->value_names, NULL);
    if (!f->value_names.data[r]) f->value_names.data[r] = name;
}

void hl_append(Func *f, BlockId b, Ref r) {
    hl_push(f->arena, &hl_block(f, b)->ins, r);
    hl_ins(f, r)->block = b;
}

void hl_insert_before(Func *f, Ref position, Ref r) {
    insert_at(f, hl_ins(f, position)->block, position_of(f, position), r);
}

void hl_insert_phi(Func *f, BlockId b, Ref r) {
    insert_at(f, b, 0, r);
}

void hl_remove(Func *f, Ref r) {
    Ins *ins = hl_ins(f, r);
    if (ins->block) {
        Block *block = hl_block(f, ins->block);
        uint32_t i = position_of(f, r);
        memmove(block->ins.data + i, block->ins.data + i + 1, (block->ins.len - i - 1) * sizeof(Ref));
        block->ins.len--;
    }
    *ins = (Ins){.op = OP_COUNT};
}

/* ---- operands ------------------------------------------------------------------------------------------ */

void hl_replace_all(Func *f, Ref old, Ref replacement) {
    for (Ref r = 1; r < f->ins.len; r++) {
        Ins *ins = hl_ins(f, r);
        for (uint32_t i = 0; i < ins->nargs; i++)
            if (ins->args[i] == old) ins->args[i] = replacement;
    }
}

void hl_replace_many(Func *f, const Ref *map) {
    for (Ref r = 1; r < f->ins.len; r++) {
        Ins *ins = hl_ins(f, r);
        for (uint32_t i = 0; i < ins->nargs; i++)
            while (map[ins->args[i]])
                ins->args[i] = map[ins->args[i]];
    }
}

void hl_phi_add(Func *f, Ref phi, Ref value) {
    Ins *ins = hl_ins(f, phi);
    if ((ins->nargs & (ins->nargs - 1)) == 0) {
        Ref *grown = new_operands(f, ins->nargs + 1);
        if (ins->nargs) memcpy(grown, ins->args, ins->nargs * sizeof *grown);
        ins->args = grown;
    }
    ins->args[ins->nargs++] = value;
}

/* ---- edges --------------------------------------------------------------------------------------------- */

void hl_add_pred(Func *f, BlockId b, BlockId pred) {
    hl_push(f->arena, &hl_block(f, b)->preds, pred);
}

static void set_edges(Func *f, BlockId b, Ref terminator, uint8_t nsuccs, BlockId first, BlockId second) {
    hl_append(f, b, terminator);
    Block *block = hl_block(f, b);
    block->nsuccs = nsuccs;
    block->succs[0] = first;
    block->succs[1] = second;
    hl_add_pred(f, first, b);
    if (nsuccs == 2) hl_add_pred(f, second, b);
}

void hl_set_jump(Func *f, BlockId b, BlockId to, Loc loc) {
    set_edges(f, b, hl_ins_new(f, OP_JUMP, NULL, NULL, 0, (Aux){0}, loc), 1, to, 0);
}

void hl_set_branch(Func *f, BlockId b, Ref cond, BlockId yes, BlockId no, Loc loc) {
    set_edges(f, b, hl_ins_new(f, OP_BRANCH, NULL, &cond, 1, (Aux){0}, loc), 2, yes, no);
}

void hl_remove_pred(Func *f, BlockId b, uint32_t which) {
    Block *block = hl_block(f, b);
    uint32_t after = block->preds.len - which - 1;
    memmove(block->preds.data + which, block->preds.data + which + 1, after * sizeof(BlockId));
    block->preds.len--;
    for (uint32_t i = 0; i < block->ins.len; i++) {
        Ins *phi = hl_ins(f, block->ins.data[i]);
        if (phi->op != OP_PHI) break;
        memmove(phi->args + which, phi->args + which + 1, after * sizeof(Ref));
        phi->nargs--;
    }
}

/* The place in the successor's preds of this edge. */
uint32_t hl_pred_index(const Func *f, BlockId from, uint32_t which_succ) {
    const Block *block = hl_block(f, from);
    const Block *to = hl_block(f, block->succs[which_succ]);
    bool second = which_succ == 1 && block->succs[0] == block->succs[1];
    uint32_t i = 0;
    while (to->preds.data[i] != from || second) {
        if (to->preds.data[i] == from) second = false;
        i++;
    }
    return i;
}

BlockId hl_split_edge(Func *f, BlockId from, uint32_t which_succ) {
    uint32_t index = hl_pred_index(f, from, which_succ);
    BlockId middle = hl_block_new(f), to = hl_block(f, from)->succs[which_succ];
    Loc loc = hl_ins(f, hl_terminator(f, from))->loc;
    hl_block(f, from)->succs[which_succ] = middle;
    hl_block(f, to)->preds.data[index] = middle;
    Block *block = hl_block(f, middle);
    block->cold = hl_block(f, to)->cold;
    block->nsuccs = 1;
    block->succs[0] = to;
    hl_add_pred(f, middle, from);
    hl_append(f, middle, hl_ins_new(f, OP_JUMP, NULL, NULL, 0, (Aux){0}, loc));
    return middle;
}

/* Moves the edges that leave `from` to `to`. */
static void move_successors(Func *f, BlockId from, BlockId to) {
    Block *old = hl_block(f, from), *moved = hl_block(f, to);
    moved->nsuccs = old->nsuccs;
    memcpy(moved->succs, old->succs, sizeof old->succs);
    old->nsuccs = 0;
    for (uint32_t s = 0; s < moved->nsuccs; s++) {
        Block *succ = hl_block(f, moved->succs[s]);
        for (uint32_t i = 0; i < succ->preds.len; i++)
            if (succ->preds.data[i] == from) succ->preds.data[i] = to;
    }
}

BlockId hl_split_block_before(Func *f, Ref position) {
    assert(hl_ins(f, position)->op != OP_PHI);
    BlockId head = hl_ins(f, position)->block, tail = hl_block_new(f);
    uint32_t first = position_of(f, position);
    for (uint32_t i = first; i < hl_block(f, head)->ins.len; i++)
        hl_append(f, tail, hl_block(f, head)->ins.data[i]);
    hl_block(f, head)->ins.len = first;
    hl_block(f, tail)->cold = hl_block(f, head)->cold;
    move_successors(f, head, tail);
    hl_set_jump(f, head, tail, hl_ins(f, position)->loc);
    return tail;
}
