/* specialise: final types to typed SSA.
 *
 * In: an analysed instance. Out: instance->typed, verified typed SSA of the blocks that can be reached, with tuples,
 * ranges and iterators taken apart into scalars and arrays. Every phi of the untyped function becomes one phi for each
 * leaf of its type, made before any block is filled; its operands are converted and added where the predecessor ends.
 */
#include "infer/internal.h"

#include <string.h>

typedef struct Specialiser {
    Compile *c;
    Instance *instance;
    Func *u, *f;
    Builder builder;
    Val *vals;       /* by untyped ref */
    BlockId *starts; /* typed block by untyped block; 0: not reached */
    const Type *typed_result;
    bool told_results; /* that results have several types */
} Specialiser;

/* ---- reasons ------------------------------------------------------------------------------------------------------------- */

static const Type *shown_type(const Specialiser *s, Ref r) {
    return hl_type_unliteral(s->instance->types[r]);
}

/* The value that gave a phi its type. */
static Ref origin_of(const Specialiser *s, Ref r) {
    for (int depth = 0; depth < 32 && hl_ins(s->u, r)->op == OP_PHI; depth++) {
        const Ins *phi = hl_ins(s->u, r);
        Ref next = 0;
        for (uint32_t i = 0; i < phi->nargs && !next; i++)
            if (phi->args[i] != r && shown_type(s, phi->args[i]) == shown_type(s, r)) next = phi->args[i];
        if (!next) break;
        r = next;
    }
    return r;
}

static void note_argument(Specialiser *s, const char *name, const char *type) {
    hl_diag_note(&s->c->arena, &s->c->diag, s->u->file, (Loc){0}, "%s is %s, an argument of this call", name,
                 type);
}

static const char *quoted(Specialiser *s, const char *name) {
    return name ? hl_arena_printf(&s->c->arena, "`%s`", name) : "the value";
}

/* "`x` is float64 because of line 4", when the source has a name for it and the place is another. */
static void note_origin(Specialiser *s, Ref r, int line) {
    const char *name = hl_value_name(s->u, r), *type = hl_type_show(shown_type(s, r));
    const Ins *origin = hl_ins(s->u, origin_of(s, r));
    if (!name || s->instance->types[r]->kind == TY_OBJECT_CONST) return;
    if (origin->op == OP_PARAM)
        note_argument(s, quoted(s, name), type);
    else if (origin->loc.line && origin->loc.line != line)
        hl_diag_note(&s->c->arena, &s->c->diag, s->u->file, origin->loc, "`%s` is %s because of line %d",
                     name, type, origin->loc.line);
}

/* A global that has no compiled form is the reason, whatever was done with it. */
static bool blame_global(Specialiser *s, Ref r) {
    const Type *type = s->instance->types[r];
    const char *name = hl_value_name(s->u, r);
    if (!name || hl_ins(s->u, r)->op != OP_PY_CONST || type->kind != TY_OBJECT_CONST ||
        strncmp(type->name, "object:", 7) != 0)
        return false;
    s->c->diag = (Diagnostic){0};
    s->builder.loc = hl_ins(s->u, r)->loc;
    fail(&s->builder, DIAG_UNTYPED_GLOBAL, name, hl_article(type->name + 7), type->name + 7);
    return true;
}

static bool depends_on_types(DiagId id) {
    switch ((int)id) {
    case DIAG_UNSUPPORTED_CONSTRUCT:
    case DIAG_BAD_ARGUMENTS:
    case DIAG_UNDEFINED_NAME:
    case DIAG_NO_NAME:
    case DIAG_NO_FUNCTION:
    case DIAG_NO_DTYPE:
    case DIAG_BIG_INT:
    case DIAG_INTERNAL: return false;
    default: return true;
    }
}

/* Adds to the error of this instruction why its operands have their types. */
static void explain(Specialiser *s, const Ins *ins) {
    Diagnostic *diag = &s->c->diag;
    bool own = diag->set && diag->function == s->u->qualname && diag->notes.len == 0;
    if (!own || !depends_on_types(diag->id)) return;
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (blame_global(s, ins->args[i])) return;
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (i == 0 || ins->args[i] != ins->args[0]) note_origin(s, ins->args[i], ins->loc.line);
}

/* The first two operands whose types do not go together. */
static Val report_conflict(Specialiser *s, Ref r) {
    const Ins *phi = hl_ins(s->u, r);
    const char *name = quoted(s, hl_value_name(s->u, r));
    Ref first = 0;
    for (uint32_t i = 0; i < phi->nargs; i++) {
        Ref arg = phi->args[i];
        const Type *type = s->instance->types[arg];
        if (type->kind == TY_BOTTOM || type->kind == TY_OBJECT) continue;
        if (!first) first = arg;
        if (join(&s->builder, type, s->instance->types[first])->kind != TY_OBJECT) continue;
        const Ins *origin = hl_ins(s->u, origin_of(s, first));
        s->builder.loc = hl_ins(s->u, origin_of(s, arg))->loc;
        if (is_text(type) && is_text(s->instance->types[first]))
            return fail(&s->builder, DIAG_UNSUPPORTED_CONSTRUCT,
                        hl_arena_printf(&s->c->arena, "%s, which is one string or another,", name));
        fail(&s->builder, DIAG_CANNOT_UNIFY, name, hl_type_show(shown_type(s, first)),
             hl_type_show(shown_type(s, arg)));
        const char *shown = hl_type_show(shown_type(s, first));
        if (origin->op == OP_PARAM)
            note_argument(s, quoted(s, hl_value_name(s->u, origin_of(s, first))), shown);
        else
            hl_diag_note(&s->c->arena, &s->c->diag, s->u->file, origin->loc, "%s is %s because of line %d",
                         name, shown, origin->loc.line);
        return NO_VAL;
    }
    return fail(&s->builder, DIAG_CANNOT_UNIFY, name, "of one type", "of another");
}

/* A loop's variable whose type is made of its own: `x = (x, 1)`. */
static void report_changing(Specialiser *s, Ref r, Ref operand) {
    s->c->diag = (Diagnostic){0};
    s->builder.loc = hl_ins(s->u, origin_of(s, operand))->loc;
    fail(&s->builder, DIAG_CANNOT_UNIFY, quoted(s, hl_value_name(s->u, r)),
         hl_type_show(shown_type(s, operand)), "a type that changes in each round");
}

/* A return whose type does not go with that of this one. */
static bool report_results(Specialiser *s, Ref value) {
    const Type *here = s->instance->types[value], *there = NULL;
    Loc loc = {0};
    for (Ref r = 1; r < s->u->ins.len && !there; r++) {
        const Ins *ins = hl_ins(s->u, r);
        if (ins->op != OP_PY_RETURN || !s->starts[ins->block]) continue;
        const Type *type = s->instance->types[ins->args[0]];
        if (join(&s->builder, type, here)->kind == TY_OBJECT) there = hl_type_unliteral(type), loc = ins->loc;
    }
    if (is_text(here) && there && is_text(there))
        return ok(fail(&s->builder, DIAG_UNSUPPORTED_CONSTRUCT, "a result that is one string or another"));
    const char *other = there ? hl_type_show(there) : "another type";
    fail(&s->builder, DIAG_CANNOT_UNIFY_RETURN, hl_type_show(hl_type_unliteral(here)), other);
    if (there)
        hl_diag_note(&s->c->arena, &s->c->diag, s->u->file, loc, "the result is %s because of line %d", other,
                     loc.line);
    return false;
}

/* The error just reported is only a reason: the values go on as objects. */
static void keep_as_reason(Specialiser *s) {
    Diagnostic *reason = hl_new(&s->c->arena, Diagnostic);
    *reason = s->c->diag;
    s->c->diag = (Diagnostic){0};
    if (reason->set) hl_push(&s->c->arena, &s->c->reasons, reason);
}

static bool has_object_operand(const Specialiser *s, Ref phi) {
    const Ins *ins = hl_ins(s->u, phi);
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (s->instance->types[ins->args[i]]->kind == TY_OBJECT) return true;
    return false;
}

/* ---- blocks and phis ----------------------------------------------------------------------------------------------------- */

static Ref new_phi(Specialiser *s, BlockId block, const Type *type, Loc loc) {
    Ref r = hl_ins_new(s->f, OP_PHI, type, NULL, 0, (Aux){0}, loc);
    hl_append(s->f, s->starts[block], r);
    return r;
}

static bool make_phi(Specialiser *s, BlockId block, Ref r) {
    const Ins *phi = hl_ins(s->u, r);
    const Type *type = s->instance->types[r];
    if (type->kind == TY_BOTTOM) {
        s->vals[r] = literal(type);
        return true;
    }
    if (type->kind == TY_OBJECT && !has_object_operand(s, r)) {
        s->vals[r] = report_conflict(s, r);
        if (!s->instance->may_ask) return false;
        keep_as_reason(s);
    }
    uint32_t n = count_leaves(type);
    const Type **types = hl_new_array(&s->c->arena, const Type *, n + 1);
    Ref *refs = hl_new_array(&s->c->arena, Ref, n + 1);
    leaf_types(type, types);
    for (uint32_t i = 0; i < n; i++) {
        refs[i] = new_phi(s, block, types[i], phi->loc);
        if (hl_value_name(s->u, r)) hl_name_value(s->f, refs[i], hl_value_name(s->u, r));
    }
    const Ref *next = refs;
    s->vals[r] = from_leaves(&s->builder, type, &next);
    if (s->instance->open[r] && hl_type_is_scalar(type))
        s->vals[r].kind = new_phi(s, block, hl_type(TY_I64), phi->loc);
    return true;
}

static bool make_blocks(Specialiser *s) {
    Cfg *cfg = s->instance->cfg;
    for (uint32_t i = 0; i < cfg->nrpo; i++)
        if (s->instance->block_live[cfg->rpo[i]])
            s->starts[cfg->rpo[i]] = hl_block_new(s->f); /* the entry comes first and becomes block 1 */
    for (uint32_t i = 0; i < cfg->nrpo; i++) {
        BlockId block = cfg->rpo[i];
        if (!s->starts[block]) continue;
        for (uint32_t k = 0; k < hl_block(s->u, block)->ins.len; k++) {
            Ref r = hl_block(s->u, block)->ins.data[k];
            if (hl_ins(s->u, r)->op == OP_PHI && !make_phi(s, block, r)) return false;
        }
    }
    return true;
}

/* ---- edges ------------------------------------------------------------------------------------------------------------ */

static uint32_t pred_index(Specialiser *s, BlockId from, int which) {
    const Block *p = hl_block(s->u, from);
    BlockId to = p->succs[which];
    int nth = which == 1 && p->succs[0] == to ? 1 : 0;
    const Block *t = hl_block(s->u, to);
    for (uint32_t i = 0; i < t->preds.len; i++)
        if (t->preds.data[i] == from && nth-- == 0) return i;
    return 0;
}

/* Converts what the phis of an edge's target take, while the builder still stands in the source block. */
static bool convert_for_edge(Specialiser *s, BlockId from, int which, Val *values) {
    BlockId to = hl_block(s->u, from)->succs[which];
    uint32_t edge = pred_index(s, from, which), count = 0;
    for (uint32_t k = 0; k < hl_block(s->u, to)->ins.len; k++) {
        Ref r = hl_block(s->u, to)->ins.data[k];
        const Ins *phi = hl_ins(s->u, r);
        if (phi->op != OP_PHI) break;
        const Type *type = s->instance->types[r];
        if (type->kind == TY_BOTTOM) continue;
        Val v = s->vals[phi->args[edge]];
        values[count] = convert(&s->builder, v, type);
        if (!ok(values[count])) {
            if (type->kind == TY_OBJECT && ok(v)) report_changing(s, r, phi->args[edge]);
            return false;
        }
        values[count++].kind = s->vals[r].kind ? kind_of(&s->builder, v) : 0;
    }
    return true;
}

/* Gives those values to the target's phis; the edge must just have been added. */
static void add_to_phis(Specialiser *s, BlockId from, int which, const Val *values) {
    BlockId to = hl_block(s->u, from)->succs[which];
    uint32_t count = 0;
    for (uint32_t k = 0; k < hl_block(s->u, to)->ins.len; k++) {
        Ref r = hl_block(s->u, to)->ins.data[k];
        if (hl_ins(s->u, r)->op != OP_PHI) break;
        if (s->instance->types[r]->kind == TY_BOTTOM) continue;
        uint32_t n = count_leaves(s->instance->types[r]);
        Ref *phis = hl_new_array(&s->c->arena, Ref, n + 1),
            *operands = hl_new_array(&s->c->arena, Ref, n + 1);
        leaves(s->vals[r], phis);
        leaves(values[count], operands);
        for (uint32_t i = 0; i < n; i++)
            hl_phi_add(s->f, phis[i], operands[i]);
        if (s->vals[r].kind) hl_phi_add(s->f, s->vals[r].kind, values[count].kind);
        count++;
    }
}

static bool emit_jump(Specialiser *s, BlockId from, int which) {
    BlockId to = hl_block(s->u, from)->succs[which];
    Val *values = hl_new_array(&s->c->arena, Val, hl_block(s->u, to)->ins.len + 1);
    if (!convert_for_edge(s, from, which, values)) return false;
    hl_set_jump(s->f, s->builder.block, s->starts[to], s->builder.loc);
    add_to_phis(s, from, which, values);
    return true;
}

static bool emit_branch(Specialiser *s, BlockId from, const Ins *ins) {
    Val condition = s->vals[ins->args[0]];
    if (hl_ins(s->u, ins->args[0])->op == OP_PY_FAILED) return emit_jump(s, from, 1);
    if (condition.type->kind == TY_LIT_BOOL) return emit_jump(s, from, condition.type->value ? 0 : 1);
    Block *u = hl_block(s->u, from);
    Val *values[2];
    for (int i = 0; i < 2; i++) {
        values[i] = hl_new_array(&s->c->arena, Val, hl_block(s->u, u->succs[i])->ins.len + 1);
        if (!convert_for_edge(s, from, i, values[i])) return false;
    }
    hl_set_branch(s->f, s->builder.block, ref_of(&s->builder, condition), s->starts[u->succs[0]],
                  s->starts[u->succs[1]], s->builder.loc);
    add_to_phis(s, from, 0, values[0]);
    add_to_phis(s, from, 1, values[1]);
    return true;
}

/* Is some result an object by itself? Then it has its reason, and is none for the others. */
static bool returns_object(const Specialiser *s) {
    for (Ref r = 1; r < s->u->ins.len; r++) {
        const Ins *ins = hl_ins(s->u, r);
        if (ins->op == OP_PY_RETURN && s->starts[ins->block] &&
            s->instance->types[ins->args[0]]->kind == TY_OBJECT)
            return true;
    }
    return false;
}

static bool emit_return(Specialiser *s, const Ins *ins) {
    Val v = s->vals[ins->args[0]];
    bool differs =
        s->instance->result->kind == TY_OBJECT && s->instance->types[ins->args[0]]->kind != TY_OBJECT;
    if (differs && !(s->instance->may_ask && (s->told_results || returns_object(s)))) {
        s->told_results = true;
        report_results(s, ins->args[0]);
        if (!s->instance->may_ask) return false;
        keep_as_reason(s);
    }
    v = convert(&s->builder, v, s->typed_result);
    if (!ok(v)) return false;
    Ref packed = pack(&s->builder, v);
    op(&s->builder, OP_RETURN, NULL, &packed, 1, (Aux){0});
    return true;
}

/* ---- blocks -------------------------------------------------------------------------------------------------------------- */

static Val param(Specialiser *s, const Ins *ins) {
    const Type *type = s->instance->arg_types[ins->aux.i];
    Ref r = op(&s->builder, OP_PARAM, packed_type(&s->builder, type), NULL, 0, (Aux){.i = ins->aux.i});
    return unpack(&s->builder, type, r);
}

static const Ins *observed(const Specialiser *s, Ref r) {
    while (hl_ins(s->u, r)->op == OP_PY_OBSERVE)
        r = hl_ins(s->u, r)->args[0];
    return hl_ins(s->u, r);
}

/* Is it the state of a `for` over a call of prange? */
static bool is_prange_state(const Specialiser *s, Ref state) {
    const Ins *phi = hl_ins(s->u, state), *iter = phi;
    for (uint32_t i = 0; phi->op == OP_PHI && i < phi->nargs && iter->op != OP_PY_ITER; i++)
        iter = hl_ins(s->u, phi->args[i]);
    const Ins *made = iter->op == OP_PY_ITER ? observed(s, iter->args[0]) : iter;
    if (made->op != OP_PY_CALL) return false;
    const Type *callee = s->instance->types[made->args[0]];
    return callee->kind == TY_OBJECT_CONST && strcmp(callee->name, "hotloop.core.parallel.prange") == 0;
}

static bool emit_value(Specialiser *s, Ref r, const Ins *ins) {
    if (ins->op == OP_PY_ITER_MORE && s->f->options.parallel && is_prange_state(s, ins->args[0]))
        hl_block(s->f, s->builder.block)->parallel = true;
    Val *args = hl_new_array(&s->c->arena, Val, ins->nargs + 1);
    for (uint32_t i = 0; i < ins->nargs; i++)
        args[i] = s->vals[ins->args[i]];
    const Type *type = s->builder.wanted = s->instance->types[r];
    s->vals[r] = evaluate_or_ask(&s->builder, r, ins, args);
    if (ok(s->vals[r]) && s->vals[r].type != type && hl_type_holds_list(type) &&
        hl_type_converts(s->vals[r].type, type))
        s->vals[r] = convert(&s->builder, s->vals[r], type); /* a list made elsewhere, without items yet */
    if (!ok(s->vals[r])) explain(s, ins);
    if (s->vals[r].ref && hl_value_name(s->u, r)) hl_name_value(s->f, s->vals[r].ref, hl_value_name(s->u, r));
    return ok(s->vals[r]);
}

/* Where exceptions of the guarded instructions of a block go; 0: there are none. */
static BlockId landing_of(const Specialiser *s, BlockId block) {
    const Ins *last = hl_ins(s->u, hl_terminator(s->u, block));
    bool guards = last->op == OP_BRANCH && hl_ins(s->u, last->args[0])->op == OP_PY_FAILED;
    return guards ? s->starts[hl_block(s->u, block)->succs[0]] : 0;
}

static bool end_path(Specialiser *s) {
    const Block *block = hl_block(s->f, s->builder.block);
    bool ended = block->ins.len && hl_op_info((Op)hl_ins(s->f, hl_last(&block->ins))->op)->result == TERM;
    if (!ended) op(&s->builder, OP_UNREACHABLE, NULL, NULL, 0, (Aux){0});
    return true;
}

static bool emit(Specialiser *s, BlockId block, Ref r) {
    const Ins *ins = hl_ins(s->u, r);
    s->builder.loc = ins->loc;
    s->builder.guarded = ins->flags & INS_GUARDED;
    switch ((Op)ins->op) {
    case OP_PHI: return true;
    case OP_PARAM: s->vals[r] = param(s, ins); return true;
    case OP_JUMP: return emit_jump(s, block, 0);
    case OP_BRANCH: return emit_branch(s, block, ins);
    case OP_PY_RETURN: return emit_return(s, ins);
    case OP_PY_RAISE: return raise_value(&s->builder, s->vals[ins->args[0]]) && end_path(s);
    case OP_UNREACHABLE: op(&s->builder, OP_UNREACHABLE, NULL, NULL, 0, (Aux){0}); return true;
    default: return emit_value(s, r, ins);
    }
}

/* A call that never returns leaves no type to go on with: what follows it is not reached. */
static bool cannot_go_on(Specialiser *s, Ref r) {
    if (s->vals[r].type == NULL || s->vals[r].type->kind != TY_BOTTOM) return false;
    return end_path(s);
}

static bool emit_block(Specialiser *s, BlockId block) {
    s->builder.block = s->starts[block];
    s->builder.landing = landing_of(s, block);
    s->builder.may_fail = true;
    for (uint32_t k = 0; k < hl_block(s->u, block)->ins.len; k++) {
        Ref r = hl_block(s->u, block)->ins.data[k];
        if (!emit(s, block, r)) return false;
        if (cannot_go_on(s, r)) return true;
    }
    return true;
}

bool specialise(Compile *c, Instance *instance) {
    Specialiser s = {.c = c, .instance = instance, .u = instance->untyped, .f = instance->typed};
    s.builder = (Builder){.c = c, .instance = instance, .f = s.f, .block = 1};
    s.vals = hl_new_array(&c->arena, Val, s.u->ins.len + 1);
    s.starts = hl_new_array(&c->arena, BlockId, s.u->blocks.len + 1);
    s.typed_result = instance->typed->result;
    if (!make_blocks(&s)) return false;
    for (uint32_t i = 0; i < instance->cfg->nrpo; i++)
        if (s.starts[instance->cfg->rpo[i]] && !emit_block(&s, instance->cfg->rpo[i])) return false;
    hl_cleanup(s.f);
    return true;
}
