/* objmode: the blocks `with objmode(y="float64[:]"):` of a function, whose statements Python runs.
 *
 * In: decoded instructions. Out: an ObjmodeBlock for each of them, Instr.objmode for the instructions inside. The call of objmode
 * does nothing any more: what it names is looked at here. A block ends where its __exit__ would be called, and there its
 * outputs become the typed values it promised (handle_control.c). Nothing is left of the handler that would call __exit__:
 * exceptions go where they go around the block.
 *
 * Numba's rules, checked here: what code behind a block uses of what it assigns is named with its type, and nothing else.
 * A block inside a block is Python's, where objmode does nothing.
 */
#include "bytecode/internal.h"

typedef struct Finder {
    Compile *c;
    Code *code;
} Finder;

/* Is it there for the calling convention, or for nothing? */
static bool loads_nothing(const Instr *instr) {
    return instr->handler == BH_nop || instr->handler == BH_push_null || instr->handler == BH_kw_names;
}

/* An expression of plain loads, read from left to right. */
typedef struct Reader {
    const Finder *finder;
    uint32_t at, end;
} Reader;

static bool refuse(const Finder *f, DiagId id, Loc loc, const char *words) {
    const PyCodeObject *object = f->code->object;
    hl_diag_set(&f->c->arena, &f->c->diag, id, hl_bc_text(object->co_filename),
                hl_bc_text(f->code->function->func_qualname), loc, words);
    return false;
}

/* ---- names ----------------------------------------------------------------------------------------------- */

static const Instr *next_of(Reader *r) {
    while (r->at < r->end && loads_nothing(&r->finder->code->instrs[r->at]))
        r->at++;
    return &r->finder->code->instrs[r->at];
}

static PyObject *name_at(const Code *code, uint32_t index) {
    return PyTuple_GET_ITEM(code->object->co_names, (Py_ssize_t)index);
}

static PyObject *attribute_name(const Code *code, const Instr *instr) {
    bool is_shifted = instr->handler == BH_load_attr && PY_SINCE(312);
    return name_at(code, is_shifted ? instr->arg >> 1 : instr->arg);
}

/* The value of a global or a nonlocal variable, borrowed; NULL with *why: it has none, or this loads something else. */
static PyObject *read_variable(Reader *r, const char **why) {
    const Code *code = r->finder->code;
    const Instr *instr = next_of(r);
    Arena *arena = &r->finder->c->arena;
    PyObject *value = NULL;
    *why = "The value must be a compile-time constant either as a non-local variable or a getattr expression "
           "that "
           "refers to a Numba type";
    if (instr->handler == BH_load_global) {
        value = hl_bc_global(code, name_at(code, instr->arg >> 1));
        if (!value)
            *why = hl_arena_printf(arena, "Global '%s' is not defined",
                                   hl_bc_text(name_at(code, instr->arg >> 1)));
    } else if (instr->handler == BH_load_free) {
        uint32_t first = code->nlocals - (uint32_t)code->object->co_nfreevars;
        PyObject *closure = PyFunction_GET_CLOSURE((PyObject *)code->function);
        value = closure ? PyCell_GET(PyTuple_GET_ITEM(closure, instr->arg - first)) : NULL;
        if (!value)
            *why = hl_arena_printf(arena, "Freevar '%s' is not defined", hl_bc_local_name(code, instr->arg));
    }
    r->at++;
    return value;
}

static bool is_attribute(const Instr *instr) {
    return instr->handler == BH_load_attr || instr->handler == BH_load_method;
}

/* A variable's value, or that of an attribute of it: a new reference. */
static PyObject *read_name(Reader *r, const char **why) {
    PyObject *value = Py_XNewRef(read_variable(r, why));
    for (; value && is_attribute(next_of(r)); r->at++) {
        Py_SETREF(value, PyObject_GetAttr(value, attribute_name(r->finder->code, next_of(r))));
        if (!value) *why = "Getattr cannot be resolved at compile-time";
        if (!value) PyErr_Clear();
    }
    return value;
}

/* ---- finding them ---------------------------------------------------------------------------------------- */

/* The first instruction of what makes the value that `i` pops, if that is a straight line; else BC_NONE. */
static uint32_t start_of_operand(const Code *code, uint32_t i) {
    uint32_t wanted = 1;
    while (wanted && i-- > 0) {
        const Instr *instr = &code->instrs[i];
        if (hl_bc_handlers[instr->handler].flow != FLOW_NEXT || instr->pushes > wanted) return BC_NONE;
        wanted += instr->pops - instr->pushes;
    }
    return wanted ? BC_NONE : i;
}

/* May the name mean objmode? Attributes of anything else are not looked at: that could run code. */
static bool may_be_objmode(const Reader *r) {
    Reader ahead = *r;
    const Code *code = r->finder->code;
    if (next_of(&ahead)->handler != BH_load_global && next_of(&ahead)->handler != BH_load_free) return false;
    const char *last = NULL, *why;
    PyObject *first = read_variable(&ahead, &why);
    for (; is_attribute(next_of(&ahead)); ahead.at++)
        last = hl_bc_text(attribute_name(code, next_of(&ahead)));
    return !last || (first && PyModule_Check(first) && !strncmp(last, "objmode", 7));
}

static bool reads_objmode(Reader *r) {
    const char *why;
    PyObject *value = may_be_objmode(r) ? read_name(r, &why) : NULL;
    PyObject *module = hl_bc_loaded_module("hotloop.core.withcontexts", false);
    PyObject *objmode = value && module ? PyObject_GetAttrString(module, "objmode_context") : NULL;
    bool is_objmode = objmode && value == objmode;
    PyErr_Clear();
    Py_XDECREF(objmode);
    Py_XDECREF(value);
    return is_objmode;
}

/* ---- what it promises ------------------------------------------------------------------------------------ */

static uint32_t local_named(const Code *code, PyObject *name) {
    for (uint32_t local = 0; local < code->nlocals; local++)
        if (hl_bc_local_name(code, local) == hl_bc_text(name)) return local;
    return BC_NONE;
}

/* What stands for a type: a new reference, or NULL with *why. */
static PyObject *read_value(Reader *r, const char **why) {
    const Instr *instr = next_of(r);
    PyObject *constants = r->finder->code->object->co_consts;
    bool is_const = instr->handler == BH_load_const;
    PyObject *value = is_const ? PyTuple_GET_ITEM(constants, (Py_ssize_t)instr->arg) : NULL;
    if (!value || !PyUnicode_Check(value)) return read_name(r, why);
    r->at++;
    return Py_NewRef(value);
}

/* The type as the core has it, or NULL with *why. */
static const char *read_type(Reader *r, PyObject *name, const char **why) {
    PyObject *value = read_value(r, why);
    if (!value) {
        const char *text = hl_bc_text(name);
        *why = hl_arena_printf(&r->finder->c->arena, "Error handling objmode argument '%s'. %s", text, *why);
        return NULL;
    }
    PyObject *module = hl_bc_loaded_module("hotloop.core.withcontexts", false);
    PyObject *text = PyObject_CallMethod(module, "promise", "OO", name, value);
    const char *found = text ? hl_bc_text(text) : NULL;
    if (!text) *why = hl_bc_take_error("the type is none");
    Py_XDECREF(text);
    Py_DECREF(value);
    return found;
}

static bool read_output(Reader *r, PyObject *name, ObjmodeBlock *block, Loc loc) {
    const Finder *f = r->finder;
    const char *why, *type = read_type(r, name, &why);
    if (!type) return refuse(f, DIAG_OBJMODE, loc, why);
    block->outputs[block->noutputs++] = (ObjmodeOutput){hl_bc_text(name), local_named(f->code, name), type};
    return true;
}

/* The names of the keyword arguments of the call at `call`, or NULL: there are none. */
static PyObject *keyword_names(const Code *code, uint32_t first, uint32_t call) {
    bool has_own = code->instrs[call].handler == BH_call_kw;
    for (uint32_t i = call; i-- > first;)
        if (code->instrs[i].handler == BH_kw_names || (has_own && i == call - 1))
            return PyTuple_GET_ITEM(code->object->co_consts, code->instrs[i].arg);
    return NULL;
}

static bool read_outputs(Reader *r, uint32_t first, uint32_t call, ObjmodeBlock *block) {
    const Code *code = r->finder->code;
    PyObject *names = keyword_names(code, first, call);
    Py_ssize_t n = names ? PyTuple_GET_SIZE(names) : 0;
    Loc loc = code->instrs[call].loc;
    if ((Py_ssize_t)code->instrs[call].arg > n)
        return refuse(r->finder, DIAG_OBJMODE, loc,
                      "objectmode context doesn't take any positional arguments");
    block->outputs = hl_new_array(&r->finder->c->arena, ObjmodeOutput, (size_t)n + 1);
    for (Py_ssize_t i = 0; i < n; i++)
        if (!read_output(r, PyTuple_GET_ITEM(names, i), block, loc)) return false;
    return true;
}

/* ---- what is inside -------------------------------------------------------------------------------------- */

/* Do exceptions of i go to this handler, perhaps through others inside? */
static bool is_protected(const Code *code, uint32_t i, uint32_t handler) {
    uint32_t at = code->instrs[i].handler_at;
    for (uint32_t n = 0; at != BC_NONE && at != handler && n < code->ninstrs; n++)
        at = code->instrs[at].handler_at;
    return at == handler;
}

static void take_handler(Instr *instr, const Instr *from) {
    instr->handler_at = from->handler_at;
    instr->handler_depth = from->handler_depth;
    instr->handler_place = from->handler_place;
}

/* Without a handler that goes on, none that only puts locals of a comprehension back is needed (decode.c). */
static void drop_handlers(Code *code, uint8_t number) {
    for (uint32_t i = 0; i < code->ninstrs; i++) {
        uint32_t at = code->instrs[i].handler_at;
        while (at != BC_NONE && code->instrs[at].handler == BH_swap)
            at = code->instrs[at].handler_at;
        if (code->instrs[i].objmode == number && at == BC_NONE) code->instrs[i].handler_at = BC_NONE;
    }
}

static void mark_inside(Code *code, uint32_t first, uint32_t enters, uint8_t number, ObjmodeBlock *block) {
    uint32_t handler = code->instrs[enters + 1].handler_at;
    bool has = handler != BC_NONE && handler != code->instrs[first].handler_at;
    code->instrs[enters + 1].objmode = number;
    block->depth = has ? code->instrs[enters + 1].handler_depth - 1 : 0;
    for (uint32_t i = enters + 1; has && i < code->ninstrs; i++)
        if (is_protected(code, i, handler)) code->instrs[i].objmode = number;
    for (uint32_t i = enters + 1; has && i < code->ninstrs; i++)
        if (code->instrs[i].handler_at == handler) take_handler(&code->instrs[i], &code->instrs[first]);
    drop_handlers(code, number);
}

/* The call of __exit__ that control which leaves a block for `i` runs into, with *keeps: a value is handed past it. BC_NONE:
 * `i` belongs to the block. */
static uint32_t exit_at(const Code *code, uint32_t i, bool *keeps) {
    for (uint32_t nones = 0; i < code->ninstrs; i++) {
        const Instr *instr = &code->instrs[i];
        bool none = instr->handler == BH_load_const &&
                    PyTuple_GET_ITEM(code->object->co_consts, instr->arg) == Py_None;
        if (instr->handler == BH_call && instr->arg == 2 && nones == 3) return i;
        *keeps |= instr->handler == BH_swap && !nones;
        nones += none;
        if (!none && instr->handler != BH_nop && !(instr->handler == BH_swap && !nones)) break;
    }
    return BC_NONE;
}

/* Follows the edge to `i` out of a block; false: there is another way out of it. */
static bool follow(Code *code, uint32_t i, uint8_t number, uint32_t *exit, bool *more) {
    if (i >= code->ninstrs || code->instrs[i].objmode == number) return true;
    bool keeps = false;
    uint32_t call = exit_at(code, i, &keeps);
    if (call == BC_NONE) {
        code->instrs[i].objmode = number;
        *more = true;
        return true;
    }
    if (keeps || (*exit != BC_NONE && *exit != call)) return false;
    *exit = call;
    return true;
}

/* Finds the one place where a block ends. */
static bool find_exit(Code *code, uint8_t number, uint32_t *exit) {
    bool good = true;
    *exit = BC_NONE;
    for (bool more = true; more && good;) {
        more = false;
        for (uint32_t i = 0; i < code->ninstrs && good; i++) {
            if (code->instrs[i].objmode != number) continue;
            enum BcFlow flow = hl_bc_handlers[code->instrs[i].handler].flow;
            if (flow == FLOW_NEXT || flow == FLOW_BRANCH) good = follow(code, i + 1, number, exit, &more);
            if (good && (flow == FLOW_JUMP || flow == FLOW_BRANCH))
                good = follow(code, code->instrs[i].target, number, exit, &more);
        }
    }
    return good;
}

static void skip_call(Code *code, uint32_t first, uint32_t enters, uint32_t number) {
    code->instrs[enters].loc = code->instrs[first].loc;
    for (uint32_t i = first; i <= enters; i++) {
        code->instrs[i].handler = i == enters ? BH_enter_objmode : BH_nop;
        code->instrs[i].pops = 0;
        code->instrs[i].pushes = i == enters ? 2 : 0;
    }
    code->instrs[enters].arg = number;
}

/* ---- what comes out -------------------------------------------------------------------------------------- */

typedef struct Search {
    const Code *code;
    uint32_t except; /* instructions inside this block are not looked at */
    bool *seen;
    VEC(uint32_t) todo;
} Search;

static void reach(Compile *c, Search *s, uint32_t i) {
    if (i >= s->code->ninstrs || s->seen[i] || s->code->instrs[i].objmode == s->except) return;
    s->seen[i] = true;
    hl_push(&c->arena, &s->todo, i);
}

static void reach_next(Compile *c, Search *s, uint32_t i) {
    const Instr *instr = &s->code->instrs[i];
    enum BcFlow flow = hl_bc_handlers[instr->handler].flow;
    if (flow == FLOW_NEXT || flow == FLOW_BRANCH) reach(c, s, i + 1);
    if (flow == FLOW_JUMP || flow == FLOW_BRANCH) reach(c, s, instr->target);
    if (instr->handler_at != BC_NONE && hl_bc_may_raise(s->code, instr, NULL)) reach(c, s, instr->handler_at);
}

static bool is_store(const Instr *instr) {
    return instr->handler == BH_store_fast || instr->handler == BH_delete_fast;
}

static bool is_use(const Instr *instr) {
    return instr->handler == BH_load_fast || instr->handler == BH_load_closure ||
           instr->handler == BH_delete_fast;
}

/* Is the local used behind the block as it left it? */
static bool is_live_behind(Compile *c, const Code *code, uint32_t number, uint32_t local) {
    Search s = {.code = code, .except = number, .seen = hl_new_array(&c->arena, bool, code->ninstrs + 1)};
    for (uint32_t i = 0; i < code->ninstrs; i++) /* where control leaves the block */
        if (code->instrs[i].objmode == number) reach_next(c, &s, i);
    s.except = BC_NONE;
    while (s.todo.len) {
        uint32_t i = hl_pop(&s.todo);
        const Instr *instr = &code->instrs[i];
        bool is_it = instr->arg == local;
        if (is_it && is_use(instr)) return true;
        if (!is_it || !is_store(instr)) reach_next(c, &s, i);
    }
    return false;
}

static bool is_assigned_in(const Code *code, uint32_t number, uint32_t local) {
    for (uint32_t i = 0; i < code->ninstrs; i++)
        if (code->instrs[i].objmode == number && code->instrs[i].arg == local && is_store(&code->instrs[i]))
            return true;
    return false;
}

static bool is_output(const ObjmodeBlock *block, uint32_t local) {
    for (uint32_t i = 0; i < block->noutputs; i++)
        if (block->outputs[i].local == local) return true;
    return false;
}

/* "'a', 'b'" */
static const char *add_name(Compile *c, const char *names, const char *name) {
    return names ? hl_arena_printf(&c->arena, "%s, '%s'", names, name)
                 : hl_arena_printf(&c->arena, "'%s'", name);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What is assigned inside, used behind and not named: "'t', 'u'", and the first of them; NULL: nothing is. */
static const char *missing_outputs(const Finder *f, const ObjmodeBlock *block, uint32_t number,
                                   const char **first) {
    const char **names = hl_new_array(&f->c->arena, const char *, f->code->nlocals + 1), *list = NULL;
    uint32_t n = 0;
    for (uint32_t local = 0; local < f->code->nlocals; local++)
        if (!is_output(block, local) && is_assigned_in(f->code, number, local) &&
            is_live_behind(f->c, f->code, number, local))
            names[n++] = hl_bc_local_name(f->code, local);
    qsort(names, n, sizeof *names, by_text);
    for (uint32_t i = 0; i < n; i++)
        list = add_name(f->c, list, names[i]);
    *first = names[0];
    return list;
}

static const char *extra_outputs(const Finder *f, const ObjmodeBlock *block, uint32_t number) {
    const char *list = NULL;
    for (uint32_t i = 0; i < block->noutputs; i++)
        if (!is_assigned_in(f->code, number, block->outputs[i].local))
            list = add_name(f->c, list, block->outputs[i].name);
    return list;
}

static bool check_outputs(const Finder *f, const ObjmodeBlock *block, uint32_t number, Loc loc) {
    Arena *arena = &f->c->arena;
    const char *first, *missing = missing_outputs(f, block, number, &first),
                       *extra = extra_outputs(f, block, number), *format, *words;
    if (!missing && !extra) return true;
    format = missing ? "Missing type annotation on outgoing variable(s): [%s]"
                     : "Invalid type annotation on non-outgoing variables: {%s}";
    words = hl_arena_printf(arena, format, missing ? missing : extra);
    refuse(f, DIAG_OBJMODE_OUTPUT, loc, words);
    format = "Example code: with objmode(%s='<add_type_as_string_here>')";
    if (missing) f->c->diag.hint = hl_arena_printf(arena, format, first);
    return false;
}

/* ---------------------------------------------------------------------------------------------------------- */

static bool add_block(Finder *f, uint32_t first, uint32_t enters) {
    Code *code = f->code;
    Reader r = {f, first, enters};
    uint32_t number = code->objmode.len + 1, exit;
    bool is_call =
        code->instrs[enters - 1].handler == BH_call || code->instrs[enters - 1].handler == BH_call_kw;
    if (!reads_objmode(&r)) return true;
    if (number > UINT8_MAX)
        return refuse(f, DIAG_OBJMODE, code->instrs[first].loc, "too many objmode blocks");
    ObjmodeBlock block = {0};
    if (is_call && !read_outputs(&r, first, enters - 1, &block)) return false;
    Loc loc = code->instrs[enters - 1].loc;
    mark_inside(code, first, enters, (uint8_t)number, &block);
    if (!find_exit(code, (uint8_t)number, &exit))
        return refuse(f, DIAG_UNSUPPORTED_CONSTRUCT, loc,
                      "leaving an objmode block by return, break or continue");
    skip_call(code, first, enters, number);
    if (exit != BC_NONE) code->instrs[exit].handler = BH_leave_objmode;
    if (exit != BC_NONE) code->instrs[exit].arg = number - 1;
    hl_push(&f->c->arena, &code->objmode, block);
    return check_outputs(f, &block, number, loc);
}

bool hl_bc_find_objmode(Compile *c, Code *code) {
    Finder f = {.c = c, .code = code};
    code->hands_out = code->foreign;
    for (uint32_t i = 1; i + 1 < code->ninstrs; i++) {
        if (code->instrs[i].handler != BH_before_with || code->instrs[i].objmode) continue;
        uint32_t first = start_of_operand(code, i);
        if (first != BC_NONE && !add_block(&f, first, i)) return false;
    }
    for (uint32_t i = 0; i < code->ninstrs; i++)
        code->hands_out |= code->instrs[i].objmode && code->instrs[i].handler == BH_make_function;
    return true;
}
