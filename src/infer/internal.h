/* Private to infer/: values, the builder, instances, and the handlers by theme. */
#ifndef HL_INFER_INTERNAL_H
#define HL_INFER_INTERNAL_H

#include "infer/infer.h"

/* A value while inferring. Scalars and arrays have a ref (0 while analysing); literals have neither ref nor parts;
 * every other type has parts, laid out as the list below says. type NULL is a failure that was reported already.
 *
 *   tuple            its items                    range            start stop step (int)
 *   slice            start stop step              range_iter       start step remaining (int)
 *   enumerate        iterable, start (int)        enumerate_iter   iterator, count (int)
 *   zip              iterables                    zip_iter         iterators
 *   array_iter       array, index (int)           tuple_iter       tuple, index (int)
 *   method           self                         optional         present (bool), value
 *   flat             array                        flat_iter        flat, index (int)
 *   list_iter        list, index (int)          set              table (a list)
 *   set_iter         set, place, keys at the start (int)
 *   number           kind, value                      generator        closure, arguments (a tuple)
 *   closure          defaults (a tuple), captured values
 */
typedef struct Val Val;
struct Val {
    const Type *type;
    Ref ref;
    const Val *parts;
    Ref kind; /* of a number whose type does not tell: its TypeKind with CPython (while analysing 1); else 0 */
    /* While analysing, where the value comes from: an untyped ref, or a part of another value. */
    Ref source;
    uint32_t part;
    const Val *whole;
};

typedef struct Instance Instance;

typedef struct Builder {
    Compile *c;
    Instance *instance;
    Func *f; /* where to emit; NULL while analysing */
    BlockId block;
    Loc loc;
    const Type *wanted;        /* what is known of the type of the value that is made */
    struct Analysis *analysis; /* while analysing */
    BlockId landing;           /* where an exception of a guarded instruction goes, 0: nowhere */
    bool guarded;              /* is the untyped instruction guarded? */
    bool may_fail;             /* has a guarded one of this block been seen to be able to fail? */
    Diagnostic *reason;        /* where a failure is put while analysing; NULL: nowhere */
} Builder;
#define ANALYSING(b) ((b)->f == NULL)

/* Positional and keyword arguments of a call, as written. */
typedef struct Args {
    const Val *pos;
    uint32_t npos;
    const Val *kw;
    const char *const *kwnames;
    uint32_t nkw;
} Args;

/* A function with its argument types. */
struct Instance {
    const void *function;
    const Type **arg_types;
    uint32_t nargs;
    FuncOptions options;
    Func *untyped;
    const Type **wants; /* by argument: the type its lists must have; NULL: as they are */
    const Type **types; /* by untyped ref; BOTTOM: no value yet */
    bool *block_live;
    bool *edge_live;    /* 2 per block: by successor */
    Cfg *cfg;           /* of untyped */
    const Type *result; /* BOTTOM until something returns */
    uint32_t number;
    bool prelude;     /* its literal results stay literals; its indices are in range and not negative */
    bool may_ask;     /* may leave operations to Python's objects: those of asks */
    bool has_objmode; /* its objmode blocks do */
    bool *asks;       /* by untyped ref */
    bool *open;       /* by untyped ref: has it a Val.kind? */
    const Diagnostic **reasons; /* why */
    Ref *same;   /* by untyped ref: the first that may be the same object (tensor.c); NULL: not asked yet */
    bool broken; /* something in it has no compiled form */
    bool analysing, analysed, recursive;
    Func *typed;
    bool emitted, failed;
    Instance *next;
};

/* ---- builder.c ------------------------------------------------------------------------------------------------------- */

static inline const Type *i64(void) {
    return hl_type(TY_I64);
}
static inline const Type *f64(void) {
    return hl_type(TY_F64);
}
static inline const Type *b1(void) {
    return hl_type(TY_B1);
}

static inline bool is_power_of_2(int64_t n) {
    return n > 0 && (n & (n - 1)) == 0;
}

#define NO_VAL ((Val){0})
static inline bool ok(Val v) {
    return v.type != NULL;
}
Val scalar(const Type *type, Ref ref);
Val literal(const Type *type);
Val dummy(Builder *b, const Type *type); /* a value of this type without refs, for analysing */
Val composite(Builder *b, TypeKind kind, const Val *parts,
              uint32_t n); /* TUPLE ZIP SLICE ENUMERATE and the iterators */
Val tuple_val(Builder *b, const Val *items, uint32_t n);
Val fail(Builder *b, DiagId id, ...); /* records the error unless analysing; gives NO_VAL */

Ref op(Builder *b, Op o, const Type *type, const Ref *args, uint32_t n, Aux aux);
Ref op_with(Builder *b, Op o, const Type *type, const Ref *args, uint32_t n, Aux aux, uint8_t flags);
Ref op1(Builder *b, Op o, const Type *type, Ref x);
Ref op2(Builder *b, Op o, const Type *type, Ref x, Ref y);
Ref op3(Builder *b, Op o, const Type *type, Ref x, Ref y, Ref z);
Ref compare(Builder *b, Op o, Ref x, Ref y);
Ref op_select(Builder *b, const Type *type, Ref condition, Ref yes, Ref no);
Ref const_int(Builder *b, const Type *storage, int64_t value);
Ref const_i64(Builder *b, int64_t value);
Ref const_bool(Builder *b, bool value);
Ref const_float(Builder *b, const Type *storage, double value);
Ref rt(Builder *b, RtId id, const Type *type, const Ref *args, uint32_t n);
Ref math(Builder *b, MathId id, const Type *type, const Ref *args, uint32_t n);
/* The condition must hold, else class_name(message) is raised. A class "?ValueError" says that CPython has an answer which
 * compiled code has no form for: the call is done again in the interpreter where nothing outside has changed yet. */
void check(Builder *b, Ref condition, const char *class_name, const char *message);
void check_with(Builder *b, Ref condition, const char *class_name, const char *format, const Ref *args,
                uint32_t n);
Ref ref_of(Builder *b, Val v); /* the machine scalar (literals become constants) or array */
Ref index_of(
    Builder *b,
    Val v); /* an integer-like value as i64; fails (0) on others only when emitting: test is_index first */
bool is_index(const Type *t);
bool lit_int_value(Val v, int64_t *out); /* is it an integer literal (bools too)? */
Val int_val(Ref ref);
Val bool_val(Ref ref);

/* Values across function boundaries and phis. */
void part_types(const Type *type, const Type **out);
Ref pack(Builder *b, Val v); /* one ref; its Ins.type is packed_type(v.type): composites as nested tuples */
const Type *packed_type(Builder *b, const Type *type);
Val unpack(Builder *b, const Type *type, Ref ref); /* the inverse */
uint32_t count_leaves(const Type *type);           /* how many refs a value of this type is made of */
void leaves(Val v, Ref *out);
Val from_leaves(Builder *b, const Type *type, const Ref **refs);
Val select_value(Builder *b, Ref condition, Val yes, Val no); /* of one type */
void leaf_types(const Type *type, const Type **out);          /* storage types, in the order of leaves() */

/* ---- convert.c ---------------------------------------------------------------------------------------------------------- */

Ref cast_ref(Builder *b, Ref x, const Type *from, const Type *to); /* storage scalars, C's rules */
Val convert(Builder *b, Val v, const Type *to);                    /* implicit: joins, arguments, results */
Val cannot_store(Builder *b, const Type *element, const Type *type);
Val to_element(Builder *b, Val v,
               const Type *element); /* as NumPy stores a value in an array of this element type */
Val weak_to(Builder *b, Val v,
            const Type *np);               /* operand of a NumPy operation: Python ints are range-checked */
Val undefined(Builder *b, const Type *to); /* any value: zeros */
Val truth(Builder *b, Val v);              /* bool(v) */
Val to_python_int(Builder *b, Val v);
const char *numpy_name(const Type *np);                             /* "float32" */
Val call_scalar_type(Builder *b, const Type *np, const Args *args); /* np.float32(x) */

/* ---- arith.c, compare.c, ufunc.c ------------------------------------------------------------------------------------------- */

Val binary(Builder *b, BinaryOp o, Val x, Val y);
Val unary(Builder *b, UnaryOp o, Val x);
Val inplace(Builder *b, BinaryOp o, Val x, Val y); /* augmented assignment */
Val compare_values(Builder *b, CompareOp o, Val x, Val y);
Val compare_numpy(Builder *b, CompareOp o, Val x, Val y); /* at least one a NumPy scalar; b1 */
Val is_same(Builder *b, Val x, Val y, bool negate);
Val contains(Builder *b, Val needle, Val haystack, bool negate);
Val power(Builder *b, Val x, Val y);
Val ufunc_call(Builder *b, UfuncId u, const Args *args);
Val ufunc(Builder *b, UfuncId u, const Val *args, uint32_t n);
Val ufunc_cast(Builder *b, Val array, const Type *element); /* astype: a fresh array */
UfuncId ufunc_by_name(const char *name);                    /* UFUNC_COUNT when there is none */
const char *binary_symbol(BinaryOp o);
UfuncId binary_ufunc(BinaryOp o);
UfuncId unary_ufunc(UnaryOp o);
Val python_binary(Builder *b, BinaryOp o, Val x, Val y); /* scalars, by Python's rules */
void check_nonzero(Builder *b, Ref y, const Type *storage, const char *message); /* or ZeroDivisionError */
Val python_unary(Builder *b, UnaryOp o, Val x);
Val no_operator(Builder *b, BinaryOp o, Val x, Val y);
/* Constant exponents that become products: exact for integers, as far as Numba goes by its rules, else as long as the
 * product is about as good as pow. */
enum { MAX_INT_POWER = 64, MAX_FLOAT_POWER = 4, MAX_NUMBA_POWER = 0x10000 };
Ref multiply_out(Builder *b, Op mul, const Type *storage, Ref x, int64_t n); /* x ** n, n from 1 on */
Ref silent_power(Builder *b, const Type *t, const Ref *x); /* x[0] ** x[1] of floats, without errors */
const char *compare_symbol(CompareOp o);

/* ---- flat.c ------------------------------------------------------------------------------------------------------------ */

Val flat_of(Builder *b, Val array);
Ref flat_size(Builder *b, Val flat);
Val flat_item(Builder *b, Val flat, Ref i); /* i in range */
Val flat_getitem(Builder *b, Val flat, Val index);
bool flat_setitem(Builder *b, Val flat, Val index, Val value);
Val as_array(Builder *b, Val v); /* lists and tuples of numbers; others stay what they are */
Val as_stored(Builder *b, Val v,
              const Type *element);        /* the same, as what an array of these elements stores */
bool is_array_like(const char *parameter); /* of one of NumPy's functions */

/* ---- ndindex.c --------------------------------------------------------------------------------------------------------- */

Val ndindex_iterator(Builder *b, Val shape);
Val step_ndindex(Builder *b, Val it);

/* ---- members.c --------------------------------------------------------------------------------------------------------- */

Val flags_attribute(Builder *b, Val flags, const char *name);

/* ---- fold.c ------------------------------------------------------------------------------------------------------------ */

/* What Python gives for "float" or "str.upper" of these constants; fails where they are none. */
Val fold_constants(Builder *b, const char *name, const Args *args);

/* ---- once.c ------------------------------------------------------------------------------------------------------------ */

/* Is an argument of this instruction an iterator that Python would let it go on with from where it stands? */
bool uses_iterator_again(Builder *b, const Ins *user, const Val *args);

/* ---- numba.c: semantics='numba' ---------------------------------------------------------------------------------------- */

#define NUMBA(b) ((b)->instance->options.numba_semantics)
const Type *numba_type(const Type *t); /* as that mode writes it */
Val numba_val(Builder *b, Val v);      /* the value under that type; in Python's mode v itself */
const Type *operand_type(Builder *b, const Type *t); /* without literals; in that mode no scalar is weak */
const Type *join(Builder *b, const Type *x, const Type *y);
const Type *ufunc_promote(Builder *b, const Type *x, const Type *y); /* of operand types */
Val numba_binary(Builder *b, BinaryOp o, Val x, Val y);              /* scalars */
Val numba_unary(Builder *b, UnaryOp o, Val x);

/* ---- iterate.c, tuple.c -------------------------------------------------------------------------------------------------------- */

Val iter(Builder *b, Val iterable);
Val iter_more(Builder *b, Val iterator);
Val iter_value(Builder *b, Val iterator);
Val iter_step(Builder *b, Val iterator);
Val length(Builder *b, Val v);
Ref range_length(Builder *b, Val range); /* unsigned */
Val unpack_items(Builder *b, Val v, uint32_t n);
Val unpack_ex(Builder *b, Val v, uint32_t before, uint32_t behind);
Val tuple_item(Builder *b, Val tuple, Val index);
Val tuple_select(Builder *b, Val tuple, Ref index); /* items of one type, index in range */
Val tuple_slice(Builder *b, Val tuple, Val slice);
Val tuple_concat(Builder *b, Val x, Val y);

/* ---- text.c ---------------------------------------------------------------------------------------------------- */

bool has_class(const Type *t); /* a value of Python's or NumPy's own classes, alike by its value alone */
bool is_text(const Type *t);   /* a constant string, or one that is made where Python sees it */
Val text_of(Builder *b, Val v, int64_t conversion,
            Val spec); /* format(v, spec); 0, 's', 'r', 'a'; spec may be no value */
Val text_join(Builder *b, const Val *parts, uint32_t n);

/* ---- list.c ----------------------------------------------------------------------------------------------------- */

Ref list_length(Builder *b, Val list);
Val list_item(Builder *b, Val list, Ref index); /* index in range */
bool list_put(Builder *b, Val list, Ref index, Val v);
Val list_display(Builder *b, const Val *items, uint32_t n);
Val display(Builder *b, const Ins *ins, const Val *items); /* of an OP_PY_LIST */
Val list_extend(Builder *b, Val list, Val more);
Val list_binary(Builder *b, BinaryOp o, Val x, Val y);
Val list_inplace(Builder *b, BinaryOp o, Val x, Val y);
Val list_compare(Builder *b, CompareOp o, Val x, Val y);
Val cell_get(Builder *b, Val cell, const char *words);
bool cell_set(Builder *b, Val cell, Val v);

Val list_of_items(Builder *b, const Type *item, const Val *items,
                  uint32_t n); /* each converts to that type */

/* ---- set.c ------------------------------------------------------------------------------------------------------ */

Val set_display(Builder *b, const Val *keys, uint32_t n);
Val set_table(Builder *b, const Val *operands, uint32_t n);
Val set_add(Builder *b, Val set, Val key);
Val set_update(Builder *b, Val set, Val more);
Val set_binary(Builder *b, BinaryOp o, Val x, Val y);
Val set_inplace(Builder *b, BinaryOp o, Val x, Val y);
Val set_compare(Builder *b, CompareOp o, Val x, Val y);
Val set_length(Builder *b, Val set);
Val set_iterator(Builder *b, Val set);
Val set_iter_more(Builder *b, Val it);
Val set_iter_value(Builder *b, Val it);
Val set_iter_step(Builder *b, Val it);
/* Methods get no constants: one compiled form serves all keys. */
Val without_literal(Builder *b, Val v);

/* ---- array.c, index.c, fancy.c --------------------------------------------------------------------------------------------------------------- */

Val getitem(Builder *b, Val v, Val index);
bool setitem(Builder *b, Val v, Val index, Val value);
bool delitem(Builder *b, Val v, Val index);
/* The items of an index with the ellipsis spread out; false when there is something that is not compiled. */
bool spread_index(Builder *b, Val array, Val index, Val *items, uint32_t *n);
Val index_view(Builder *b, Val array, const Val *items, uint32_t n); /* integers, slices and new axes */
/* The same where IndexErrors are of axes from first_axis on; the integers, checked, go to indices. */
Val index_view_by(Builder *b, Val array, const Val *items, uint32_t n, int first_axis, Ref *indices);
bool is_index_array(const Type *t);        /* integers, or a mask */
int index_axes(const Type *t);             /* how many axes an item of an index uses up */
bool holds_index_array(const Type *index); /* is it, or one of its items, an array? */
Val fancy_getitem(Builder *b, Val array, Val index);
bool fancy_setitem(Builder *b, Val array, Val index, Val value);
Val array_permute(Builder *b, Val array, const int *axes);
Val constant_array(Builder *b, const Ins *ins);
Val array_attribute(Builder *b, Val array,
                    const char *name); /* type NULL without an error when there is none */
Ref array_dim(Builder *b, Val array, int axis);
Ref array_stride(Builder *b, Val array, int axis);
Ref array_size(Builder *b, Val array);
Ref array_data(Builder *b, Val array);
bool array_store(Builder *b, Val array, const Ref *indices, Val value);
Val array_view(Builder *b, Val base, const Type *type, Ref data, const Ref *shape, const Ref *strides);
Val array_alloc(Builder *b, const Type *element, const Ref *shape, int ndim, int layout);
Val array_element(Builder *b, Val array, const Ref *indices);
bool array_assign(Builder *b, Val dst, Val value); /* dst[...] = value, broadcast */
bool array_output(Builder *b, Val dst, Val result);
/* A ufunc's result in its out=; that array. */
Val ufunc_into(Builder *b, Val out, Val result);
Val array_iter_item(Builder *b, Val array, Ref index); /* array[index], index in range */
Val array_part(Builder *b, Val array, Ref index);      /* the same, always as a view */

/* ---- tensor.c: no value, with an error, where torch has to do it ------------------------------------------------------------ */

Val tensor_binary(Builder *b, BinaryOp o, Val x, Val y); /* at least one is a tensor, as below */
Val tensor_inplace(Builder *b, BinaryOp o, Val x, Val y);
Val tensor_negative(Builder *b, Val x);
Val tensor_absolute(Builder *b, Val x);
Val tensor_compare(Builder *b, CompareOp o, Val x, Val y);
Val tensor_number(Builder *b, Val x); /* x.item() */
Val tensor_truth(Builder *b, Val x);
Val tensor_to_element(Builder *b, Val x,
                      const Type *element); /* as a NumPy scalar that an array's element may become */
Val tensor_getitem(Builder *b, Val tensor, Val index);
bool tensor_setitem(Builder *b, Val tensor, Val index, Val value);
Val tensor_iter_item(Builder *b, Val tensor, Ref index); /* index in range */
Ref tensor_dim(Builder *b, Val tensor, int axis);
Val tensor_attribute(Builder *b, Val tensor, const char *name);
/* May this function known by name have these arguments? Those of functions of floats become floats. */
bool tensor_takes_call(Builder *b, const char *name, Val *pos, uint32_t npos, const Val *kw, uint32_t nkw);
bool tensor_is_kept(Builder *b,
                    Ref value); /* may anybody else see the tensor that an untyped instruction makes? */
bool tensor_is_taken_apart(Builder *b, Ref shape);

/* ---- attribute.c, call.c, builtins.c, mathlib.c, numpy.c: names known.def lists ----------------------------------------------------- */

Val get_attribute(Builder *b, Val v, const char *name);
Val scalar_part(Builder *b, Val v, bool imaginary); /* v.real, v.imag */
Val call(Builder *b, Val callee, const Args *args);
bool has_method(Builder *b, const Type *self, const char *name);
/* A Python function; closure: the value of an inner function, or NULL. */
Val call_function(Builder *b, const void *function, const FuncOptions *options, const Args *args,
                  bool prelude, const Val *closure);
/* All values of a generator expression, taken as `use` says. */
Val generator_use(Builder *b, Val generator, GeneratorUse use);
/* By a function of the prelude. */
Val generator_fold(Builder *b, Val generator, const char *step, Val start);
/* A function of the prelude: its indices are in range, constant arguments stay constants. */
Val call_prelude(Builder *b, const void *function, const Args *args);
FuncOptions prelude_options(Builder *b); /* what call_prelude compiles with */
Val constant(Builder *b, HostValue value);
/* Matches arguments to parameters: "a, b=, *rest"; absent optional ones get type NULL. */
bool bind(Builder *b, const char *who, const char *spec, const Args *args, Val *out);
const Type *dtype_of(Builder *b,
                     Val v); /* np.float32, "f4", dtype objects, int, float...; NULL when it is none */
Val dtype_const(const Type *element);
Val limits_attribute(Builder *b, Val limits,
                     const char *name); /* of np.finfo and np.iinfo; NO_VAL on other values */
/* The element type an optional dtype argument names; `standard` when it is left out or None; NULL after an error. */
const Type *dtype_argument(Builder *b, Val v, const Type *standard);
/* After the error that v names no dtype. */
Val no_dtype(Builder *b, Val v);
/* The sizes that a shape argument has, MAX_NDIM at the most. */
bool shape_argument(Builder *b, Val v, Ref *shape, int *ndim);
/* v, or an error that names the function when it is no array. */
Val need_array(Builder *b, const char *who, Val v);
/* LAYOUT_C or LAYOUT_F; 0 after an error. K and A mean `keep`, the layout of the array they are said of. */
int order_argument(Builder *b, Val v, int keep);
int kept_layout(Val array);
Val copy_as(Builder *b, Val array, const Type *element, int layout);
typedef Val (*Handler)(Builder *b, const Args *args, int64_t data);
Handler known_handler(const char *name, int64_t *data);
Val call_known(Builder *b, const char *name, const Val *args, uint32_t n);

/* ---- foreign.c ------------------------------------------------------------------------------------------------------------------------ */

Val evaluate_or_ask(Builder *b, Ref r, const Ins *ins, const Val *args); /* evaluate, or else over objects */
Val box_value(Builder *b, Val v);
Val promised_value(Builder *b, Val v, const char *text);
/* declared: "name:type". What is Python's object stays one. */
Val declared_value(Builder *b, Val v, const char *declared);
/* May values of it be Python's objects? */
static inline bool has_objects(const Instance *instance) {
    return instance->may_ask || instance->has_objmode;
}
bool has_object_form(const Type *type);
bool is_looked_up(const Builder *b, Ref r);
void need_object(Builder *b, Ref r); /* while analysing */
bool may_be_left(Compile *c, const Func *u, bool everywhere);
/* Operations of ir/foreign.def on objects: one that gives an object, a test. */
Val object_operation(Builder *b, ForeignId id, const Val *operands, uint32_t n);
Val object_test(Builder *b, ForeignId id, const Val *operands, uint32_t n);

/* ---- kind.c ------------------------------------------------------------------------------------------------------------------------- */

bool may_have_kind(const Builder *b, const Type *type);
bool has_kind_beside(Val v, const Type *type); /* May it be of another kind than this type's? */
Ref kind_of(Builder *b, Val v);
Val with_kind(Builder *b, Val v); /* a number<> for box */
/* The result of an instruction, and of a choice between two values, with its kind. */
Val kind_of_result(Builder *b, const Ins *ins, const Val *args, Val v);
Val kind_of_choice(Builder *b, Val result, Ref condition, Val yes, Val no);

/* ---- exception.c, guard.c --------------------------------------------------------------------------------------------------------------- */

Val exception_value(Builder *b, Val class_, const Args *args);
bool is_exception_class(Builder *b, Val v);
Val exception_object(Builder *b, Val v);
Val exception_instruction(Builder *b, const Ins *ins, const Val *args); /* those of handlers */
/* Can an operation fail? Then, where it is guarded, it is emitted so that the landing is where that leads. */
bool op_fails(Op o, Aux aux);
Ref op_guarded(Builder *b, Op o, const Type *type, const Ref *args, uint32_t n, Aux aux, uint8_t flags);

/* ---- instance.c, analyse.c, specialise.c ----------------------------------------------------------------------------------------------- */

Instance *instance_find(Compile *c, const void *function, const Type *const *args, uint32_t nargs,
                        const FuncOptions *options);
const FuncOptions *entry_options(Compile *c); /* those the user asked for */
const Type *
instance_result(Compile *c,
                Instance *instance); /* analyses it when needed; BOTTOM: not known yet; NULL: failed */
bool instance_emit(Compile *c, Instance *instance);
bool pred_edge_live(const Instance *instance, const Func *u, BlockId block, uint32_t which);
bool analyse(Compile *c, Instance *instance);
/* While analysing: lists in the value have this type, wherever they come from. */
void refine(Builder *b, Val v, const Type *wanted);
bool specialise(Compile *c, Instance *instance);
Val evaluate(Builder *b, const Ins *ins,
             const Val *args); /* one untyped instruction that is no phi and no terminator */
bool raise_value(Builder *b, Val exception);
Val format_text(Builder *b, Val text,
                Val values); /* "text %s" % values: only as the argument of an exception */

#endif
