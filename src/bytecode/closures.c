/* closures: which variables a function shares with the functions inside it, and how each is handed to them.
 *
 * In: a decoded function and its blocks. Out: its Scope: a Variable for each cell and free variable, an Inner for each
 * code object among its constants. An inner function is compiled as one with more parameters: the variables it
 * captures stand behind its own ("lambda lifting"). How a variable is captured depends on what can happen to it:
 *
 *   VALUE     nobody assigns it once a function that captures it exists: its value is handed over
 *   FUNCTION  the only assignment is the `def` of an inner function: handed over is what that function captures, so that
 *             functions may call themselves and each other
 *   CELL      anything else: a cell that all of them share
 *   FROZEN    a variable of a function outside the compiled one: a constant
 *
 * Where inner functions are not only called by compiled code (Code.hands_out) no call is followed: what is assigned anywhere behind
 * is a CELL, which is Python's own then, and a variable of a function outside is one too when it is assigned.
 *
 * "Once it exists" ends with its last use: a lambda in a loop may capture the loop's variable, and one that is only an
 * argument of a call is gone behind it. Should such a function come back as the result of a call, inference refuses it
 * (Host.is_passing). Scopes are made once for each function of a compilation, so that a Variable or Inner is the
 * same one wherever it is met.
 */
#include "bytecode/internal.h"

#include <opcode.h>

/* ---- code objects inside code objects ------------------------------------------------------------------ */

static PyObject *nested_code(const PyCodeObject *code, Py_ssize_t constant) {
    PyObject *object = PyTuple_GET_ITEM(code->co_consts, constant);
    return PyCode_Check(object) ? object : NULL;
}

/* Is this name assigned or deleted, as nonlocal, by the code or by code inside it? */
static bool assigns_free(PyCodeObject *code, const char *name) {
    PyObject *bytes = PyCode_GetCode(code);
    if (!bytes) {
        PyErr_Clear();
        return true;
    }
    const uint8_t *units = (const uint8_t *)PyBytes_AS_STRING(bytes);
    Py_ssize_t first_free = code->co_nlocalsplus - code->co_nfreevars;
    bool found = false;
    for (Py_ssize_t i = 0, arg = 0; i < PyBytes_GET_SIZE(bytes) && !found; i += 2) {
        arg = arg << 8 | units[i + 1];
        if (units[i] == EXTENDED_ARG) continue;
        found = (units[i] == STORE_DEREF || units[i] == DELETE_DEREF) && arg >= first_free &&
                hl_bc_text(PyTuple_GET_ITEM(code->co_localsplusnames, arg)) == name;
        arg = 0;
    }
    Py_DECREF(bytes);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts) && !found; i++)
        found = nested_code(code, i) && assigns_free((PyCodeObject *)nested_code(code, i), name);
    return found;
}

/* ---- where a value goes --------------------------------------------------------------------------------- */

/* The instruction that takes the value on top of the stack before instruction i, along one path; BC_NONE: not found. */
uint32_t hl_bc_consumer(const Code *code, uint32_t i) {
    for (uint32_t above = 0; i < code->ninstrs;) { /* entries above the value */
        const Instr *instr = &code->instrs[i];
        enum BcFlow flow = hl_bc_handlers[instr->handler].flow;
        bool jumps = flow == FLOW_JUMP || instr->handler == BH_for_iter;
        bool grows =
            instr->handler == BH_list_append || instr->handler == BH_list_extend; /* a list under its item */
        if (grows && instr->arg == above) {
            above--, i++;
            continue;
        }
        if (instr->pops > above || flow == FLOW_END) return instr->pops > above ? i : BC_NONE;
        above += (jumps ? instr->jump_pushes : instr->pushes) - instr->pops;
        if (jumps && flow == FLOW_JUMP && instr->target <= i) return BC_NONE;
        i = jumps ? instr->target : i + 1;
    }
    return BC_NONE;
}

/* ---- making functions ---------------------------------------------------------------------------------- */

enum { HAS_DEFAULTS = 1, HAS_KW_DEFAULTS = 2, HAS_ANNOTATIONS = 4, HAS_CLOSURE = 8 };

/* The inner function that instruction i makes; NULL when it makes none. */
Inner *hl_bc_made_function(const Code *code, const Scope *scope, uint32_t i) {
    if (code->instrs[i].op != MAKE_FUNCTION || i == 0 || code->instrs[i - 1].handler != BH_load_const)
        return NULL;
    return scope->inners[code->instrs[i - 1].arg];
}

uint32_t hl_bc_behind_function(const Code *code, uint32_t i) {
    do
        i++;
    while (i < code->ninstrs && code->instrs[i].handler == BH_set_function_attribute);
    return i;
}

/* Which defaults and annotations the function made at i has (up to Python 3.12 its argument says it). */
static uint32_t function_flags(const Code *code, uint32_t i) {
    uint32_t flags = code->instrs[i].pops > 1 || code->instrs[i].arg ? code->instrs[i].arg : 0;
    for (uint32_t k = i + 1; k < hl_bc_behind_function(code, i); k++)
        flags |= code->instrs[k].arg;
    return flags;
}

static bool is_assigned_at(const Code *code, uint32_t i, uint32_t local) {
    uint8_t handler = code->instrs[i].handler;
    return code->instrs[i].arg == local && (handler == BH_store_fast || handler == BH_delete_fast ||
                                            handler == BH_save_fast || handler == BH_restore_fast);
}

/* ---- generator expressions ----------------------------------------------------------------------------- */

bool hl_bc_is_generator(const Inner *inner) {
    const PyCodeObject *code = (const PyCodeObject *)inner->function->func_code;
    return PyUnicode_CompareWithASCIIString(code->co_name, "<genexpr>") == 0 && code->co_flags & CO_GENERATOR;
}

/* The same code as another function: one for each use. */
static Inner *make_variant(Compile *c, const Inner *inner, GeneratorUse use) {
    PyObject *function = PyFunction_New(inner->function->func_code, inner->function->func_globals);
    if (!function) {
        PyErr_Clear();
        return NULL;
    }
    hl_python_keep(c, function);
    Py_DECREF(function);
    Inner *variant = hl_new(&c->arena, Inner);
    *variant = *inner;
    variant->function = (PyFunctionObject *)function;
    variant->use = use;
    hl_map_set(&c->arena, &c->inner_functions, (uintptr_t)function, variant);
    return variant;
}

const void *hl_bc_generator(Compile *c, const void *function, GeneratorUse use) {
    Inner *inner = hl_map_get(&c->inner_functions, (uintptr_t)function);
    if (!inner || inner->use || !hl_bc_is_generator(inner)) return NULL;
    if (!inner->variants[use]) inner->variants[use] = make_variant(c, inner, use);
    return inner->variants[use] ? inner->variants[use]->function : NULL;
}

/* ---- variables ----------------------------------------------------------------------------------------- */

static bool is_parameter(const Code *code, uint32_t local) {
    return local < hl_bc_nparameters(code->object);
}

/* The inner function whose `def` is the only assignment to this cell; NULL when there are others. */
static Inner *only_function(const Code *code, const Scope *scope, uint32_t local) {
    Inner *found = NULL;
    for (uint32_t i = 0, count = 0; i < code->ninstrs; i++) {
        Inner *made = hl_bc_made_function(code, scope, i);
        uint32_t behind = made ? hl_bc_behind_function(code, i) : 0;
        bool plain = made && !(function_flags(code, i) & (HAS_DEFAULTS | HAS_KW_DEFAULTS));
        if (plain && behind < code->ninstrs && is_assigned_at(code, behind, local)) found = made;
        count += is_assigned_at(code, i, local);
        if (count > 1) return NULL;
    }
    return is_parameter(code, local) ? NULL : found;
}

static bool is_shared_out(const Code *code, const char *name) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->object->co_consts); i++) {
        PyObject *nested = nested_code(code->object, i);
        if (nested && assigns_free((PyCodeObject *)nested, name)) return true;
    }
    return false;
}

static bool is_free_assigned(const Code *code, uint32_t local) {
    for (uint32_t i = 0; i < code->ninstrs; i++) {
        uint8_t handler = code->instrs[i].handler;
        if (code->instrs[i].arg == local && (handler == BH_store_free || handler == BH_delete_free))
            return true;
    }
    return is_shared_out(code, hl_bc_local_name(code, local));
}

static Variable *outside(Compile *c, const Code *code, uint32_t local) {
    Variable *v = hl_new(&c->arena, Variable);
    PyObject *closure = PyFunction_GET_CLOSURE((PyObject *)code->function);
    Py_ssize_t index = (Py_ssize_t)local - (code->object->co_nlocalsplus - code->object->co_nfreevars);
    PyObject *cell = closure ? PyTuple_GET_ITEM(closure, index) : NULL;
    PyObject *object = cell ? PyCell_GET(cell) : NULL;
    bool shared = code->foreign && cell && (!object || is_free_assigned(code, local));
    *v = (Variable){hl_bc_local_name(code, local), shared ? VARIABLE_CELL : VARIABLE_FROZEN, NULL, object,
                    cell};
    return v;
}

static void make_variables(Compile *c, const Code *code, Scope *scope) {
    uint32_t first_free = code->nlocals - (uint32_t)code->object->co_nfreevars;
    scope->variables = hl_new_array(&c->arena, Variable *, code->nlocals + 1);
    for (uint32_t local = 0; local < code->nlocals; local++) {
        if (hl_bc_is_free(code, local)) {
            scope->variables[local] =
                scope->self ? scope->self->free[local - first_free] : outside(c, code, local);
        } else if (hl_bc_is_cell(code, local)) {
            scope->variables[local] = hl_new(&c->arena, Variable);
            *scope->variables[local] =
                (Variable){.name = hl_bc_local_name(code, local), .kind = VARIABLE_VALUE};
        }
    }
}

/* ---- inner functions ----------------------------------------------------------------------------------- */

static Variable *find_variable(const Code *code, const Scope *scope, const char *name) {
    for (uint32_t local = 0; local < code->nlocals; local++)
        if (scope->variables[local] && scope->variables[local]->name == name) return scope->variables[local];
    return NULL;
}

static Inner *make_inner(Compile *c, const Code *code, const Scope *scope, PyObject *object,
                         uint32_t constant) {
    PyCodeObject *inner_code = (PyCodeObject *)object;
    PyObject *function = PyFunction_New(object, code->function->func_globals);
    if (!function) {
        PyErr_Clear();
        return NULL;
    }
    hl_python_keep(c, function);
    Py_DECREF(function);
    Inner *inner = hl_new(&c->arena, Inner);
    inner->function = (PyFunctionObject *)function;
    inner->constant = constant;
    uint32_t n = (uint32_t)inner_code->co_nfreevars;
    uint32_t first_free = (uint32_t)inner_code->co_nlocalsplus - n;
    inner->free = hl_new_array(&c->arena, Variable *, n + 1);
    inner->nfree = n;
    for (uint32_t i = 0; i < n; i++) {
        const char *name =
            hl_bc_text(PyTuple_GET_ITEM(inner_code->co_localsplusnames, (Py_ssize_t)(first_free + i)));
        inner->free[i] = find_variable(code, scope, name);
        if (!inner->free[i]) return NULL; /* of a class body, which is refused */
    }
    hl_map_set(&c->arena, &c->inner_functions, (uintptr_t)function, inner);
    return inner;
}

static void make_inners(Compile *c, const Code *code, Scope *scope) {
    Py_ssize_t n = PyTuple_GET_SIZE(code->object->co_consts);
    scope->inners = hl_new_array(&c->arena, Inner *, (size_t)n + 1);
    for (Py_ssize_t i = 0; i < n; i++)
        if (nested_code(code->object, i))
            scope->inners[i] = make_inner(c, code, scope, nested_code(code->object, i), (uint32_t)i);
    scope->ninners = (uint32_t)n;
}

static bool capture(Compile *c, Inner *inner, Variable *v) {
    for (uint32_t i = 0; i < inner->captures.len; i++)
        if (inner->captures.data[i] == v) return false;
    hl_push(&c->arena, &inner->captures, v);
    return true;
}

/* One round over what an inner function uses; did it come to capture more? */
static bool add_captures(Compile *c, Inner *inner) {
    bool changed = false;
    for (uint32_t i = 0; i < inner->nfree; i++) {
        Variable *v = inner->free[i];
        if (v->kind == VARIABLE_VALUE || (v->kind == VARIABLE_CELL && !v->cell))
            changed |= capture(c, inner, v);
        if (v->kind != VARIABLE_FUNCTION) continue;
        for (uint32_t k = 0; k < v->function->captures.len; k++)
            changed |= capture(c, inner, v->function->captures.data[k]);
    }
    return changed;
}

static void find_captures(Compile *c, Scope *scope) {
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < scope->ninners; i++)
            if (scope->inners[i]) changed |= add_captures(c, scope->inners[i]);
    }
}

/* ---- what is assigned after it was captured ------------------------------------------------------------ */

typedef struct Reach {
    const Code *code;
    const BcCfg *cfg;
    bool *seen;      /* by block, and whether the variable was assigned on the way */
    uint32_t holder; /* the local that holds the function; BC_NONE: nobody can tell where it goes */
    uint32_t local;  /* of the captured variable */
    bool assigned;   /* it is, somewhere behind */
} Reach;

static bool used_behind(Reach *r, uint32_t block, uint32_t i, bool assigned);

static bool used_in(Reach *r, uint32_t block, bool assigned) {
    bool *seen = &r->seen[2 * block + assigned];
    if (*seen) return false;
    *seen = true;
    return used_behind(r, block, r->cfg->blocks[block].first, assigned);
}

/* Follows a path on from instruction i: is the function used when the variable has been assigned? */
static bool used_behind(Reach *r, uint32_t block, uint32_t i, bool assigned) {
    const BcBlock *b = &r->cfg->blocks[block];
    for (; i < b->end; i++) {
        const Instr *instr = &r->code->instrs[i];
        bool handled = instr->handler_at != BC_NONE && hl_bc_may_raise(r->code, instr, NULL);
        if (handled && used_in(r, r->cfg->block_at[instr->handler_at], assigned)) return true;
        assigned |= is_assigned_at(r->code, i, r->local);
        r->assigned |= assigned;
        if (r->holder == BC_NONE ? assigned : is_assigned_at(r->code, i, r->holder))
            return r->holder == BC_NONE;
        if (assigned && instr->handler == BH_load_fast && instr->arg == r->holder) return true;
    }
    for (uint32_t s = 0; s < b->nsuccs; s++)
        if (used_in(r, b->succs[s], assigned)) return true;
    return false;
}

static bool is_call(const Code *code, uint32_t i) {
    uint8_t handler = i == BC_NONE ? BH_refuse : code->instrs[i].handler;
    return handler == BH_call || handler == BH_call_kw || handler == BH_call_star;
}

/* The local that a function is stored in by the instruction behind it and from there only called or passed to calls;
 * BC_NONE when it may go elsewhere. */
static uint32_t holder_of(const Code *code, uint32_t behind) {
    const Instr *store = &code->instrs[behind];
    if (store->handler != BH_store_fast || hl_bc_is_cell(code, store->arg)) return BC_NONE;
    for (uint32_t i = 0; i < code->ninstrs; i++)
        if (code->instrs[i].handler == BH_load_fast && code->instrs[i].arg == store->arg &&
            !is_call(code, hl_bc_consumer(code, i + 1)))
            return BC_NONE;
    return store->arg;
}

static uint32_t own_local(const Code *code, const Scope *scope, const Variable *v) {
    for (uint32_t local = 0; local < code->nlocals; local++)
        if (scope->variables[local] == v && hl_bc_is_cell(code, local)) return local;
    return BC_NONE;
}

/* Is it a comprehension, which is called where it is made and leaves nothing that could use its variables? */
static bool is_gone_behind(const Inner *inner) {
    static const char *const names[] = {"<listcomp>", "<setcomp>", "<dictcomp>"};
    const PyCodeObject *code = (const PyCodeObject *)inner->function->func_code;
    bool is_one = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        is_one |= PyUnicode_CompareWithASCIIString(code->co_name, names[i]) == 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++)
        is_one &= !nested_code(code, i);
    return is_one;
}

/* The captured variables that are not bound for sure here, or that may be assigned while the function that instruction
 * i makes is still in use, are shared as cells. */
static void check_captures(Compile *c, Reach *r, const Scope *scope, uint32_t block, uint32_t i,
                           const uint64_t *bound) {
    Inner *inner = hl_bc_made_function(r->code, scope, i);
    uint32_t behind = hl_bc_behind_function(r->code, i);
    bool consumed = is_call(r->code, hl_bc_consumer(r->code, behind));
    bool follows = !r->code->hands_out || is_gone_behind(inner);
    consumed &= follows;
    r->holder = !follows || consumed || behind == r->code->ninstrs ? BC_NONE : holder_of(r->code, behind);
    for (uint32_t k = 0; k < inner->captures.len; k++) {
        Variable *v = inner->captures.data[k];
        r->local = own_local(r->code, scope, v);
        if (r->local == BC_NONE || v->kind != VARIABLE_VALUE) continue;
        r->seen = hl_new_array(&c->arena, bool, 2 * r->cfg->nblocks);
        r->assigned = false;
        bool used = used_behind(r, block, behind + (r->holder != BC_NONE), false);
        inner->passing |= r->assigned;
        if ((used && !consumed) || !bit_get(bound, r->local)) v->kind = VARIABLE_CELL;
    }
}

static void find_cells(Compile *c, const Code *code, const BcCfg *cfg, const Scope *scope) {
    Reach r = {.code = code, .cfg = cfg};
    uint64_t *bound = hl_new_array(&c->arena, uint64_t, bit_words(code->nlocals) + 1);
    for (uint32_t b = 0; b < cfg->nblocks; b++) {
        for (uint32_t w = 0; w < bit_words(code->nlocals); w++)
            bound[w] = cfg->blocks[b].bound[w];
        for (uint32_t i = cfg->blocks[b].first; i < cfg->blocks[b].end; i++) {
            if (hl_bc_made_function(code, scope, i)) check_captures(c, &r, scope, b, i, bound);
            hl_bc_step_bound(&code->instrs[i], bound);
        }
    }
}

/* ---- the scope ----------------------------------------------------------------------------------------- */

static const BcCfg *whole_cfg(Compile *c, const Code *code) {
    uint64_t *bound = hl_new_array(&c->arena, uint64_t, bit_words(code->nlocals) + 1);
    for (uint32_t i = 0; i < hl_bc_nparameters(code->object); i++)
        bit_set(bound, hl_bc_parameter_local(code->object, i));
    return hl_bc_cfg(c, code, 0, 0, bound);
}

const Scope *hl_bc_scope(Compile *c, const Code *code) {
    Scope *scope = hl_map_get(&c->scopes, (uintptr_t)code->function);
    if (scope) return scope;
    scope = hl_new(&c->arena, Scope);
    scope->self = hl_map_get(&c->inner_functions, (uintptr_t)code->function);
    make_variables(c, code, scope);
    make_inners(c, code, scope);
    for (uint32_t local = 0; local < code->nlocals; local++) {
        if (!hl_bc_is_cell(code, local)) continue;
        Variable *v = scope->variables[local];
        bool is_value = code->hands_out || is_shared_out(code, v->name);
        v->function = is_value ? NULL : only_function(code, scope, local);
        v->kind = v->function                    ? VARIABLE_FUNCTION
                  : is_shared_out(code, v->name) ? VARIABLE_CELL
                                                 : VARIABLE_VALUE;
    }
    find_captures(c, scope);
    const BcCfg *cfg = scope->ninners ? whole_cfg(c, code) : NULL;
    if (cfg) find_cells(c, code, cfg, scope);
    hl_map_set(&c->arena, &c->scopes, (uintptr_t)code->function, scope);
    return scope;
}

/* ---- inner functions as Python's ------------------------------------------------------------------------ */

/* Where the cell of a free variable comes from: itself, or 2 * the number of the capture, and 1 when that is a cell. */
static PyObject *source_of(const Inner *inner, const Variable *v) {
    if (v->cell) return Py_NewRef(v->cell);
    long i = 0;
    while ((uint32_t)i < inner->captures.len && inner->captures.data[i] != v)
        i++;
    return PyLong_FromLong(2 * i + (v->kind == VARIABLE_CELL));
}

uint32_t hl_bc_function_constant(Compile *c, const void *function) {
    const Inner *inner = hl_map_get(&c->inner_functions, (uintptr_t)function);
    return inner->constant;
}

const void *hl_bc_function_parts(Compile *c, const void *function) {
    const Inner *inner = hl_map_get(&c->inner_functions, (uintptr_t)function);
    PyObject *sources = inner ? PyTuple_New(inner->nfree) : NULL;
    for (uint32_t i = 0; sources && i < inner->nfree; i++) {
        PyObject *source = source_of(inner, inner->free[i]);
        if (source)
            PyTuple_SET_ITEM(sources, i, source);
        else
            Py_CLEAR(sources);
    }
    PyObject *parts =
        sources ? PyTuple_Pack(3, inner->function->func_code, inner->function->func_globals, sources) : NULL;
    if (parts)
        hl_python_keep(c, parts);
    else
        PyErr_Clear();
    Py_XDECREF(sources);
    Py_XDECREF(parts);
    return parts;
}

/* ---- inner functions that Python calls ------------------------------------------------------------------ */

/* Where a captured variable is found, when its cell is not one of the function's own. */
static bool find_capture(const Inner *inner, const Variable *v, HlCapture *out) {
    for (uint32_t i = 0; i < inner->nfree; i++) {
        const Inner *holder = inner->free[i]->kind == VARIABLE_FUNCTION ? inner->free[i]->function : NULL;
        if (inner->free[i] == v) *out = (HlCapture){i, BC_NONE};
        for (uint32_t k = 0; holder && k < holder->nfree; k++)
            if (holder->free[k] == v) *out = (HlCapture){k, i};
        if (inner->free[i] == v) return true;
    }
    return out->number != BC_NONE;
}

/* A call is given the value that a variable has then; one that inner functions assign may get another meanwhile. */
static bool take_value(const Code *outer, Variable *v) {
    if (v->kind == VARIABLE_CELL && is_shared_out(outer, v->name)) return false;
    v->kind = VARIABLE_VALUE;
    return true;
}

static PyObject *expected_in(const Variable *v) {
    if (v->kind == VARIABLE_FUNCTION) return v->function->function->func_code;
    return v->kind == VARIABLE_FROZEN ? v->cell : NULL;
}

static Inner *inner_of(Compile *c, const void *outer, PyObject *code, const Code **decoded) {
    *decoded = hl_bc_decode(c, (PyFunctionObject *)outer);
    const Scope *scope = *decoded ? hl_bc_scope(c, *decoded) : NULL;
    for (uint32_t i = 0; scope && i < scope->ninners; i++)
        if (scope->inners[i] && scope->inners[i]->function->func_code == code) return scope->inners[i];
    return NULL;
}

bool hl_bytecode_inner(Compile *c, const void *outer, PyObject *code, HlInner *out) {
    const Code *decoded;
    const Inner *inner = inner_of(c, outer, code, &decoded);
    if (!inner) return false;
    uint32_t n = inner->captures.len;
    HlCapture *captures = hl_new_array(&c->arena, HlCapture, n + 1);
    const void **expected = hl_new_array(&c->arena, const void *, inner->nfree + 1);
    for (uint32_t i = 0; i < n; i++) {
        captures[i].number = BC_NONE;
        if (!take_value(decoded, inner->captures.data[i])) return false;
        if (!find_capture(inner, inner->captures.data[i], &captures[i])) return false;
    }
    for (uint32_t i = 0; i < inner->nfree; i++)
        expected[i] = expected_in(inner->free[i]);
    *out = (HlInner){inner->function, captures, n, expected, inner->nfree};
    return true;
}
