/* threads: the functions that ask and set how many threads a parallel region uses. */
#include "infer/internal.h"
#include "infer/known.h"

Val thread_setting(Builder *b, const Args *args, int64_t function) {
    if (args->npos || args->nkw) return fail(b, DIAG_BAD_ARGUMENTS, "this function takes no arguments");
    return int_val(rt(b, (RtId)function, hl_type(TY_I64), NULL, 0));
}

Val set_thread_setting(Builder *b, const Args *args, int64_t function) {
    Val n;
    if (!bind(b, function == RT_set_num_threads ? "set_num_threads" : "set_parallel_chunksize", "n", args,
              &n))
        return NO_VAL;
    if (!is_index(n.type)) return fail(b, DIAG_NO_OVERLOAD, "the number", hl_type_show(n.type));
    Ref value = index_of(b, n);
    if (function == RT_set_chunk_size) return int_val(rt(b, RT_set_chunk_size, hl_type(TY_I64), &value, 1));
    rt(b, RT_set_num_threads, hl_type(TY_NONE), &value, 1);
    return literal(hl_type(TY_NONE));
}
