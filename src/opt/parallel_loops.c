/* parallel_loops: prange loops become parallel regions.
 *
 * needs: whole-array operations still whole; simplify before it, so that equal indices are one value. keeps: valid
 * SSA. adds: the bodies to Compile.functions. Loops marked `parallel`: outermost first; those inside another one run
 * serially in its body.
 *
 * A loop runs in parallel when its rounds can be told apart: every value carried from round to round is a counter,
 * a reduction or only the last one's (carries.c), and it is left at its end only. Else it stays as it is, in order,
 * with the right answer, and a warning says why and where.
 */
#include "opt/parallel.h"
#include "runtime/runtime.h"

#include <string.h>

/* ---- shape ------------------------------------------------------------------------------------- */

static Loc loop_loc(const ParallelLoop *p) {
    return hl_ins(p->f, hl_terminator(p->f, p->loop.header))->loc;
}

static bool stay_serial(ParallelLoop *p, DiagId id, const char *what) {
    hl_warn(p->c, p->f, loop_loc(p), id, what);
    return false;
}

/* Adds the blocks that are reached from the loop only, other than over its end, and lead to a raise. False when such
 * a path goes on behind the loop instead: break or return. */
static bool add_tails(ParallelLoop *p) {
    for (uint32_t i = 0; i < p->loop.blocks.len; i++) {
        BlockId b = p->loop.blocks.data[i];
        const Block *block = hl_block(p->f, b);
        if (hl_ins(p->f, hl_last(&block->ins))->op == OP_RETURN) return false;
        for (uint32_t s = 0; s < block->nsuccs; s++) {
            BlockId to = block->succs[s];
            if (p->inside[to] || (b == p->loop.header && s == 1)) continue;
            if (to == p->exit || !hl_dominates(p->cfg, p->loop.header, to)) return false;
            if (hl_block(p->f, to)->nsuccs && hl_dominates(p->cfg, p->exit, to)) return false;
            p->inside[to] = true;
            hl_push(&p->scratch, &p->loop.blocks, to);
        }
    }
    return true;
}

/* The end of a for loop over a range: `left > 0`, with left counted down from the number of rounds; or of a loop that opt/
 * made: `index < count`. */
static bool find_count(ParallelLoop *p) {
    const Ins *branch = hl_ins(p->f, hl_terminator(p->f, p->loop.header));
    if (branch->op != OP_BRANCH) return false;
    const Ins *more = hl_ins(p->f, branch->args[0]);
    Induction counter;
    if (more->op != OP_SGT && more->op != OP_SLT) return false;
    if (!hl_induction(p->f, p->cfg, more->args[0], &counter) || counter.loop->header != p->loop.header)
        return false;
    p->more = branch->args[0];
    p->exit = hl_block(p->f, p->loop.header)->succs[1];
    if (!hl_opt_is_int(p->f, counter.step, 1)) return false;
    if (more->op == OP_SLT) {
        p->count = more->args[1];
        return !counter.down && hl_opt_is_int(p->f, counter.start, 0) &&
               !p->inside[hl_ins(p->f, p->count)->block];
    }
    p->left = more->args[0];
    p->count = counter.start;
    return counter.down && hl_opt_is_int(p->f, more->args[1], 0);
}

typedef bool (*Kind)(const Ins *ins);

/* Is it of this kind, or a call of a function that has such an instruction? */
static bool does(const Ins *ins, Kind kind, Arena *scratch, Map *seen) {
    const Func *f = ins->op == OP_CALL ? ins->aux.func : NULL;
    if (!f || hl_map_get(seen, (uintptr_t)f)) return !f && kind(ins);
    hl_map_set(scratch, seen, (uintptr_t)f, (void *)f);
    for (Ref r = 1; r < f->ins.len; r++)
        if (does(hl_ins(f, r), kind, scratch, seen)) return true;
    return false;
}

/* The first instruction of a kind, in the loop or in what it calls; 0: there is none. */
static Ref find(ParallelLoop *p, Kind kind) {
    Map seen = {0};
    for (uint32_t i = 0; i < p->loop.blocks.len; i++) {
        const Block *block = hl_block(p->f, p->loop.blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++)
            if (does(hl_ins(p->f, block->ins.data[k]), kind, &p->scratch, &seen)) return block->ins.data[k];
    }
    return 0;
}

static bool is_catch(const Ins *ins) {
    return ins->op == OP_CATCH || ins->op == OP_FAILED;
}

/* An operation that is left to Python's objects. */
static bool is_object(const Ins *ins) {
    return ins->op > OP_OBJECT_CONST && ins->op <= OP_OPERATE_TEST;
}

/* What a thread other than the caller's cannot do in the midst of the loop; NULL: nothing. */
static const char *obstacle(const Ins *ins) {
    if (ins->op == OP_UNBOX && !(ins->flags & INS_OBJECT))
        return "goes on with the type of what the interpreter gives";
    bool exits = ins->op == OP_CHECK && !strcmp(ins->aux.error->class_name, HL_EXIT);
    if (exits) return "goes on with the type of what the interpreter gives";
    return NULL;
}

static const char *find_obstacle(const ParallelLoop *p) {
    const char *found =
        hl_loop_draws(p) ? "draws random numbers beside operations left to the interpreter" : NULL;
    for (uint32_t i = 0; i < p->loop.blocks.len; i++) {
        const Block *block = hl_block(p->f, p->loop.blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len && !found; k++)
            found = obstacle(hl_ins(p->f, block->ins.data[k]));
    }
    return found;
}

bool hl_parallel_open(ParallelLoop *p, const Loop *loop) {
    p->loop = *loop;
    p->loop.blocks.data = NULL;
    p->loop.blocks.len = p->loop.blocks.cap = 0;
    p->inside = hl_new_array(&p->scratch, bool, p->f->blocks.len);
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        p->inside[loop->blocks.data[i]] = true;
        hl_push(&p->scratch, &p->loop.blocks, loop->blocks.data[i]);
    }
    if (!loop->preheader || !find_count(p)) return false;
    p->entry = hl_pred_index(p->f, loop->preheader, 0);
    return add_tails(p);
}

/* ---- uses -------------------------------------------------------------------------------------- */

void hl_parallel_find_uses(ParallelLoop *p) {
    uint32_t n = p->f->ins.len, total = 0;
    p->first_use = hl_new_array(&p->scratch, uint32_t, n + 2);
    for (int fill = 0; fill < 2; fill++) {
        for (Ref r = 1; r < n; r++) {
            const Ins *ins = hl_ins(p->f, r);
            for (uint32_t i = 0; ins->op != OP_COUNT && ins->block && i < ins->nargs; i++) {
                if (fill)
                    p->uses[p->first_use[ins->args[i] + 1]++] = r;
                else
                    p->first_use[ins->args[i] + 2]++, total++;
            }
        }
        if (fill) return;
        for (Ref r = 2; r < n + 2; r++)
            p->first_use[r] += p->first_use[r - 1];
        p->uses = hl_new_array(&p->scratch, Ref, total + 1);
    }
}

/* ---- what the loop carries and leaves behind --------------------------------------------------- */

static const Carry *carry_of(const ParallelLoop *p, Ref r) {
    for (uint32_t i = 0; i < p->carries.len; i++)
        if (p->carries.data[i].phi == r) return &p->carries.data[i];
    return NULL;
}

/* Can a value made in the loop be had behind it? What is carried can, and what hl_outline_restate_parts makes again. */
static bool may_leave(const ParallelLoop *p, Ref r) {
    const Ins *ins = hl_ins(p->f, r);
    if (!p->inside[ins->block] || carry_of(p, r)) return true;
    if (!hl_outline_is_restated(ins)) return false;
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (!may_leave(p, ins->args[i])) return false;
    return true;
}

/* The first value that cannot. */
Ref hl_parallel_find_leaving(const ParallelLoop *p) {
    for (Ref r = 1; r < p->f->ins.len; r++) {
        const Ins *ins = hl_ins(p->f, r);
        if (ins->op == OP_COUNT || !ins->block || p->inside[ins->block]) continue;
        for (uint32_t i = 0; i < ins->nargs; i++)
            if (!may_leave(p, ins->args[i])) return ins->args[i];
    }
    return 0;
}

static const char *quoted_name(const ParallelLoop *p, Ref r) {
    const char *name = hl_value_name(p->f, r);
    return name ? hl_arena_printf(&p->c->arena, "`%s`", name) : "a value";
}

/* Where a value comes from; a phi has no place of its own. */
static Loc place_of(const ParallelLoop *p, Ref r) {
    const Ins *ins = hl_ins(p->f, r);
    for (uint32_t i = 0; ins->op == OP_PHI && i < ins->nargs; i++)
        if (hl_ins(p->f, ins->args[i])->op != OP_PHI && p->inside[hl_ins(p->f, ins->args[i])->block])
            return hl_ins(p->f, ins->args[i])->loc;
    return ins->op != OP_PHI && ins->loc.line ? ins->loc : loop_loc(p);
}

static bool report_carried(ParallelLoop *p, Ref value, Ref written, Ref read) {
    const char *name = quoted_name(p, value);
    Loc loc = place_of(p, written), other = place_of(p, read);
    Diagnostic *warning = hl_warn(p->c, p->f, loc, DIAG_PRANGE_CARRIED, name);
    if (other.line != loc.line || other.col != loc.col)
        hl_diag_note(&p->c->arena, warning, p->f->file, other,
                     "here a round uses what the round before it left in %s", name);
    return false;
}

static bool check_carries(ParallelLoop *p) {
    for (uint32_t i = 0; i < p->carries.len; i++) {
        const Carry *carry = &p->carries.data[i];
        if (carry->kind == CARRY_OTHER) return report_carried(p, carry->phi, carry->next, carry->blamed);
    }
    Ref leaving = hl_parallel_find_leaving(p);
    return !leaving || report_carried(p, leaving, leaving, leaving);
}

/* ---- what became of it, in words --------------------------------------------------------------- */

static Text *note(const ParallelLoop *p, const Loop *loop, const char *what) {
    Text *out = &p->c->dumps[DUMP_PARALLEL];
    hl_text_printf(out, "%d: %s", hl_ins(p->f, hl_terminator(p->f, loop->header))->loc.line, what);
    return out;
}

static void note_parallel(const ParallelLoop *p) {
    const char *before = "; reductions: ";
    Text *out = note(p, &p->loop, "runs in parallel");
    for (uint32_t i = 0; i < p->carries.len; i++) {
        const Carry *carry = &p->carries.data[i];
        bool is_second_half =
            i && hl_value_name(p->f, carry->phi) &&
            hl_value_name(p->f, carry->phi) == hl_value_name(p->f, p->carries.data[i - 1].phi);
        bool is_ours = !hl_value_name(p->f, carry->phi); /* rebound.c made it */
        if (!hl_carry_is_reduction(carry) || is_second_half || is_ours) continue;
        hl_text_printf(out, "%s%s (%s)", before, quoted_name(p, carry->phi), hl_carry_word(carry->kind));
        before = ", ";
    }
    for (uint32_t i = 0; i < p->shared.len; i++) {
        const Shared *shared = &p->shared.data[i];
        hl_text_printf(out, "%s%s (%s, an array for each part)", before, hl_races_name(p, shared->base),
                       hl_carry_word(shared->kind));
        before = ", ";
    }
    hl_text_printf(out, "\n");
}

/* The last warning says why. */
static void note_serial(const ParallelLoop *p, const Loop *loop) {
    const char *text = hl_last(&p->c->warnings)->text, *reason = strstr(text, ": ");
    hl_text_printf(note(p, loop, "runs serially"), "%s\n", reason ? reason : "");
}

static void note_inner(const ParallelLoop *p, const Loop *outer) {
    for (uint32_t i = 0; i < p->cfg->loops.len; i++) {
        const Loop *loop = p->cfg->loops.data[i];
        if (loop == outer || !hl_block(p->f, loop->header)->parallel || !p->inside[loop->header]) continue;
        note(p, loop, "runs serially: it is inside another prange loop\n");
    }
}

/* ---- one loop ---------------------------------------------------------------------------------- */

/* Takes the mark off a loop and those in it. */
static void unmark(Func *f, const Loop *loop) {
    for (uint32_t i = 0; i < loop->blocks.len; i++)
        hl_block(f, loop->blocks.data[i])->parallel = false;
}

static void run_in_parallel(Compile *c, Func *f, const Cfg *cfg, const Loop *loop) {
    ParallelLoop p = {.c = c, .f = f, .cfg = cfg};
    bool good = hl_parallel_open(&p, loop);
    Ref object = find(&p, is_object);
    const char *obstacle = object ? find_obstacle(&p) : NULL;
    if (find(&p, is_catch))
        good = stay_serial(&p, DIAG_PRANGE_EXCEPTION, NULL);
    else if (obstacle)
        good = stay_serial(&p, DIAG_PRANGE_EXITS, obstacle);
    else if (!good)
        stay_serial(&p, DIAG_PRANGE_LEFT, NULL);
    else if (hl_loop_draws_from_generator(&p))
        good = stay_serial(&p, DIAG_PRANGE_GENERATOR, NULL);
    if (good) {
        hl_parallel_inline_calls(&p);
        hl_parallel_find_uses(&p);
        hl_carries_find(&p);
        good = check_carries(&p) && hl_races_check(&p);
    }
    note_inner(&p, loop);
    if (good && object) hl_warn(c, f, hl_ins(f, object)->loc, DIAG_PRANGE_OBJECTS);
    if (good)
        note_parallel(&p);
    else
        note_serial(&p, loop);
    unmark(f, loop);
    if (good) hl_region_build(&p);
    hl_arena_free(&p.scratch);
}

static bool next_loop(Compile *c, Func *f) {
    Arena scratch = {0};
    bool found = false;
    hl_loops_normalise(f);
    Cfg *cfg = hl_cfg_compute(&scratch, f);
    for (uint32_t i = 0; i < cfg->loops.len && !found; i++) {
        const Loop *loop = cfg->loops.data[i];
        if (!hl_block(f, loop->header)->parallel) continue;
        found = true;
        if (!hl_rebound_update_in_place(c, f, cfg, loop)) run_in_parallel(c, f, cfg, loop);
    }
    hl_arena_free(&scratch);
    return found;
}

static bool has_mark(const Func *f) {
    for (BlockId b = 1; b < f->blocks.len; b++)
        if (hl_block(f, b)->parallel && hl_block(f, b)->ins.len) return true;
    return false;
}

bool hl_opt_parallel_loops(Compile *c, Func *f) {
    if (!has_mark(f)) return true;
    hl_split_complex(f);
    while (next_loop(c, f))
        hl_cleanup(f);
    return true;
}
