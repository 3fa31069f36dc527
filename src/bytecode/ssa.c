/* ssa: decoded bytecode to untyped SSA by abstract interpretation over (locals, operand stack).
 *
 * Each basic block is run once with SSA values in place of objects. A local, a stack slot and a companion
 * flag ("is this local bound?") are variables; reading one that the block has not written goes up the only
 * predecessor, or makes a phi where there are several. Such a phi gets its operands when all blocks have been
 * run, so no order of blocks, no dominators and no recursion are needed (Braun et al., "Simple and efficient
 * construction of SSA form", without sealing); hl_cleanup then folds phis of one value, which leaves the
 * minimal form. Only what is read gets a phi.
 *
 * What is known of a stack slot without types is its kind: an iterator, a list display on its way to a tuple,
 * a NULL of the calling convention. Kinds agree on all paths, so a block takes those of the first edge into
 * it.
 *
 * Begin reading at hl_bytecode_ssa.
 */
#include "bytecode/internal.h"

/* Variables: a local, its flag, a stack slot, the flag of a local that was set aside there. */
static uint32_t flag_of(const Builder *b, uint32_t local) {
    return b->code->nlocals + local;
}
static uint32_t slot_at(const Builder *b, uint32_t depth) {
    return 2 * b->code->nlocals + depth;
}
static uint32_t slot_flag_at(const Builder *b, uint32_t depth) {
    return slot_at(b, b->code->nstack) + depth;
}
/* What a generator expression has made so far. */
static uint32_t yielded_at(const Builder *b) {
    return slot_flag_at(b, b->code->nstack);
}
static uint32_t nvariables(const Builder *b) {
    return yielded_at(b) + 1;
}

/* ---- variables ----------------------------------------------------------------------------------------- */

static void write_variable(Builder *b, BlockId block, uint32_t variable, Ref value) {
    b->values.data[block][variable] = value;
}

static Ref new_phi(Builder *b, BlockId block, uint32_t variable) {
    Ref phi = hl_ins_new(b->f, OP_PHI, NULL, NULL, 0, (Aux){0}, (Loc){0});
    hl_insert_phi(b->f, block, phi);
    if (variable < b->code->nlocals) hl_name_value(b->f, phi, hl_bc_local_name(b->code, variable));
    PendingPhi pending = {phi, variable};
    hl_push(&b->c->arena, &b->pending, pending);
    return phi;
}

/* The value of a variable at the end (so far) of a block. */
static Ref read_variable(Builder *b, BlockId block, uint32_t variable) {
    BlockId at = block;
    while (!b->values.data[at][variable] && !b->joins.data[at])
        at = hl_block(b->f, at)->preds.data[0];
    Ref value = b->values.data[at][variable];
    if (!value) {
        value = new_phi(b, at, variable);
        write_variable(b, at, variable, value);
    }
    write_variable(b, block, variable, value);
    return value;
}

static void fill_phis(Builder *b) {
    for (uint32_t i = 0; i < b->pending.len; i++) { /* grows as operands need phis of their own */
        PendingPhi pending = b->pending.data[i];
        BlockId block = hl_ins(b->f, pending.phi)->block;
        for (uint32_t k = 0; k < hl_block(b->f, block)->preds.len; k++)
            hl_phi_add(b->f, pending.phi,
                       read_variable(b, hl_block(b->f, block)->preds.data[k], pending.variable));
    }
}

static BlockId new_block(Builder *b, bool joins) {
    BlockId block = hl_block_new(b->f);
    Arena *arena = &b->c->arena;
    while (b->values.len <= block) {
        hl_push(arena, &b->values, hl_new_array(arena, Ref, nvariables(b) + 1));
        hl_push(arena, &b->joins, false);
    }
    b->joins.data[block] = joins;
    return block;
}

/* ---- what handlers do ---------------------------------------------------------------------------------- */

Ref hl_bc_emit(Builder *b, Op op, const Ref *args, uint32_t nargs, Aux aux, Loc loc) {
    Ref ref = hl_ins_new(b->f, op, NULL, args, nargs, aux, loc);
    hl_append(b->f, b->block, ref);
    if (b->objmode) hl_ins(b->f, ref)->flags |= INS_OBJECT;
    if (b->guarded && hl_op_info(op)->effects == RAISE) {
        hl_ins(b->f, ref)->flags |= INS_GUARDED;
        b->may_fail = true;
    }
    return ref;
}

/* Without a handler for what is emitted. */
static Ref emit_plain(Builder *b, Op op, const Ref *args, uint32_t nargs, Aux aux, Loc loc) {
    const Instr *guarded = b->guarded;
    b->guarded = NULL;
    Ref ref = hl_bc_emit(b, op, args, nargs, aux, loc);
    b->guarded = guarded;
    return ref;
}

void hl_bc_refuse(Builder *b, const char *words, Loc loc) {
    emit_plain(b, OP_PY_UNSUPPORTED, NULL, 0, (Aux){.name = hl_intern(words)}, loc);
    hl_bc_emit(b, OP_UNREACHABLE, NULL, 0, (Aux){0}, loc);
    b->block = 0;
}

Ref hl_bc_operate(Builder *b, ForeignId id, const Ref *args, uint32_t nargs, const char *words, Loc loc) {
    if (hl_bc_has_objects(b)) return hl_bc_emit(b, OP_PY_OPERATE, args, nargs, (Aux){.i = id}, loc);
    hl_bc_refuse(b, words ? words : hl_foreign_words(id), loc);
    return 0;
}

void hl_bc_push_kind(Builder *b, Ref value, enum SlotKind kind) {
    b->stack[b->depth++] = (Slot){.ref = value, .kind = (uint8_t)kind};
}

void hl_bc_push(Builder *b, Ref value) {
    hl_bc_push_kind(b, value, SLOT_VALUE);
}

Slot hl_bc_pop(Builder *b) {
    return b->stack[--b->depth];
}

/* UnboundLocalError where some path leaves the local unbound. */
static void check_bound(Builder *b, uint32_t local, Loc loc) {
    if (bit_get(b->bound, local)) return;
    Ref flag = read_variable(b, b->block, flag_of(b, local));
    hl_bc_emit(b, OP_PY_CHECK_BOUND, &flag, 1, (Aux){.name = hl_bc_local_name(b->code, local)}, loc);
    write_variable(b, b->block, flag_of(b, local), b->true_value);
}

Ref hl_bc_read_local(Builder *b, uint32_t local, Loc loc) {
    check_bound(b, local, loc);
    return read_variable(b, b->block, local);
}

static void set_local(Builder *b, uint32_t local, Ref value, Ref flag) {
    write_variable(b, b->block, local, value);
    write_variable(b, b->block, flag_of(b, local), flag);
}

/* Tells a debugger, when there may be one. */
static void bind(Builder *b, uint32_t local, Ref value, Loc loc) {
    if (b->c->binds)
        hl_bc_emit(b, OP_PY_BIND, &value, 1, (Aux){.name = hl_bc_local_name(b->code, local)}, loc);
}

Ref hl_bc_declared(Builder *b, uint32_t local, Ref value, Loc loc) {
    const char *name = hl_bc_local_name(b->code, local);
    for (const HlDeclared *d = b->declared; d && d->name; d++)
        if (d->name == name) {
            Aux aux = {.name = hl_intern(hl_arena_printf(&b->c->arena, "%s:%s", name, d->type))};
            return hl_bc_emit(b, OP_PY_DECLARED, &value, 1, aux, loc);
        }
    return value;
}

void hl_bc_write_local(Builder *b, uint32_t local, Ref value, Loc loc) {
    hl_name_value(b->f, value, hl_bc_local_name(b->code, local));
    set_local(b, local, value, b->true_value);
    bind(b, local, value, loc);
}

void hl_bc_save_local(Builder *b, uint32_t local) {
    Ref value = read_variable(b, b->block, local), flag = read_variable(b, b->block, flag_of(b, local));
    b->stack[b->depth++] = (Slot){value, flag, SLOT_SAVED};
    set_local(b, local, b->undef_value, b->false_value);
}

void hl_bc_restore_local(Builder *b, uint32_t local, Loc loc) {
    Slot slot = hl_bc_pop(b);
    if (slot.kind == SLOT_VALUE)
        hl_bc_write_local(b, local, slot.ref, loc);
    else if (slot.kind == SLOT_SAVED)
        set_local(b, local, slot.ref, slot.flag);
    else /* a frame's empty place, at an entry behind the saving */
        set_local(b, local, b->undef_value, b->false_value);
}

void hl_bc_delete_local(Builder *b, uint32_t local, Loc loc) {
    check_bound(b, local, loc);
    set_local(b, local, b->undef_value, b->false_value);
}

/* ---- places where the frame may be handed over --------------------------------------------------------- */

/* What is on its way to a tuple or to a function's defaults is no value yet. */
static bool stack_has_parts(const Builder *b) {
    for (uint32_t i = 0; i < b->depth; i++)
        if (b->stack[i].kind == SLOT_LIST || b->stack[i].kind == SLOT_MAP) return true;
    return false;
}

static HlFrameShape *frame_shape(Builder *b, uint32_t offset, uint32_t nobserved) {
    Arena *arena = &b->c->arena;
    HlFrameShape *shape = hl_new(arena, HlFrameShape);
    *shape = (HlFrameShape){.offset = offset,
                            .locals = hl_new_array(arena, uint32_t, b->code->nlocals + 1),
                            .depth = b->depth,
                            .nobserved = nobserved,
                            .is_null = hl_new_array(arena, bool, b->depth + 1)};
    for (uint32_t local = 0; local < b->code->nlocals; local++) {
        bool never = read_variable(b, b->block, flag_of(b, local)) == b->false_value;
        if (!never && !hl_bc_is_free(b->code, local)) shape->locals[shape->nlocals++] = local;
    }
    for (uint32_t i = 0; i < b->depth; i++) {
        shape->is_null[i] = b->stack[i].kind == SLOT_NULL;
        shape->nvalues += !shape->is_null[i];
    }
    return shape;
}

/* The operands of py.observe: the value, then the frame. */
static Ref emit_observe(Builder *b, Ref value, HlFrameShape *shape, Loc loc) {
    Ref *args = hl_new_array(&b->c->arena, Ref, 2 * shape->nlocals + shape->nvalues + 2);
    uint32_t n = 0;
    args[n++] = value;
    for (uint32_t i = 0; i < shape->nlocals; i++)
        args[n++] = read_variable(b, b->block, shape->locals[i]);
    for (uint32_t i = 0; i < b->depth; i++)
        if (!shape->is_null[i]) args[n++] = b->stack[i].ref;
    for (uint32_t i = 0; i < shape->nlocals; i++) {
        bool bound = bit_get(b->bound, shape->locals[i]);
        args[n++] = bound ? b->true_value : read_variable(b, b->block, flag_of(b, shape->locals[i]));
    }
    return emit_plain(b, OP_PY_OBSERVE, args, n, (Aux){.object = shape}, loc);
}

void hl_bc_observe(Builder *b, uint32_t nobserved, uint32_t offset, Loc loc) {
    if (!b->code->foreign || b->depth < nobserved || stack_has_parts(b)) return;
    for (uint32_t i = 0; i < nobserved; i++)
        if (b->stack[b->depth - 1 - i].kind != SLOT_VALUE) return;
    for (uint32_t i = 0; i < nobserved; i++) {
        HlFrameShape *shape = frame_shape(b, offset, nobserved);
        shape->which = i;
        uint32_t at = b->depth - 1 - i;
        b->stack[at].ref = emit_observe(b, b->stack[at].ref, shape, loc);
    }
}

/* ---- edges --------------------------------------------------------------------------------------------- */

/* Leaves the stack where the successors of this block find it. */
static void store_stack(Builder *b) {
    for (uint32_t i = 0; i < b->depth; i++) {
        Slot *slot = &b->stack[i];
        bool is_inside = b->objmode && i > b->objmode->depth && slot->kind == SLOT_VALUE;
        Loc loc = is_inside ? hl_ins(b->f, slot->ref)->loc : (Loc){0};
        if (is_inside) slot->ref = emit_plain(b, OP_PY_OBJECT, &slot->ref, 1, (Aux){0}, loc);
        if (slot->kind != SLOT_NULL) write_variable(b, b->block, slot_at(b, i), slot->ref);
        if (slot->kind == SLOT_SAVED) write_variable(b, b->block, slot_flag_at(b, i), slot->flag);
    }
}

/* The SSA block of a bytecode block that an edge goes to from here, which it may be the first to reach. */
static BlockId enter(Builder *b, uint32_t target_instr) {
    uint32_t target = b->cfg->block_at[target_instr];
    if (!b->entry_kinds[target]) {
        uint32_t depth = b->cfg->blocks[target].depth;
        b->entry_kinds[target] = hl_new_array(&b->c->arena, uint8_t, depth + 1);
        for (uint32_t i = 0; i < depth; i++)
            b->entry_kinds[target][i] = b->stack[i].kind;
    }
    return b->ssa_block[target];
}

void hl_bc_jump(Builder *b, uint32_t target_instr, Loc loc) {
    store_stack(b);
    hl_set_jump(b->f, b->block, enter(b, target_instr), loc);
    b->block = 0;
}

/* The edge into the handler: the operand stack is cut to its depth, the exception is pushed. */
static void land(Builder *b, BlockId landing, const Instr *instr) {
    b->block = landing;
    b->depth = instr->handler_depth;
    Ref place = instr->handler_place ? hl_bc_none(b, instr->loc) : 0;
    if (place) hl_bc_push(b, place);
    hl_bc_push(b, emit_plain(b, OP_PY_CATCH, NULL, 0, (Aux){0}, instr->loc));
    hl_bc_jump(b, instr->handler_at, instr->loc);
}

void hl_bc_guard(Builder *b) {
    const Instr *instr = b->guarded;
    if (!instr || !b->may_fail || !b->block) return;
    BlockId landing = new_block(b, false), go_on = new_block(b, false);
    uint32_t depth = b->depth;
    Slot *saved = hl_new_array(&b->c->arena, Slot, depth + 1);
    memcpy(saved, b->stack, depth * sizeof *saved);
    b->may_fail = false;
    hl_block(b->f, landing)->cold = true;
    Ref failed = emit_plain(b, OP_PY_FAILED, NULL, 0, (Aux){0}, instr->loc);
    hl_set_branch(b->f, b->block, failed, landing, go_on, instr->loc);
    land(b, landing, instr);
    memcpy(b->stack, saved, depth * sizeof *saved);
    b->depth = depth;
    b->block = go_on;
}

void hl_bc_branch(Builder *b, Ref cond, uint32_t yes_instr, uint32_t no_instr, Loc loc) {
    hl_bc_guard(b);
    store_stack(b);
    BlockId yes = enter(b, yes_instr), no = enter(b, no_instr);
    hl_set_branch(b->f, b->block, cond, yes, no, loc);
    b->block = 0;
}

/* The iterator on the stack becomes its next state, with the value above it, on the edge into the loop's
 * body. */
void hl_bc_for_iter(Builder *b, const Instr *instr) {
    Ref state = b->stack[b->depth - 1].ref;
    uint32_t body_instr = (uint32_t)(instr - b->code->instrs) + 1;
    BlockId body = b->ssa_block[b->cfg->block_at[body_instr]];
    bool shared = b->joins.data[body];
    BlockId edge = shared ? new_block(b, false) : body;
    Ref more = hl_bc_emit(b, OP_PY_ITER_MORE, &state, 1, (Aux){0}, instr->loc);
    hl_bc_guard(b);
    store_stack(b);
    hl_set_branch(b->f, b->block, more, edge, enter(b, instr->target), instr->loc);
    b->block = edge;
    Ref value = hl_bc_emit(b, OP_PY_ITER_VALUE, &state, 1, (Aux){0}, instr->loc);
    hl_bc_guard(b);
    b->stack[b->depth - 1].ref = hl_bc_emit(b, OP_PY_ITER_STEP, &state, 1, (Aux){0}, instr->loc);
    hl_bc_push(b, value);
    hl_bc_observe(b, 1, b->code->instrs[body_instr].offset, instr->loc);
    if (shared) {
        hl_bc_jump(b, body_instr, instr->loc);
    } else {
        store_stack(b);
        enter(b, body_instr);
        b->block = 0;
    }
}

/* ---- generator expressions ----------------------------------------------------------------------------- */

/* The path ends with a constant unless the value is (is not) true. */
static void stop_when(Builder *b, Ref value, bool truth, Loc loc) {
    BlockId stop = new_block(b, false), go_on = new_block(b, false);
    Ref test = hl_bc_emit(b, OP_PY_TRUTH, &value, 1, (Aux){0}, loc);
    hl_set_branch(b->f, b->block, test, truth ? stop : go_on, truth ? go_on : stop, loc);
    b->block = stop;
    hl_bc_emit(b, OP_PY_RETURN, truth ? &b->true_value : &b->false_value, 1, (Aux){0}, loc);
    b->block = go_on;
}

static Ref call_step(Builder *b, Ref so_far, Ref value, Loc loc) {
    Ref args[] = {b->step, so_far, value};
    return hl_bc_emit(b, OP_PY_CALL, args, 3, (Aux){0}, loc);
}

void hl_bc_yield(Builder *b, Ref value, Loc loc) {
    Ref so_far = read_variable(b, b->block, yielded_at(b));
    Ref args[] = {so_far, value};
    switch (b->scope->self->use) {
    case GENERATOR_AS_LIST: hl_bc_emit(b, OP_PY_LIST_APPEND, args, 2, (Aux){0}, loc); return;
    case GENERATOR_FOLD: write_variable(b, b->block, yielded_at(b), call_step(b, so_far, value, loc)); return;
    case GENERATOR_ANY: stop_when(b, value, true, loc); return;
    case GENERATOR_ALL: stop_when(b, value, false, loc); return;
    case GENERATOR_USES: return;
    }
}

Ref hl_bc_yielded(Builder *b) {
    return read_variable(b, b->block, yielded_at(b));
}

/* ---- blocks -------------------------------------------------------------------------------------------- */

/* Refuses a list display or an iterator that goes where only its own instructions may take it. */
static bool check_operands(Builder *b, const Instr *instr) {
    uint8_t accepts = hl_bc_handlers[instr->handler].accepts;
    for (uint32_t i = b->depth - (accepts == ACCEPTS_ANYTHING ? 0 : instr->pops); i < b->depth; i++) {
        bool list = b->stack[i].kind == SLOT_LIST && !(accepts & ACCEPTS_LISTS);
        bool iter = b->stack[i].kind == SLOT_ITER && !(accepts & ACCEPTS_ITERS);
        bool map = b->stack[i].kind == SLOT_MAP && !(accepts & ACCEPTS_MAPS);
        if (!list && !iter && !map) continue;
        Loc loc = hl_ins(b->f, b->stack[i].ref)->loc;
        hl_bc_refuse(b,
                     list   ? "this list display"
                     : iter ? "an iterator as a value"
                            : "a dict display",
                     loc.line ? loc : instr->loc);
        return false;
    }
    return true;
}

static void load_entry_stack(Builder *b, const BcBlock *block, const uint8_t *kinds) {
    b->depth = 0;
    for (uint32_t i = 0; i < block->depth; i++) {
        Ref value = kinds[i] == SLOT_NULL ? 0 : read_variable(b, b->block, slot_at(b, i));
        hl_bc_push_kind(b, value, kinds[i]);
        if (kinds[i] == SLOT_SAVED) b->stack[i].flag = read_variable(b, b->block, slot_flag_at(b, i));
    }
}

/* How many values it pushes that an operation on objects may have given. */
static uint32_t count_results(const Builder *b, const Instr *instr) {
    switch ((int)instr->handler) {
    case BH_unpack_sequence:
    case BH_unpack_ex: return instr->pushes;
    case BH_load_fast: return hl_bc_cell(b, instr->arg) != NULL;
    case BH_load_free: return b->scope->variables[instr->arg]->kind == VARIABLE_CELL;
    case BH_load_global: return hl_ins(b->f, b->stack[b->depth - 1].ref)->op == OP_PY_OPERATE;
    case BH_load_attr:
    case BH_unary_negative:
    case BH_unary_positive:
    case BH_unary_invert:
    case BH_binary_op:
    case BH_binary_subscr:
    case BH_binary_slice:
    case BH_call:
    case BH_call_kw:
    case BH_call_star: return 1;
    default: return 0;
    }
}

/* Behind what changes an object the frame may be handed over as well: the object may be an array that native code works on. */
static void observe_change(Builder *b, Ref change, uint32_t offset, Loc loc) {
    if (change && b->code->foreign && !stack_has_parts(b))
        emit_observe(b, change, frame_shape(b, offset, 0), loc);
}

/* The change of an object that was emitted last; 0: it was something else. */
static Ref last_change(const Builder *b) {
    const Block *block = hl_block(b->f, b->block);
    Ref last = block->ins.len ? hl_last(&block->ins) : 0;
    Op op = last ? (Op)hl_ins(b->f, last)->op : OP_COUNT;
    return op == OP_PY_SETATTR || op == OP_PY_SETITEM || op == OP_PY_DELITEM ? last : 0;
}

static void run_block(Builder *b, uint32_t index) {
    const BcBlock *block = &b->cfg->blocks[index];
    b->guarded = NULL;
    b->objmode = NULL;
    b->block = b->ssa_block[index];
    b->nkw = 0;
    for (uint32_t w = 0; w < bit_words(b->code->nlocals); w++)
        b->bound[w] = block->bound[w];
    load_entry_stack(b, block, b->entry_kinds[index]);
    for (uint32_t i = block->first; i < block->end; i++) {
        const Instr *instr = &b->code->instrs[i];
        b->guarded = instr->handler_at == BC_NONE ? NULL : instr;
        b->may_fail = false;
        b->objmode = instr->objmode ? &b->code->objmode.data[instr->objmode - 1] : NULL;
        if (!check_operands(b, instr)) return;
        hl_bc_run(b, instr);
        if (!b->block) return;
        Ref change = last_change(b);
        hl_bc_guard(b);
        b->guarded = NULL;
        hl_bc_observe(b, count_results(b, instr), instr[1].offset, instr->loc);
        observe_change(b, change, instr[1].offset, instr->loc);
        hl_bc_step_bound(instr, b->bound);
    }
    hl_bc_jump(b, block->end, b->code->instrs[block->end - 1].loc);
}

static void run_blocks(Builder *b) {
    bool *done = hl_new_array(&b->c->arena, bool, b->cfg->nblocks);
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = 0; i < b->cfg->nblocks; i++) {
            if (done[i] || !b->entry_kinds[i]) continue;
            done[i] = again = true;
            run_block(b, i);
        }
    }
}

/* ---- the entry ----------------------------------------------------------------------------------------- */

static Ref flag_const(Builder *b, bool value) {
    Ref ref = hl_bc_emit(b, OP_PY_CONST, NULL, 0, (Aux){.i = value}, (Loc){0});
    hl_ins(b->f, ref)->type = hl_type_lit_bool(value);
    return ref;
}

static Ref add_param(Builder *b, const char *name) {
    uint32_t number = b->f->nparams++;
    b->f->param_names[number] = name;
    Ref param = hl_bc_emit(b, OP_PARAM, NULL, 0, (Aux){.i = number}, (Loc){0});
    hl_name_value(b->f, param, name);
    return param;
}

/* What an inner function captures stands behind its parameters. */
static void add_captures(Builder *b) {
    const Inner *self = b->scope->self;
    b->captured = hl_new_array(&b->c->arena, Ref, self->captures.len + 1);
    for (uint32_t i = 0; i < self->captures.len; i++)
        b->captured[i] = add_param(b, self->captures.data[i]->name);
}

static void enter_by_call(Builder *b) {
    uint32_t nparams = hl_bc_nparameters(b->code->object);
    for (uint32_t i = 0; i < nparams; i++) {
        uint32_t local = hl_bc_parameter_local(b->code->object, i);
        set_local(b, local, add_param(b, hl_bc_local_name(b->code, local)), 0);
    }
    if (b->scope->self) add_captures(b);
}

/* The variable when this local lives in a cell; NULL: it is an ordinary one. */
const Variable *hl_bc_cell(const Builder *b, uint32_t local) {
    const Variable *v = b->scope->variables[local];
    return v && v->kind == VARIABLE_CELL ? v : NULL;
}

void hl_bc_cell_set(Builder *b, Ref cell, Ref value, Loc loc) {
    hl_bc_emit(b, OP_PY_CELL_SET, (Ref[]){cell, value}, 2, (Aux){0}, loc);
}

void hl_bc_make_cell(Builder *b, uint32_t local, Loc loc) {
    Ref value = read_variable(b, b->block, local);
    bool bound = value != b->undef_value;
    Ref cell = hl_bc_emit(b, OP_PY_OPERATE, &value, bound, (Aux){.i = FOREIGN_CELL}, loc);
    set_local(b, local, cell, b->true_value);
}

/* A local whose variable lives in a cell holds the cell instead, for good. Beside objects MAKE_CELL makes it. */
static void make_cells(Builder *b) {
    for (uint32_t local = 0; local < b->code->nlocals && !b->code->foreign; local++) {
        if (!hl_bc_cell(b, local) || hl_bc_is_free(b->code, local)) continue;
        Ref value = b->values.data[b->block][local];
        Ref cell = hl_bc_emit(b, OP_PY_LIST, NULL, 0, (Aux){0}, (Loc){0});
        if (value) hl_bc_cell_set(b, cell, value, (Loc){0});
        write_variable(b, b->block, local, cell);
    }
}

/* What a function that captures this variable is given: its value, or its cell. */
Ref hl_bc_variable(Builder *b, const Variable *v) {
    const Inner *self = b->scope->self;
    if (v->kind == VARIABLE_CELL && v->cell) return hl_bc_constant(b, v->cell, (Loc){0});
    for (uint32_t i = 0; self && i < self->captures.len; i++)
        if (self->captures.data[i] == v) return b->captured[i];
    for (uint32_t local = 0; local < b->code->nlocals; local++)
        if (b->scope->variables[local] == v) return read_variable(b, b->block, local);
    return b->undef_value;
}

static bool is_made(const HlEntry *entry, uint32_t slot) {
    for (uint32_t i = 0; i < entry->nmade; i++)
        if (entry->made[i].slot == slot) return true;
    return false;
}

/* The inner functions among the frame's values, once everything else is there. */
static void make_functions(Builder *b, const HlEntry *entry) {
    for (uint32_t i = 0; entry && i < entry->nmade; i++) {
        uint32_t slot = entry->made[i].slot;
        Ref function = hl_bc_function(b, b->scope->inners[entry->made[i].constant], (Loc){0});
        if (slot < b->code->nlocals)
            set_local(b, slot, function, 0);
        else
            b->stack[slot - b->code->nlocals] = (Slot){.ref = function, .kind = SLOT_VALUE};
    }
}

static void enter_by_frame(Builder *b, const HlEntry *entry) {
    for (uint32_t i = 0; i < entry->nbound; i++)
        if (!is_made(entry, entry->bound[i]))
            set_local(b, entry->bound[i], add_param(b, hl_bc_local_name(b->code, entry->bound[i])), 0);
    for (uint32_t i = 0; i < entry->nstack; i++) {
        bool is_null = (entry->is_null && entry->is_null[i]) || is_made(entry, b->code->nlocals + i);
        const char *name = hl_arena_printf(&b->c->arena, "stack.%u", i);
        hl_bc_push_kind(b, is_null ? 0 : add_param(b, hl_intern(name)), is_null ? SLOT_NULL : SLOT_VALUE);
    }
}

static void begin_generator(Builder *b) {
    Ref start = b->undef_value;
    switch (b->scope->self->use) {
    case GENERATOR_AS_LIST: start = hl_bc_emit(b, OP_PY_LIST, NULL, 0, (Aux){0}, (Loc){0}); break;
    case GENERATOR_FOLD:
        b->step = add_param(b, hl_intern("step"));
        start = add_param(b, hl_intern("start"));
        break;
    case GENERATOR_ANY: start = b->false_value; break;
    case GENERATOR_ALL: start = b->true_value; break;
    case GENERATOR_USES: break;
    }
    write_variable(b, b->block, yielded_at(b), start);
}

static void declare_parameters(Builder *b) {
    for (uint32_t i = 0; i < hl_bc_nparameters(b->code->object); i++) {
        uint32_t local = hl_bc_parameter_local(b->code->object, i);
        Ref value = b->values.data[b->block][local];
        write_variable(b, b->block, local, hl_bc_declared(b, local, value, (Loc){0}));
    }
}

/* Parameters first, then the two flags and the value of an unbound local; unused ones are cleaned up. */
static void build_entry(Builder *b, const HlEntry *entry) {
    uint32_t nlocals = b->code->nlocals;
    b->block = new_block(b, false);
    uint32_t ncaptures = b->scope->self ? b->scope->self->captures.len : 0;
    uint32_t nparams = nlocals + ncaptures + 1 + (entry ? entry->nstack : 0);
    b->f->param_names = hl_new_array(&b->c->arena, const char *, nparams + 1);
    entry ? enter_by_frame(b, entry) : enter_by_call(b);
    b->true_value = flag_const(b, true);
    b->false_value = flag_const(b, false);
    b->undef_value = hl_bc_emit(b, OP_PY_UNDEF, NULL, 0, (Aux){0}, (Loc){0});
    if (!entry) declare_parameters(b);
    make_cells(b);
    make_functions(b, entry);
    if (b->scope->self && b->scope->self->use) begin_generator(b);
    for (uint32_t local = 0; local < nlocals; local++) {
        Ref value = b->values.data[b->block][local];
        set_local(b, local, value ? value : b->undef_value, value ? b->true_value : b->false_value);
        if (value) bind(b, local, value, (Loc){0});
    }
}

/* One SSA block for each bytecode block; the start is the entry block itself unless a jump comes back to it.
 */
static void make_blocks(Builder *b) {
    b->ssa_block = hl_new_array(&b->c->arena, BlockId, b->cfg->nblocks);
    b->entry_kinds = hl_new_array(&b->c->arena, uint8_t *, b->cfg->nblocks);
    for (uint32_t i = 0; i < b->cfg->nblocks; i++) {
        uint32_t npreds = b->cfg->blocks[i].npreds + (i == b->cfg->start);
        bool is_entry = i == b->cfg->start && npreds == 1;
        b->ssa_block[i] = is_entry ? b->block : new_block(b, npreds > 1);
    }
}

static void leave_entry(Builder *b) {
    uint32_t start = b->cfg->blocks[b->cfg->start].first;
    if (b->ssa_block[b->cfg->start] != b->block) {
        hl_bc_jump(b, start, b->code->instrs[start].loc);
    } else {
        store_stack(b);
        enter(b, start);
    }
}

static Func *new_func(Compile *c, const Code *code) {
    Func *f = hl_func_new(&c->arena, hl_bc_text(code->object->co_name));
    f->qualname = hl_bc_text(code->function->func_qualname);
    f->file = hl_bc_text(code->object->co_filename);
    f->first_line = code->object->co_firstlineno;
    f->object = code->function;
    return f;
}

/* The locals that are bound at the start, as bits. */
static uint64_t *bound_at_start(Compile *c, const Code *code, const HlEntry *entry) {
    uint64_t *bound = hl_new_array(&c->arena, uint64_t, bit_words(code->nlocals) + 1);
    uint32_t n = entry ? entry->nbound : hl_bc_nparameters(code->object);
    for (uint32_t i = 0; i < n; i++)
        bit_set(bound, entry ? entry->bound[i] : hl_bc_parameter_local(code->object, i));
    return bound;
}

static bool entry_fits(const Code *code, const HlEntry *entry) {
    if (!entry) return true;
    for (uint32_t i = 0; i < entry->nbound; i++)
        if (entry->bound[i] >= code->nlocals) return false;
    return entry->nstack <= code->nstack;
}

/* The instruction an entry begins at; BC_NONE with c->diag set when there is none. */
static uint32_t start_instr(Compile *c, const Code *code, const HlEntry *entry) {
    uint32_t unit = entry ? entry->offset / 2 : 0;
    bool ok = unit < code->nunits && code->index_at[unit] != BC_NONE && entry_fits(code, entry);
    if (ok) return code->index_at[unit];
    hl_diag_set(&c->arena, &c->diag, DIAG_INTERNAL, hl_bc_text(code->object->co_filename),
                hl_bc_text(code->object->co_qualname), (Loc){0}, "no such place to enter the function at");
    return BC_NONE;
}

static void dump(Compile *c, const Code *code, const BcCfg *cfg, const Func *f) {
    if (c->dump & 1u << DUMP_BYTECODE) hl_bc_print_code(&c->dumps[DUMP_BYTECODE], code);
    if (c->dump & 1u << DUMP_CFG) hl_bc_print_cfg(&c->dumps[DUMP_CFG], code, cfg);
    if (c->dump & 1u << DUMP_SSA) hl_print_func(&c->dumps[DUMP_SSA], f);
}

Func *hl_bytecode_ssa(Compile *c, const void *function, const HlEntry *entry) {
    const Code *code = hl_bc_decode(c, (PyFunctionObject *)function);
    uint32_t start = code ? start_instr(c, code, entry) : BC_NONE;
    if (start == BC_NONE) return NULL;
    const BcCfg *cfg = hl_bc_cfg(c, code, start, entry ? entry->nstack : 0, bound_at_start(c, code, entry));
    if (!cfg) return NULL;
    Builder b = {.c = c,
                 .f = new_func(c, code),
                 .code = code,
                 .cfg = cfg,
                 .scope = hl_bc_scope(c, code),
                 .declared = hl_map_get(&c->declared, (uintptr_t)code->function)};
    b.stack = hl_new_array(&c->arena, Slot, code->nstack + 1);
    b.bound = hl_new_array(&c->arena, uint64_t, bit_words(code->nlocals) + 1);
    build_entry(&b, entry);
    make_blocks(&b);
    if (!entry && code->object->co_flags & CO_VARKEYWORDS && !code->foreign)
        hl_bc_refuse(&b, "a ** parameter", code->instrs[start].loc);
    else
        leave_entry(&b);
    run_blocks(&b);
    fill_phis(&b);
    hl_cleanup(b.f);
    dump(c, code, cfg, b.f);
    return b.f;
}
