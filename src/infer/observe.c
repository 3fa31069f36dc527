/* observe: places where native code needs to know what an object is.
 *
 * In: py.observe, an object and the whole frame at that place. Out: the object's value. Where its type was seen before
 * (Host.observed) the place tests for it and unboxes; else, and where another type comes, the function is left: the frame's
 * values are handed over, and the dispatcher enters the rest of the function compiled for the type that the object really
 * has. The same where Python's code has changed the memory of an array in the frame. See docs/objects.md.
 */
#include "infer/objects.h"
#include "runtime/runtime.h"

#include <string.h>

/* ---- what is asked -------------------------------------------------------------------------------------------------------------- */

static bool is_native_callee(Builder *b, Ref r) {
    const Type *type = known_object(b->c, b->instance->untyped, r);
    FuncOptions options;
    if (!type || type->kind != TY_OBJECT_CONST) return false;
    return is_known_by_name(b, type) || b->c->host->callee(b->c, type->object, &options);
}

static bool wants_native(Builder *b, Ref r, int depth);

/* Does this use of r have a native form for some type that r could have? */
static bool is_native_use(Builder *b, Ref user, Ref r, int depth) {
    const Ins *ins = hl_ins(b->instance->untyped, user);
    switch ((int)ins->op) {
    case OP_PHI: return wants_native(b, user, depth - 1);
    case OP_PY_BINARY:
    case OP_PY_INPLACE:
    case OP_PY_UNARY:
    case OP_PY_COMPARE:
    case OP_PY_GETITEM:
    case OP_PY_SETITEM:
    case OP_PY_ITER:
    case OP_PY_UNPACK: return true;
    case OP_PY_CALL: return ins->args[0] != r && is_native_callee(b, ins->args[0]);
    case OP_PY_GETATTR: return !strcmp(ins->aux.name, "shape") || !strcmp(ins->aux.name, "size");
    default: return false;
    }
}

static bool wants_native(Builder *b, Ref r, int depth) {
    const Func *u = b->instance->untyped;
    for (Ref user = 1; depth > 0 && user < u->ins.len; user++) {
        const Ins *ins = hl_ins(u, user);
        for (uint32_t i = 0; ins->op != OP_PY_OBSERVE && ins->op < OP_COUNT && i < ins->nargs; i++)
            if (ins->args[i] == r && is_native_use(b, user, r, depth)) return true;
    }
    return false;
}

/* Of iterators those have one that dispatch/plan.c takes. */
static bool has_frame_form(const Type *type) {
    if (!hl_type_is_iterator(type)) return has_object_form(type);
    bool has = type->kind != TY_MAP_ITER && type->kind != TY_NDINDEX_ITER && type->kind != TY_REVERSED_ITER;
    for (uint32_t i = 0; i < type->nargs; i++)
        has = has && has_frame_form(type->args[i]);
    return has;
}

/* What a frame's value is in the continuation: NULL when only the object itself tells. */
static const Type *type_in_frame(Val v) {
    const Type *type = v.type;
    bool known = hl_type_is_literal(type) || hl_type_is_scalar(type) || hl_type_is_iterator(type) ||
                 type->kind == TY_OBJECT || type->kind == TY_TENSOR_SCALAR;
    return known && !v.kind ? hl_type_unliteral(type) : NULL;
}

/* Iterators go as the tuple of their parts, which is how they come in again. */
static Val frame_object(Builder *b, Val v) {
    return hl_type_is_iterator(v.type) ? box_parts(b, FOREIGN_TUPLE, v) : box_value(b, v);
}

/* An inner function without defaults is made again from what it captures, which has not changed: where the local is bound. */
static bool is_made_again(const Type *type, Val flag) {
    bool bound = !ok(flag) || (flag.type->kind == TY_LIT_BOOL && flag.type->value);
    if (type->kind != TY_CLOSURE || !bound) return false;
    for (uint32_t i = 0; i < type->args[0]->nargs; i++)
        if (type->args[0]->args[i]->kind != TY_UNDEF) return false;
    return true;
}

/* Is that value of the frame bound? */
static Val flag_in_frame(const HlFrameShape *shape, const Val *args, uint32_t i) {
    return i < shape->nlocals ? args[1 + shape->nlocals + shape->nvalues + i] : NO_VAL;
}

/* The frame may be handed over here: each of its values needs a form for that. */
static void need_frame(Builder *b, const Ins *observe, const HlFrameShape *shape, const Val *args) {
    for (uint32_t i = 0; i < shape->nlocals + shape->nvalues; i++) {
        const Type *type = args[1 + i].type;
        bool made = is_made_again(type, flag_in_frame(shape, args, i));
        if (!made && !has_frame_form(type)) need_object(b, observe->args[1 + i]);
    }
}

/* ---- leaving ---------------------------------------------------------------------------------------------------------------- */

/* The numbers that a value is handed over as: a number is one, an iterator over numbers those of its parts. 0: it goes as an object,
 * as what may not be bound does, and a number whose kind only the run knows. */
static uint32_t count_words(Val v, Val flag) {
    uint32_t n = 0;
    if (v.kind || (ok(flag) && flag.type->kind != TY_LIT_BOOL)) return 0;
    switch ((int)v.type->kind) {
    case TY_LIT_INT:
    case TY_LIT_BOOL:
    case TY_INT:
    case TY_BOOL:
    case TY_FLOAT: return 1;
    default: break;
    }
    for (uint32_t i = 0; hl_type_is_iterator(v.type) && i < hl_type_nparts(v.type); i++) {
        uint32_t words = count_words(v.parts[i], NO_VAL);
        if (!words) return 0;
        n += words;
    }
    return n;
}

/* Makes the object of one value of the frame, or none where it goes as numbers. */
static bool prepare_value(Builder *b, Val *v, Val flag, uint32_t nwords) {
    if (v->type->kind == TY_UNDEF || is_made_again(v->type, flag)) {
        *v = no_object(b);
        return true;
    }
    if (nwords) return true;
    *v = frame_object(b, *v);
    if (ok(*v) && ok(flag) && flag.type->kind != TY_LIT_BOOL)
        *v = object_val(op_select(b, object_type(), flag.ref, v->ref, no_object(b).ref));
    return ok(*v);
}

static void hand_over(Builder *b, Val v) {
    for (uint32_t i = 0; hl_type_is_iterator(v.type) && i < hl_type_nparts(v.type); i++)
        hand_over(b, v.parts[i]);
    if (hl_type_is_iterator(v.type)) return;
    RtId how = v.type->kind == TY_OBJECT  ? RT_exit_object
               : v.type->kind == TY_FLOAT ? RT_exit_float
                                          : RT_exit_int;
    Ref ref = how == RT_exit_int ? ref_of(b, convert(b, v, hl_type(TY_INT))) : v.ref;
    rt(b, how, NULL, &ref, 1);
}

static HlExit *new_exit(Builder *b, const HlFrameShape *shape, const Val *args) {
    HlExit *exit = hl_new(&b->c->arena, HlExit);
    uint32_t n = shape->nlocals + shape->nvalues;
    exit->shape = shape;
    exit->nwords = hl_new_array(&b->c->arena, uint32_t, n + 1);
    for (uint32_t i = 0; i < n - shape->nobserved; i++)
        exit->nwords[i] = count_words(args[1 + i], flag_in_frame(shape, args, i));
    exit->types = hl_new_array(&b->c->arena, const Type *, shape->nlocals + shape->nvalues + 1);
    exit->made = hl_new_array(&b->c->arena, uint32_t, shape->nlocals + shape->nvalues + 1);
    for (uint32_t i = 0; i < shape->nlocals + shape->nvalues; i++) {
        const Type *type = args[1 + i].type;
        exit->types[i] = type_in_frame(args[1 + i]);
        if (is_made_again(type, flag_in_frame(shape, args, i)))
            exit->made[i] = 1 + b->c->host->function_constant(b->c, type->object);
    }
    for (uint32_t i = 0; i < shape->nobserved; i++)
        exit->types[shape->nlocals + shape->nvalues - 1 - i] = NULL;
    return exit;
}

/* Leaves the function with the frame: an error that the dispatcher knows. What can fail happens before anything is handed over. */
static bool leave_with_frame(Builder *b, const HlFrameShape *shape, const Val *args) {
    uint32_t n = shape->nlocals + shape->nvalues;
    HlExit *exit = new_exit(b, shape, args);
    Val *values = hl_new_array(&b->c->arena, Val, n + 1);
    memcpy(values, args + 1, n * sizeof *values);
    for (uint32_t i = 0; i < n; i++)
        if (!prepare_value(b, &values[i], flag_in_frame(shape, args, i), exit->nwords[i])) return false;
    for (uint32_t i = 0; i < n; i++)
        hand_over(b, values[i]);
    Ref number = const_i64(b, b->c->exits.len);
    hl_push(&b->c->arena, &b->c->exits, exit);
    check_with(b, const_bool(b, false), HL_EXIT, "left at %ld", &number, 1);
    return true;
}

/* The frame is left unless the condition holds. */
static bool leave_unless(Builder *b, Ref condition, const HlFrameShape *shape, const Val *args) {
    BlockId miss = hl_block_new(b->f), hit = hl_block_new(b->f);
    hl_block(b->f, miss)->cold = true;
    hl_set_branch(b->f, b->block, condition, hit, miss, b->loc);
    b->block = miss;
    bool good = leave_with_frame(b, shape, args);
    op(b, OP_UNREACHABLE, NULL, NULL, 0, (Aux){0});
    b->block = hit;
    return good;
}

/* The frame is left unless the object has the type. */
static bool guard(Builder *b, const HlFrameShape *shape, const Val *args, const char *type) {
    Ref has = op(b, OP_OBJECT_HAS, hl_type(TY_B1), &args[0].ref, 1, (Aux){.name = type});
    return leave_unless(b, has, shape, args);
}

static bool holds_memory(const Type *type) {
    if (type->kind == TY_ARRAY) return true;
    for (uint32_t i = 0; i < type->nargs; i++)
        if (holds_memory(type->args[i])) return true;
    return false;
}

/* Python's code has run: what it may have changed of arrays in the frame is another type, or lies elsewhere. */
static bool leave_when_changed(Builder *b, const Ins *ins, const HlFrameShape *shape, const Val *args) {
    bool any = false;
    for (uint32_t i = 0; i < shape->nlocals + shape->nvalues; i++)
        any |= holds_memory(args[1 + i].type);
    any &=
        !b->instance->options.parallel; /* no way out of a parallel loop: the dispatcher raises (object.c) */
    if (any && ANALYSING(b)) need_frame(b, ins, shape, args);
    if (!any || ANALYSING(b)) return true;
    Ref changed = rt(b, RT_memory_changed, hl_type(TY_I64), NULL, 0);
    return leave_unless(b, compare(b, OP_EQ, changed, const_i64(b, 0)), shape, args);
}

/* The place is always left: what comes behind it is not reached, whatever type an earlier round of the analysis had for it. */
static Val leave(Builder *b, Ref r, const HlFrameShape *shape, const Val *args) {
    if (ANALYSING(b)) return literal(hl_type(TY_BOTTOM));
    if (!leave_with_frame(b, shape, args)) return NO_VAL;
    const Type *assumed = b->instance->types[r];
    return assumed->kind == TY_BOTTOM ? literal(assumed) : undefined(b, assumed);
}

static Val unbox_value(Builder *b, const HlFrameShape *shape, const Val *args, const Type *seen) {
    const char *type = hl_type_text(seen);
    if (ANALYSING(b)) return dummy(b, seen);
    if (!guard(b, shape, args, type)) return NO_VAL;
    if (hl_type_is_literal(seen)) return literal(seen);
    return unpack(b, seen, op(b, OP_UNBOX, packed_type(b, seen), &args[0].ref, 1, (Aux){.name = type}));
}

/* py.observe: the object, then the frame's values, then for each local whether it is bound. */
Val observe(Builder *b, Ref r, const Ins *ins, const Val *args) {
    const HlFrameShape *shape = ins->aux.object;
    bool foreign = args[0].type->kind == TY_OBJECT || (!shape->nobserved && b->instance->asks[ins->args[0]]);
    if (foreign && !leave_when_changed(b, ins, shape, args)) return NO_VAL;
    if (args[0].type->kind != TY_OBJECT || b->instance->asks[r] || ins->flags & INS_OBJECT) return args[0];
    const Type *seen = b->c->host->observed(b->c, shape->offset, shape->which);
    if (seen ? seen->kind == TY_OBJECT : !wants_native(b, r, 4)) return args[0];
    if (ANALYSING(b)) need_frame(b, ins, shape, args);
    if (!seen) return leave(b, r, shape, args);
    Val v = unbox_value(b, shape, args, seen);
    bool stays = ok(v) && !ANALYSING(b) && b->instance->types[r]->kind == TY_OBJECT;
    return stays ? box_value(b, v) : v;
}
