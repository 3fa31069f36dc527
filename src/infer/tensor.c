/* tensor: tensors of torch. What is native is what their memory is to them: elements read and written, sizes, loops, and arithmetic
 * on tensors without axes, by torch's rules of types; everything else fails here, and is left to torch.
 *
 * An index gives a view, whose element is read where it is used. Arithmetic gives a tensor of its own, which is known by its
 * value alone (tensor_scalar): that is sound as long as nobody else can see it, so who keeps it, or changes it where it has
 * another name, makes it an object from the start (tensor_is_kept). See docs/objects.md.
 */
#include "infer/internal.h"
#include "infer/known.h"
#include "runtime/runtime.h"

#include <math.h>
#include <string.h>

static Val memory_of(Val tensor) {
    return tensor.parts[0];
}

static Val tensor_over(Builder *b, Val array) {
    return composite(b, TY_TENSOR, &array, 1);
}

static Val made(Builder *b, const Type *element, Ref value) {
    Val v = scalar(element, value);
    return composite(b, TY_TENSOR_SCALAR, &v, 1);
}

/* ---- elements -------------------------------------------------------------------------------------------------------------- */

/* The view of one element knows the array and the indices: loops over those become vectors. */
static Val element_view(Builder *b, Val array, Val view, const Ref *indices) {
    if (ANALYSING(b)) return tensor_over(b, view);
    Val *whole = hl_new(&b->c->arena, Val), *items = hl_new_array(&b->c->arena, Val, array.type->ndim + 1);
    *whole = array;
    for (int i = 0; i < array.type->ndim; i++)
        items[i] = int_val(indices[i]);
    view.whole = whole;
    view.parts = items;
    return tensor_over(b, view);
}

static void place_of(Builder *b, Val view, Val *array, Ref *indices) {
    *array = view;
    if (ANALYSING(b) || !view.whole) return;
    *array = *view.whole;
    for (int i = 0; i < array->type->ndim; i++)
        indices[i] = view.parts[i].ref;
}

static Val load_element(Builder *b, Val view) {
    Val array;
    Ref indices[MAX_NDIM];
    place_of(b, view, &array, indices);
    return array_element(b, array, indices);
}

static void store_element(Builder *b, Val view, Ref value) {
    Val array;
    Ref indices[MAX_NDIM], args[2 + MAX_NDIM];
    place_of(b, view, &array, indices);
    uint32_t n = array.type->ndim;
    args[0] = array.ref;
    memcpy(args + 1, indices, n * sizeof *indices);
    args[n + 1] = value;
    op(b, OP_ARRAY_WRITTEN, NULL, args, 1, (Aux){0});
    op(b, OP_ARRAY_STORE, NULL, args, n + 2, (Aux){0});
}

static bool is_single(const Type *t) {
    return t->kind == TY_TENSOR_SCALAR || (t->kind == TY_TENSOR && t->args[0]->ndim == 0);
}

/* The value of a tensor without axes, of the type of its elements; a Python number as it is; no value for anything else. */
static Val number_of(Builder *b, Val v) {
    if (v.type->kind == TY_TENSOR_SCALAR) return v.parts[0];
    if (is_single(v.type)) return load_element(b, memory_of(v));
    return hl_type_is_py(v.type) ? v : NO_VAL;
}

/* ---- torch's types --------------------------------------------------------------------------------------------------------- */

static int category(const Type *t) {
    return hl_type_is_boolean(t) ? 0 : hl_type_is_integer(t) ? 1 : hl_type_is_float(t) ? 2 : 3;
}

static const Type *promote_elements(const Type *x, const Type *y) {
    if (category(x) != category(y)) return category(x) > category(y) ? x : y;
    return hl_type_promote(x, y);
}

/* The type of the result of arithmetic; NULL where it depends on torch's default type, or there is none. A Python number
 * counts by its category only. */
static const Type *result_type(const Type *x, const Type *y) {
    if (!hl_type_is_py(x) && !hl_type_is_py(y)) return promote_elements(x, y);
    const Type *element = hl_type_is_py(x) ? y : x, *number = hl_type_is_py(x) ? x : y;
    if (category(number) <= category(element)) return element;
    return category(number) == 1 ? hl_type(TY_I64) : NULL;
}

static Ref as_element(Builder *b, Val number, const Type *element) {
    return cast_ref(b, ref_of(b, number), hl_type_storage(number.type), element);
}

/* ---- arithmetic -------------------------------------------------------------------------------------------------------------- */

/* As C's fmod, with the sign of the divisor. */
static Ref remainder_of(Builder *b, const Type *t, Ref x, Ref y) {
    Ref zero = const_float(b, t, 0), rest = op2(b, OP_FREM, t, x, y);
    Ref signs = op2(b, OP_XOR, hl_type(TY_B1), compare(b, OP_FLT, y, zero), compare(b, OP_FLT, rest, zero));
    Ref other = op2(b, OP_AND, hl_type(TY_B1), signs, compare(b, OP_FNE, rest, zero));
    return op_select(b, t, other, op2(b, OP_FADD, t, rest, y), rest);
}

/* A number divided by a tensor is the number times its reciprocal. */
static Ref divide(Builder *b, const Type *t, Ref x, Ref y, bool by_reciprocal) {
    if (!by_reciprocal) return op2(b, OP_FDIV, t, x, y);
    return op2(b, OP_FMUL, t, op2(b, OP_FDIV, t, const_float(b, t, 1), y), x);
}

static bool float_operation(Builder *b, BinaryOp o, const Type *t, Ref x, Ref y, bool by_reciprocal,
                            Ref *out) {
    switch ((int)o) {
    case BIN_ADD: *out = op2(b, OP_FADD, t, x, y); return true;
    case BIN_SUB: *out = op2(b, OP_FSUB, t, x, y); return true;
    case BIN_MUL: *out = op2(b, OP_FMUL, t, x, y); return true;
    case BIN_TRUEDIV: *out = divide(b, t, x, y, by_reciprocal); return true;
    case BIN_MOD: *out = remainder_of(b, t, x, y); return true;
    default: return false;
    }
}

static bool integer_operation(Builder *b, BinaryOp o, const Type *t, Ref x, Ref y, Ref *out) {
    static const Op codes[] = {[BIN_ADD] = OP_ADD, [BIN_SUB] = OP_SUB, [BIN_MUL] = OP_MUL,
                               [BIN_AND] = OP_AND, [BIN_OR] = OP_OR,   [BIN_XOR] = OP_XOR};
    bool bitwise = o == BIN_AND || o == BIN_OR || o == BIN_XOR;
    bool known = bitwise || (t->kind != TY_B1 && (o == BIN_ADD || o == BIN_SUB || o == BIN_MUL));
    if (known) *out = op2(b, codes[o], t, x, y);
    return known;
}

static bool is_square(BinaryOp o, Val exponent) {
    return o == BIN_POW && exponent.type->kind == TY_LIT_INT && exponent.type->value == 2;
}

/* Torch has no difference with a bool. */
static bool is_bool_difference(BinaryOp o, Val x, Val y) {
    return o == BIN_SUB && (category(x.type) == 0 || category(y.type) == 0);
}

static Val arithmetic(Builder *b, BinaryOp o, Val x, Val y) {
    const Type *t = ok(x) && ok(y) && !NUMBA(b) ? result_type(x.type, y.type) : NULL;
    if (t && is_bool_difference(o, x, y)) return NO_VAL;
    if (!t) return NO_VAL;
    Ref left = as_element(b, x, t), right = as_element(b, y, t), result = 0;
    bool known;
    if (is_square(o, y) && hl_type_is_float(t))
        known = true, result = op2(b, OP_FMUL, t, left, left);
    else if (hl_type_is_float(t))
        known = float_operation(b, o, t, left, right, hl_type_is_py(x.type), &result);
    else
        known = integer_operation(b, o, t, left, right, &result);
    return known ? scalar(t, result) : NO_VAL;
}

Val tensor_binary(Builder *b, BinaryOp o, Val x, Val y) {
    Val result = arithmetic(b, o, number_of(b, x), number_of(b, y));
    return ok(result) ? made(b, result.type, result.ref) : no_operator(b, o, x, y);
}

/* The tensor x changes, and stays what it is: its memory, or the value it is known by. */
Val tensor_inplace(Builder *b, BinaryOp o, Val x, Val y) {
    if (!hl_type_is_tensor(x.type)) return tensor_binary(b, o, x, y);
    Val before = number_of(b, x), result = arithmetic(b, o, before, number_of(b, y));
    if (!ok(result) || category(result.type) > category(before.type)) return no_operator(b, o, x, y);
    Ref value = as_element(b, result, before.type);
    if (x.type->kind == TY_TENSOR_SCALAR) return made(b, before.type, value);
    store_element(b, memory_of(x), value);
    return x;
}

static Ref negative(Builder *b, const Type *t, Ref x) {
    return hl_type_is_float(t) ? op1(b, OP_FNEG, t, x) : op2(b, OP_SUB, t, const_int(b, t, 0), x);
}

Val tensor_negative(Builder *b, Val x) {
    Val v = number_of(b, x);
    if (!ok(v) || NUMBA(b) || v.type->kind == TY_B1)
        return fail(b, DIAG_NO_OPERATOR, "-", hl_type_show(x.type));
    return made(b, v.type, negative(b, v.type, v.ref));
}

Val tensor_absolute(Builder *b, Val x) {
    Val v = number_of(b, x);
    if (!ok(v) || NUMBA(b) || v.type->kind == TY_B1)
        return fail(b, DIAG_NO_OVERLOAD, "abs", hl_type_show(x.type));
    const Type *t = v.type;
    if (hl_type_is_float(t)) return made(b, t, op1(b, OP_FABS, t, v.ref));
    if (hl_type_is_unsigned(t)) return made(b, t, v.ref);
    Ref below = compare(b, OP_SLT, v.ref, const_int(b, t, 0));
    return made(b, t, op_select(b, t, below, negative(b, t, v.ref), v.ref));
}

/* An integer that the other's type does not hold wraps in arithmetic; what it does in comparisons is left to torch. */
static bool may_wrap(Val number, const Type *t) {
    int64_t value;
    if (!hl_type_is_py(number.type) || t->kind == TY_I64 || !hl_type_is_integer(t)) return false;
    return !lit_int_value(number, &value) || value < 0 || value > 127;
}

Val tensor_compare(Builder *b, CompareOp o, Val x, Val y) {
    Val left = number_of(b, x), right = number_of(b, y);
    const Type *t = ok(left) && ok(right) && !NUMBA(b) ? result_type(left.type, right.type) : NULL;
    bool ordered = o != CMP_EQ && o != CMP_NE;
    if (!t || may_wrap(left, t) || may_wrap(right, t) || (ordered && t->kind == TY_B1))
        return fail(b, DIAG_NO_OPERATOR, compare_symbol(o),
                    hl_arena_printf(&b->c->arena, "%s and %s", hl_type_show(x.type), hl_type_show(y.type)));
    Val result = compare_numpy(b, o, scalar(t, as_element(b, left, t)), scalar(t, as_element(b, right, t)));
    return ok(result) ? made(b, hl_type(TY_B1), ref_of(b, result)) : NO_VAL;
}

/* ---- Python's numbers --------------------------------------------------------------------------------------------------------- */

Val tensor_number(Builder *b, Val x) {
    Val v = is_single(x.type) ? number_of(b, x) : NO_VAL;
    if (!ok(v) || NUMBA(b)) return fail(b, DIAG_NO_OVERLOAD, "a number", hl_type_show(x.type));
    if (hl_type_is_float(v.type)) return convert(b, v, hl_type(TY_FLOAT));
    return v.type->kind == TY_B1 ? bool_val(v.ref) : to_python_int(b, v);
}

Val tensor_truth(Builder *b, Val x) {
    Val v = is_single(x.type) ? number_of(b, x) : NO_VAL;
    return ok(v) ? bool_val(as_element(b, v, hl_type(TY_B1)))
                 : fail(b, DIAG_NOT_BOOLEAN, hl_type_show(x.type));
}

/* As an element of a NumPy array. */
Val tensor_to_element(Builder *b, Val x, const Type *element) {
    Val v = is_single(x.type) ? number_of(b, x) : NO_VAL;
    bool fits = ok(v) && (hl_type_is_float(element) ? element->kind != TY_F16
                                                    : hl_type_is_integer(v.type) && element->kind == TY_I64);
    return fits ? v : cannot_store(b, element, x.type);
}

/* ---- indices -------------------------------------------------------------------------------------------------------------------- */

static bool is_torch_slice(Val slice) {
    int64_t step = 1;
    return slice.type->args[2]->kind == TY_NONE || (lit_int_value(slice.parts[2], &step) && step > 0);
}

/* Integers, and slices that go upwards; *single: one integer for each axis. */
static bool can_index(const Val *items, uint32_t n, const Type *array, bool *single) {
    *single = n == array->ndim;
    for (uint32_t i = 0; i < n; i++) {
        const Type *t = items[i].type;
        bool integer = hl_type_is_integer(t) && t->kind != TY_U64;
        if (!integer && (t->kind != TY_SLICE || !is_torch_slice(items[i]))) return false;
        *single &= integer;
    }
    return true;
}

static bool has_ellipsis(const Type *index) {
    if (index->kind == TY_ELLIPSIS) return true;
    for (uint32_t i = 0; index->kind == TY_TUPLE && i < index->nargs; i++)
        if (index->args[i]->kind == TY_ELLIPSIS) return true;
    return false;
}

/* The view that an index makes; no value for an index of another kind. */
static Val indexed(Builder *b, Val tensor, Val index) {
    Val items[2 * MAX_NDIM], array = memory_of(tensor);
    Ref indices[MAX_NDIM];
    uint32_t n;
    bool single;
    if (NUMBA(b) || array.type->ndim == 0 || has_ellipsis(index.type)) return NO_VAL;
    if (holds_index_array(index.type) || !spread_index(b, array, index, items, &n)) return NO_VAL;
    if (!can_index(items, n, array.type, &single)) return NO_VAL;
    Val view = index_view_by(b, array, items, n, HL_TENSOR_AXES, indices);
    return single ? element_view(b, array, view, indices) : tensor_over(b, view);
}

Val tensor_getitem(Builder *b, Val tensor, Val index) {
    Val item = tensor.type->kind == TY_TENSOR ? indexed(b, tensor, index) : NO_VAL;
    return ok(item) ? item : fail(b, DIAG_NOT_INDEXABLE, hl_type_show(tensor.type), hl_type_show(index.type));
}

/* What torch says of a number that the type of the elements does not hold. */
static void check_range(Builder *b, Ref fits, const Type *element) {
    static const char *const names[TY_COUNT] = {
        [TY_F32] = "float", [TY_U8] = "uint8_t", [TY_I8] = "int8_t", [TY_I16] = "int16_t", [TY_I32] = "int"};
    check(b, fits, "RuntimeError",
          hl_arena_printf(&b->c->arena, "value cannot be converted to type %s without overflow",
                          names[element->kind]));
}

/* An unsigned element takes the negative of what it holds as well. */
static void check_integer(Builder *b, Val number, const Type *element) {
    int bits = hl_type_bits(element) - hl_type_is_signed(element);
    if (bits >= 63) return;
    int64_t most = ((int64_t)1 << bits) - 1, value;
    int64_t least = hl_type_is_signed(element) ? -most - 1 : -most;
    if (lit_int_value(number, &value) && value >= least && value <= most) return;
    Ref x = ref_of(b, number);
    check_range(b,
                op2(b, OP_AND, hl_type(TY_B1), compare(b, OP_SGE, x, const_i64(b, least)),
                    compare(b, OP_SLE, x, const_i64(b, most))),
                element);
}

/* Infinities and NaNs are no overflow. */
static void check_float(Builder *b, Val number) {
    const Type *f64 = hl_type(TY_F64);
    Ref size = op1(b, OP_FABS, f64, number.ref);
    Ref fits = compare(b, OP_FLE, size, const_float(b, f64, 3.4028234663852886e38));
    Ref other = compare(b, OP_FEQ, size, const_float(b, f64, INFINITY));
    other = op2(b, OP_OR, hl_type(TY_B1), other, compare(b, OP_FNE, size, size));
    check_range(b, op2(b, OP_OR, hl_type(TY_B1), fits, other), hl_type(TY_F32));
}

static bool can_store(const Type *value, const Type *element) {
    if (value->kind == TY_COMPLEX) return false;
    return !hl_type_is_float(value) || !hl_type_is_integer(element);
}

static bool store_number(Builder *b, Val view, Val number, const Type *element) {
    if (!ok(number) || !can_store(number.type, element)) return false;
    if (hl_type_is_py(number.type) && category(number.type) == 1 && hl_type_is_integer(element))
        check_integer(b, number, element);
    if (number.type->kind == TY_FLOAT && element->kind == TY_F32) check_float(b, number);
    store_element(b, view, as_element(b, number, element));
    return true;
}

bool tensor_setitem(Builder *b, Val tensor, Val index, Val value) {
    Val item = tensor.type->kind == TY_TENSOR ? indexed(b, tensor, index) : NO_VAL;
    if (ok(item) && is_single(item.type) &&
        store_number(b, memory_of(item), number_of(b, value), tensor.type->args[0]->args[0]))
        return true;
    return ok(fail(b, DIAG_NOT_INDEXABLE, hl_type_show(tensor.type), hl_type_show(index.type)));
}

/* ---- loops and sizes ------------------------------------------------------------------------------------------------------------ */

Val tensor_iter_item(Builder *b, Val tensor, Ref index) {
    Val array = memory_of(tensor), view = array_part(b, array, index);
    return array.type->ndim == 1 ? element_view(b, array, view, &index) : tensor_over(b, view);
}

Ref tensor_dim(Builder *b, Val tensor, int axis) {
    return array_dim(b, memory_of(tensor), axis);
}

/* Type NULL without an error when there is no such attribute. */
Val tensor_attribute(Builder *b, Val tensor, const char *name) {
    bool has_memory = tensor.type->kind == TY_TENSOR && !NUMBA(b);
    bool known = has_memory && (!strcmp(name, "shape") || !strcmp(name, "ndim"));
    return known ? array_attribute(b, memory_of(tensor), name) : NO_VAL;
}

Val tensor_size(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    int64_t axis;
    if (!bind(b, "size", "self, dim", args, v)) return NO_VAL;
    int ndim = v[0].type->kind == TY_TENSOR ? v[0].type->args[0]->ndim : 0;
    if (!lit_int_value(v[1], &axis) || axis < -ndim || axis >= ndim)
        return fail(b, DIAG_NO_OVERLOAD, "size", hl_type_show(v[1].type));
    return int_val(tensor_dim(b, v[0], (int)(axis < 0 ? axis + ndim : axis)));
}

Val tensor_count(Builder *b, const Args *args, int64_t axes) {
    Val v;
    if (!bind(b, axes ? "dim" : "numel", "self", args, &v)) return NO_VAL;
    bool single = v.type->kind == TY_TENSOR_SCALAR;
    if (axes) return literal(hl_type_lit_int(single ? 0 : v.type->args[0]->ndim));
    return single ? literal(hl_type_lit_int(1)) : int_val(array_size(b, memory_of(v)));
}

Val tensor_item(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    return bind(b, "item", "self", args, &v) ? tensor_number(b, v) : NO_VAL;
}

/* ---- calls ---------------------------------------------------------------------------------------------------------------------- */

static bool is_among(const char *name, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(name, names[i])) return true;
    return false;
}
#define IS_AMONG(name, names) is_among(name, names, sizeof(names) / sizeof *(names))

/* Functions that have a form of their own for tensors. */
static const char *const own[] = {"builtins.len",  "builtins.abs", "builtins.int",       "builtins.float",
                                  "builtins.bool", "builtins.zip", "builtins.enumerate", "Tensor.size",
                                  "Tensor.dim",    "Tensor.numel", "Tensor.item"};
/* Those that take the float a tensor is. */
static const char *const of_floats[] = {"math.sqrt",  "math.sin",   "math.cos",   "math.tan",  "math.asin",
                                        "math.acos",  "math.atan",  "math.atan2", "math.sinh", "math.cosh",
                                        "math.tanh",  "math.exp",   "math.expm1", "math.log",  "math.log2",
                                        "math.log10", "math.log1p", "math.hypot", "math.fabs", "math.pow"};

bool tensor_takes_call(Builder *b, const char *name, Val *pos, uint32_t npos, const Val *kw, uint32_t nkw) {
    bool any = false, numbers = IS_AMONG(name, of_floats);
    for (uint32_t i = 0; i < nkw; i++)
        if (hl_type_is_tensor(kw[i].type)) return false;
    for (uint32_t i = 0; i < npos; i++) {
        if (!hl_type_is_tensor(pos[i].type)) continue;
        any = true;
        if (numbers && !is_single(pos[i].type)) return false;
        if (numbers) pos[i] = convert(b, tensor_number(b, pos[i]), hl_type(TY_FLOAT));
    }
    return !any || numbers || IS_AMONG(name, own);
}

/* ---- who else sees it ------------------------------------------------------------------------------------------------------------- */

/* The values that may be one object: those that phis, in-place operators and observing hand on. */
static Ref *classes_of(Builder *b) {
    Instance *instance = b->instance;
    const Func *u = instance->untyped;
    if (instance->same) return instance->same;
    Ref *same = instance->same = hl_new_array(&b->c->arena, Ref, u->ins.len);
    for (Ref r = 0; r < u->ins.len; r++)
        same[r] = r;
    for (bool again = true; again;) {
        again = false;
        for (Ref r = 1; r < u->ins.len; r++) {
            const Ins *ins = hl_ins(u, r);
            bool hands_on = ins->op == OP_PHI || ins->op == OP_PY_INPLACE || ins->op == OP_PY_OBSERVE;
            for (uint32_t i = 0; hands_on && i < (ins->op == OP_PHI ? ins->nargs : 1); i++) {
                Ref other = ins->args[i];
                if (hl_ins(u, other)->op == OP_PY_CONST || same[other] == same[r]) continue;
                Ref low = same[other] < same[r] ? same[other] : same[r];
                same[other] = same[r] = low;
                again = true;
            }
        }
    }
    return same;
}

/* A frame is looked at only where what it is observed for is an object. */
static bool may_use(Builder *b, const Ins *ins) {
    if (ins->op == OP_PY_OBSERVE) return b->instance->types[ins->args[0]]->kind == TY_OBJECT;
    return ins->op != OP_PHI && ins->op != OP_PY_BIND;
}

static bool uses_in(Builder *b, BlockId block, uint32_t from, Ref value) {
    const Func *u = b->instance->untyped;
    const Block *where = hl_block(u, block);
    for (uint32_t k = from; k < where->ins.len; k++) {
        const Ins *ins = hl_ins(u, where->ins.data[k]);
        for (uint32_t i = 0; may_use(b, ins) && i < ins->nargs; i++)
            if (ins->args[i] == value) return true;
    }
    return false;
}

static bool is_taken_along(const Func *u, BlockId from, BlockId to, Ref value) {
    const Block *block = hl_block(u, to);
    for (uint32_t k = 0; k < block->ins.len && hl_ins(u, block->ins.data[k])->op == OP_PHI; k++) {
        const Ins *phi = hl_ins(u, block->ins.data[k]);
        for (uint32_t i = 0; i < block->preds.len && i < phi->nargs; i++)
            if (block->preds.data[i] == from && phi->args[i] == value) return true;
    }
    return false;
}

/* May the value be used behind the instruction, before it is made again? */
static bool is_live_behind(Builder *b, Ref value, Ref at) {
    const Func *u = b->instance->untyped;
    BlockId first = hl_ins(u, at)->block, made_in = hl_ins(u, value)->block;
    VEC(BlockId) todo = {0};
    bool *seen = hl_new_array(&b->c->arena, bool, u->blocks.len);
    uint32_t k = 0;
    while (hl_block(u, first)->ins.data[k] != at)
        k++;
    if (uses_in(b, first, k + 1, value)) return true;
    hl_push(&b->c->arena, &todo, first);
    while (todo.len) {
        BlockId from = todo.data[--todo.len];
        for (int s = 0; s < hl_block(u, from)->nsuccs; s++) {
            BlockId to = hl_block(u, from)->succs[s];
            if (is_taken_along(u, from, to, value)) return true;
            if (seen[to] || to == made_in) continue;
            seen[to] = true;
            if (uses_in(b, to, 0, value)) return true;
            hl_push(&b->c->arena, &todo, to);
        }
    }
    return false;
}

static const char *const readers[] = {
    "builtins.print",      "builtins.str", "builtins.repr", "builtins.len",   "builtins.round",
    "builtins.isinstance", "builtins.abs", "builtins.int",  "builtins.float", "builtins.bool"};

/* What has no type yet is asked for again when it has one. */
static bool is_or_unknown(const Type *t, TypeKind kind) {
    return t->kind == kind || t->kind == TY_BOTTOM;
}

static bool holds_numbers(const Type *t) {
    return t->kind == TY_ARRAY || is_or_unknown(t, TY_TENSOR);
}

static bool is_reader(const Type *callee) {
    if (callee->kind != TY_OBJECT_CONST) return callee->kind == TY_BOTTOM;
    return IS_AMONG(callee->name, readers) || IS_AMONG(callee->name, of_floats);
}

/* A tuple that is made to be returned, with the value in it once. */
static bool is_result_tuple(const Func *u, Ref tuple, const Ref *same, Ref of) {
    uint32_t times = 0;
    for (uint32_t i = 0; i < hl_ins(u, tuple)->nargs; i++)
        times += same[hl_ins(u, tuple)->args[i]] == of;
    for (Ref r = 1; r < u->ins.len; r++)
        for (uint32_t i = 0; i < hl_ins(u, r)->nargs; i++)
            if (hl_ins(u, r)->args[i] == tuple && hl_ins(u, r)->op != OP_PY_RETURN) return false;
    return times == 1;
}

/* Does this use look at the value only? */
static bool is_reading(Builder *b, Ref user, uint32_t operand, const Ref *same) {
    const Type **types = b->instance->types;
    const Func *u = b->instance->untyped;
    const Ins *ins = hl_ins(u, user);
    switch ((int)ins->op) {
    case OP_PHI:
    case OP_PY_OBSERVE:
    case OP_PY_BINARY:
    case OP_PY_INPLACE:
    case OP_PY_COMPARE:
    case OP_PY_TRUTH:
    case OP_PY_FORMAT:
    case OP_PY_TEXT:
    case OP_PY_BIND:
    case OP_PY_RETURN: return true;
    case OP_PY_UNARY: return ins->aux.i != UN_POS;
    case OP_PY_GETITEM: return operand == 1;
    case OP_PY_SETITEM: return operand == 1 || holds_numbers(types[ins->args[0]]);
    case OP_PY_IS: return is_or_unknown(types[ins->args[!operand]], TY_NONE);
    case OP_PY_GETATTR: return !strcmp(ins->aux.name, "item") || !strcmp(ins->aux.name, "dim");
    case OP_PY_CALL: return is_reader(types[ins->args[0]]);
    case OP_PY_TUPLE: return is_result_tuple(u, user, same, same[ins->args[operand]]);
    default: return false;
    }
}

/* Is the tensor changed in place while it has another name? */
static bool is_changed_elsewhere(Builder *b, Ref inplace, const Ref *same) {
    const Func *u = b->instance->untyped;
    for (Ref r = 1; r < u->ins.len; r++)
        if (r != inplace && same[r] == same[inplace] && b->instance->types[r]->kind == TY_TENSOR_SCALAR &&
            is_live_behind(b, r, inplace))
            return true;
    return false;
}

bool tensor_is_kept(Builder *b, Ref value) {
    const Func *u = b->instance->untyped;
    const Ref *same = classes_of(b);
    const Type **types = b->instance->types;
    for (Ref r = 1; r < u->ins.len; r++) {
        const Ins *ins = hl_ins(u, r);
        if (same[r] == same[value] && types[r]->kind == TY_OBJECT && ins->op == OP_PHI) return true;
        for (uint32_t i = 0; ins->op < OP_COUNT && i < ins->nargs; i++) {
            bool used = same[ins->args[i]] == same[value] &&
                        (ins->args[i] == value || types[ins->args[i]]->kind == TY_TENSOR_SCALAR);
            if (!used) continue;
            if (!is_reading(b, r, i, same)) return true;
            if (ins->op == OP_PY_INPLACE && i == 0 && is_changed_elsewhere(b, r, same)) return true;
        }
    }
    return false;
}

static bool is_call_of_len(const Type *callee) {
    if (callee->kind != TY_OBJECT_CONST) return callee->kind == TY_BOTTOM;
    return !strcmp(callee->name, "builtins.len");
}

/* Does this use of a tuple take it apart? */
static bool takes_apart(Builder *b, Ref user, uint32_t operand) {
    const Ins *ins = hl_ins(b->instance->untyped, user);
    const Type **types = b->instance->types;
    switch ((int)ins->op) {
    case OP_PY_BIND:
    case OP_PY_UNPACK:
    case OP_PY_ITER: return true;
    case OP_PY_OBSERVE: return operand > 0 || tensor_is_taken_apart(b, user);
    case OP_PY_GETITEM:
        return operand == 0 && (is_index(types[ins->args[1]]) || types[ins->args[1]]->kind == TY_BOTTOM);
    case OP_PY_CALL: return operand == 1 && is_call_of_len(types[ins->args[0]]);
    default: return false;
    }
}

/* Is every use of the sizes one that takes them apart? Else they must be a torch.Size. */
bool tensor_is_taken_apart(Builder *b, Ref shape) {
    const Func *u = b->instance->untyped;
    for (Ref r = 1; r < u->ins.len; r++) {
        const Ins *ins = hl_ins(u, r);
        for (uint32_t i = 0; ins->op < OP_COUNT && i < ins->nargs; i++)
            if (ins->args[i] == shape && !takes_apart(b, r, i)) return false;
    }
    return true;
}
