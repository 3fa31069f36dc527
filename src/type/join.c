/* join: the lattice (what a variable is where two paths meet), NumPy 2's promotion, and implicit conversion.
 *
 * Promotion follows NEP 50: a Python scalar has a kind (bool < int < float < complex) but no size, so beside
 * a NumPy scalar of its kind or a higher one it takes that type, and beside a lower kind it becomes its
 * kind's default. Two NumPy scalars need a type that holds both: `float_bits` says how many bits of float an
 * integer asks for. The whole table is compared with numpy.result_type in tests/type.
 */
#include "type/internal.h"

/* ---- promotion ----------------------------------------------------------------------------------------- */

typedef enum Rank { RANK_BOOL, RANK_INT, RANK_FLOAT, RANK_COMPLEX } Rank;

static Rank rank_of(const Type *t) {
    if (hl_type_is_boolean(t)) return RANK_BOOL;
    if (hl_type_is_integer(t)) return RANK_INT;
    return hl_type_is_float(t) ? RANK_FLOAT : RANK_COMPLEX;
}

static TypeKind signed_of(int bits) {
    return bits <= 8 ? TY_I8 : bits <= 16 ? TY_I16 : bits <= 32 ? TY_I32 : TY_I64;
}

static TypeKind float_of(int bits) {
    return bits <= 16 ? TY_F16 : bits <= 32 ? TY_F32 : TY_F64;
}

/* Bits of the smallest float NumPy converts a real NumPy scalar to; for a complex one, those of its parts. */
static int float_bits(const Type *t) {
    int bits = hl_type_bits(t);
    switch (rank_of(t)) {
    case RANK_BOOL: return 0;
    case RANK_INT: return bits >= 32 ? 64 : bits * 2;
    case RANK_FLOAT: return bits;
    case RANK_COMPLEX: return bits / 2;
    }
    return 64;
}

static TypeKind promote_integers(const Type *a, const Type *b) {
    if (hl_type_is_unsigned(a) == hl_type_is_unsigned(b))
        return hl_type_bits(a) >= hl_type_bits(b) ? a->kind : b->kind;
    if (hl_type_is_unsigned(b)) return promote_integers(b, a);
    if (hl_type_bits(b) > hl_type_bits(a)) return b->kind;
    return hl_type_bits(a) == 64 ? TY_F64 : signed_of(hl_type_bits(a) * 2);
}

static TypeKind promote_numpy(const Type *a, const Type *b) {
    Rank ra = rank_of(a), rb = rank_of(b);
    if (ra < rb) return promote_numpy(b, a);
    if (rb == RANK_BOOL) return a->kind;
    if (ra == RANK_INT) return promote_integers(a, b);
    int bits = float_bits(a) > float_bits(b) ? float_bits(a) : float_bits(b);
    if (ra == RANK_FLOAT) return float_of(bits);
    return bits > 32 ? TY_C128 : TY_C64;
}

/* A Python scalar of this rank beside a NumPy scalar. */
static TypeKind promote_weak(Rank py, const Type *np) {
    if (rank_of(np) >= py) return np->kind;
    if (py == RANK_INT) return TY_I64;
    if (py == RANK_FLOAT) return TY_F64;
    return hl_type_is_float(np) && hl_type_bits(np) <= 32 ? TY_C64 : TY_C128;
}

const Type *hl_type_promote(const Type *a, const Type *b) {
    if (!hl_type_is_scalar(a) || !hl_type_is_scalar(b)) return NULL;
    a = hl_type_unliteral(a);
    b = hl_type_unliteral(b);
    bool a_py = hl_type_is_py(a), b_py = hl_type_is_py(b);
    if (a_py && b_py) return a->kind >= b->kind ? a : b;
    if (a_py) return hl_type(promote_weak(rank_of(a), b));
    if (b_py) return hl_type(promote_weak(rank_of(b), a));
    return hl_type(promote_numpy(a, b));
}

/* ---- join ---------------------------------------------------------------------------------------------- */

/* The values of an integer NumPy type; all of them for u64 do not fit, so its upper end is cut. */
static bool holds(const Type *integer, int64_t value) {
    int bits = hl_type_bits(integer);
    if (hl_type_is_unsigned(integer)) return value >= 0 && (bits == 64 || value >> bits == 0);
    return bits == 64 || (value >= -((int64_t)1 << (bits - 1)) && value < (int64_t)1 << (bits - 1));
}

/* A literal that the NumPy integer on the other path cannot hold: CPython goes on with both, one type cannot.
 */
static bool is_lost(const Type *literal, const Type *other) {
    return literal->kind == TY_LIT_INT && hl_type_is_np(other) && hl_type_is_integer(other) &&
           !holds(other, literal->value);
}

static const Type *join_scalars(const Type *a, const Type *b) {
    return is_lost(a, b) || is_lost(b, a) ? hl_type(TY_OBJECT) : hl_type_promote(a, b);
}

/* The type beside none: T for T and for optional<T>, bottom for none itself. */
static const Type *inner_of(const Type *t) {
    if (t->kind == TY_NONE) return hl_type(TY_BOTTOM);
    return t->kind == TY_OPTIONAL ? t->args[0] : t;
}

/* One of them is none or an optional, and they differ. */
static const Type *join_optional(const Type *a, const Type *b) {
    const Type *inner = hl_type_unliteral(hl_type_join(inner_of(a), inner_of(b)));
    return inner->kind == TY_OBJECT ? inner : hl_type_optional(inner);
}

static const Type *join_arrays(const Type *a, const Type *b) {
    if (a->args[0] != b->args[0] || a->ndim != b->ndim) return hl_type(TY_OBJECT);
    int layout = a->layout == b->layout ? a->layout : LAYOUT_A;
    return hl_type_array(a->args[0], a->ndim, layout, a->readonly || b->readonly,
                         a->unaligned || b->unaligned);
}

enum { MAX_LIST_DEPTH = 8 };

static bool is_deeper(const Type *t, int depth) {
    if (depth == 0) return true;
    for (uint32_t i = 0; i < t->nargs; i++)
        if (is_deeper(t->args[i], depth - (t->kind == TY_LIST))) return true;
    return false;
}

/* May this be a part of such a type? A slice bound is none or an integer; nothing holds an object. */
static bool is_part(const Type *whole, const Type *part) {
    if (whole->kind == TY_SLICE) return part->kind == TY_NONE || hl_type_is_integer(part);
    return part->kind != TY_OBJECT;
}

/* Tuples, slices, zips, iterators: part by part. */
static const Type *join_with(const Type *a, const Type *b,
                             const Type *(*join)(const Type *a, const Type *b)) {
    if (a->kind != b->kind || a->nargs != b->nargs || a->name != b->name || a->object != b->object ||
        !a->nargs)
        return hl_type(TY_OBJECT);
    Arena scratch = {0};
    const Type **parts = hl_new_array(&scratch, const Type *, a->nargs);
    bool fits = true;
    for (uint32_t i = 0; i < a->nargs; i++) {
        parts[i] = join(a->args[i], b->args[i]);
        fits &= is_part(a, parts[i]);
    }
    const Type *joined = fits ? hl_type_with_args(a, parts) : hl_type(TY_OBJECT);
    hl_arena_free(&scratch);
    return joined;
}

/* A Python number in a list keeps its value beside NumPy scalars: it counts as int64, float64 or complex128. */
const Type *hl_type_join_items(const Type *a, const Type *b) {
    a = hl_type_unliteral(a), b = hl_type_unliteral(b);
    if (a == b) return a;
    if (a->kind == TY_TUPLE && b->kind == TY_TUPLE) return join_with(a, b, hl_type_join_items);
    bool mixed = hl_type_is_scalar(a) && hl_type_is_scalar(b) && hl_type_is_np(a) != hl_type_is_np(b);
    return mixed ? hl_type_join(hl_type_storage(a), hl_type_storage(b)) : hl_type_join(a, b);
}

/* One list is both: its items have the type that holds all of them. A list inside itself has no type. */
static const Type *join_lists(const Type *a, const Type *b) {
    const Type *item = hl_type_join_items(a->args[0], b->args[0]);
    if (item->kind == TY_OBJECT || is_deeper(item, MAX_LIST_DEPTH)) return hl_type(TY_OBJECT);
    return hl_type_list(item);
}

/* A Python number beside a tensor without axes is the tensor that it would become in arithmetic with it. */
static const Type *join_tensor_scalar(const Type *tensor, const Type *other) {
    const Type *element = tensor->args[0];
    bool becomes = (hl_type_is_float(element) && other->kind == TY_FLOAT) ||
                   (hl_type_is_py(other) && !hl_type_is_boolean(other) && hl_type_is_integer(other) &&
                    !hl_type_is_boolean(element));
    return becomes ? tensor : hl_type(TY_OBJECT);
}

static bool is_kind(const Type *a, const Type *b, TypeKind kind) {
    return a->kind == kind || b->kind == kind;
}

const Type *hl_type_join(const Type *a, const Type *b) {
    if (a == b || b->kind == TY_BOTTOM) return a;
    if (a->kind == TY_BOTTOM) return b;
    if (a->kind == TY_UNDEF) return b;
    if (b->kind == TY_UNDEF) return a;
    if (is_kind(a, b, TY_OBJECT)) return hl_type(TY_OBJECT);
    if (is_kind(a, b, TY_NONE) || is_kind(a, b, TY_OPTIONAL)) return join_optional(a, b);
    if (hl_type_is_scalar(a) && hl_type_is_scalar(b)) return join_scalars(a, b);
    if (a->kind == TY_TENSOR_SCALAR) return join_tensor_scalar(a, b);
    if (b->kind == TY_TENSOR_SCALAR) return join_tensor_scalar(b, a);
    if (a->kind == TY_ARRAY && b->kind == TY_ARRAY) return join_arrays(a, b);
    if (a->kind == TY_LIST && b->kind == TY_LIST) return join_lists(a, b);
    return join_with(a, b, hl_type_join);
}

/* ---- conversion ---------------------------------------------------------------------------------------- */

static bool array_converts(const Type *from, const Type *to) {
    return to->kind == TY_ARRAY && from->args[0] == to->args[0] && from->ndim == to->ndim &&
           (to->layout == LAYOUT_A || to->layout == from->layout) && (to->readonly || !from->readonly) &&
           (to->unaligned || !from->unaligned);
}

static bool parts_convert(const Type *from, const Type *to) {
    if (from->kind != to->kind || from->nargs != to->nargs || from->name != to->name || !from->nargs)
        return false;
    for (uint32_t i = 0; i < from->nargs; i++)
        if (!hl_type_converts(from->args[i], to->args[i])) return false;
    return true;
}

bool hl_type_converts(const Type *from, const Type *to) {
    if (from == to || to->kind == TY_OBJECT || from->kind == TY_BOTTOM) return true;
    if (to->kind == TY_OPTIONAL && from->kind != TY_OPTIONAL)
        return from->kind == TY_NONE || hl_type_converts(from, to->args[0]);
    if (hl_type_is_scalar(from) && hl_type_is_scalar(to))
        return to->kind != TY_LIT_INT && to->kind != TY_LIT_BOOL &&
               (hl_type_is_complex(to) || !hl_type_is_complex(from));
    if (from->kind == TY_LIST) return to->kind == TY_LIST && from->args[0]->kind == TY_BOTTOM;
    return from->kind == TY_ARRAY ? array_converts(from, to) : parts_convert(from, to);
}
