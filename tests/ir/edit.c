/* The functions of build.c that change edges: predecessors, phi operands and instructions stay together. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "ir/ir.h"

static const char two_ways[] = "func @f(x: int, c: bool) -> int {\n"
                               "b1:\n"
                               "  %1 = param 0 : i64\n"
                               "  %2 = param 1 : b1\n"
                               "  %3 = const.int 7 : i64\n"
                               "  branch %2, b2, b2\n"
                               "b2 <- b1, b1:\n"
                               "  %4 = phi %1, %3 : i64\n"
                               "  %5 = add %4, %3 : i64\n"
                               "  return %5\n"
                               "}\n";

static Func *read_func(Arena *arena) {
    FuncList funcs = {0};
    char *error = NULL;
    assert(hl_parse_module(arena, two_ways, &funcs, &error));
    return funcs.data[0];
}

static void expect(const Func *f, const char *text) {
    const char *problem = hl_verify(f, true);
    assert(!problem);
    Text printed = {0};
    hl_print_func(&printed, f);
    assert(strstr(printed.data, text));
    hl_text_free(&printed);
}

static void test_split_edge(void) {
    Arena arena = {0};
    Func *f = read_func(&arena);
    BlockId middle = hl_split_edge(f, 1, 1);
    assert(middle == 3 && hl_pred_index(f, 1, 0) == 0 && hl_pred_index(f, 3, 0) == 1);
    expect(f, "branch %2, b2, b3\nb2 <- b1, b3:\n  %4 = phi %1, %3 : i64");
    hl_split_edge(f, 1, 0);
    expect(f, "branch %2, b4, b3\nb2 <- b4, b3:\n  %4 = phi %1, %3 : i64");
    hl_arena_free(&arena);
}

static void test_split_block(void) {
    Arena arena = {0};
    Func *f = read_func(&arena);
    assert(hl_split_block_before(f, 5) == 3);
    expect(f, "  jump b3\nb3 <- b2:\n  %5 = add %4, %3 : i64\n  return %5\n");
    Ref terminator = hl_terminator(f, 1);
    assert(hl_split_block_before(f, terminator) == 4);
    expect(f, "b2 <- b4, b4:\n");
    hl_cleanup(f);
    expect(f, "  branch %2, b2, b2\nb2 <- b1, b1:\n  %4 = phi %1, %3 : i64\n  %5 = add %4, %3 : i64\n  "
              "return %5\n");
    hl_arena_free(&arena);
}

static void test_insert_and_replace(void) {
    Arena arena = {0};
    Func *f = read_func(&arena);
    Ref args[] = {1, 3}, doubled = hl_ins_new(f, OP_MUL, hl_type(TY_I64), args, 2, (Aux){0}, (Loc){0});
    hl_insert_before(f, hl_terminator(f, 1), doubled);
    hl_replace_all(f, 3, doubled);
    hl_ins(f, doubled)->args[1] = 3;
    expect(f, "  %8 = mul %1, %3 : i64\n  branch");
    expect(f, "  %4 = phi %1, %8 : i64\n  %5 = add %4, %8 : i64\n");
    Ref map[16] = {[5] = 4, [4] = 1};
    hl_replace_many(f, map);
    expect(f, "  return %1\n");
    hl_cleanup(f);
    expect(f, "b2 <- b1, b1:\n  return %1\n");
    hl_arena_free(&arena);
}

static void test_phi_grows(void) {
    Arena arena = {0};
    Func *f = hl_func_new(&arena, "grow");
    Ref phi = hl_ins_new(f, OP_PHI, NULL, NULL, 0, (Aux){0}, (Loc){0});
    for (Ref value = 1; value <= 100; value++)
        hl_phi_add(f, phi, value);
    for (uint32_t i = 0; i < 100; i++)
        assert(hl_ins(f, phi)->args[i] == i + 1);
    assert(hl_ins(f, phi)->nargs == 100);
    hl_arena_free(&arena);
}

int main(void) {
    test_split_edge();
    test_split_block();
    test_insert_and_replace();
    test_phi_grows();
    return 0;
}
