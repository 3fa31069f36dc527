/* decode: a code object as an array of instructions in one normal form for all Python versions.
 *
 * In: PyCode_GetCode (specialised and instrumented opcodes undone by CPython). Out: instructions without
 * caches and EXTENDED_ARG, jumps as instruction indices, superinstructions split, FOR_ITER jumping behind the
 * END_FOR it would skip, each with its location, its effect on the stack depth, its handler, and where its
 * exceptions go. All that differs between Pythons is in opcodes.def and in `normalise`.
 */
#include "bytecode/internal.h"

#include <opcode.h>

/* A row of opcodes.def vanishes before its opcode macro is looked at when this Python does not have it. */
#define SINCE_311(...) __VA_ARGS__
#if PY_SINCE(312)
#define SINCE_312(...) __VA_ARGS__
#define UNTIL_311(...)
#else
#define SINCE_312(...)
#define UNTIL_311(...) __VA_ARGS__
#endif
#if PY_SINCE(313)
#define SINCE_313(...) __VA_ARGS__
#define UNTIL_312(...)
#else
#define SINCE_313(...)
#define UNTIL_312(...) __VA_ARGS__
#endif
#define UNTIL_399(...) __VA_ARGS__
#define ROW(since, until, ...) SINCE_##since(UNTIL_##until(__VA_ARGS__))

const BcHandlerInfo hl_bc_handlers[BH_COUNT] = {
#define HANDLER(name, flow, accepts) {#name, FLOW_##flow, ACCEPTS_##accepts},
#include "handlers.def"
#undef HANDLER
};

const char *hl_bc_op_name(uint32_t op) {
    static const char *const names[256] = {
#define BC(name, since, until, pops, pushes, handler) ROW(since, until, [name] = #name, )
#define BC_JUMP(name, since, until, pops, pushes, jump_pushes, direction, handler)                           \
    ROW(since, until, [name] = #name, )
#define BC_PAIR(name, since, until, handler1, handler2) ROW(since, until, [name] = #name, )
#define BC_REFUSE(name, since, until, words) ROW(since, until, [name] = #name, )
#include "opcodes.def"
#undef BC
#undef BC_JUMP
#undef BC_PAIR
#undef BC_REFUSE
    };
    return op < 256 ? names[op] : NULL;
}

enum Direction { NOWHERE, FORWARD, BACKWARD };

/* What the table says of one opcode with one operand. */
typedef struct Row {
    uint32_t pops, pushes, jump_pushes;
    BcHandler handler, second; /* second: of a superinstruction, else BH_COUNT */
    enum Direction direction;
    const char *words;
} Row;

/* The row of an opcode; false for a number that this Python does not define. */
static bool find_row(uint32_t op, uint32_t arg, Row *row) {
    *row = (Row){.second = BH_COUNT};
    switch (op) {
#define BC(name, since, until, npops, npushes, bh)                                                           \
    ROW(since, until, case name : row->pops = npops; row->pushes = npushes; row->handler = BH_##bh;          \
        return true;)
#define BC_JUMP(name, since, until, npops, npushes, on_jump, where, bh)                                      \
    ROW(since, until, case name : row->pops = npops; row->pushes = npushes; row->jump_pushes = on_jump;      \
        row->direction = where; row->handler = BH_##bh; return true;)
#define BC_PAIR(name, since, until, handler1, handler2)                                                      \
    ROW(since, until, case name : row->handler = BH_##handler1; row->second = BH_##handler2; return true;)
#define BC_REFUSE(name, since, until, why)                                                                   \
    ROW(since, until, case name : row->handler = BH_refuse; row->words = why; return true;)
#include "opcodes.def"
#undef BC
#undef BC_JUMP
#undef BC_PAIR
#undef BC_REFUSE
    default: return false;
    }
}

const char *hl_bc_op_meaning(uint32_t op) {
    Row row;
    if (op > 255 || !find_row(op, 0, &row)) return NULL;
    return row.words ? row.words : hl_bc_handlers[row.handler].name;
}

/* ---- locals -------------------------------------------------------------------------------------------- */

enum { KIND_CELL = 0x40, KIND_FREE = 0x80 }; /* CO_FAST_*, the same in all supported Pythons */

static bool has_kind(const Code *code, uint32_t local, int kind) {
    return local < code->nlocals && (PyBytes_AS_STRING(code->object->co_localspluskinds)[local] & kind);
}

bool hl_bc_is_free(const Code *code, uint32_t local) {
    return has_kind(code, local, KIND_FREE);
}

bool hl_bc_is_cell(const Code *code, uint32_t local) {
    return has_kind(code, local, KIND_CELL);
}

const char *hl_bc_text(PyObject *string) {
    Py_ssize_t len;
    const char *text = PyUnicode_Check(string) ? PyUnicode_AsUTF8AndSize(string, &len) : NULL;
    if (text) return hl_intern_n(text, (size_t)len);
    PyErr_Clear();
    return "?";
}

const char *hl_bc_local_name(const Code *code, uint32_t local) {
    return hl_bc_text(PyTuple_GET_ITEM(code->object->co_localsplusnames, (Py_ssize_t)local));
}

/* ---- one instruction ----------------------------------------------------------------------------------- */

typedef struct Decoder {
    Compile *c;
    Code *code;
    VEC(Instr) instrs;
    const Loc *locs;
} Decoder;

/* Cells are locals; what inner functions do to them is told by closures.c. From 3.13 LOAD_CLOSURE is a LOAD_FAST. */
static void normalise(const Code *code, Instr *instr) {
    bool loads_cell = instr->handler == BH_load_fast && instr->op != LOAD_DEREF;
    if (loads_cell && has_kind(code, instr->arg, KIND_CELL | KIND_FREE)) instr->handler = BH_load_closure;
    if (instr->op != LOAD_DEREF && instr->op != STORE_DEREF && instr->op != DELETE_DEREF) return;
    if (!hl_bc_is_free(code, instr->arg)) return;
    instr->handler = instr->op == LOAD_DEREF    ? BH_load_free
                     : instr->op == STORE_DEREF ? BH_store_free
                                                : BH_delete_free;
}

static void add_instr(Decoder *d, Instr instr, BcHandler handler, uint32_t arg) {
    instr.handler = (uint8_t)handler;
    instr.arg = arg;
    normalise(d->code, &instr);
    hl_push(&d->c->arena, &d->instrs, instr);
}

static void add_pair(Decoder *d, Instr instr, const Row *row, uint32_t arg) {
    for (int half = 0; half < 2; half++) {
        BcHandler handler = half ? row->second : row->handler;
        bool is_load = handler == BH_load_fast;
        instr.pops = !is_load;
        instr.pushes = is_load;
        add_instr(d, instr, handler, half ? arg & 15 : arg >> 4);
    }
}

/* How many code units FOR_ITER skips at its target when the iterator is exhausted: END_FOR, and from 3.13
 * POP_TOP. */
enum { FOR_ITER_SKIPS = PY_SINCE(313) ? 2 : PY_SINCE(312) ? 1 : 0 };

/* Jump targets are code units until `resolve_targets`. */
static uint32_t jump_target(const Row *row, uint32_t next_unit, uint32_t arg) {
    if (row->direction == NOWHERE) return BC_NONE;
    uint32_t target = row->direction == FORWARD ? next_unit + arg : next_unit - arg;
    return row->handler == BH_for_iter ? target + FOR_ITER_SKIPS : target;
}

static bool unknown_opcode(Decoder *d, uint32_t op, uint32_t unit) {
    const char *words = hl_arena_printf(&d->c->arena, "the opcode %u of this Python", op);
    hl_diag_set(&d->c->arena, &d->c->diag, DIAG_UNSUPPORTED_CONSTRUCT,
                hl_bc_text(d->code->object->co_filename), hl_bc_text(d->code->object->co_qualname),
                d->locs[unit], words);
    return false;
}

/* Decodes the instruction whose opcode stands at `unit` and whose prefixes began at `first`. */
static bool decode_one(Decoder *d, const uint8_t *units, uint32_t first, uint32_t unit, uint32_t arg) {
    uint32_t op = units[2 * unit], next = unit + 1;
    Row row;
    if (!find_row(op, arg, &row)) return unknown_opcode(d, op, unit);
    while (next < d->code->nunits && units[2 * next] == CACHE)
        next++;
    Instr instr = {.offset = 2 * first, .op = (uint8_t)op, .loc = d->locs[unit], .words = row.words};
    instr.target = jump_target(&row, next, arg);
    instr.pops = row.pops, instr.pushes = row.pushes, instr.jump_pushes = row.jump_pushes;
    d->code->index_at[first] = d->instrs.len;
    if (row.second != BH_COUNT)
        add_pair(d, instr, &row, arg);
    else
        add_instr(d, instr, row.handler, arg);
    return true;
}

static bool decode_all(Decoder *d, const uint8_t *units) {
    uint32_t first = 0, arg = 0;
    for (uint32_t unit = 0; unit < d->code->nunits; unit++) {
        uint32_t op = units[2 * unit];
        arg = arg << 8 | units[2 * unit + 1];
        if (op == EXTENDED_ARG) continue;
        if (op != CACHE && !decode_one(d, units, first, unit, arg)) return false;
        first = unit + 1;
        arg = 0;
    }
    return true;
}

/* Is this a test or the start of a loop or `with`, which can fail only for the value that the instruction
 * before made?
 */
static bool is_about_operand(const Code *code, uint32_t i) {
    if (code->instrs[i].op == BEFORE_WITH) return true;
    switch (code->instrs[i].handler) {
    case BH_jump_if_true:
    case BH_jump_if_false:
    case BH_jump_if_true_or_pop:
    case BH_jump_if_false_or_pop:
    case BH_to_bool:
    case BH_get_iter: return code->instrs[i - 1].pushes > 0;
    case BH_for_iter: return code->instrs[i - 1].handler == BH_get_iter;
    default: return false;
    }
}

/* CPython gives a test the place of the whole statement, 3.11 a loop too: here it is that of the value. */
static void place_by_operand(Code *code) {
    for (uint32_t i = 1; i < code->ninstrs; i++)
        if (is_about_operand(code, i)) code->instrs[i].loc = code->instrs[i - 1].loc;
}

static void resolve_targets(Code *code) {
    for (uint32_t i = 0; i < code->ninstrs; i++) {
        uint32_t target = code->instrs[i].target;
        if (target != BC_NONE)
            code->instrs[i].target = target < code->nunits ? code->index_at[target] : BC_NONE;
    }
}

/* f(**a) collects its keywords in a dict that DICT_MERGE adds to, within the same expression. */
static void name_keyword_calls(Code *code) {
    for (uint32_t i = 0; i < code->ninstrs; i++) {
        if (code->instrs[i].op != BUILD_MAP && code->instrs[i].op != BUILD_CONST_KEY_MAP) continue;
        uint32_t end = i + 1;
        while (end < code->ninstrs && code->instrs[end].handler != BH_store_fast &&
               code->instrs[end].handler != BH_return_value && code->instrs[end].op != DICT_MERGE)
            end++;
        if (end < code->ninstrs && code->instrs[end].op == DICT_MERGE)
            code->instrs[i].words = "a call with **";
    }
}

/* ---- comprehensions (from 3.12 in the function's own code) ----------------------------------------------- */

/* What a comprehension collects in, which it alone builds empty below its iterator. */
static const char *comprehension_words(const Code *code, uint32_t i) {
    bool is_one =
        i + 2 < code->ninstrs && code->instrs[i + 1].op == SWAP && code->instrs[i + 2].handler == BH_for_iter;
    return is_one && code->instrs[i].op == BUILD_MAP ? "a dict comprehension" : NULL;
}

static void name_comprehensions(Code *code) {
    for (uint32_t i = 0; i < code->ninstrs; i++) {
        const char *words = comprehension_words(code, i);
        if (words) code->instrs[i].words = words;
    }
}

/* What stores into a local that a comprehension sets aside may be the instruction that puts it back. */
static void find_restores(Arena *arena, Code *code) {
    uint64_t *saved = hl_new_array(arena, uint64_t, bit_words(code->nlocals) + 1);
    for (uint32_t i = 0; i < code->ninstrs; i++)
        if (code->instrs[i].handler == BH_save_fast) bit_set(saved, code->instrs[i].arg);
    for (uint32_t i = 0; i < code->ninstrs; i++)
        if (code->instrs[i].handler == BH_store_fast && bit_get(saved, code->instrs[i].arg))
            code->instrs[i].handler = BH_restore_fast;
}

/* ---- protected ranges ---------------------------------------------------------------------------------- */

static BcHandler handler_at(const Code *code, uint32_t unit) {
    return (BcHandler)code->instrs[code->index_at[unit]].handler;
}

/* Is this the end of a comprehension, which only puts locals back and raises again? */
static bool puts_locals_back(const Code *code, uint32_t unit) {
    return unit != BC_NONE && handler_at(code, unit) == BH_swap;
}

/* Where exceptions of `unit` go. Locals are put back only where the function goes on: not when it has no other handler. The
 * end of a generator, which turns a StopIteration into an error, is left out. */
static Protection protection_of(const Code *code, const Protection *all, uint32_t unit) {
    uint32_t around = all[unit].handler;
    while (puts_locals_back(code, around))
        around = all[around].handler;
    bool generator = code->object->co_flags & CO_GENERATOR;
    bool none = around == BC_NONE || (generator && handler_at(code, around) == BH_intrinsic);
    return none ? (Protection){.handler = BC_NONE} : all[unit];
}

static void set_handler(const Code *code, Instr *instr, Protection to) {
    instr->handler_at = to.handler == BC_NONE ? BC_NONE : code->index_at[to.handler];
    instr->handler_depth = to.depth;
    instr->handler_place = to.place;
}

/* From 3.12 the jump back of a `while` may stand outside the range of the `try` around the loop; what a signal raises there
 * is handled as in the loop. */
static void protect(Code *code, const Protection *all) {
    for (uint32_t i = 0; i < code->ninstrs; i++) {
        Instr *instr = &code->instrs[i];
        Protection own = protection_of(code, all, instr->offset / 2);
        bool back = instr->handler == BH_jump && instr->target <= i;
        if (back && own.handler == BC_NONE)
            own = protection_of(code, all, code->instrs[instr->target].offset / 2);
        set_handler(code, instr, own);
    }
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

static Code *code_new(Compile *c, PyFunctionObject *function, uint32_t nunits) {
    Code *code = hl_new(&c->arena, Code);
    code->function = function;
    code->foreign = c->foreign && c->asker == function;
    code->object = (PyCodeObject *)PyFunction_GET_CODE(function);
    code->nunits = nunits;
    code->index_at = hl_new_array(&c->arena, uint32_t, nunits);
    for (uint32_t unit = 0; unit < nunits; unit++)
        code->index_at[unit] = BC_NONE;
    code->nlocals = (uint32_t)code->object->co_nlocalsplus;
    code->nstack = (uint32_t)code->object->co_stacksize;
    return code;
}

Code *hl_bc_decode(Compile *c, PyFunctionObject *function) {
    PyObject *bytes = PyCode_GetCode((PyCodeObject *)PyFunction_GET_CODE(function));
    if (!bytes) {
        PyErr_Clear();
        hl_diag_set(&c->arena, &c->diag, DIAG_INTERNAL, "", "", (Loc){0}, "the bytecode cannot be read");
        return NULL;
    }
    uint32_t nunits = (uint32_t)(PyBytes_GET_SIZE(bytes) / 2);
    Code *code = code_new(c, function, nunits);
    Loc *locs = hl_new_array(&c->arena, Loc, nunits);
    Protection *protections = hl_new_array(&c->arena, Protection, nunits);
    hl_bc_locations(code->object, locs, nunits);
    hl_bc_protection(code->object, protections, nunits);
    Decoder d = {.c = c, .code = code, .locs = locs};
    bool ok = decode_all(&d, (const uint8_t *)PyBytes_AS_STRING(bytes));
    Py_DECREF(bytes);
    if (!ok) return NULL;
    code->instrs = d.instrs.data;
    code->ninstrs = d.instrs.len;
    place_by_operand(code);
    name_keyword_calls(code);
    name_comprehensions(code);
    find_restores(&c->arena, code);
    resolve_targets(code);
    protect(code, protections);
    return hl_bc_find_objmode(c, code) ? code : NULL;
}
