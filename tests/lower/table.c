/* Every typed operation but the whole-array ones has exactly one row in lower.def. */
#include <stdio.h>

#include "ir/ir.h"

static int rows[OP_COUNT];

int main(void) {
#define LOWER(op, handler, detail) rows[OP_##op]++;
#include "lower/lower.def"
#undef LOWER
    int failures = 0;
    for (int op = 0; op < OP_COUNT; op++) {
        int wanted = op > OP_PY_UNSUPPORTED && op != OP_EW && op != OP_EW_ASSIGN;
        if (rows[op] == wanted) continue;
        printf("%s has %d rows in lower.def, wanted %d\n", hl_op_info((Op)op)->text, rows[op], wanted);
        failures++;
    }
    return failures;
}
