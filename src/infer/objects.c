/* objects: what has no compiled form is left to Python's objects, one operation at a time.
 *
 * In: an untyped instruction that no handler takes, or that works on an object. Out: its operands as objects (box_value) and an
 * `operate`; its result is an object. Only the function that was asked for does this (Compile.foreign, its
 * entry instance): a call of a function that could not be compiled without is itself such an operation.
 *
 * What becomes of an object that native code goes on with is in observe.c. See docs/objects.md.
 */
#include "infer/objects.h"
#include "runtime/runtime.h"

#include <string.h>

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

Val box_parts(Builder *b, ForeignId id, Val v) {
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

const Type *known_object(Compile *c, const Func *u, Ref r) {
    const Ins *ins = hl_ins(u, r);
    if (ins->op == OP_PY_CONST) return ins->type;
    if (ins->op == OP_PY_OBSERVE) return known_object(c, u, ins->args[0]);
    const Type *owner = ins->op == OP_PY_GETATTR ? known_object(c, u, ins->args[0]) : NULL;
    if (!owner || owner->kind != TY_OBJECT_CONST) return NULL;
    return c->host->getattr(c, owner->object, ins->aux.name).type;
}

bool is_known_by_name(const Builder *b, const Type *type) {
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

Val no_object(Builder *b) {
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
