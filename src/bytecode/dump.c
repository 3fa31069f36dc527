/* dump: bytecode and its control-flow graph as text, and the functions by which tests look inside. */
#include "bytecode/internal.h"

/* ---- text ---------------------------------------------------------------------------------------------- */

static void print_instr(Text *out, const Code *code, const Instr *i) {
    hl_text_printf(out, "  %4u  %-28s", i->offset, hl_bc_op_name(i->op));
    if (i->target != BC_NONE)
        hl_text_printf(out, " to %u", code->instrs[i->target].offset);
    else if (i->handler == BH_load_fast || i->handler == BH_store_fast || i->handler == BH_delete_fast)
        hl_text_printf(out, " %s", hl_bc_local_name(code, i->arg));
    else
        hl_text_printf(out, " %u", i->arg);
    hl_text_printf(out, "  # %d:%d-%d:%d", i->loc.line, i->loc.col, i->loc.end_line, i->loc.end_col);
    if (i->handler == BH_refuse) hl_text_printf(out, " %s is not compiled", i->words);
    hl_text_printf(out, "\n");
}

void hl_bc_print_code(Text *out, const Code *code) {
    hl_text_printf(out, "bytecode %s\n", hl_bc_text(code->function->func_qualname));
    for (uint32_t i = 0; i < code->ninstrs; i++)
        print_instr(out, code, &code->instrs[i]);
}

static void print_block(Text *out, const Code *code, const BcCfg *cfg, uint32_t index) {
    const BcBlock *block = &cfg->blocks[index];
    hl_text_printf(out, "b%u: stack %u, bound", index, block->depth);
    for (uint32_t local = 0; local < code->nlocals; local++)
        if (bit_get(block->bound, local)) hl_text_printf(out, " %s", hl_bc_local_name(code, local));
    hl_text_printf(out, index == cfg->start ? ", start\n" : "\n");
    uint32_t depth = block->depth;
    for (uint32_t i = block->first; i < block->end; i++) {
        const Instr *instr = &code->instrs[i];
        hl_text_printf(out, "%3u", depth);
        print_instr(out, code, instr);
        depth += instr->pushes - instr->pops;
    }
    for (uint32_t i = 0; i < block->nsuccs; i++)
        hl_text_printf(out, "%s b%u", i ? "," : "  ->", block->succs[i]);
    if (block->nsuccs) hl_text_printf(out, "\n");
}

void hl_bc_print_cfg(Text *out, const Code *code, const BcCfg *cfg) {
    hl_text_printf(out, "cfg %s\n", hl_bc_text(code->function->func_qualname));
    for (uint32_t i = 0; i < cfg->nblocks; i++)
        print_block(out, code, cfg, i);
}

/* ---- for tests ----------------------------------------------------------------------------------------- */

static int find_stage(const char *name) {
    static const char *const names[] = {[DUMP_BYTECODE] = "bytecode", [DUMP_CFG] = "cfg", [DUMP_SSA] = "ssa"};
    for (int stage = DUMP_BYTECODE; stage <= DUMP_SSA; stage++)
        if (strcmp(names[stage], name) == 0) return stage;
    PyErr_Format(PyExc_ValueError, "no stage %s: bytecode, cfg or ssa", name);
    return -1;
}

/* The names of bound locals as indices; false with an exception. */
static bool find_locals(Compile *c, PyCodeObject *code, PyObject *names, HlEntry *entry) {
    Py_ssize_t n = PySequence_Size(names);
    if (n < 0) return false;
    uint32_t *bound = hl_new_array(&c->arena, uint32_t, (size_t)code->co_nlocalsplus + 1);
    for (int local = 0; local < code->co_nlocalsplus; local++) {
        int found = PySequence_Contains(names, PyTuple_GET_ITEM(code->co_localsplusnames, local));
        if (found < 0) return false;
        if (found) bound[entry->nbound++] = (uint32_t)local;
    }
    entry->bound = bound;
    if (entry->nbound == (uint32_t)n) return true;
    PyErr_SetString(PyExc_ValueError, "not all of these are locals of the function");
    return false;
}

/* Runs the stages up to SSA and verifies them; false with an exception. */
static bool run_stages(Compile *c, PyObject *function, const HlEntry *entry) {
    Func *f = hl_bytecode_ssa(c, function, entry);
    if (!f) {
        PyErr_SetString(PyExc_ValueError, c->diag.text);
        return false;
    }
    const char *violation = hl_verify(f, false);
    if (violation) PyErr_Format(PyExc_AssertionError, "not well formed: %s", violation);
    return !violation;
}

static PyObject *dump_stage(PyObject *function, HlEntry *entry, PyObject *bound, int stage) {
    Compile c = {.dump = 1u << stage};
    PyObject *text = NULL;
    bool ok = hl_python_attach(&c);
    if (ok && bound != Py_None)
        ok = find_locals(&c, (PyCodeObject *)PyFunction_GET_CODE(function), bound, entry);
    bool by_call = bound == Py_None && entry->offset == 0 && entry->nstack == 0;
    if (ok && run_stages(&c, function, by_call ? NULL : entry))
        text = PyUnicode_FromStringAndSize(c.dumps[stage].data, (Py_ssize_t)c.dumps[stage].len);
    hl_python_detach(&c);
    hl_text_free(&c.dumps[stage]);
    hl_arena_free(&c.arena);
    return text;
}

PyObject *hl_bytecode_dump(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"function", "offset", "bound", "stack", "stage", NULL};
    PyObject *function, *bound = Py_None;
    const char *stage_name = "ssa";
    HlEntry entry = {0};
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!|IOIs:dump_ssa", names, &PyFunction_Type, &function,
                                     &entry.offset, &bound, &entry.nstack, &stage_name))
        return NULL;
    int stage = find_stage(stage_name);
    return stage < 0 ? NULL : dump_stage(function, &entry, bound, stage);
}

PyObject *hl_bytecode_host_type(PyObject *module, PyObject *object) {
    (void)module;
    Compile c = {0};
    PyObject *text = NULL;
    if (hl_python_attach(&c)) {
        HostValue value = hl_host_value(&c, object);
        text = value.type ? PyUnicode_FromString(hl_type_text(value.type)) : Py_NewRef(Py_None);
    }
    hl_python_detach(&c);
    hl_arena_free(&c.arena);
    return text;
}

PyObject *hl_bytecode_opcodes(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    PyObject *table = PyDict_New();
    for (uint32_t op = 0; table && op < 256; op++) {
        const char *what = hl_bc_op_meaning(op);
        PyObject *value = what ? PyUnicode_FromString(what) : NULL;
        if (what && (!value || PyDict_SetItemString(table, hl_bc_op_name(op), value) < 0)) Py_CLEAR(table);
        Py_XDECREF(value);
    }
    return table;
}
