/* A compilation in units: the function asked for with what it calls, and each large function of the prelude apart.
 *
 * In: c->functions after the last pass. Out: units of which each is lowered to modules of its own. A large function that
 * is compiled apart is compiled once: its object serves every compilation in which it comes out the same
 * (backend.c). It is never inlined then, so small ones, and those that only pass their arguments on, stay with their
 * callers.
 */
#include <string.h>

#include "lower/internal.h"

/* Numbers of instructions: from which on a function, with all it calls, is large: for what the user wrote, some 7 ms of
 * LLVM's time, and for another large function, because each unit costs 2 ms more when all are new; and up to which one
 * is brief. */
enum { LARGE = 100, LARGE_INSIDE = 250, BRIEF = 40 };

typedef struct Node Node;
struct Node {
    const Func *f;
    VEC(Node *) callees;
    uint32_t weight, whole; /* of itself, with all it calls */
    bool shareable;         /* by itself */
    bool is_decided, apart;
    bool brief;     /* short, and without a loop: it passes its arguments on */
    uint32_t visit; /* the last walk that came here */
    Unit *unit;     /* that it is the root of */
};

typedef struct Graph {
    Compile *c;
    Map nodes; /* Func * -> Node * */
    uint32_t walks;
    UnitList units;
} Graph;

/* ---- the calls ------------------------------------------------------------------------------- */

static Node *node_of(Graph *g, const Func *f) {
    return hl_map_get(&g->nodes, (uintptr_t)f);
}

static void make_node(Graph *g, const Func *f) {
    Node *node = hl_new(&g->c->arena, Node);
    node->f = f;
    node->shareable = hl_lower_is_shareable(f);
    hl_map_set(&g->c->arena, &g->nodes, (uintptr_t)f, node);
}

static void find_callees(Graph *g, Node *node) {
    const Func *f = node->f;
    for (BlockId b = 1; b < f->blocks.len; b++) {
        const Block *block = hl_block(f, b);
        node->weight += block->ins.len;
        for (uint32_t i = 0; i < block->ins.len; i++) {
            const Ins *ins = hl_ins(f, block->ins.data[i]);
            if (ins->op != OP_CALL && ins->op != OP_PARALLEL) continue;
            hl_push(&g->c->arena, &node->callees, node_of(g, ins->aux.func));
        }
    }
}

/* ---- which functions are compiled apart -------------------------------------------------------- */

/* What a walk finds out about a function and all it calls. */
typedef struct Walk {
    bool stays; /* only what is not compiled apart */
    const Node *sought;
    uint32_t weight;
    bool shareable, found;
} Walk;

static void walk_on(Graph *g, Node *node, Walk *w) {
    if (node->visit == g->walks) return;
    node->visit = g->walks;
    w->weight += node->weight;
    w->shareable &= node->shareable;
    w->found |= node == w->sought;
    for (uint32_t i = 0; i < node->callees.len; i++)
        if (!w->stays || !node->callees.data[i]->apart) walk_on(g, node->callees.data[i], w);
}

static Walk walk(Graph *g, Node *from, bool stays, const Node *sought) {
    Walk w = {.stays = stays, .sought = sought, .shareable = true};
    g->walks++;
    walk_on(g, from, &w);
    return w;
}

static bool is_brief(Graph *g, const Node *node) {
    return node->weight < BRIEF && !node->f->recursive && !hl_cfg_compute(&g->c->arena, node->f)->loops.len;
}

static bool may_be_root(const Node *node) {
    return node->shareable && !node->f->cold && !node->f->part && !node->f->options.inline_always;
}

/* Callees first. A brief one that does little but call large ones stays with its caller. */
static void decide(Graph *g, Node *node) {
    if (node->is_decided) return;
    node->is_decided = true;
    for (uint32_t i = 0; i < node->callees.len; i++)
        decide(g, node->callees.data[i]);
    Walk all = walk(g, node, false, NULL);
    node->whole = all.weight;
    if (!may_be_root(node) || !all.shareable || all.weight < LARGE) return;
    node->brief = is_brief(g, node);
    node->apart = !node->brief || walk(g, node, true, NULL).weight >= LARGE;
}

/* Called by a function of root's unit, and not calling it. */
static bool is_apart(Graph *g, Node *node, const Node *root) {
    bool large = !root->f->prelude || (node->whole >= LARGE_INSIDE && !node->brief);
    return node->apart && large && !walk(g, node, false, root).found;
}

/* ---- units ----------------------------------------------------------------------------------- */

static Unit *unit_of(Graph *g, Node *root);

/* Is it among the unit's, or outside it? */
static bool is_known(const Unit *unit, const Func *f) {
    for (uint32_t i = 0; i < unit->functions.len; i++)
        if (unit->functions.data[i] == f) return true;
    for (uint32_t i = 0; i < unit->outside.len; i++)
        if (unit->outside.data[i] == f) return true;
    return false;
}

static void gather(Graph *g, Unit *unit, Node *node, const Node *root) {
    if (is_known(unit, node->f)) return;
    if (node != root && is_apart(g, node, root)) {
        hl_push(&g->c->arena, &unit->outside, (Func *)node->f);
        hl_push(&g->c->arena, &unit->called, unit_of(g, node));
        return;
    }
    hl_push(&g->c->arena, &unit->functions, (Func *)node->f);
    for (uint32_t i = 0; i < node->callees.len; i++)
        gather(g, unit, node->callees.data[i], root);
}

static void set_symbol(Graph *g, Unit *unit, const Func *f, const char *symbol) {
    hl_map_set(&g->c->arena, &unit->symbols, (uintptr_t)f, (void *)symbol);
}

/* "pairwise.0.5f3a...": names that mean the same in every compilation. */
static void name_functions(Graph *g, Unit *unit) {
    for (uint32_t i = 0; i < unit->functions.len; i++) {
        const Func *f = unit->functions.data[i];
        const char *name = f->name;
        if (unit->digest)
            name =
                hl_arena_printf(&g->c->arena, "%.*s.%u.%s", (int)strcspn(name, "."), name, i, unit->digest);
        set_symbol(g, unit, f, name);
    }
}

static void name_outside(Graph *g, Unit *unit) {
    for (uint32_t i = 0; i < unit->outside.len; i++)
        set_symbol(g, unit, unit->outside.data[i],
                   hl_map_get(&unit->called.data[i]->symbols, (uintptr_t)unit->outside.data[i]));
}

/* As they stand in the compilation. */
static void order_functions(Graph *g, Unit *unit) {
    FuncList ordered = {0};
    g->walks++;
    for (uint32_t i = 0; i < unit->functions.len; i++)
        node_of(g, unit->functions.data[i])->visit = g->walks;
    for (uint32_t i = 0; i < g->c->functions.len; i++)
        if (node_of(g, g->c->functions.data[i])->visit == g->walks)
            hl_push(&g->c->arena, &ordered, g->c->functions.data[i]);
    unit->functions = ordered;
}

static Unit *make_unit(Graph *g, Node *root, bool apart) {
    Unit *unit = hl_new(&g->c->arena, Unit);
    unit->root = root->f;
    if (apart) root->unit = unit;
    gather(g, unit, root, root);
    if (!apart) order_functions(g, unit);
    name_outside(g, unit);
    if (apart) unit->digest = hl_lower_digest(g->c, unit);
    name_functions(g, unit);
    return unit;
}

/* Two functions that come out the same are one unit. */
static Unit *unit_of(Graph *g, Node *root) {
    if (root->unit) return root->unit;
    Unit *unit = make_unit(g, root, true);
    for (uint32_t i = 0; i < g->units.len; i++)
        if (!strcmp(g->units.data[i]->digest, unit->digest)) return unit;
    hl_push(&g->c->arena, &g->units, unit);
    return unit;
}

UnitList hl_lower_units(Compile *c) {
    Graph g = {.c = c};
    UnitList all = {0};
    for (uint32_t i = 0; i < c->functions.len; i++)
        make_node(&g, c->functions.data[i]);
    for (uint32_t i = 0; i < c->functions.len; i++)
        find_callees(&g, node_of(&g, c->functions.data[i]));
    decide(&g, node_of(&g, c->functions.data[0]));
    Unit *own = make_unit(&g, node_of(&g, c->functions.data[0]), false);
    hl_push(&c->arena, &all, own);
    for (uint32_t i = 0; i < g.units.len; i++)
        hl_push(&c->arena, &all, g.units.data[i]);
    return all;
}
