/* objects: what has no compiled form is left to Python's objects, one operation at a time.
 *
 * In: an untyped instruction that no handler takes, or that works on an object. Out: its operands as objects (box_value) and an
 * `operate`; its result is an object. Only the function that was asked for does this (Compile.foreign, its
 * entry instance): a call of a function that could not be compiled without is itself such an operation.
 *
 * An object that native code goes on with (py.observe) gets the type it really has: the place is left with the whole frame,
 * the dispatcher looks at the object and enters the rest of the function compiled for its type. When that is known
 * already (Host.observed), the place only tests for it and unboxes. See docs/objects.md.
 */
#include "infer/internal.h"
#include "runtime/runtime.h"

#include <string.h>

static const Type *object_type(void) {
    return hl_type(TY_OBJECT);
}

static Val object_val(Ref ref) {
    return scalar(object_type(), ref);
}

/* ---- objects known when compiling -------------------------------------------------------------------------------------- */

static Val object_const(Builder *b, const void *object) {
    Compile *c = b->c;
    uint32_t i = 0;
    if (!object) return fail(b, DIAG_INTERNAL, "a constant object could not be made");
    if (ANALYSING(b)) return object_val(0);
    while (i < c->objects.len && c->objects.data[i] != object)
        i++;
    if (i == c->objects.len) hl_push(&c->arena, &c->objects, object);
    return object_val(op(b, OP_OBJECT_CONST, object_type(), NULL, 0, (Aux){.i = i}));
}

static Val name_object(Builder *b, const char *name) {
    return object_const(b, b->c->host->object_of(b->c, hl_type_str(name, strlen(name))));
}

static Val names_object(Builder *b, const char *const *names, uint32_t n) {
    return object_const(b, b->c->host->names_object(b->c, names, n));
}

/* Has the instruction a form over objects? A tuple is one of its items. */
static bool may_be_foreign(Op o) {
    bool only = o == OP_PY_OPERATE || o == OP_PY_WITH || o == OP_PY_WITH_EXCEPT;
    return only || (o >= OP_PY_BINARY && o <= OP_PY_ITER_STEP && o != OP_PY_TUPLE);
}

/* ---- operations ----------------------------------------------------------------------------------------------------------- */

static Ref operate(Builder *b, Op o, const Type *type, ForeignId id, const Val *operands, uint32_t n) {
    Ref *refs = hl_new_array(&b->c->arena, Ref, n + 1);
    for (uint32_t i = 0; i < n; i++)
        refs[i] = operands[i].ref;
    return op(b, o, type, refs, n, (Aux){.i = id});
}

static Val foreign(Builder *b, ForeignId id, const Val *operands, uint32_t n) {
    return object_val(operate(b, OP_OPERATE, object_type(), id, operands, n));
}

static Val foreign_test(Builder *b, ForeignId id, const Val *operands, uint32_t n) {
    return bool_val(operate(b, OP_OPERATE_TEST, hl_type(TY_B1), id, operands, n));
}

Val object_operation(Builder *b, ForeignId id, const Val *operands, uint32_t n) {
    return foreign(b, id, operands, n);
}

Val object_test(Builder *b, ForeignId id, const Val *operands, uint32_t n) {
    return foreign_test(b, id, operands, n);
}

/* ---- boxing --------------------------------------------------------------------------------------------------------------- */

static Val box_native(Builder *b, Val v) {
    Ref packed = pack(b, v);
    return object_val(
        op(b, OP_BOX, object_type(), &packed, 1, (Aux){.name = hl_type_text(hl_type_unliteral(v.type))}));
}

/* Has a method of a value a name, or does it stand for something else (an exception, a format with its values)? */
static bool is_method(const Type *t) {
    return strcmp(t->name, "exception") != 0 && strncmp(t->name, "format:", 7) != 0;
}

/* Has a value of this type a Python object? */
bool has_object_form(const Type *type) {
    if (hl_type_is_literal(type) || hl_type_is_scalar(type)) return true;
    switch ((int)type->kind) {
    case TY_OBJECT:
    case TY_BOTTOM:
    case TY_UNDEF:
    case TY_ARRAY:
    case TY_RNG:
    case TY_RANGE: return true;
    case TY_TUPLE:
    case TY_SLICE:
    case TY_TEXT:
    case TY_METHOD:
    case TY_TENSOR:
    case TY_TENSOR_SCALAR:
    case TY_OPTIONAL: break;
    default: return false;
    }
    bool has = type->kind != TY_METHOD || is_method(type);
    for (uint32_t i = 0; i < type->nargs; i++)
        has = has && has_object_form(type->args[i]);
    return has;
}

static Val box_parts(Builder *b, ForeignId id, Val v) {
    uint32_t n = hl_type_nparts(v.type);
    Val *parts = hl_new_array(&b->c->arena, Val, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        parts[i] = hl_type_is_iterator(v.parts[i].type) ? box_parts(b, FOREIGN_TUPLE, v.parts[i])
                                                        : box_value(b, v.parts[i]);
        if (!ok(parts[i])) return NO_VAL;
    }
    return foreign(b, id, parts, n);
}

/* A named tuple: a call of its class. */
static Val box_named(Builder *b, Val v) {
    uint32_t n = v.type->nargs;
    Val *operands = hl_new_array(&b->c->arena, Val, n + 1);
    operands[0] = object_const(b, v.type->object);
    for (uint32_t i = 0; i < n; i++) {
        operands[i + 1] = box_value(b, v.parts[i]);
        if (!ok(operands[i + 1])) return NO_VAL;
    }
    return foreign(b, FOREIGN_CALL, operands, n + 1);
}

/* An iterator that began as compiled code's, by Python's iterator that stands where it does. Code may have been entered with it. */
static Val python_iterator(Builder *b, Val v) {
    uint32_t n = hl_type_nparts(v.type);
    Val *operands = hl_new_array(&b->c->arena, Val, n + 1);
    operands[0] = object_const(b, b->c->host->object_of(b->c, hl_type_lit_int(v.type->kind)));
    for (uint32_t i = 0; i < n; i++) {
        operands[i + 1] =
            hl_type_is_iterator(v.parts[i].type) ? python_iterator(b, v.parts[i]) : box_value(b, v.parts[i]);
        if (!ok(operands[i + 1])) return NO_VAL;
    }
    return foreign(b, FOREIGN_ITERATOR, operands, n + 1);
}

static bool has_python_iterator(const Type *type) {
    bool own = type->kind == TY_RANGE_ITER || type->kind == TY_ARRAY_ITER || type->kind == TY_TUPLE_ITER;
    if (type->kind != TY_ENUMERATE_ITER && type->kind != TY_ZIP_ITER) return own;
    for (uint32_t i = 0; i < type->nargs; i++)
        if (!has_python_iterator(type->args[i])) return false;
    return true;
}

Val box_value(Builder *b, Val v) {
    if (ok(v) && ANALYSING(b) && !has_object_form(v.type)) return object_val(0); /* it will: need_object */
    if (!ok(v) || v.type->kind == TY_OBJECT) return v;
    if (hl_type_is_literal(v.type)) return object_const(b, b->c->host->object_of(b->c, v.type));
    switch ((int)v.type->kind) {
    case TY_TUPLE: return v.type->name ? box_named(b, v) : box_parts(b, FOREIGN_TUPLE, v);
    case TY_SLICE: return box_parts(b, FOREIGN_SLICE, v);
    case TY_RANGE: return box_parts(b, FOREIGN_RANGE, v);
    case TY_METHOD: {
        if (!strcmp(v.type->name, "exception")) return exception_object(b, v);
        Val operands[] = {box_value(b, v.parts[0]), name_object(b, v.type->name)};
        return ok(operands[0]) ? foreign(b, FOREIGN_GETATTR, operands, 2) : NO_VAL;
    }
    case TY_ARRAY:
    case TY_TENSOR:
    case TY_TENSOR_SCALAR:
    case TY_RNG:
    case TY_TEXT:
    case TY_OPTIONAL: return box_native(b, v);
    default: break;
    }
    if (has_python_iterator(v.type)) {
        Val iterator = python_iterator(b, v);
        return ok(iterator) ? foreign(b, FOREIGN_ITER, &iterator, 1) : NO_VAL;
    }
    if (hl_type_is_scalar(v.type)) return box_native(b, v.kind ? with_kind(b, v) : v);
    return fail(b, DIAG_NO_OVERLOAD, "the interpreter", hl_type_show(v.type));
}

/* ---- names ----------------------------------------------------------------------------------------------------------------- */

/* The type of what is known when compiling, as a global or a module's attribute; NULL when it is not. */
static const Type *known_object(Compile *c, const Func *u, Ref r) {
    const Ins *ins = hl_ins(u, r);
    if (ins->op == OP_PY_CONST) return ins->type;
    if (ins->op == OP_PY_OBSERVE) return known_object(c, u, ins->args[0]);
    const Type *owner = ins->op == OP_PY_GETATTR ? known_object(c, u, ins->args[0]) : NULL;
    if (!owner || owner->kind != TY_OBJECT_CONST) return NULL;
    return c->host->getattr(c, owner->object, ins->aux.name).type;
}

/* Does compiled code know it by name: a ufunc, a built-in? */
static bool is_known_by_name(const Builder *b, const Type *type) {
    int64_t data;
    bool is_ufunc = !strncmp(type->name, "numpy.", 6) && ufunc_by_name(type->name + 6) != UFUNC_COUNT;
    return is_ufunc || known_handler(type->name, &data) || b->c->host->prelude(b->c, type->name);
}

/* Where it is an object, it is looked up each time that the code runs: a global, or a global's attribute. */
bool is_looked_up(const Builder *b, Ref r) {
    const Ins *ins = hl_ins(b->instance->untyped, r);
    if (ins->op == OP_PY_OBSERVE) return is_looked_up(b, ins->args[0]);
    bool is_name = ins->op == OP_PY_GETATTR ||
                   (ins->op == OP_PY_CONST && ins->type->kind == TY_OBJECT_CONST && ins->aux.object);
    const Type *type = is_name ? known_object(b->c, b->instance->untyped, r) : NULL;
    return type && type->kind == TY_OBJECT_CONST && !is_known_by_name(b, type);
}

static Val number_object(Builder *b, int64_t value) {
    return object_const(b, b->c->host->object_of(b->c, hl_type_lit_int(value)));
}

static Val look_up(Builder *b, const Ins *ins) {
    const HlSource *source = ins->aux.object;
    Val operands[2] = {source->global ? name_object(b, source->global) : number_object(b, source->free)};
    if (source->function) operands[1] = object_const(b, source->function);
    return foreign(b, source->global ? FOREIGN_GLOBAL : FOREIGN_FREE, operands, source->function ? 2 : 1);
}

/* ---- untyped instructions as foreign operations --------------------------------------------------------------------------- */

static Val call_object(Builder *b, const Ins *ins, const Val *boxed) {
    const CallInfo *info = ins->aux.call;
    if (!info || !info->nkw) return foreign(b, FOREIGN_CALL, boxed, ins->nargs);
    Val *operands = hl_new_array(&b->c->arena, Val, ins->nargs + 1);
    memcpy(operands, boxed, ins->nargs * sizeof *operands);
    operands[ins->nargs] = names_object(b, info->kwnames, info->nkw);
    return foreign(b, FOREIGN_CALL_KW, operands, ins->nargs + 1);
}

static Val with_name(Builder *b, ForeignId id, const Ins *ins, const Val *boxed) {
    Val operands[3] = {boxed[0], name_object(b, ins->aux.name)};
    if (ins->nargs == 2) operands[2] = boxed[1];
    return foreign(b, id, operands, ins->nargs + 1);
}

static Val none_of(Val done) {
    return ok(done) ? literal(hl_type(TY_NONE)) : NO_VAL;
}

static Val item_of(Builder *b, const Ins *ins, Val tuple) {
    Val operands[] = {tuple, number_object(b, ins->aux.i)};
    return foreign(b, FOREIGN_GETITEM, operands, 2);
}

/* A test, negated where the instruction says so (`is not`, `not in`). */
static Val negated(Builder *b, Val test, bool negate) {
    return negate ? unary(b, UN_NOT, test) : test;
}

/* format(x, spec), x converted first where the f-string says so. */
static Val format_object(Builder *b, const Ins *ins, const Val *x) {
    Val operands[2] = {x[0], ins->nargs == 2 ? x[1] : NO_VAL};
    if (ins->aux.i == 's') operands[0] = foreign(b, FOREIGN_STR, x, 1);
    if (ins->aux.i == 'r') operands[0] = foreign(b, FOREIGN_REPR, x, 1);
    if (ins->aux.i == 'a') operands[0] = foreign(b, FOREIGN_ASCII, x, 1);
    return foreign(b, FOREIGN_FORMAT, operands, ins->nargs);
}

static Val operate_only(Builder *b, const Ins *ins, const Val *x) {
    ForeignId id = (ForeignId)ins->aux.i;
    return id >= FOREIGN_FIRST_TEST ? foreign_test(b, id, x, ins->nargs) : foreign(b, id, x, ins->nargs);
}

/* Of size, place, hash, key, place, hash, key... the keys are all there is to it. */
static Val set_of_constants(Builder *b, const Val *x, uint32_t n) {
    Val *keys = hl_new_array(&b->c->arena, Val, n);
    for (uint32_t i = 3; i < n; i += 3)
        keys[i / 3 - 1] = x[i];
    return foreign(b, FOREIGN_SET, keys, n / 3);
}

static Val over_objects(Builder *b, const Ins *ins, const Val *x) {
    switch ((int)ins->op) {
    case OP_PY_BINARY: return foreign(b, FOREIGN_ADD + (ForeignId)ins->aux.i, x, 2);
    case OP_PY_INPLACE: return foreign(b, FOREIGN_IADD + (ForeignId)ins->aux.i, x, 2);
    case OP_PY_UNARY:
        return ins->aux.i == UN_NOT ? foreign_test(b, FOREIGN_NOT, x, 1)
                                    : foreign(b, FOREIGN_NEG + (ForeignId)ins->aux.i, x, 1);
    case OP_PY_COMPARE: return foreign(b, FOREIGN_LT + (ForeignId)ins->aux.i, x, 2);
    case OP_PY_IS: return negated(b, foreign_test(b, FOREIGN_IS, x, 2), ins->aux.i != 0);
    case OP_PY_CONTAINS: return negated(b, foreign_test(b, FOREIGN_CONTAINS, x, 2), ins->aux.i != 0);
    case OP_PY_TRUTH: return foreign_test(b, FOREIGN_TRUTH, x, 1);
    case OP_PY_GETATTR: return with_name(b, FOREIGN_GETATTR, ins, x);
    case OP_PY_SETATTR: return none_of(with_name(b, FOREIGN_SETATTR, ins, x));
    case OP_PY_GETITEM: return foreign(b, FOREIGN_GETITEM, x, 2);
    case OP_PY_SETITEM: return none_of(foreign(b, FOREIGN_SETITEM, x, 3));
    case OP_PY_DELITEM: return none_of(foreign(b, FOREIGN_DELITEM, x, 2));
    case OP_PY_LIST: return foreign(b, FOREIGN_LIST, x, ins->nargs);
    case OP_PY_LIST_APPEND: return none_of(foreign(b, FOREIGN_LIST_APPEND, x, 2));
    case OP_PY_LIST_EXTEND: return none_of(foreign(b, FOREIGN_LIST_EXTEND, x, 2));
    case OP_PY_SET: return foreign(b, FOREIGN_SET, x, ins->nargs);
    case OP_PY_SET_TABLE: return set_of_constants(b, x, ins->nargs);
    case OP_PY_SET_ADD: return none_of(foreign(b, FOREIGN_SET_ADD, x, 2));
    case OP_PY_SET_UPDATE: return none_of(foreign(b, FOREIGN_SET_UPDATE, x, 2));
    case OP_PY_SLICE: return foreign(b, FOREIGN_SLICE, x, 3);
    case OP_PY_TUPLE_EXTEND: return foreign(b, FOREIGN_TUPLE_EXTEND, x, 2);
    case OP_PY_UNPACK: {
        Val operands[] = {x[0], number_object(b, ins->aux.i)};
        return foreign(b, FOREIGN_UNPACK, operands, 2);
    }
    case OP_PY_UNPACK_EX: {
        Val operands[] = {x[0], number_object(b, ins->aux.i & 255), number_object(b, ins->aux.i >> 8)};
        return foreign(b, FOREIGN_UNPACK_EX, operands, 3);
    }
    case OP_PY_ITEM: return item_of(b, ins, x[0]);
    case OP_PY_FORMAT: return format_object(b, ins, x);
    case OP_PY_TEXT: return foreign(b, FOREIGN_TEXT, x, ins->nargs);
    case OP_PY_LEN: return foreign(b, FOREIGN_LEN, x, 1);
    case OP_PY_IS_SEQUENCE: return foreign_test(b, FOREIGN_IS_SEQUENCE, x, 1);
    case OP_PY_CELL_GET: return with_name(b, FOREIGN_CELL_GET, ins, x);
    case OP_PY_CELL_SET: return none_of(foreign(b, FOREIGN_CELL_SET, x, 2));
    case OP_PY_OPERATE: return operate_only(b, ins, x);
    case OP_PY_CALL: return call_object(b, ins, x);
    case OP_PY_CALL_STAR: return foreign(b, FOREIGN_CALL_STAR, x, 2);
    case OP_PY_ITER: return foreign(b, FOREIGN_ITER, x, 1);
    case OP_PY_WITH: return foreign(b, FOREIGN_WITH, x, 1);
    case OP_PY_WITH_EXCEPT: return foreign(b, FOREIGN_WITH_EXCEPT, x, 2);
    case OP_PY_ITER_MORE: return foreign_test(b, FOREIGN_ITER_MORE, x, 1);
    case OP_PY_ITER_VALUE: return foreign(b, FOREIGN_ITER_VALUE, x, 1);
    case OP_PY_ITER_STEP: return x[0];
    default: return fail(b, DIAG_INTERNAL, "an operation without a form over objects");
    }
}

static Val no_object(Builder *b) {
    return object_val(op(b, OP_UNDEF, object_type(), NULL, 0, (Aux){0}));
}

/* An inner function as Python's. */
static Val function_object(Builder *b, const Ins *ins, const Val *args) {
    Val defaults = args[0];
    uint32_t n = hl_type_nparts(defaults.type), count = 0;
    Val *operands = hl_new_array(&b->c->arena, Val, n + ins->nargs + 1);
    operands[count++] = object_const(b, b->c->host->function_parts(b->c, ins->aux.object));
    for (uint32_t i = 0; i < n; i++)
        operands[count++] =
            defaults.parts[i].type->kind == TY_UNDEF ? no_object(b) : box_value(b, defaults.parts[i]);
    for (uint32_t i = 1; i < ins->nargs; i++)
        operands[count++] = box_value(b, args[i]);
    for (uint32_t i = 0; i < count; i++)
        if (!ok(operands[i])) return NO_VAL;
    return foreign(b, FOREIGN_FUNCTION, operands, count);
}

static Val as_foreign(Builder *b, const Ins *ins, const Val *args) {
    for (uint32_t i = 0; ANALYSING(b) && i < ins->nargs; i++)
        need_object(b, ins->args[i]);
    if (ins->op == OP_PY_FUNCTION) return function_object(b, ins, args);
    Val *boxed = hl_new_array(&b->c->arena, Val, ins->nargs + 1);
    for (uint32_t i = 0; i < ins->nargs; i++) {
        boxed[i] = box_value(b, args[i]);
        if (!ok(boxed[i])) return NO_VAL;
    }
    return over_objects(b, ins, boxed);
}

static bool has_object(const Ins *ins, const Val *args) {
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (args[i].type->kind == TY_OBJECT) return true;
    return false;
}

/* ---- observing -------------------------------------------------------------------------------------------------------------- */

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
static Val observe(Builder *b, Ref r, const Ins *ins, const Val *args) {
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

/* ---- objmode blocks --------------------------------------------------------------------------------------------------------- */

/* An operand of an instruction in a block; false: it has no object. Beside other objects it is made one where it comes from. */
static bool goes_in(Builder *b, const Ins *ins, Ref r, const Type *type) {
    const Func *u = b->instance->untyped;
    if (has_object_form(type)) return true;
    if (!b->instance->may_ask) return ok(fail(b, DIAG_OBJMODE_INPUT, hl_type_show(type)));
    if (!ANALYSING(b) || b->instance->reasons[r]) return true;
    Diagnostic *reason = hl_new(&b->c->arena, Diagnostic);
    hl_diag_set(&b->c->arena, reason, DIAG_OBJMODE_INPUT, u->file, u->qualname, ins->loc, hl_type_show(type));
    b->instance->reasons[r] = reason;
    return true;
}

/* Does it work on objects there? Not where it takes a tuple apart that was just built. */
static bool is_of_objects(const Ins *ins, const Val *args) {
    bool is_item = ins->op == OP_PY_ITEM && args[0].type->kind == TY_TUPLE;
    return (may_be_foreign((Op)ins->op) && !is_item) || ins->op == OP_PY_FUNCTION || ins->op == OP_PY_OBJECT;
}

/* An instruction in a block is for objects, whatever its operands are. */
static Val in_objmode(Builder *b, Ref r, const Ins *ins, const Val *args) {
    const HlSource *source = ins->op == OP_PY_CONST ? ins->aux.object : NULL;
    bool is_name = source && ins->type->kind == TY_OBJECT_CONST && source->global;
    if (ins->op == OP_PY_OBSERVE) return observe(b, r, ins, args);
    if (!ANALYSING(b)) b->c->has_objmode = true;
    if (is_name) return look_up(b, ins);
    if (!is_of_objects(ins, args)) return evaluate(b, ins, args);
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (!goes_in(b, ins, ins->args[i], args[i].type)) return NO_VAL;
    if (ins->op != OP_PY_OBJECT) return as_foreign(b, ins, args);
    if (ANALYSING(b)) need_object(b, ins->args[0]);
    return box_value(b, args[0]);
}

/* The text is that of a type, or "object" and the class that the object must have. */
Val promised_value(Builder *b, Val v, const char *text) {
    const char *rest = text;
    const Type *type = strncmp(text, "object", 6) ? hl_type_parse(&rest) : object_type();
    if (!type) return fail(b, DIAG_INTERNAL, "an objmode block with an unknown type");
    Val operands[] = {box_value(b, v), name_object(b, text)};
    Val given = ok(operands[0]) ? foreign(b, FOREIGN_PROMISED, operands, 2) : NO_VAL;
    if (!ok(given) || type->kind == TY_OBJECT) return given;
    if (hl_type_is_literal(type)) return literal(type);
    Aux aux = {.name = hl_type_text(type)};
    Ref packed = op(b, OP_UNBOX, packed_type(b, type), &given.ref, 1, aux);
    if (ANALYSING(b)) return dummy(b, type);
    hl_ins(b->f, packed)->flags |= INS_OBJECT;
    return unpack(b, type, packed);
}

/* ---- deciding --------------------------------------------------------------------------------------------------------------- */

/* Not where it would show that a tensor is known by its value, or its sizes by theirs. */
static Val evaluate_natively(Builder *b, Ref r, const Ins *ins, const Val *args) {
    bool sizes =
        ins->op == OP_PY_GETATTR && args[0].type->kind == TY_TENSOR && !strcmp(ins->aux.name, "shape");
    if (sizes && !tensor_is_taken_apart(b, r))
        return fail(b, DIAG_NO_ATTRIBUTE, hl_type_show(args[0].type), ins->aux.name);
    Val v = kind_of_result(b, ins, args, evaluate(b, ins, args));
    if (ok(v) && v.type->kind == TY_TENSOR_SCALAR && tensor_is_kept(b, r))
        return fail(b, DIAG_UNSUPPORTED_CONSTRUCT, "keeping the tensor that this makes");
    return v;
}

/* Why an operation is foreign, or only where, as it works on an object: reported once, when types are final. */
static void report_reason(Builder *b, Ref r) {
    const Diagnostic *reason = b->instance->reasons[r];
    if (ANALYSING(b)) return;
    if (!reason) {
        Diagnostic *place = hl_new(&b->c->arena, Diagnostic);
        place->loc = b->loc;
        reason = place;
    }
    hl_push(&b->c->arena, &b->c->reasons, reason);
}

/* A global that has no compiled form is the reason, whatever was done with it. */
static void blame_global(Builder *b, const Ins *ins, const Val *args, Diagnostic *reason) {
    const Func *u = b->instance->untyped;
    for (uint32_t i = 0; i < ins->nargs; i++) {
        const Type *type = args[i].type;
        const Ins *operand = hl_ins(u, ins->args[i]);
        const char *name = hl_value_name(u, ins->args[i]);
        if (operand->op != OP_PY_CONST || type->kind != TY_OBJECT_CONST || !name) continue;
        if (strncmp(type->name, "object:", 7) != 0) continue;
        *reason = (Diagnostic){0};
        if (!strcmp(type->name, "object:int")) {
            hl_diag_set(&b->c->arena, reason, DIAG_BIG_INT, u->file, u->qualname, operand->loc, name);
            continue;
        }
        hl_diag_set(&b->c->arena, reason, DIAG_UNTYPED_GLOBAL, u->file, u->qualname, operand->loc, name,
                    hl_article(type->name + 7), type->name + 7);
    }
}

static bool has_iterator(const Ins *ins, const Val *args) {
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (hl_type_is_iterator(args[i].type)) return true;
    return false;
}

/* Why an instruction has no other form than that over objects; NULL: it may have one, or the reason is told elsewhere. Its
 * type is words of its own to refuse it with. */
static const Diagnostic *own_reason(Builder *b, const Ins *ins) {
    const Func *u = b->instance->untyped;
    bool is_global = ins->op == OP_PY_OPERATE && ins->aux.i == FOREIGN_GLOBAL;
    const char *words = ins->op == OP_PY_OPERATE ? hl_foreign_words((ForeignId)ins->aux.i) : NULL;
    if (ins->type) words = ins->type->name;
    if (!words && !is_global) return NULL;
    Diagnostic *reason = hl_new(&b->c->arena, Diagnostic);
    if (words)
        hl_diag_set(&b->c->arena, reason, DIAG_UNSUPPORTED_CONSTRUCT, u->file, u->qualname, ins->loc, words);
    else
        hl_diag_set(&b->c->arena, reason, DIAG_UNDEFINED_NAME, u->file, u->qualname, ins->loc,
                    hl_ins(u, ins->args[0])->type->name);
    return reason;
}

/* Has the instruction no other form? Then it has its reason. */
static bool is_for_objects_only(Builder *b, Ref r, const Ins *ins) {
    bool is_function = ins->op == OP_PY_FUNCTION;
    if (ins->op != OP_PY_OPERATE && !is_function) return false;
    if (!b->instance->reasons[r]) b->instance->reasons[r] = own_reason(b, ins);
    return !is_function || ins->type || b->instance->types[r]->kind == TY_OBJECT;
}

/* Not where an object works with it, nor where it turned out to have no compiled form. A function may well keep objects. */
static bool may_be_native(Builder *b, Ref r, const Ins *ins, const Val *args) {
    if (b->instance->asks[r] || is_for_objects_only(b, r, ins)) return false;
    if (ins->op != OP_PY_FUNCTION && has_object(ins, args)) return false;
    return !b->c->only_objects || has_iterator(ins, args); /* the frame may have begun with one */
}

Val evaluate_or_ask(Builder *b, Ref r, const Ins *ins, const Val *args) {
    Instance *instance = b->instance;
    if (ins->flags & INS_OBJECT) return in_objmode(b, r, ins, args);
    if (!instance->may_ask) return evaluate_natively(b, r, ins, args);
    if (ins->op == OP_PY_OBSERVE) return observe(b, r, ins, args);
    if (ins->op == OP_PY_PROMISED && ANALYSING(b)) need_object(b, ins->args[0]);
    if (ins->op == OP_PY_CONST && instance->asks[r]) return look_up(b, ins);
    if (!may_be_foreign((Op)ins->op)) return evaluate(b, ins, args);
    if (may_be_native(b, r, ins, args)) {
        Diagnostic *reason = hl_new(&b->c->arena, Diagnostic);
        b->reason = reason;
        Val v = evaluate_natively(b, r, ins, args);
        b->reason = NULL;
        if ((ok(v) && !hl_type_holds_list(v.type)) || !ANALYSING(b)) return v;
        b->c->diag = (Diagnostic){0};
        blame_global(b, ins, args, reason);
        instance->reasons[r] = reason->set ? reason : NULL;
    }
    instance->asks[r] = true;
    report_reason(b, r);
    return as_foreign(b, ins, args);
}

/* What a call shows of this function's frame, which compiled code does not have; NULL: nothing. */
static const char *reads_own_frame(Compile *c, const Func *u, const Ins *ins) {
    if (ins->op != OP_PY_CALL && ins->op != OP_PY_CALL_STAR) return NULL;
    const Type *callee = known_object(c, u, ins->args[0]);
    if (!callee || callee->kind != TY_OBJECT_CONST) return NULL;
    const char *words = c->host->reads_frame(c, callee->object, ins->nargs - 1);
    return words ? hl_arena_printf(&c->arena, "a call of `%s`, which looks at %s",
                                   c->host->describe(c, callee->object), words)
                 : NULL;
}

/* Can every place of the function, or of its objmode blocks alone, be left to Python, and gone on from? Not with what has no
 * form, not even over objects, nor where the frame itself is looked at. */
bool may_be_left(Compile *c, const Func *u, bool everywhere) {
    for (Ref r = 1; r < u->ins.len; r++) {
        const Ins *ins = hl_ins(u, r);
        if (!everywhere && !(ins->flags & INS_OBJECT)) continue;
        const char *reads = reads_own_frame(c, u, ins);
        if (reads) return hl_error(c, u, ins->loc, DIAG_UNSUPPORTED_CONSTRUCT, reads);
        if (ins->op == OP_PY_UNSUPPORTED)
            return hl_error(c, u, ins->loc, DIAG_UNSUPPORTED_CONSTRUCT, ins->aux.name);
    }
    return true;
}
