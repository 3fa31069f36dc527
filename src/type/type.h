/* type: interned types. Two types are the same exactly when their pointers are equal.
 *
 * Semantic types (what inference works on) tell Python scalars (`int`, weak as in NumPy 2) from NumPy scalars
 * (`i64`); storage types (what the typed IR works on) have forgotten it: hl_type_storage maps the first to
 * the second. Types live as long as the process and may be made from any thread.
 */
#ifndef HL_TYPE_H
#define HL_TYPE_H

#include "base/base.h"

typedef enum TypeKind {
#define TYPE(kind, text, class, bits, args, ints) TY_##kind,
#include "types.def"
#undef TYPE
    TY_COUNT
} TypeKind;

enum { LAYOUT_C = 'C', LAYOUT_F = 'F', LAYOUT_A = 'A' };
enum { MAX_NDIM = 32 };

typedef struct Type Type;
struct Type {
    uint8_t kind;   /* TypeKind */
    uint8_t ndim;   /* ARRAY */
    uint8_t layout; /* ARRAY: LAYOUT_*; 0- and contiguous 1-d arrays are LAYOUT_C */
    bool readonly;  /* ARRAY */
    bool unaligned; /* ARRAY */
    uint32_t nargs;
    int64_t value;    /* LIT_INT, LIT_BOOL */
    const char *name; /* interned; STR: the text (value = its length); METHOD, OBJECT_CONST: a name to show */
    const void *object; /* OBJECT_CONST: the PyObject, never dereferenced here */
    const Type *args[]; /* ARRAY: [0] the element type (an NP scalar); TUPLE, ZIP...: the parts */
};

/* ---- intern.c: making types ---------------------------------------------------------------------------- */

HL_API const Type *hl_type(TypeKind kind); /* kinds without parameters */
/* TUPLE, ZIP, OPTIONAL, iterators... */
HL_API const Type *hl_type_make(TypeKind kind, const Type *const *args, uint32_t nargs);
HL_API const Type *hl_type_tuple(const Type *const *args, uint32_t nargs);
/* A tuple whose items have names as well: name is "Class:first second", object the class. */
HL_API const Type *hl_type_named(const char *name, const void *object, const Type *const *args,
                                 uint32_t nargs);
HL_API const Type *hl_type_list(const Type *item);
/* Its table is a list of tuples (int, key), the first SET_HEADER of them counts (prelude/core/sets.py). key bottom: none
 * was seen. */
enum { SET_HEADER = 3 };
HL_API const Type *hl_type_set(const Type *key);
HL_API const Type *hl_type_key_of(const Type *set);
HL_API const Type *hl_type_optional(const Type *inner); /* optional<optional<T>> is optional<T> */
HL_API const Type *hl_type_array(const Type *element, int ndim, int layout, bool readonly, bool unaligned);
HL_API const Type *hl_type_lit_int(int64_t value);
HL_API const Type *hl_type_lit_bool(bool value);
HL_API const Type *hl_type_str(const char *text, size_t len);
HL_API const Type *hl_type_const(const void *object, const char *name);
/* parts: a tuple with the default of each parameter (undef: none), then what the function captures. */
HL_API const Type *hl_type_closure(const void *function, const char *name, const Type *const *parts,
                                   uint32_t nparts);
HL_API const Type *hl_type_text_of(const char *format, const Type *const *parts, uint32_t nparts);
/* The same with other parts, which are as many. */
HL_API const Type *hl_type_with_args(const Type *t, const Type *const *args);
HL_API const Type *hl_type_method(const Type *self, const char *name);

/* ---- query.c ------------------------------------------------------------------------------------------- */

HL_API bool hl_type_is_py(const Type *t);       /* bool int float complex and int/bool literals */
HL_API bool hl_type_is_np(const Type *t);       /* b1 .. c128 */
HL_API bool hl_type_is_scalar(const Type *t);   /* py or np */
HL_API bool hl_type_is_integer(const Type *t);  /* int, lit int, i8..u64; not bool */
HL_API bool hl_type_is_signed(const Type *t);   /* int, lit int, i8..i64 */
HL_API bool hl_type_is_unsigned(const Type *t); /* u8..u64 */
HL_API bool hl_type_is_boolean(const Type *t);  /* bool, lit bool, b1 */
HL_API bool hl_type_is_float(const Type *t);    /* float, f16..f64 */
HL_API bool hl_type_is_complex(const Type *t);
HL_API bool hl_type_is_literal(const Type *t); /* class LIT: no machine component */
HL_API bool hl_type_is_counted(const Type *t); /* an array or a list: its first component is its block */
HL_API bool hl_type_holds_list(const Type *t); /* is one, or has one among its parts */
HL_API bool hl_type_is_tensor(const Type *t);  /* with memory, or known by its value */
HL_API bool hl_type_is_iterator(const Type *t);
/* How many ints a value of this kind has behind the values of its arguments (types.def). */
HL_API uint32_t hl_type_nints(TypeKind kind);
/* How many values a value of this type consists of; 0: a scalar, a literal, an array or a list. */
HL_API uint32_t hl_type_nparts(const Type *t);
HL_API int hl_type_bits(const Type *t);   /* of a machine scalar */
HL_API int hl_type_nbytes(const Type *t); /* size of an array element of this type: b1 1, c128 16, ... */
/* lit<3> -> int, lit<True> -> bool, inside tuples too; else itself. */
HL_API const Type *hl_type_unliteral(const Type *t);
/* int -> i64, float -> f64, bool -> b1, complex -> c128, lit -> i64 or b1; tuples element-wise. */
HL_API const Type *hl_type_storage(const Type *t);
/* c64 -> f32, c128 -> f64, complex -> float; reals themselves. */
HL_API const Type *hl_type_real_of(const Type *t);
/* f32 -> c64, f64 -> c128, float -> complex. */
HL_API const Type *hl_type_complex_of(const Type *t);

/* ---- join.c: the lattice and promotion ----------------------------------------------------------------- */

/* The type of a variable that is a on one path and b on another; object where there is none.
 * A NumPy scalar wins over a Python one of its kind or a lower kind (f32 with float is f32, i64 with float is
 * f64). */
HL_API const Type *hl_type_join(const Type *a, const Type *b);
/* The type of the items of a list that holds both. */
HL_API const Type *hl_type_join_items(const Type *a, const Type *b);
/* NumPy 2 result type of a binary operation (NEP 50): Python scalars are weak. Both Python: the higher of
 * bool, int, float, complex (that True + True is an int is the operator's matter). NULL if none. */
HL_API const Type *hl_type_promote(const Type *a, const Type *b);
/* Can every value of `from` be converted implicitly where `to` is asked (signatures, stores)? */
HL_API bool hl_type_converts(const Type *from, const Type *to);

/* ---- flatten.c: machine components of a storage type --------------------------------------------------- */

/* b1, i8..f64 (one), c64 = f32 f32, c128 = f64 f64, ptr, tuple = its parts in order, optional<T> = b1 then T,
 * array<_,n,_> = ptr owner, ptr data, i64 shape[n], i64 strides[n]; range = i64 start stop step; literals
 * nothing. */
HL_API uint32_t hl_type_ncomponents(const Type *t);
/* Writes ncomponents scalar types (b1 i8.. f64 ptr) to out. */
HL_API void hl_type_components(const Type *t, const Type **out);

/* An item of a list in memory: one scalar of its own size, else components in slots of 8 bytes. */
enum { MAX_ITEM_SLOTS = 64 };
HL_API uint32_t hl_type_item_nbytes(const Type *item);
HL_API uint64_t hl_type_item_refs(const Type *item); /* bit per slot that holds a counted block */
/* Leaf number `leaf` of an item (a scalar, array or list inside its tuples and optionals): its type, NULL when there
 * are fewer, and its first component. */
HL_API const Type *hl_type_item_leaf(const Type *item, uint32_t leaf, uint32_t *component);

/* ---- text.c: types as text, both ways ------------------------------------------------------------------ */

HL_API void hl_type_print(Text *out, const Type *t);
HL_API void hl_type_print_stable(Text *out, const Type *t); /* without addresses: equal in every run */
HL_API const char *hl_type_text(const Type *t);             /* interned */
/* As an error message says it: "int64", "array(float64, 2d, C)"; interned. */
HL_API const char *hl_type_show(const Type *t);
/* Parses one type at *text and moves *text behind it; NULL if there is none. */
HL_API const Type *hl_type_parse(const char **text);

#endif
