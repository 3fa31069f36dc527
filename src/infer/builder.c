/* builder: making values and typed instructions, in both walks.
 *
 * While analysing (Builder.f is NULL) every function here gives the type alone and emits nothing, so handlers need not
 * know which walk they serve. Composite values are trees of parts; their leaves are what phis and calls carry.
 */
#include "infer/internal.h"

#include <stdarg.h>
#include <string.h>

/* ---- values ---------------------------------------------------------------------------------------------------------- */

Val scalar(const Type *type, Ref ref) {
    return (Val){.type = type, .ref = ref};
}

Val literal(const Type *type) {
    return (Val){.type = type};
}

void part_types(const Type *t, const Type **out) {
    if (t->kind == TY_OPTIONAL) *out++ = hl_type(TY_BOOL);
    if (t->nargs) memcpy(out, t->args, t->nargs * sizeof *out);
    for (uint32_t i = 0; i < hl_type_nints((TypeKind)t->kind); i++)
        out[t->nargs + i] = hl_type(TY_INT);
}

static Val with_parts(Builder *b, const Type *type, const Val *parts, uint32_t n) {
    Val *copy = hl_new_array(&b->c->arena, Val, n + 1);
    if (n) memcpy(copy, parts, n * sizeof *copy);
    return (Val){.type = type, .parts = copy};
}

Val composite(Builder *b, TypeKind kind, const Val *parts, uint32_t n) {
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        if (!ok(parts[i])) return NO_VAL;
        types[i] = parts[i].type;
    }
    return with_parts(b, hl_type_make(kind, types, n - hl_type_nints(kind)), parts, n);
}

Val tuple_val(Builder *b, const Val *items, uint32_t n) {
    return composite(b, TY_TUPLE, items, n);
}

Val dummy(Builder *b, const Type *type) {
    uint32_t n = hl_type_nparts(type);
    if (n == 0) return literal(type);
    const Type **types = hl_new_array(&b->c->arena, const Type *, n);
    Val *parts = hl_new_array(&b->c->arena, Val, n);
    part_types(type, types);
    for (uint32_t i = 0; i < n; i++)
        parts[i] = dummy(b, types[i]);
    return (Val){.type = type, .parts = parts};
}

Val int_val(Ref ref) {
    return scalar(hl_type(TY_INT), ref);
}

Val bool_val(Ref ref) {
    return scalar(hl_type(TY_BOOL), ref);
}

/* What to write instead of a construct; NULL: what the diagnostic's row says. */
static const char *hint_for(const char *words) {
    static const char *const hints[][2] = {
#define CONSTRUCT(name, hint) {name, hint},
#include "infer/constructs.def"
#undef CONSTRUCT
    };
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strcmp(words, hints[i][0]) == 0) return hints[i][1];
    return NULL;
}

Val fail(Builder *b, DiagId id, ...) {
    Diagnostic *to = ANALYSING(b) ? b->reason : &b->c->diag;
    if (!to || to->set) return NO_VAL;
    va_list args;
    va_start(args, id);
    Func *u = b->instance->untyped;
    hl_diag_vset(&b->c->arena, to, id, u->file, u->qualname, b->loc, args);
    va_end(args);
    va_start(args, id);
    if (id == DIAG_UNSUPPORTED_CONSTRUCT) to->hint = hint_for(va_arg(args, const char *));
    va_end(args);
    return NO_VAL;
}

bool lit_int_value(Val v, int64_t *out) {
    if (v.type->kind != TY_LIT_INT && v.type->kind != TY_LIT_BOOL) return false;
    *out = v.type->value;
    return true;
}

/* ---- instructions -------------------------------------------------------------------------------------------------------- */

static bool is_float_arithmetic(Op o) {
    return (o >= OP_FADD && o <= OP_FNEG) || o == OP_MATH || o == OP_FSQRT || o == OP_FABS ||
           (o >= OP_FEQ && o <= OP_FGE);
}

Ref op(Builder *b, Op o, const Type *type, const Ref *args, uint32_t n, Aux aux) {
    return op_with(b, o, type, args, n, aux, 0);
}

Ref op_with(Builder *b, Op o, const Type *type, const Ref *args, uint32_t n, Aux aux, uint8_t flags) {
    if (b->guarded && op_fails(o, aux)) return op_guarded(b, o, type, args, n, aux, flags);
    if (ANALYSING(b)) return 0;
    Ref r = hl_ins_new(b->f, o, type, args, n, aux, b->loc);
    if (b->f->options.fastmath && (is_float_arithmetic(o) || (o == OP_SELECT && hl_type_is_float(type))))
        flags |= INS_FAST;
    hl_ins(b->f, r)->flags = flags;
    hl_append(b->f, b->block, r);
    return r;
}

Ref op1(Builder *b, Op o, const Type *type, Ref x) {
    return op(b, o, type, &x, 1, (Aux){0});
}

Ref op2(Builder *b, Op o, const Type *type, Ref x, Ref y) {
    return op(b, o, type, (Ref[]){x, y}, 2, (Aux){0});
}

Ref op3(Builder *b, Op o, const Type *type, Ref x, Ref y, Ref z) {
    return op(b, o, type, (Ref[]){x, y, z}, 3, (Aux){0});
}

Ref compare(Builder *b, Op o, Ref x, Ref y) {
    return op2(b, o, hl_type(TY_B1), x, y);
}

Ref op_select(Builder *b, const Type *type, Ref condition, Ref yes, Ref no) {
    return op3(b, OP_SELECT, type, condition, yes, no);
}

Ref const_int(Builder *b, const Type *storage, int64_t value) {
    int bits = hl_type_bits(storage);
    if (hl_type_is_unsigned(storage) && bits < 64) value &= ((int64_t)1 << bits) - 1;
    return op(b, OP_CONST_INT, storage, NULL, 0, (Aux){.i = value});
}

Ref const_i64(Builder *b, int64_t value) {
    return const_int(b, hl_type(TY_I64), value);
}

Ref const_bool(Builder *b, bool value) {
    return const_int(b, hl_type(TY_B1), value);
}

Ref const_float(Builder *b, const Type *storage, double value) {
    return op(b, OP_CONST_FLOAT, storage, NULL, 0, (Aux){.f = {value, 0}});
}

Ref rt(Builder *b, RtId id, const Type *type, const Ref *args, uint32_t n) {
    return op(b, OP_RT, type, args, n, (Aux){.i = id});
}

Ref math(Builder *b, MathId id, const Type *type, const Ref *args, uint32_t n) {
    return op(b, OP_MATH, type, args, n, (Aux){.i = id});
}

void check_with(Builder *b, Ref condition, const char *class_name, const char *format, const Ref *args,
                uint32_t n) {
    b->may_fail |= b->guarded;
    if (ANALYSING(b)) return;
    ErrorInfo *error = hl_new(&b->c->arena, ErrorInfo);
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    Ref *operands = hl_new_array(&b->c->arena, Ref, n + 1);
    operands[0] = condition;
    for (uint32_t i = 0; i < n; i++)
        operands[i + 1] = args[i], types[i] = hl_type(TY_INT);
    *error = (ErrorInfo){
        .class_name = hl_intern(class_name), .message = hl_intern(format), .arg_types = types, .nargs = n};
    op(b, OP_CHECK, NULL, operands, n + 1, (Aux){.error = error});
}

void check(Builder *b, Ref condition, const char *class_name, const char *message) {
    check_with(b, condition, class_name, message, NULL, 0);
}

Ref ref_of(Builder *b, Val v) {
    switch ((TypeKind)v.type->kind) {
    case TY_LIT_INT: return const_i64(b, v.type->value);
    case TY_LIT_BOOL: return const_bool(b, v.type->value != 0);
    default: return v.ref;
    }
}

bool is_index(const Type *t) {
    return hl_type_is_integer(t) || t->kind == TY_BOOL || t->kind == TY_LIT_BOOL;
}

Ref index_of(Builder *b, Val v) {
    return cast_ref(b, ref_of(b, v), hl_type_storage(v.type), hl_type(TY_I64));
}

/* ---- across boundaries ------------------------------------------------------------------------------------------------------ */

uint32_t count_leaves(const Type *t) {
    uint32_t n = hl_type_nparts(t), total = 0;
    if (n == 0)
        return hl_type_is_scalar(t) && !hl_type_is_literal(t)
                   ? 1
                   : hl_type_is_counted(t) || t->kind == TY_PTR || t->kind == TY_RNG || t->kind == TY_OBJECT;
    const Type *types[n];
    part_types(t, types);
    for (uint32_t i = 0; i < n; i++)
        total += count_leaves(types[i]);
    return total;
}

Val select_value(Builder *b, Ref condition, Val yes, Val no) {
    uint32_t n = count_leaves(yes.type);
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    Ref *chosen = hl_new_array(&b->c->arena, Ref, n + 1), *other = hl_new_array(&b->c->arena, Ref, n + 1);
    leaf_types(yes.type, types);
    leaves(yes, chosen);
    leaves(no, other);
    for (uint32_t i = 0; i < n; i++)
        chosen[i] = op_select(b, types[i], condition, chosen[i], other[i]);
    const Ref *next = chosen;
    return from_leaves(b, yes.type, &next);
}

static Ref *put_leaves(Val v, Ref *out) {
    uint32_t n = hl_type_nparts(v.type);
    if (n == 0) {
        if (count_leaves(v.type)) *out++ = v.ref;
        return out;
    }
    for (uint32_t i = 0; i < n; i++)
        out = put_leaves(v.parts[i], out);
    return out;
}

void leaves(Val v, Ref *out) {
    put_leaves(v, out);
}

static const Type **put_leaf_types(const Type *t, const Type **out) {
    uint32_t n = hl_type_nparts(t);
    if (n == 0) {
        if (count_leaves(t)) *out++ = hl_type_storage(t);
        return out;
    }
    const Type *types[n];
    part_types(t, types);
    for (uint32_t i = 0; i < n; i++)
        out = put_leaf_types(types[i], out);
    return out;
}

void leaf_types(const Type *type, const Type **out) {
    put_leaf_types(type, out);
}

Val from_leaves(Builder *b, const Type *type, const Ref **refs) {
    uint32_t n = hl_type_nparts(type);
    if (n == 0) return scalar(type, count_leaves(type) ? *(*refs)++ : 0);
    const Type **types = hl_new_array(&b->c->arena, const Type *, n);
    Val *parts = hl_new_array(&b->c->arena, Val, n);
    part_types(type, types);
    for (uint32_t i = 0; i < n; i++)
        parts[i] = from_leaves(b, types[i], refs);
    return (Val){.type = type, .parts = parts};
}

/* What a value is packed as: nested tuples of storage types, the same components in the same order. */
const Type *packed_type(Builder *b, const Type *type) {
    uint32_t n = hl_type_nparts(type);
    if (n == 0 && type->kind != TY_TUPLE) return hl_type_storage(type);
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    part_types(type, types);
    for (uint32_t i = 0; i < n; i++)
        types[i] = packed_type(b, types[i]);
    return hl_type_tuple(types, n);
}

Ref pack(Builder *b, Val v) {
    uint32_t n = hl_type_nparts(v.type);
    const Type *packed = packed_type(b, v.type);
    if (packed->kind != TY_TUPLE)
        return hl_type_is_scalar(v.type) || hl_type_is_counted(v.type) || v.type->kind == TY_RNG ||
                       v.type->kind == TY_OBJECT
                   ? ref_of(b, v)
                   : op(b, OP_CONST_NONE, packed, NULL, 0, (Aux){0});
    Ref *refs = hl_new_array(&b->c->arena, Ref, n + 1);
    for (uint32_t i = 0; i < n; i++)
        refs[i] = pack(b, v.parts[i]);
    return op(b, OP_TUPLE_MAKE, packed, refs, n, (Aux){0});
}

Val unpack(Builder *b, const Type *type, Ref ref) {
    uint32_t n = hl_type_nparts(type);
    if (n == 0) return hl_type_is_literal(type) ? literal(type) : scalar(type, ref);
    const Type **types = hl_new_array(&b->c->arena, const Type *, n);
    Val *parts = hl_new_array(&b->c->arena, Val, n);
    part_types(type, types);
    for (uint32_t i = 0; i < n; i++)
        parts[i] = unpack(b, types[i], op(b, OP_TUPLE_GET, packed_type(b, types[i]), &ref, 1, (Aux){.i = i}));
    return (Val){.type = type, .parts = parts};
}
