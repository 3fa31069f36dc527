/* Private to the loop passes: polynomials over values, what is known of integers, copies of loops.
 *
 * poly.c is arithmetic; induction.c turns integer values into polynomials over loop counters; ranges.c
 * proves inequalities between them, or says which test before a loop would; outline.c copies a
 * loop into a function, version.c makes such a copy its second, cold form; shape of loops (preheaders, exits, SSA repair) is loopform.c. The passes are
 * hoist_checks.c, split_reduction.c and polls.c.
 */
#ifndef HL_OPT_LOOPS_H
#define HL_OPT_LOOPS_H

#include "opt/internal.h"

__extension__ typedef __int128 Wide;

/* ---- poly.c: sums of products of symbols, in mathematical integers --------------------------- */

enum { MAX_DEGREE = 4, MAX_TERMS = 10 };

/* A value (its Ref), or the counter of a loop: how often its header was reached since the loop was entered,
 * from 0. */
typedef uint32_t Sym;
static const Sym COUNTER = UINT32_C(1) << 31; /* | index in Cfg.loops */

typedef struct Term {
    int64_t factor;       /* not 0 */
    Sym syms[MAX_DEGREE]; /* ascending; 0 behind the last: the constant's term has none and is not here */
} Term;

typedef struct Poly {
    Wide constant;
    uint32_t nterms;
    Term terms[MAX_TERMS]; /* in one order, so that equal polynomials are equal bytes up to nterms */
} Poly;

typedef struct Interval {
    Wide low, high; /* saturated */
} Interval;

Poly hl_poly_constant(Wide value);
Poly hl_poly_sym(Sym sym);
/* *out = a + factor * b, a * b; false when it gets too large. out may be a or b. */
bool hl_poly_add(Poly *out, const Poly *a, const Poly *b, int64_t factor);
bool hl_poly_mul(Poly *out, const Poly *a, const Poly *b);
bool hl_poly_same_terms(const Poly *a, const Poly *b);
bool hl_poly_has(const Poly *p, Sym sym);
/* p = coefficient * sym + rest, both without sym; false when p is not linear in it. */
bool hl_poly_split(const Poly *p, Sym sym, Poly *coefficient, Poly *rest);
Interval hl_poly_interval(const Poly *p, Interval (*of)(void *data, Sym sym), void *data);

/* ---- induction.c: integer values as polynomials ---------------------------------------------- */

enum { MAX_SOURCES = 8 };
typedef struct Fact {
    Poly p;                   /* is >= 0 */
    Ref sources[MAX_SOURCES]; /* the values p was made of; 0 behind the last */
    bool unfolded;            /* another fact says more of the same */
} Fact;
typedef struct Facts {
    uint32_t n;
    Fact *data;
} Facts;

/* a op b, two values of type i64, whenever the header is reached. */
typedef struct Invariant {
    BlockId header;
    Op op;
    Ref a, b;
} Invariant;

/* A session of questions about one function, which must not change meanwhile.
 *
 * Exact (assume false): a value is taken apart only where its operations are proved not to overflow.
 * Assuming: they are believed not to, and whoever builds on an answer tests that the values involved are
 * small (hl_ranges_need). Values from outside `root` stay whole, so that answers can be computed in front
 * of it. */
typedef struct Ranges {
    Arena *arena;
    const Func *f;
    const Cfg *cfg;
    const Loop *root; /* NULL: the whole function */
    bool assume;
    struct Ranges
        *exact;     /* of an assuming session: the exact one of the whole function; of that one: itself */
    Poly **polys;   /* by Ref */
    uint8_t *state; /* by Ref: of polys */
    uint8_t *is_iv; /* by Ref: phi that is start + counter * step without overflow */
    Interval **intervals; /* of the exact session, by Ref: ranges by type and operation, once asked for */
    Facts **facts;        /* by block */
    VEC(Invariant) invariants; /* of the exact session */
    uint32_t nins;             /* Func.ins.len when the session began */
    Map dims;       /* of the exact session: array and axis -> the array.dim that stands for all of them */
    uint32_t steps; /* left for the present question */
} Ranges;

Ranges *hl_ranges_open(Arena *arena, const Func *f, const Cfg *cfg);
Ranges *hl_ranges_assume(Ranges *exact, const Loop *root);
const Poly *hl_ranges_poly(Ranges *x, Ref r);
/* Was the value taken apart (a constant counts), or does it stand for itself? */
bool hl_ranges_is_whole(Ranges *x, Ref r);
/* A phi of a loop's header that grows by a step that does not change; its operands. */
typedef struct Induction {
    const Loop *loop;
    Ref start, next, step;
    bool down; /* minus step */
} Induction;
bool hl_induction(const Func *f, const Cfg *cfg, Ref phi, Induction *out);
Sym hl_ranges_counter(const Ranges *x, const Loop *loop);
const Loop *hl_ranges_loop_of(const Ranges *x, Sym counter);
/* Of an addition, subtraction or multiplication: may its result be out of range? */
bool hl_ranges_may_overflow(Ranges *x, Ref r);

/* ---- invariants.c: what holds at headers ----------------------------------------------------- */

/* Adds to x->invariants. */
void hl_invariants_find(Ranges *x, const Loop *loop);

/* ---- ranges.c: inequalities ------------------------------------------------------------------ */

/* What holds whenever block b runs, nearest first. */
const Facts *hl_ranges_facts(Ranges *x, BlockId b);
Interval hl_ranges_interval(Ranges *x, const Poly *p);
/* Is the condition true (1) or false (0) whenever block b runs? -1: who knows. */
int hl_ranges_decide(Ranges *x, Ref condition, BlockId b);
/* Is `a op b` known to be true whenever block b runs? */
bool hl_ranges_compare(Ranges *x, Op op, Ref a, Ref b, BlockId block);
/* What the condition says of its two operands, of type i64, where it holds, or where not; OP_COUNT: it is another one. */
Op hl_ranges_relation(const Ranges *x, Ref condition, bool holds);
/* Is p >= 0 whenever block b runs? */
bool hl_ranges_prove(Ranges *x, const Poly *p, BlockId b);
/* One of these, tested in front of x->root, implies p >= 0 whenever block b runs inside it. */
enum { MAX_WAYS = 3 };
typedef struct Way {
    uint32_t n;
    Poly at_least_0[3]; /* all of them */
    uint32_t nfacts;
    const Fact *facts[6]; /* used */
} Way;
typedef struct Ways {
    uint32_t n;
    Way way[MAX_WAYS];
} Ways;
/* available says whether a symbol can be had in front of the root. */
void hl_ranges_ways(Ranges *x, const Poly *p, BlockId b, bool (*available)(void *data, Sym sym), void *data,
                    Ways *out);
/* ---- small.c --------------------------------------------------------------------------------- */

/* Adds to `small` the values that must be small for r to be what the assuming session says; false when no
 * bound that a test could give them is enough. bits[r] says how small: below 2 ** bits[r]. */
typedef struct Small {
    VEC(Ref) refs;
    uint8_t *bits; /* by Ref; 0: not in refs */
    bool *seen;
} Small;
bool hl_ranges_need(Ranges *x, Ref r, Small *small);
bool hl_ranges_need_fact(Ranges *x, const Fact *fact, Small *small);
bool hl_ranges_need_poly(Ranges *x, const Poly *p, Small *small);

/* ---- loopform.c: loops in a form that is easy to change -------------------------------------- */

/* Gives every loop a preheader and one latch. */
void hl_loops_normalise(Func *f);
/* Every use of `value` in a block that is not inside takes the definition that reaches it; block[i] ends
 * with ref[i]. */
void hl_loops_repair(Func *f, Ref value, const bool *inside, const BlockId *blocks, const Ref *refs,
                     uint32_t n);

/* A new instruction in front of another; a and b may be 0. */
Ref hl_loops_put(Func *f, Ref position, Op op, const Type *type, Ref a, Ref b, Aux aux);

/* ---- blocks.c: counted loops, and cutting them into blocks ----------------------------------- */

/* The comparison that ends a counted loop: phi < end and the like, in its header. */
typedef struct Count {
    Ref compare, phi, end;
    int64_t step;   /* not 0; below 0 for > and >= */
    int64_t rounds; /* of a block; set by who cuts */
} Count;
bool hl_loops_is_counted(const Func *f, const Cfg *cfg, const Loop *loop, Count *out);
/* The loop becomes the inner one of two and runs at most count->rounds rounds each time; the block that is
 * passed between two blocks of rounds, and only there. */
BlockId hl_loops_cut(Func *f, const Loop *loop, const Count *count);

/* ---- outline.c: a loop's blocks copied into a function --------------------------------------- */

typedef VEC(BlockId) BlockIds;
typedef struct Outline {
    Compile *c;
    Func *f, *g; /* where the loop stands, where the copy */
    Arena scratch;
    const Loop *loop; /* its header first */
    bool *inside;     /* by block of f: is it in the loop? */
    uint32_t ninside; /* places in it: room for blocks that are made afterwards */
    VEC(Ref) live_in, live_out;
    bool *is_listed;    /* by Ref: in live_in or live_out */
    Ref *first;         /* of g: the parameters asked for */
    Ref *map;           /* by Ref of f: its copy in g */
    BlockId *block_map; /* by block of f */
    BlockId entry;      /* of g */
} Outline;

void hl_outline_open(Outline *o, Compile *c, Func *f, const Loop *loop);
/* Outside the loop, such parts of what is in it are made again. */
bool hl_outline_is_restated(const Ins *ins);
void hl_outline_restate_parts(Outline *o);
void hl_outline_borders(Outline *o);
/* The copy, without its edges; its result is still to be set. */
void hl_outline_copy(Outline *o, const char *name, const Type *const *first, uint32_t nfirst);
/* Its edges, when block_map knows also the blocks they lead to outside. */
void hl_outline_edges(Outline *o);
/* What the copy's parameters are given, behind nfirst free places. */
Ref *hl_outline_arguments(Outline *o, uint32_t nfirst, uint32_t *n);

/* ---- apart.c: arrays that a loop adds to, and those it reads ----------------------------------- */

enum { MOST_APART = 6 };
typedef struct Apart {
    uint32_t n; /* 0: there is nothing to gain */
    Ref arrays[MOST_APART];
    bool stored[MOST_APART];
    VEC(const Loop *) loops; /* in which they are to be known as apart */
} Apart;

void hl_apart_find(Arena *scratch, const Func *f, const Cfg *cfg, const Loop *loop, Apart *out);
/* Do they overlap nowhere? Asked in front of `at`. */
Ref hl_apart_test(Func *f, Ref at, const Apart *a);
/* Where they do not, from `at` on. header: of the loop that has two forms, which tells these names from others. */
void hl_apart_rename(Func *f, Ref at, BlockId header, const Apart *a);

/* ---- version.c ------------------------------------------------------------------------------- */

/* Does it lead to a landing outside? That edge takes no values along: the loop cannot have versions. */
bool hl_loops_lead_to_landing(const Func *f, const Cfg *cfg, const Loop *loop);
/* Makes `loop` run only where `condition` (at the end of its preheader) holds; else a copy of it in a
 * function of its own, which is cold. Needs normal form. */
void hl_loops_version(Compile *c, Func *f, const Cfg *cfg, const Loop *loop, Ref condition);

#endif
