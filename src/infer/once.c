/* once: may an iterator be a value that begins anew at each use?
 *
 * zip, reversed, a generator expression and the like are values here, begun where they are used. Python's are objects that
 * remember where they stand: used again, they go on. So one compiles only where it is used once: by one operation, which
 * does not run twice for one making of it.
 */
#include "infer/internal.h"

static bool remembers(const Ins *user, const Type *t) {
    return t->kind == TY_ENUMERATE || t->kind == TY_ZIP || t->kind == TY_REVERSED || t->kind == TY_MAP ||
           t->kind == TY_GENERATOR || t->kind == TY_NDINDEX ||
           (t->kind == TY_FLAT && (user->op == OP_PY_ITER || user->op == OP_PY_CALL));
}

static uint32_t count_uses(const Func *u, Ref value) {
    uint32_t n = 0;
    for (Ref r = 1; r < u->ins.len; r++)
        for (uint32_t i = 0; i < hl_ins(u, r)->nargs; i++)
            n += hl_ins(u, r)->args[i] == value;
    return n;
}

/* Does a path lead from the end of `from` to `to` without entering `without`? */
static bool reaches(Builder *b, const Func *u, BlockId from, BlockId to, BlockId without) {
    bool *seen = hl_new_array(&b->c->arena, bool, u->blocks.len);
    BlockId *stack = hl_new_array(&b->c->arena, BlockId, u->blocks.len + 1);
    uint32_t depth = 0;
    seen[without] = true;
    for (stack[depth++] = from; depth;) {
        const Block *block = hl_block(u, stack[--depth]);
        for (uint32_t i = 0; i < block->nsuccs; i++) {
            BlockId next = block->succs[i];
            if (next == to && next != without) return true;
            if (seen[next]) continue;
            seen[next] = true;
            stack[depth++] = next;
        }
    }
    return false;
}

bool uses_iterator_again(Builder *b, const Ins *user, const Val *args) {
    const Func *u = b->instance->untyped;
    for (uint32_t i = 0; i < user->nargs; i++) {
        if (!ok(args[i]) || !remembers(user, args[i].type)) continue;
        BlockId made = hl_ins(u, user->args[i])->block;
        if (count_uses(u, user->args[i]) > 1) return true;
        if (user->block != made && reaches(b, u, user->block, user->block, made)) return true;
    }
    return false;
}
