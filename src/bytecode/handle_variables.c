/* handle_variables: constants, local, shared and global variables, imports.
 *
 * A variable that inner functions share and that changes lives in a cell; which do, closures.c has found. Globals, and
 * variables of enclosing functions, are frozen: they become constants that know where they were found. Beside objects a
 * global that changes is looked up each time.
 */
#include "bytecode/handle.h"

/* ---- constants ---------------------------------------------------------------------------------------- */

void hl_handle_load_const(Builder *b, const Instr *i) {
    bool pushed = hl_bc_push_literal(b, const_at(b, i->arg), i);
    bool tuple = pushed && hl_ins(b->f, b->stack[b->depth - 1].ref)->op == OP_PY_TUPLE;
    if (tuple && hl_bc_is_for_function(b->code, next_instr(b, i))) b->stack[b->depth - 1].kind = SLOT_MAP;
}

/* ---- locals ------------------------------------------------------------------------------------------- */

/* A variable that inner functions share and that changes lives in a cell, which the local holds from the start: what an
 * access to one that is not bound raises. */
static const char *cell_words(Builder *b, const char *name, bool is_free) {
    const char *format =
        is_free ? "NameError:cannot access free variable '%s' where it is not associated with a value in "
                  "enclosing scope"
                : "UnboundLocalError:cannot access local variable '%s' where it is not associated with "
                  "a value";
    return hl_intern(hl_arena_printf(&b->c->arena, format, name));
}

static Ref cell_get(Builder *b, Ref cell, const char *name, bool is_free, Loc loc) {
    return hl_bc_emit(b, OP_PY_CELL_GET, &cell, 1, aux_name(cell_words(b, name, is_free)), loc);
}

void hl_handle_load_fast(Builder *b, const Instr *i) {
    const Variable *v = hl_bc_cell(b, i->arg);
    Ref value =
        v ? cell_get(b, hl_bc_variable(b, v), v->name, false, i->loc) : hl_bc_read_local(b, i->arg, i->loc);
    if (v) hl_name_value(b->f, value, v->name);
    hl_bc_push(b, value);
}

void hl_handle_save_fast(Builder *b, const Instr *i) {
    if (hl_bc_cell(b, i->arg) && !b->code->foreign) {
        hl_bc_refuse(b, "a comprehension whose variable an inner function keeps", i->loc);
        return;
    }
    hl_bc_save_local(b, i->arg);
}

void hl_handle_store_fast(Builder *b, const Instr *i) {
    const Variable *v = hl_bc_cell(b, i->arg);
    Ref value = pop(b);
    value = b->objmode ? hl_bc_object(b, value, i->loc) : hl_bc_declared(b, i->arg, value, i->loc);
    if (v)
        hl_bc_cell_set(b, hl_bc_variable(b, v), value, i->loc);
    else
        hl_bc_write_local(b, i->arg, value, i->loc);
}

void hl_handle_restore_fast(Builder *b, const Instr *i) {
    hl_bc_restore_local(b, i->arg, i->loc);
}

static void delete_cell(Builder *b, const Variable *v, bool is_free, Loc loc) {
    Ref args[] = {hl_bc_variable(b, v), hl_bc_string(b, cell_words(b, v->name, is_free), loc)};
    hl_bc_operate(b, FOREIGN_CELL_DELETE, args, 2, NULL, loc);
}

void hl_handle_delete_fast(Builder *b, const Instr *i) {
    const Variable *v = hl_bc_cell(b, i->arg);
    if (v)
        delete_cell(b, v, false, i->loc);
    else
        hl_bc_delete_local(b, i->arg, i->loc);
}

/* At the start of a function each shared variable has its cell already, unless that is Python's. */
void hl_handle_make_cell(Builder *b, const Instr *i) {
    if (b->code->foreign && hl_bc_cell(b, i->arg)) hl_bc_make_cell(b, i->arg, i->loc);
}

/* A cell for a closure: the MAKE_FUNCTION that takes it knows by name what the function captures. */
void hl_handle_load_closure(Builder *b, const Instr *i) {
    (void)i;
    hl_bc_push(b, b->undef_value);
}

/* ---- variables of enclosing functions ----------------------------------------------------------------- */

static void refuse_undefined(Builder *b, const char *name, Loc loc) {
    hl_bc_refuse(b, hl_arena_printf(&b->c->arena, "UNDEFINED_NAME:%s", name), loc);
}

/* A function that the one asked for calls has globals of its own. */
static const void *other_function(const Builder *b) {
    return b->code->function != b->c->asker ? b->code->function : NULL;
}

/* What has just been pushed was found there. */
static void found_at(Builder *b, const char *global, uint32_t free_variable) {
    Ins *ins = hl_ins(b->f, b->stack[b->depth - 1].ref);
    if (ins->op != OP_PY_CONST || ins->type->kind != TY_OBJECT_CONST) return;
    HlSource *source = hl_new(&b->c->arena, HlSource);
    *source = (HlSource){global, free_variable, other_function(b)};
    ins->aux.object = source;
}

/* A variable of an enclosing function. */
void hl_handle_load_free(Builder *b, const Instr *i) {
    const Variable *v = b->scope->variables[i->arg];
    bool pushed = true, is_live = b->objmode && v->cell && v->kind == VARIABLE_FROZEN;
    switch (is_live ? VARIABLE_CELL : v->kind) {
    case VARIABLE_VALUE: hl_bc_push(b, hl_bc_variable(b, v)); break;
    case VARIABLE_FUNCTION: hl_bc_push(b, hl_bc_function(b, v->function, i->loc)); break;
    case VARIABLE_CELL: {
        Ref cell = is_live ? hl_bc_constant(b, v->cell, i->loc) : hl_bc_variable(b, v);
        hl_bc_push(b, cell_get(b, cell, v->name, true, i->loc));
        break;
    }
    case VARIABLE_FROZEN:
        if (v->object)
            pushed = hl_bc_push_object(b, v->object, i->loc);
        else
            refuse_undefined(b, v->name, i->loc);
        if (!pushed || !v->object) return;
        found_at(b, NULL, i->arg - (b->code->nlocals - (uint32_t)b->code->object->co_nfreevars));
        break;
    }
    hl_name_value(b->f, b->stack[b->depth - 1].ref, v->name);
}

void hl_handle_store_free(Builder *b, const Instr *i) {
    const Variable *v = b->scope->variables[i->arg];
    Ref value = pop(b);
    if (v->kind == VARIABLE_CELL)
        hl_bc_cell_set(b, hl_bc_variable(b, v), value, i->loc);
    else
        hl_bc_refuse(b, "assignment to a nonlocal variable", i->loc);
}

void hl_handle_delete_free(Builder *b, const Instr *i) {
    const Variable *v = b->scope->variables[i->arg];
    if (v->kind == VARIABLE_CELL && hl_bc_has_objects(b))
        delete_cell(b, v, true, i->loc);
    else
        hl_bc_refuse(b, "deletion of a nonlocal variable", i->loc);
}

/* ---- globals ------------------------------------------------------------------------------------------ */

/* Does the function itself assign or delete this global variable? */
static bool is_assigned_global(const Code *code, uint32_t index) {
    for (uint32_t i = 0; i < code->ninstrs; i++) {
        uint8_t handler = code->instrs[i].handler;
        if (code->instrs[i].arg == index && (handler == BH_store_global || handler == BH_delete_global))
            return true;
    }
    return false;
}

/* Does compiled code know what it is by name, not by its value? */
static bool is_named(Builder *b, PyObject *value) {
    const Type *type = hl_host_value(b->c, value).type;
    return type && type->kind == TY_OBJECT_CONST;
}

/* Beside objects a name that changes, or that stands for nothing yet, is looked up each time; in an objmode block one that
 * stands for a value too. */
static Ref look_up_global(Builder *b, const Instr *i, PyObject *value) {
    bool changes = !value || is_assigned_global(b->code, i->arg >> 1);
    if (!hl_bc_has_objects(b) || (!changes && !(b->objmode && !is_named(b, value)))) return 0;
    Ref args[] = {hl_bc_string(b, name_at(b, i->arg >> 1), i->loc), 0};
    PyObject *owner = (PyObject *)other_function(b);
    if (owner) args[1] = hl_bc_constant(b, owner, i->loc);
    Ref ref = hl_bc_operate(b, FOREIGN_GLOBAL, args, owner ? 2 : 1, NULL, i->loc);
    const char *assigned = hl_foreign_words(FOREIGN_SET_GLOBAL);
    if (value && !b->objmode) hl_ins(b->f, ref)->type = hl_type_str(assigned, strlen(assigned));
    return ref;
}

void hl_handle_load_global(Builder *b, const Instr *i) {
    PyObject *name = PyTuple_GET_ITEM(b->code->object->co_names, (Py_ssize_t)(i->arg >> 1));
    PyObject *value = hl_bc_global(b->code, name);
    Ref found = look_up_global(b, i, value);
    if (!value && !found) {
        refuse_undefined(b, hl_bc_text(name), i->loc);
        return;
    }
    if (i->arg & 1 && !PY_SINCE(313)) hl_bc_push_kind(b, 0, SLOT_NULL);
    if (found) hl_bc_push(b, found);
    if (!found && !hl_bc_push_object(b, value, i->loc)) return;
    hl_name_value(b->f, b->stack[b->depth - 1].ref, hl_bc_text(name));
    if (!found) found_at(b, hl_bc_text(name), 0);
    if (i->arg & 1 && PY_SINCE(313)) hl_bc_push_kind(b, 0, SLOT_NULL);
}

void hl_handle_store_global(Builder *b, const Instr *i) {
    Ref value = pop(b), args[] = {hl_bc_string(b, name_at(b, i->arg), i->loc), value};
    hl_bc_operate(b, FOREIGN_SET_GLOBAL, args, 2, NULL, i->loc);
}

void hl_handle_delete_global(Builder *b, const Instr *i) {
    Ref name = hl_bc_string(b, name_at(b, i->arg), i->loc);
    hl_bc_operate(b, FOREIGN_DELETE_GLOBAL, &name, 1, NULL, i->loc);
}

/* ---- imports ------------------------------------------------------------------------------------------ */

/* A module that is loaded is a constant; one that is not would have to run. */
void hl_handle_import_name(Builder *b, const Instr *i) {
    const char *name = name_at(b, i->arg);
    Ref names = pop(b), depth = pop(b);
    const Ins *wanted = hl_ins(b->f, names), *level = hl_ins(b->f, depth);
    bool whole = wanted->type && wanted->type->kind == TY_NONE; /* import a.b gives a */
    PyObject *module = level->type && level->type->kind == TY_LIT_INT && level->type->value == 0
                           ? hl_bc_loaded_module(name, whole)
                           : NULL;
    if (module) {
        hl_bc_push_object(b, module, i->loc);
        return;
    }
    Ref args[] = {depth, names, hl_bc_string(b, name, i->loc)};
    hl_bc_push_operate(b, FOREIGN_IMPORT, args, 3, i);
}

/* A module that is a constant and has the name. */
static bool has_name(const Builder *b, Ref module, const char *name) {
    const Ins *ins = hl_ins(b->f, module);
    return ins->op == OP_PY_CONST && b->c->host->getattr(b->c, ins->type->object, name).type;
}

void hl_handle_import_from(Builder *b, const Instr *i) {
    Ref module = b->stack[b->depth - 1].ref;
    if (hl_bc_has_objects(b) && (b->objmode || !has_name(b, module, name_at(b, i->arg)))) {
        Ref args[] = {module, hl_bc_string(b, name_at(b, i->arg), i->loc)};
        hl_bc_push_operate(b, FOREIGN_IMPORT_FROM, args, 2, i);
    } else {
        hl_bc_push(b, hl_bc_emit(b, OP_PY_GETATTR, &module, 1, aux_name(name_at(b, i->arg)), i->loc));
    }
}
