/* query: what a type is, its size, and its near relatives. */
#include "type/internal.h"

bool hl_type_is_py(const Type *t) {
    return family_of(t) == CLASS_PY || t->kind == TY_LIT_INT || t->kind == TY_LIT_BOOL;
}

bool hl_type_is_np(const Type *t) {
    return family_of(t) == CLASS_NP;
}

bool hl_type_is_scalar(const Type *t) {
    return hl_type_is_py(t) || hl_type_is_np(t);
}

bool hl_type_is_integer(const Type *t) {
    return hl_type_is_signed(t) || hl_type_is_unsigned(t);
}

bool hl_type_is_signed(const Type *t) {
    return t->kind == TY_INT || t->kind == TY_LIT_INT || (t->kind >= TY_I8 && t->kind <= TY_I64);
}

bool hl_type_is_unsigned(const Type *t) {
    return t->kind >= TY_U8 && t->kind <= TY_U64;
}

bool hl_type_is_boolean(const Type *t) {
    return t->kind == TY_BOOL || t->kind == TY_LIT_BOOL || t->kind == TY_B1;
}

bool hl_type_is_float(const Type *t) {
    return t->kind == TY_FLOAT || (t->kind >= TY_F16 && t->kind <= TY_F64);
}

bool hl_type_is_complex(const Type *t) {
    return t->kind == TY_COMPLEX || t->kind == TY_C64 || t->kind == TY_C128;
}

bool hl_type_is_literal(const Type *t) {
    return family_of(t) == CLASS_LIT;
}

bool hl_type_is_counted(const Type *t) {
    return family_of(t) == CLASS_REF;
}

bool hl_type_holds_list(const Type *t) {
    if (t->kind == TY_LIST) return true;
    for (uint32_t i = 0; i < t->nargs; i++)
        if (hl_type_holds_list(t->args[i])) return true;
    return false;
}

bool hl_type_is_tensor(const Type *t) {
    return t->kind == TY_TENSOR || t->kind == TY_TENSOR_SCALAR;
}

bool hl_type_is_iterator(const Type *t) {
    return family_of(t) == CLASS_ITER;
}

uint32_t hl_type_nints(TypeKind kind) {
    return hl_type_rows[kind].nints;
}

uint32_t hl_type_nparts(const Type *t) {
    bool composite = family_of(t) == CLASS_AGG || family_of(t) == CLASS_ITER;
    return composite ? (t->kind == TY_OPTIONAL) + t->nargs + hl_type_nints((TypeKind)t->kind) : 0;
}

int hl_type_bits(const Type *t) {
    return hl_type_rows[t->kind].bits;
}

int hl_type_nbytes(const Type *t) {
    return (hl_type_rows[t->kind].bits + 7) / 8;
}

/* t with `change` applied to each of its parts; arrays keep their element type. */
static const Type *map_parts(const Type *t, const Type *(*change)(const Type *)) {
    if (!t->nargs || t->kind == TY_ARRAY) return t;
    Arena scratch = {0};
    const Type **parts = hl_new_array(&scratch, const Type *, t->nargs);
    for (uint32_t i = 0; i < t->nargs; i++)
        parts[i] = change(t->args[i]);
    const Type *changed = hl_type_with_args(t, parts);
    hl_arena_free(&scratch);
    return changed;
}

const Type *hl_type_unliteral(const Type *t) {
    if (t->kind == TY_LIT_INT) return hl_type(TY_INT);
    if (t->kind == TY_LIT_BOOL) return hl_type(TY_BOOL);
    return map_parts(t, hl_type_unliteral);
}

const Type *hl_type_storage(const Type *t) {
    switch (t->kind) {
    case TY_BOOL:
    case TY_LIT_BOOL: return hl_type(TY_B1);
    case TY_INT:
    case TY_LIT_INT: return hl_type(TY_I64);
    case TY_FLOAT: return hl_type(TY_F64);
    case TY_COMPLEX: return hl_type(TY_C128);
    case TY_RNG: return hl_type(TY_PTR);
    }
    return map_parts(t, hl_type_storage);
}

const Type *hl_type_real_of(const Type *t) {
    switch (t->kind) {
    case TY_COMPLEX: return hl_type(TY_FLOAT);
    case TY_C64: return hl_type(TY_F32);
    case TY_C128: return hl_type(TY_F64);
    }
    return t;
}

const Type *hl_type_complex_of(const Type *t) {
    switch (t->kind) {
    case TY_FLOAT: return hl_type(TY_COMPLEX);
    case TY_F16:
    case TY_F32: return hl_type(TY_C64);
    case TY_F64: return hl_type(TY_C128);
    }
    return t;
}
