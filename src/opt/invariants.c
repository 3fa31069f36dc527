/* invariants: comparisons that hold whenever the header of a loop is reached, though no branch leads there alone.
 *
 * needs: normal form of loops (one latch, one edge in); the loops around are judged (induction.c). changes nothing.
 *
 * Python tests the condition of a `while` in front of the loop and once more at the end of each round. What it says of a phi is then
 * true on both ways to the header: `next >= 0` where the round ends, `start >= 0` where the loop is entered, so `phi >= 0`. A phi that
 * is left alone or stepped up, whatever branches decide it, is at least its start, if no step overflows. ranges.c
 * takes both as facts.
 */
#include "opt/loops.h"

enum { MOST_VISITED = 16 };

typedef struct Search {
    Ranges *x;
    const Loop *loop;
    BlockId latch;
    Ref visited
        [MOST_VISITED]; /* values that are steps up from the phi, unless another one says they are not */
    uint32_t nvisited;
} Search;

static Ref operand_from(const Search *s, Ref phi, bool latch) {
    const Ins *ins = hl_ins(s->x->f, phi);
    const Block *header = hl_block(s->x->f, s->loop->header);
    uint32_t i = 0;
    while ((header->preds.data[i] == s->latch) != latch)
        i++;
    return ins->args[i];
}

static void keep(Search *s, Op op, Ref a, Ref b) {
    Invariant invariant = {.header = s->loop->header, .op = op, .a = a, .b = b};
    hl_push(s->x->arena, &s->x->invariants, invariant);
}

/* ---- what is asked on both ways to the header ------------------------------------------------ */

static bool stays(const Search *s, Ref r) {
    const Ins *ins = hl_ins(s->x->f, r);
    return ins->op == OP_CONST_INT || !hl_loop_contains(s->loop, s->x->cfg, ins->block);
}

/* `a op b` holds where the round ends. Of the phis that take a along: does it hold of their start? */
static void try_relation(Search *s, Op op, Ref a, Ref b) {
    const Block *header = hl_block(s->x->f, s->loop->header);
    for (uint32_t i = 0; i < header->ins.len && stays(s, b); i++) {
        Ref phi = header->ins.data[i];
        if (hl_ins(s->x->f, phi)->op != OP_PHI) break;
        if (operand_from(s, phi, true) != a) continue;
        if (hl_ranges_compare(s->x, op, operand_from(s, phi, false), b, s->loop->preheader))
            keep(s, op, phi, b);
    }
}

static Op swapped(Op op) {
    switch (op) {
    case OP_SLT: return OP_SGT;
    case OP_SLE: return OP_SGE;
    case OP_SGT: return OP_SLT;
    case OP_SGE: return OP_SLE;
    default: return op;
    }
}

static void try_condition(Search *s, Ref condition, bool holds) {
    const Ins *ins = hl_ins(s->x->f, condition);
    if (ins->op == (holds ? OP_AND : OP_OR)) {
        try_condition(s, ins->args[0], holds);
        try_condition(s, ins->args[1], holds);
        return;
    }
    Op op = hl_ranges_relation(s->x, condition, holds);
    if (op != OP_SLT && op != OP_SLE && op != OP_SGT && op != OP_SGE) return;
    try_relation(s, op, ins->args[0], ins->args[1]);
    try_relation(s, swapped(op), ins->args[1], ins->args[0]);
}

/* The branches that every round passes on its way to the latch. */
static void try_branches(Search *s) {
    for (BlockId b = s->latch; b != s->loop->header; b = s->x->cfg->idom[b]) {
        const Block *above = hl_block(s->x->f, s->x->cfg->idom[b]);
        if (above->nsuccs != 2 || above->succs[0] == above->succs[1]) continue;
        if (hl_block(s->x->f, b)->preds.len != 1) continue;
        Ref end = hl_terminator(s->x->f, s->x->cfg->idom[b]);
        try_condition(s, hl_ins(s->x->f, end)->args[0], above->succs[0] == b);
    }
}

/* ---- what only goes up, or only down --------------------------------------------------------- */

/* Is it a step from args[0] in the wanted direction? */
static bool is_step(const Search *s, const Ins *ins, bool up) {
    if (ins->op != OP_ADD && ins->op != OP_SUB) return false;
    const Ins *by = hl_ins(s->x->f, ins->args[1]);
    return by->op == OP_CONST_INT && (by->aux.i >= 0) == (up == (ins->op == OP_ADD));
}

/* Is the value the phi (which is visited first) after steps in one direction, or none? */
static bool goes(Search *s, Ref r, bool up) {
    for (uint32_t i = 0; i < s->nvisited; i++)
        if (s->visited[i] == r) return true;
    const Ins *ins = hl_ins(s->x->f, r);
    if (s->nvisited == MOST_VISITED || !hl_loop_contains(s->loop, s->x->cfg, ins->block)) return false;
    s->visited[s->nvisited++] = r;
    if (is_step(s, ins, up)) return goes(s, ins->args[0], up) && !hl_ranges_may_overflow(s->x, r);
    uint32_t first = ins->op == OP_SELECT;
    if (ins->op != OP_PHI && ins->op != OP_SELECT) return false;
    for (uint32_t i = first; i < ins->nargs; i++)
        if (!goes(s, ins->args[i], up)) return false;
    return true;
}

static bool goes_from(Search *s, Ref phi, bool up) {
    s->visited[0] = phi;
    s->nvisited = 1;
    return goes(s, operand_from(s, phi, true), up);
}

/* Those that a step in every round makes are polynomials anyhow. */
static void try_phis(Search *s) {
    const Block *header = hl_block(s->x->f, s->loop->header);
    for (uint32_t i = 0; i < header->ins.len && hl_ins(s->x->f, header->ins.data[i])->op == OP_PHI; i++) {
        Ref phi = header->ins.data[i];
        Induction ignored;
        if (hl_ins(s->x->f, phi)->type->kind != TY_I64 || hl_induction(s->x->f, s->x->cfg, phi, &ignored))
            continue;
        if (goes_from(s, phi, true)) keep(s, OP_SGE, phi, operand_from(s, phi, false));
        if (goes_from(s, phi, false)) keep(s, OP_SLE, phi, operand_from(s, phi, false));
    }
}

void hl_invariants_find(Ranges *x, const Loop *loop) {
    if (!loop->preheader || loop->latches.len != 1 || hl_block(x->f, loop->header)->preds.len != 2) return;
    Search s = {.x = x, .loop = loop, .latch = loop->latches.data[0]};
    try_branches(&s);
    try_phis(&s);
}
