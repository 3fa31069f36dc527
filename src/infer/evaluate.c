/* evaluate: one untyped instruction, in either walk. The list of what the bytecode can ask for, and who answers. */
#include <string.h>

#include "infer/internal.h"

static Val none(void) {
    return literal(hl_type(TY_NONE));
}

static Val python_constant(Builder *b, const Ins *ins) {
    const Type *storage = hl_type_is_scalar(ins->type) ? hl_type_storage(ins->type) : NULL;
    if (hl_type_is_literal(ins->type)) return literal(ins->type);
    if (hl_type_is_complex(ins->type)) {
        const Type *real = hl_type_real_of(storage);
        Ref re = const_float(b, real, ins->aux.f[0]), im = const_float(b, real, ins->aux.f[1]);
        return scalar(ins->type, op2(b, OP_CMAKE, storage, re, im));
    }
    if (hl_type_is_float(ins->type)) return scalar(ins->type, const_float(b, storage, ins->aux.f[0]));
    return scalar(ins->type, const_int(b, storage, ins->aux.i));
}

Val constant(Builder *b, HostValue value) {
    Ins ins = {.type = value.type, .aux = value.aux};
    if (value.type->kind == TY_ARRAY) return constant_array(b, &ins);
    if (value.type->kind != TY_TUPLE) return python_constant(b, &ins);
    const HostValue *parts = value.aux.object;
    Val *items = hl_new_array(&b->c->arena, Val, value.type->nargs + 1);
    for (uint32_t i = 0; i < value.type->nargs; i++)
        items[i] = constant(b, parts[i]);
    return (Val){.type = value.type, .parts = items};
}

/* Augmented assignment: arrays change in place, everything else is the plain operator. */
Val inplace(Builder *b, BinaryOp o, Val x, Val y) {
    if (ok(x) && ok(y) && x.type->kind == TY_LIST) return list_inplace(b, o, x, y);
    if (ok(x) && ok(y) && x.type->kind == TY_SET) return set_inplace(b, o, x, y);
    if (ok(x) && ok(y) && (hl_type_is_tensor(x.type) || hl_type_is_tensor(y.type)))
        return tensor_inplace(b, o, x, y);
    if (!ok(x) || x.type->kind != TY_ARRAY) return binary(b, o, x, y);
    Val result = binary(b, o, x, y);
    if (!ok(result)) return NO_VAL;
    const Type *element = result.type->kind == TY_ARRAY ? result.type->args[0] : result.type;
    const Type *target = x.type->args[0];
    bool same_kind = hl_type_promote(element, target) == target ||
                     (hl_type_is_float(element) && hl_type_is_float(target)) ||
                     (hl_type_is_integer(element) && hl_type_is_integer(target) &&
                      (hl_type_is_signed(target) || hl_type_is_unsigned(element))) ||
                     (hl_type_is_complex(element) && hl_type_is_complex(target)) ||
                     (hl_type_is_float(element) && hl_type_is_complex(target));
    if (x.type->readonly) return fail(b, DIAG_READONLY_ARRAY, hl_type_show(x.type));
    if (!same_kind || (result.type->kind == TY_ARRAY && result.type->ndim > x.type->ndim))
        return fail(b, DIAG_NO_OPERATOR, hl_arena_printf(&b->c->arena, "%s=", binary_symbol(o)),
                    hl_arena_printf(&b->c->arena, "%s, which cannot hold %s", hl_type_show(x.type),
                                    hl_type_show(result.type)));
    array_output(b, x, result);
    return x;
}

static Val function_value(Builder *b, const Ins *ins, const Val *args) {
    const Type **types = hl_new_array(&b->c->arena, const Type *, ins->nargs);
    Val *parts = hl_new_array(&b->c->arena, Val, ins->nargs);
    for (uint32_t i = 0; i < ins->nargs; i++)
        parts[i] = args[i], types[i] = args[i].type;
    const char *name = b->c->host->describe(b->c, ins->aux.object);
    return (Val){.type = hl_type_closure(ins->aux.object, name, types, ins->nargs), .parts = parts};
}

static Val call_instruction(Builder *b, const Ins *ins, const Val *args) {
    const CallInfo *info = ins->aux.call;
    uint32_t nkw = info ? info->nkw : 0, npos = ins->nargs - 1 - nkw;
    Args list = {args + 1, npos, args + 1 + npos, info ? (const char *const *)info->kwnames : NULL, nkw};
    return call(b, args[0], &list);
}

static Val call_star(Builder *b, Val callee, Val tuple) {
    if (!ok(tuple) || tuple.type->kind != TY_TUPLE)
        return fail(b, DIAG_NOT_ITERABLE, ok(tuple) ? hl_type_show(tuple.type) : "this");
    Args list = {.pos = tuple.parts, .npos = tuple.type->nargs};
    return call(b, callee, &list);
}

static Val check_bound(Builder *b, const Ins *ins, Val flag) {
    if (flag.type->kind == TY_LIT_BOOL && flag.type->value) return none();
    if (NUMBA(b) && flag.type->kind != TY_LIT_BOOL) return none(); /* zero, as Numba has it */
    const char *text = "cannot access local variable '%s' where it is not associated with a value";
    check(b, ref_of(b, flag), "UnboundLocalError", hl_arena_printf(&b->c->arena, text, ins->aux.name));
    bool never = flag.type->kind == TY_LIT_BOOL; /* nothing behind it is reached */
    return never ? literal(hl_type(TY_BOTTOM)) : none();
}

/* The type that all values of a local are shown as: a sum that begins as the int 0 is a float. */
static const Type *shown_type(const Builder *b, const char *name, const Type *own) {
    const Func *u = b->instance->untyped;
    const Type *all = own = hl_type_unliteral(own);
    for (Ref r = 1; r < u->ins.len; r++) {
        const Ins *ins = hl_ins(u, r);
        if (ins->op != OP_PY_BIND || ins->aux.name != name) continue;
        const Type *other = b->instance->types[ins->args[0]];
        if (other && other->kind != TY_BOTTOM) all = hl_type_join(all, hl_type_unliteral(other));
    }
    return hl_type_is_scalar(all) || all->kind == TY_ARRAY ? all : own;
}

static Val bind_local(Builder *b, const char *name, Val v) {
    if (ANALYSING(b) || !b->f->options.debug) return none();
    Val shown = convert(b, v, shown_type(b, name, v.type));
    if (!ok(shown)) return NO_VAL;
    Ref packed = pack(b, shown);
    op(b, OP_BIND, NULL, &packed, 1, (Aux){.name = name});
    return none();
}

/* Strings are none to match; whether arrays are depends on NumPy. */
static Val is_sequence(Builder *b, Val v) {
    TypeKind kind = (TypeKind)v.type->kind;
    bool fits = kind == TY_ARRAY ? b->c->host->array_is_sequence()
                                 : kind == TY_TUPLE || kind == TY_LIST || kind == TY_RANGE;
    return literal(hl_type_lit_bool(fits));
}

static Val slice_value(Builder *b, const Val *args) {
    for (int i = 0; i < 3; i++)
        if (args[i].type->kind != TY_NONE && !is_index(args[i].type))
            return fail(b, DIAG_NOT_INDEXABLE, "a sequence", hl_type_show(args[i].type));
    return composite(b, TY_SLICE, args, 3);
}

static Val tuple_extend(Builder *b, Val x, Val y) {
    if (x.type->kind == TY_TUPLE && y.type->kind == TY_TUPLE) return tuple_concat(b, x, y);
    return fail(b, DIAG_NOT_ITERABLE, hl_type_show(y.type));
}

/* The words of py.unsupported name a construct, or begin with the diagnostic that they are the argument of. */
static Val unsupported(Builder *b, const char *words) {
    static const DiagId ids[] = {DIAG_UNDEFINED_NAME, DIAG_BIG_INT};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const char *name = hl_diag_info(ids[i])->name;
        size_t len = strlen(name);
        if (strncmp(words, name, len) == 0 && words[len] == ':') return fail(b, ids[i], words + len + 1);
    }
    return fail(b, DIAG_UNSUPPORTED_CONSTRUCT, words);
}

/* Lists, sets and cells. */
static Val answer_of_lists(Builder *b, const Ins *ins, const Val *args) {
    switch ((int)ins->op) {
    case OP_PY_LIST: return display(b, ins, args);
    case OP_PY_LIST_APPEND: return call_known(b, "list.append", args, 2);
    case OP_PY_LIST_EXTEND: return list_extend(b, args[0], args[1]);
    case OP_PY_SET: return set_display(b, args, ins->nargs);
    case OP_PY_SET_TABLE: return set_table(b, args, ins->nargs);
    case OP_PY_SET_ADD: return set_add(b, args[0], args[1]);
    case OP_PY_SET_UPDATE: return set_update(b, args[0], args[1]);
    case OP_PY_CELL_GET: return cell_get(b, args[0], ins->aux.name);
    case OP_PY_CELL_SET: return cell_set(b, args[0], args[1]) ? none() : NO_VAL;
    default: return fail(b, DIAG_INTERNAL, "a typed operation in untyped code");
    }
}

static Val answer(Builder *b, const Ins *ins, const Val *args) {
    if (uses_iterator_again(b, ins, args)) return unsupported(b, "an iterator that is used more than once");
    switch ((Op)ins->op) {
    case OP_PY_CONST: return python_constant(b, ins);
    case OP_PY_CONST_ARRAY: return constant_array(b, ins);
    case OP_PY_UNDEF: return literal(hl_type(TY_UNDEF));
    case OP_PY_BINARY: return binary(b, (BinaryOp)ins->aux.i, args[0], args[1]);
    case OP_PY_INPLACE: return inplace(b, (BinaryOp)ins->aux.i, args[0], args[1]);
    case OP_PY_UNARY: return unary(b, (UnaryOp)ins->aux.i, args[0]);
    case OP_PY_COMPARE: return compare_values(b, (CompareOp)ins->aux.i, args[0], args[1]);
    case OP_PY_IS: return is_same(b, args[0], args[1], ins->aux.i != 0);
    case OP_PY_CONTAINS: return contains(b, args[0], args[1], ins->aux.i != 0);
    case OP_PY_TRUTH: return truth(b, args[0]);
    case OP_PY_GETATTR: return get_attribute(b, args[0], ins->aux.name);
    case OP_PY_SETATTR: return fail(b, DIAG_UNSUPPORTED_CONSTRUCT, "assignment to an attribute");
    case OP_PY_GETITEM: return getitem(b, args[0], args[1]);
    case OP_PY_SETITEM: return setitem(b, args[0], args[1], args[2]) ? none() : NO_VAL;
    case OP_PY_FORMAT: return text_of(b, args[0], ins->aux.i, ins->nargs == 2 ? args[1] : NO_VAL);
    case OP_PY_TEXT: return text_join(b, args, ins->nargs);
    case OP_PY_DELITEM: return delitem(b, args[0], args[1]) ? none() : NO_VAL;
    case OP_PY_SLICE: return slice_value(b, args);
    case OP_PY_TUPLE: return tuple_val(b, args, ins->nargs);
    case OP_PY_TUPLE_EXTEND: return tuple_extend(b, args[0], args[1]);
    case OP_PY_UNPACK: return unpack_items(b, args[0], (uint32_t)ins->aux.i);
    case OP_PY_UNPACK_EX:
        return unpack_ex(b, args[0], (uint32_t)(ins->aux.i & 255), (uint32_t)(ins->aux.i >> 8));
    case OP_PY_LEN: return length(b, args[0]);
    case OP_PY_IS_SEQUENCE: return is_sequence(b, args[0]);
    case OP_PY_ITEM: return args[0].parts[ins->aux.i];
    case OP_PY_FUNCTION: return function_value(b, ins, args);
    case OP_PY_CALL: return call_instruction(b, ins, args);
    case OP_PY_CALL_STAR: return call_star(b, args[0], args[1]);
    case OP_PY_ITER: return iter(b, args[0]);
    case OP_PY_ITER_MORE: return iter_more(b, args[0]);
    case OP_PY_ITER_VALUE: return iter_value(b, args[0]);
    case OP_PY_ITER_STEP: return iter_step(b, args[0]);
    case OP_PY_CHECK_BOUND: return check_bound(b, ins, args[0]);
    case OP_PY_BIND: return bind_local(b, ins->aux.name, args[0]);
    case OP_PY_OBSERVE: return args[0];
    case OP_PY_OPERATE: return fail(b, DIAG_UNSUPPORTED_CONSTRUCT, "an operation on Python's objects");
    case OP_PY_OBJECT: return box_value(b, args[0]);
    case OP_PY_PROMISED: return promised_value(b, args[0], ins->aux.name);
    case OP_PY_DECLARED: return declared_value(b, args[0], ins->aux.name);
    case OP_PY_UNSUPPORTED: return unsupported(b, ins->aux.name);
    case OP_PY_FAILED:
    case OP_PY_CATCH:
    case OP_PY_PUSH_EXC:
    case OP_PY_POP_EXCEPT:
    case OP_PY_EXC_MATCH:
    case OP_PY_THROW:
    case OP_PY_THROW_FROM:
    case OP_PY_THROW_AGAIN:
    case OP_PY_RERAISE:
    case OP_PY_POLL: return exception_instruction(b, ins, args);
    case OP_PY_WITH:
    case OP_PY_WITH_EXCEPT: return unsupported(b, "a with statement");
    default: return answer_of_lists(b, ins, args);
    }
}

Val evaluate(Builder *b, const Ins *ins, const Val *args) {
    return numba_val(b, answer(b, ins, args));
}
