/* loopbuild: counted loops in typed IR, and instructions at an emitter.
 *
 * A loop tests before its first round, so a count of 0 (or below) runs nothing; LLVM rotates it. The induction
 * variable is an i64 from 0 and cannot overflow, which its increment says.
 */
#include "opt/internal.h"

/* ---- instructions ------------------------------------------------------------------------------------------------------ */

Ref hl_opt_ins(HlEmitter *at, Op op, const Type *type, const Ref *args, uint32_t nargs, Aux aux) {
    Ref r = hl_ins_new(at->f, op, type, args, nargs, aux, at->loc);
    hl_append(at->f, at->block, r);
    return r;
}

Ref hl_opt_op2(HlEmitter *at, Op op, const Type *type, Ref x, Ref y) {
    return hl_opt_ins(at, op, type, (Ref[]){x, y}, 2, (Aux){0});
}

Ref hl_opt_i64(HlEmitter *at, int64_t value) {
    return hl_opt_ins(at, OP_CONST_INT, hl_type(TY_I64), NULL, 0, (Aux){.i = value});
}

Ref hl_opt_compare(HlEmitter *at, Op op, Ref x, Ref y) {
    return hl_opt_op2(at, op, hl_type(TY_B1), x, y);
}

Ref hl_opt_select(HlEmitter *at, const Type *type, Ref condition, Ref yes, Ref no) {
    return hl_opt_ins(at, OP_SELECT, type, (Ref[]){condition, yes, no}, 3, (Aux){0});
}

/* The place in its block behind a value. */
static uint32_t place_behind(const Func *f, Ref value) {
    const Block *block = hl_block(f, hl_ins(f, value)->block);
    bool phi = hl_ins(f, value)->op == OP_PHI;
    uint32_t i = 0;
    while (i < block->ins.len &&
           (phi ? hl_ins(f, block->ins.data[i])->op == OP_PHI : block->ins.data[i] != value))
        i++;
    return phi ? i : i + 1;
}

void hl_opt_insert_behind(Func *f, Ref value, Ref r) {
    BlockId b = hl_ins(f, value)->block;
    uint32_t i = place_behind(f, value);
    if (i < hl_block(f, b)->ins.len)
        hl_insert_before(f, hl_block(f, b)->ins.data[i], r);
    else
        hl_append(f, b, r);
}

Ref hl_opt_part_behind(const Func *f, Ref array, Op op, int64_t axis) {
    const Block *block = hl_block(f, hl_ins(f, array)->block);
    for (uint32_t i = place_behind(f, array); i < block->ins.len; i++) {
        const Ins *ins = hl_ins(f, block->ins.data[i]);
        if (!hl_opt_is_array_part(ins) && ins->op != OP_PARAM) return 0;
        if (ins->op == op && ins->args[0] == array && ins->aux.i == axis) return block->ins.data[i];
    }
    return 0;
}

/* ---- blocks ---------------------------------------------------------------------------------------------------------------- */

BlockId hl_opt_cut(HlEmitter *at, Ref position) {
    Func *f = at->f;
    at->block = hl_ins(f, position)->block;
    BlockId tail = hl_split_block_before(f, position);
    hl_remove(f, hl_terminator(f, at->block));
    hl_remove_pred(f, tail, 0);
    hl_block(f, at->block)->nsuccs = 0;
    return tail;
}

void hl_opt_jump(HlEmitter *at, BlockId to) {
    hl_set_jump(at->f, at->block, to, at->loc);
}

void hl_opt_branch(HlEmitter *at, Ref condition, BlockId yes, BlockId no) {
    hl_set_branch(at->f, at->block, condition, yes, no, at->loc);
}

BlockId hl_opt_block(HlEmitter *at, bool cold) {
    BlockId b = hl_block_new(at->f);
    hl_block(at->f, b)->cold = cold;
    return b;
}

/* ---- loops ------------------------------------------------------------------------------------------------------------------- */

void hl_opt_loop_open(HlEmitter *at, Ref count, HlLoop *loop) {
    const Type *i64 = hl_type(TY_I64);
    bool cold = hl_block(at->f, at->block)->cold;
    Ref zero = hl_opt_i64(at, 0);
    loop->header = hl_opt_block(at, cold);
    loop->body = hl_opt_block(at, cold);
    loop->exit = hl_opt_block(at, cold);
    hl_opt_jump(at, loop->header);
    at->block = loop->header;
    loop->index = hl_opt_ins(at, OP_PHI, i64, &zero, 1, (Aux){0});
    hl_opt_branch(at, hl_opt_compare(at, OP_SLT, loop->index, count), loop->body, loop->exit);
    at->block = loop->body;
}

void hl_opt_loop_close(HlEmitter *at, const HlLoop *loop) {
    BlockId latch = hl_opt_block(at, hl_block(at->f, loop->header)->cold);
    hl_opt_jump(at, latch);
    at->block = latch;
    Ref next = hl_opt_op2(at, OP_ADD, hl_type(TY_I64), loop->index, hl_opt_i64(at, 1));
    hl_ins(at->f, next)->flags |= INS_NSW | INS_NUW;
    hl_opt_jump(at, loop->header);
    hl_phi_add(at->f, loop->index, next);
    at->block = loop->exit;
}
