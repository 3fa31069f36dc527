/* attribute: x.name for modules, classes, scalars, tuples, ranges and arrays. A name that is a method gives a bound method. */
#include "infer/internal.h"

#include <string.h>

static bool is(const char *name, const char *text) {
    return strcmp(name, text) == 0;
}

static Val no_attribute(Builder *b, Val v, const char *name) {
    return fail(b, DIAG_NO_ATTRIBUTE, hl_type_show(v.type), name);
}

static Val method(Builder *b, Val self, const char *name) {
    if (!has_method(b, self.type, name)) return no_attribute(b, self, name);
    Val *part = hl_new(&b->c->arena, Val);
    *part = self;
    return (Val){.type = hl_type_method(self.type, name), .parts = part};
}

static Val object_attribute(Builder *b, Val v, const char *name) {
    if (!v.type->object) return no_attribute(b, v, name); /* a dtype or a class that inference made */
    HostValue value = b->c->host->getattr(b->c, v.type->object, name);
    if (value.type) return constant(b, value);
    bool is_module = strncmp(v.type->name, "module:", 7) == 0;
    return fail(b, is_module ? DIAG_NO_NAME : DIAG_NO_ATTRIBUTE, b->c->host->describe(b->c, v.type->object),
                name);
}

/* Which item of a named tuple has this name; nargs: none. */
static uint32_t named_place(const Type *tuple, const char *name) {
    const char *at = strchr(tuple->name, ':');
    uint32_t place = 0;
    for (size_t len; at && place < tuple->nargs; at = strchr(at, ' '), place++) {
        len = strcspn(++at, " ");
        if (strlen(name) == len && strncmp(at, name, len) == 0) return place;
    }
    return tuple->nargs;
}

static Val scalar_class(Builder *b, const Type *element) {
    return literal(
        hl_type_const(NULL, hl_intern(hl_arena_printf(&b->c->arena, "numpy.%s", numpy_name(element)))));
}

static const char *dtype_letter(const Type *t) {
    if (hl_type_is_boolean(t)) return "b";
    if (hl_type_is_integer(t)) return hl_type_is_signed(t) ? "i" : "u";
    return hl_type_is_float(t) ? "f" : "c";
}

static Val zero_of(Builder *b, Val v) {
    const Type *storage = hl_type_storage(v.type);
    if (hl_type_is_float(v.type)) return scalar(v.type, const_float(b, storage, 0));
    const Type *type = v.type->kind == TY_BOOL || hl_type_is_literal(v.type) ? hl_type(TY_INT) : v.type;
    return scalar(type, const_int(b, hl_type_storage(type), 0));
}

Val scalar_part(Builder *b, Val v, bool imaginary) {
    const Type *storage = hl_type_storage(v.type);
    if (hl_type_is_complex(v.type))
        return scalar(hl_type_real_of(v.type),
                      op1(b, imaginary ? OP_CIMAG : OP_CREAL, hl_type_real_of(storage), v.ref));
    if (imaginary) return zero_of(b, v);
    return v.type->kind == TY_BOOL || v.type->kind == TY_LIT_BOOL ? int_val(index_of(b, v)) : v;
}

static Val scalar_attribute(Builder *b, Val v, const char *name) {
    bool numpy = hl_type_is_np(v.type) || NUMBA(b);
    if (is(name, "real") || is(name, "imag")) return scalar_part(b, v, is(name, "imag"));
    if (is(name, "numerator") && is_index(v.type)) return to_python_int(b, v);
    if (is(name, "denominator") && is_index(v.type)) return literal(hl_type_lit_int(1));
    if (!numpy) return method(b, v, name);
    if (is(name, "dtype")) return dtype_const(operand_type(b, v.type));
    if (is(name, "itemsize") || is(name, "nbytes"))
        return literal(hl_type_lit_int(hl_type_nbytes(operand_type(b, v.type))));
    if (is(name, "ndim")) return literal(hl_type_lit_int(0));
    if (is(name, "size")) return literal(hl_type_lit_int(1));
    if (is(name, "shape") || is(name, "strides")) return tuple_val(b, NULL, 0);
    if (is(name, "T")) return v;
    return method(b, v, name);
}

static Val range_attribute(Builder *b, Val v, const char *name) {
    if (is(name, "start")) return v.parts[0];
    if (is(name, "stop")) return v.parts[1];
    if (is(name, "step")) return v.parts[2];
    return method(b, v, name);
}

Val get_attribute(Builder *b, Val v, const char *name) {
    if (!ok(v)) return v;
    if (v.type->kind == TY_OBJECT_CONST) {
        Val limit = limits_attribute(b, v, name);
        if (ok(limit)) return limit;
        const Type *element = dtype_of(b, v);
        if (element && is(name, "itemsize")) return literal(hl_type_lit_int(hl_type_nbytes(element)));
        if (element && is(name, "type")) return scalar_class(b, element);
        if (element && is(name, "name"))
            return literal(hl_type_str(numpy_name(element), strlen(numpy_name(element))));
        if (element && is(name, "kind")) return literal(hl_type_str(dtype_letter(element), 1));
        return object_attribute(b, v, name);
    }
    if (v.type->kind == TY_OPTIONAL) return get_attribute(b, convert(b, v, v.type->args[0]), name);
    if (v.type->kind == TY_ARRAY) {
        Val attribute = array_attribute(b, v, name);
        return ok(attribute) || (b->c->diag.set && !ANALYSING(b)) ? attribute : method(b, v, name);
    }
    if (hl_type_is_tensor(v.type)) {
        Val attribute = tensor_attribute(b, v, name);
        return ok(attribute) ? attribute : method(b, v, name);
    }
    if (hl_type_is_scalar(v.type)) return scalar_attribute(b, v, name);
    if (v.type->kind == TY_FLAGS) return flags_attribute(b, v, name);
    if (v.type->kind == TY_RANGE) return range_attribute(b, v, name);
    if (v.type->kind == TY_SET && b->instance->prelude && is(name, "_table")) return v.parts[0];
    if (v.type->kind == TY_TUPLE && v.type->name && named_place(v.type, name) < v.type->nargs)
        return v.parts[named_place(v.type, name)];
    if (v.type->kind == TY_TUPLE || v.type->kind == TY_LIST || v.type->kind == TY_SET ||
        v.type->kind == TY_RNG || v.type->kind == TY_STR)
        return method(b, v, name);
    return no_attribute(b, v, name);
}
