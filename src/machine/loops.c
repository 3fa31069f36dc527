/* Requests to LLVM about single loops, as "llvm.loop" metadata on their back edges.
 *
 * Before the passes: how many vectors a loop works on at a time. Two is the rule (target.c): more costs
 * compile time and leaves more rounds to the scalar remainder. Loops that call a math function take one:
 * the remainder takes 16 ns for each element, where a vector of eight takes 25 ns. A sum that may be
 * reordered takes four, which have a chain of additions each.
 *
 * After the passes: which loops to unroll. LLVM's unroller takes every small loop on processors with a large
 * buffer for decoded loops, eight times, which doubles the time of code generation; loops that are
 * vectorised or store gain nothing from it (measured on fourteen kernels: docs/machine.md). What does gain is
 * a small scalar loop that only computes: of a random generator, where the counting is a good part of the
 * work, or a strict sum over a short row, whose chain of additions overlaps with that of the next row
 * (Cholesky: 24 %), or one that stores what the next round loads (an edit distance: 40 %). Those loops get a
 * request, and a short second pipeline runs where there are any.
 *
 * So does a small loop in which an index check stays, as of a sparse row: with two branches in each round it waits for its
 * jump back. LLVM repeats its exit with each round, so that a short row is still left by one branch. And a small loop with branches in
 * it, which are guessed better when there are four of each.
 *
 * A strict floating-point reduction must never get "llvm.loop.vectorize.width" or ".enable": LLVM then
 * reorders it.
 */
#include <llvm-c/DebugInfo.h>
#include <string.h>

#include "machine/internal.h"

enum {
    MAX_INSTRUCTIONS = 24,
    UNROLL_COUNT = 8,
    UNROLL_CHECKED = 4,
    UNROLL_SUM = 4,
    UNROLL_BRANCHY = 4,
    MAX_BLOCKS = 8,
    MAX_BRANCHY = 40, /* instructions */
    WRAPPING = 3 /* instructions */,
    REDUCTION_VECTORS = 4
};

static unsigned loop_kind(LLVMContextRef context) {
    return LLVMGetMDKindIDInContext(context, "llvm.loop", strlen("llvm.loop"));
}

/* Sets distinct !{itself, !{!"name", i32 count}} on the branch that closes a loop. */
void hl_machine_request(LLVMContextRef context, LLVMValueRef branch, const char *name, unsigned count) {
    LLVMValueRef number = LLVMConstInt(LLVMInt32TypeInContext(context), count, 0);
    LLVMMetadataRef property[2] = {LLVMMDStringInContext2(context, name, strlen(name)),
                                   LLVMValueAsMetadata(number)};
    LLVMMetadataRef self = LLVMTemporaryMDNode(context, NULL, 0);
    LLVMMetadataRef parts[2] = {self, LLVMMDNodeInContext2(context, property, count ? 2 : 1)};
    LLVMMetadataRef node = LLVMMDNodeInContext2(context, parts, 2);
    LLVMMetadataReplaceAllUsesWith(self, node);
    LLVMSetMetadata(branch, loop_kind(context), LLVMMetadataAsValue(context, node));
}

/* ---- how many vectors at a time ------------------------------------------------------------------ */

typedef enum { NEW, OPEN, CLOSED } Visit;

typedef struct Node Node;
struct Node {
    LLVMBasicBlockRef block;
    LLVMValueRef end;
    Visit visit;
    unsigned next;   /* successor to look at */
    Node *under;     /* where it was reached from */
    Node *pending;   /* the next one to look at while a loop is collected */
    uint32_t loop;   /* the last loop it was seen to be in */
    uint32_t ncalls; /* of math functions */
    Node *latch;     /* of a head: the last branch back to it that was found */
    uint32_t nlatches;
};

typedef struct {
    Machine *m;
    Arena arena;
    Map index; /* block -> node */
    Node *nodes;
    uint32_t nnodes, nloops;
} Walk;

static Node *node_of(const Walk *w, LLVMBasicBlockRef block) {
    return hl_map_get(&w->index, (uintptr_t)block);
}

/* Puts the predecessors of a node that are not yet known to be in the loop in front of the list. */
static Node *add_predecessors(Walk *w, Node *node, Node *pending) {
    for (LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(node->block)); use;
         use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        Node *from = LLVMIsATerminatorInst(user) ? node_of(w, LLVMGetInstructionParent(user)) : NULL;
        if (!from || from->loop == w->nloops) continue;
        from->loop = w->nloops;
        from->pending = pending;
        pending = from;
    }
    return pending;
}

/* Begins to collect the natural loop of this back edge, which is what reaches it without passing its head: the first node
 * beside the head. */
static Node *open_loop(Walk *w, Node *head, Node *latch) {
    w->nloops++;
    head->loop = w->nloops;
    if (latch == head) return NULL;
    latch->loop = w->nloops;
    latch->pending = NULL;
    return latch;
}

/* Is a math function called in it? */
static bool loop_has_math(Walk *w, Node *head, Node *latch) {
    uint32_t ncalls = head->ncalls;
    for (Node *node = open_loop(w, head, latch); node; node = add_predecessors(w, node, node->pending))
        ncalls += node->ncalls;
    return ncalls > 0;
}

/* Is it a sum, a product, a minimum that may be reordered? */
static bool is_fast_reduction(LLVMValueRef phi) {
    for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
        LLVMValueRef next = LLVMGetIncomingValue(phi, i);
        if (LLVMIsAInstruction(next) && !LLVMIsAPHINode(next) && LLVMCanValueUseFastMathFlags(next) &&
            LLVMGetFastMathFlags(next) & LLVMFastMathAllowReassoc)
            return true;
    }
    return false;
}

static bool has_fast_reduction(LLVMBasicBlockRef head) {
    for (LLVMValueRef i = LLVMGetFirstInstruction(head); i && LLVMIsAPHINode(i);
         i = LLVMGetNextInstruction(i))
        if (is_fast_reduction(i)) return true;
    return false;
}

static void choose_vectors(Walk *w, Node *head) {
    static const char property[] = "llvm.loop.interleave.count";
    Node *latch = head->latch;
    if (LLVMGetMetadata(latch->end, loop_kind(w->m->context))) return;
    if (loop_has_math(w, head, latch))
        hl_machine_request(w->m->context, latch->end, property, 1);
    else if (has_fast_reduction(head->block))
        hl_machine_request(w->m->context, latch->end, property, REDUCTION_VECTORS);
}

/* Opens a node in the depth-first walk. */
static Node *enter(Node *node, Node *under) {
    node->visit = OPEN;
    node->under = under;
    return node;
}

/* Depth first; an edge to a node that is still open closes a loop. */
static void walk_loops(Walk *w) {
    Node *current = enter(&w->nodes[0], NULL);
    while (current) {
        if (current->next == LLVMGetNumSuccessors(current->end)) {
            current->visit = CLOSED;
            current = current->under;
            continue;
        }
        Node *target = node_of(w, LLVMGetSuccessor(current->end, current->next++));
        if (target->visit == NEW)
            current = enter(target, current);
        else if (target->visit == OPEN) {
            target->latch = current;
            target->nlatches++;
        }
    }
}

/* Finds the loops of a function. */
static void open_walk(Walk *w, LLVMValueRef function) {
    Node *node = w->nodes = hl_new_array(&w->arena, Node, LLVMCountBasicBlocks(function));
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(function); b; b = LLVMGetNextBasicBlock(b), node++) {
        *node = (Node){.block = b, .end = LLVMGetBasicBlockTerminator(b)};
        hl_map_set(&w->arena, &w->index, (uintptr_t)b, node);
    }
    w->nnodes = (uint32_t)(node - w->nodes);
    walk_loops(w);
}

void hl_machine_choose_vectors(Machine *m, LLVMValueRef function) {
    Walk w = {.m = m};
    open_walk(&w, function);
    for (uint32_t i = 0; i < w.nnodes; i++)
        w.nodes[i].ncalls = hl_machine_math_calls_in_block(w.nodes[i].block);
    for (uint32_t i = 0; i < w.nnodes; i++)
        if (w.nodes[i].latch) choose_vectors(&w, &w.nodes[i]);
    hl_arena_free(&w.arena);
}

/* ---- small scalar loops ------------------------------------------------------------------------ */

/* Calls count only as intrinsics with a result: popcount, minimum; not memcpy. */
static bool only_computes(LLVMValueRef instruction, bool may_store) {
    LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(instruction));
    if (LLVMIsAStoreInst(instruction))
        return may_store && LLVMGetTypeKind(LLVMTypeOf(LLVMGetOperand(instruction, 0))) != LLVMVectorTypeKind;
    if (LLVMIsAAtomicRMWInst(instruction) || kind == LLVMVectorTypeKind) return false;
    if (!LLVMIsACallInst(instruction)) return true;
    return kind != LLVMVoidTypeKind && LLVMGetIntrinsicID(LLVMGetCalledValue(instruction)) != 0;
}

/* Counts into *count; false when there are too many, or one that does more than compute. */
static bool is_small(LLVMBasicBlockRef block, bool may_store, int *count) {
    for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i))
        if (++*count > MAX_INSTRUCTIONS || !only_computes(i, may_store)) return false;
    return true;
}

static bool leads_to(LLVMValueRef end, LLVMBasicBlockRef block) {
    return LLVMGetSuccessor(end, 0) == block || LLVMGetSuccessor(end, 1) == block;
}

static bool is_two_way(LLVMValueRef end) {
    return end && LLVMIsABranchInst(end) && LLVMIsConditional(end);
}

/* Is nothing done on the way from a failed index check to where it is known whether the wrapped index passes? */
static bool only_wraps(LLVMBasicBlockRef outside, LLVMBasicBlockRef inside) {
    LLVMValueRef end = LLVMGetBasicBlockTerminator(outside);
    int count = MAX_INSTRUCTIONS - WRAPPING;
    return is_two_way(end) && leads_to(end, inside) && is_small(outside, false, &count);
}

/* The block behind the index check in which the loop ends that begins with `head`; NULL: it is no such loop. */
static LLVMBasicBlockRef behind_check(LLVMBasicBlockRef head) {
    LLVMValueRef end = LLVMGetBasicBlockTerminator(head);
    LLVMBasicBlockRef inside = LLVMGetSuccessor(end, 0), outside = LLVMGetSuccessor(end, 1);
    LLVMValueRef back = LLVMGetBasicBlockTerminator(inside);
    return only_wraps(outside, inside) && is_two_way(back) && leads_to(back, head) ? inside : NULL;
}

/* A loop of one block, or of two with an index check between, small, not vectorised, without stores, with nothing said
 * about its unrolling yet: the branch that closes it, else NULL. */
static LLVMValueRef closes_scalar_loop(LLVMBasicBlockRef head, unsigned kind) {
    LLVMValueRef end = LLVMGetBasicBlockTerminator(head);
    int count = 0;
    if (!is_two_way(end)) return NULL;
    bool is_alone = leads_to(end, head);
    if (!is_small(head, is_alone, &count)) return NULL;
    if (is_alone) return LLVMGetMetadata(end, kind) ? NULL : end;
    LLVMBasicBlockRef inside = behind_check(head);
    if (!inside || !is_small(inside, false, &count)) return NULL;
    end = LLVMGetBasicBlockTerminator(inside);
    return LLVMGetMetadata(end, kind) ? NULL : end;
}

/* A sum of floats in order waits for each addition: with four rounds at a time it hides the counting as well as with eight,
 * and a row of four or five elements, as of points in space, leaves no remainder, or one (k-means: 0.95 of the time). */
static bool adds_floats(LLVMBasicBlockRef head) {
    for (LLVMValueRef i = LLVMGetFirstInstruction(head); i && LLVMIsAPHINode(i);
         i = LLVMGetNextInstruction(i)) {
        LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(i));
        if (kind == LLVMFloatTypeKind || kind == LLVMDoubleTypeKind) return true;
    }
    return false;
}

static bool stores(LLVMBasicBlockRef block) {
    for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i))
        if (LLVMIsAStoreInst(i)) return true;
    return false;
}

static unsigned rounds_at_a_time(LLVMBasicBlockRef head, LLVMValueRef end) {
    if (LLVMGetInstructionParent(end) != head) return UNROLL_CHECKED;
    return adds_floats(head) || stores(head) ? UNROLL_SUM : UNROLL_COUNT;
}

/* ---- small loops with branches ----------------------------------------------------------------- */

/* A loop of several blocks while it is collected. */
typedef struct {
    int nblocks, ninstructions;
    int nexits; /* but for failed checks */
    bool stores;
} Body;

static void add_exits(const Walk *w, const Node *node, Body *body) {
    if (LLVMGetMetadata(node->end, LLVMGetMDKindIDInContext(w->m->context, "prof", strlen("prof")))) return;
    for (unsigned i = 0; i < LLVMGetNumSuccessors(node->end); i++)
        body->nexits += node_of(w, LLVMGetSuccessor(node->end, i))->loop != w->nloops;
}

static bool add_node(const Node *node, Body *body) {
    body->stores |= stores(node->block);
    return ++body->nblocks <= MAX_BLOCKS && LLVMGetNumSuccessors(node->end) <= 2 &&
           is_small(node->block, true, &body->ninstructions);
}

/* Is it small, with no loop in it? A search that may end in several ways, and stores nothing on its way, ends soon. */
static bool is_branchy(Walk *w, Node *head) {
    Body body = {.ninstructions = MAX_INSTRUCTIONS - MAX_BRANCHY};
    Node *first = open_loop(w, head, head->latch);
    if (head->nlatches != 1 || !first || !add_node(head, &body)) return false;
    for (Node *node = first; node; node = add_predecessors(w, node, node->pending))
        if (node->latch || !add_node(node, &body)) return false;
    for (uint32_t i = 0; i < w->nnodes; i++)
        if (w->nodes[i].loop == w->nloops) add_exits(w, &w->nodes[i], &body);
    return body.nexits == 1 || body.stores;
}

static bool mark_branchy_loops(Machine *m, LLVMValueRef function, unsigned kind) {
    Walk w = {.m = m};
    bool found = false;
    open_walk(&w, function);
    for (uint32_t i = 0; i < w.nnodes; i++) {
        Node *head = &w.nodes[i];
        if (!head->latch || LLVMGetMetadata(head->latch->end, kind) || !is_branchy(&w, head)) continue;
        hl_machine_request(m->context, head->latch->end, "llvm.loop.unroll.count", UNROLL_BRANCHY);
        found = true;
    }
    hl_arena_free(&w.arena);
    return found;
}

bool hl_machine_mark_scalar_loops(Machine *m, LLVMModuleRef module) {
    bool found = false;
    unsigned kind = loop_kind(m->context);
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b)) {
            LLVMValueRef end = closes_scalar_loop(b, kind);
            if (!end) continue;
            hl_machine_request(m->context, end, "llvm.loop.unroll.count", rounds_at_a_time(b, end));
            found = true;
        }
        if (!LLVMIsDeclaration(f)) found |= mark_branchy_loops(m, f, kind);
    }
    return found;
}
