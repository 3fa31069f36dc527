/* What the files of ir/ share: the rows of the tables as data. */
#ifndef HL_IR_INTERNAL_H
#define HL_IR_INTERNAL_H

#include "ir/ir.h"

typedef struct RtInfo {
    const char *name, *result, *args; /* types as text, separated by spaces */
    uint8_t effects;
} RtInfo;
extern const RtInfo hl_rt_infos[RT_COUNT];

typedef struct MathInfo {
    const char *name;
    uint8_t nargs;
} MathInfo;
extern const MathInfo hl_math_infos[MATH_COUNT];

typedef struct UfuncInfo {
    const char *name;
    uint8_t nin;
} UfuncInfo;
typedef struct ForeignInfo {
    const char *name;
    const char *words; /* of FOREIGN_ONLY */
} ForeignInfo;
extern const ForeignInfo hl_foreign_infos[FOREIGN_COUNT];
extern const UfuncInfo hl_ufunc_infos[UFUNC_COUNT];

/* Words of the text form, read and written. Lists of words end with NULL; bit i of the mask is word i. */
extern const char *const hl_flag_words[];     /* INS_* */
extern const char *const hl_fastmath_words[]; /* FuncOptions.fastmath */
const char *const *hl_int_words(Op op);       /* aux.i of py.binary and the like; NULL: a plain number */
typedef struct OptionWord {
    const char *word;
    size_t offset; /* of the bool in FuncOptions */
    bool usual;    /* its value when the word is not there */
} OptionWord;
extern const OptionWord hl_option_words[];
static inline bool *hl_option_bool(FuncOptions *options, int i) {
    return (bool *)((char *)options + hl_option_words[i].offset);
}

/* The effects of an instruction: its operation's row, or that of the runtime function it calls. */
static inline uint8_t effects_of(const Ins *ins) {
    return ins->op == OP_RT ? hl_rt_infos[ins->aux.i].effects : hl_op_info((Op)ins->op)->effects;
}

static inline bool is_term(const Ins *ins) {
    return hl_op_info((Op)ins->op)->result == TERM;
}

/* A block that was dropped, or never filled, has no instructions. */
static inline bool is_empty_block(const Func *f, BlockId b) {
    return hl_block(f, b)->ins.len == 0;
}

#endif
