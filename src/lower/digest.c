/* A digest of everything that lowering reads of a unit: two units of one digest have the same code, whichever
 * compilations they are of.
 *
 * What is new in Func or Ins and read by lowering must come in here. What has a meaning in one compilation
 * only (Python objects, numbers of types) is refused by hl_lower_is_shareable.
 */
#include <llvm/Config/llvm-config.h>
#include <string.h>

#include "base/sha256.h"
#include "lower/internal.h"
#include "lowering_digest.h"

typedef struct Digest {
    Sha256 hash;
    const Unit *unit;
    Text text; /* room for one type */
} Digest;

/* ---- plain things ---------------------------------------------------------------------------- */

static void add_bytes(Digest *d, const void *data, size_t nbytes) {
    uint64_t length = nbytes;
    hl_sha256_add(&d->hash, &length, sizeof length);
    if (nbytes) hl_sha256_add(&d->hash, data, nbytes);
}

static void add_int(Digest *d, int64_t value) {
    hl_sha256_add(&d->hash, &value, sizeof value);
}

static void add_text(Digest *d, const char *text) {
    add_int(d, text != NULL);
    if (text) add_bytes(d, text, strlen(text));
}

/* Without addresses: what has one in its text has no machine components. */
static void add_type(Digest *d, const Type *type) {
    d->text.len = 0;
    if (type) hl_type_print_stable(&d->text, type);
    add_bytes(d, d->text.data, d->text.len);
}

/* ---- what instructions carry ----------------------------------------------------------------- */

/* By its place in the unit, or what it is. */
static void add_func(Digest *d, const Func *f) {
    const FuncList *all = &d->unit->functions;
    uint32_t i = 0;
    while (i < all->len && all->data[i] != f)
        i++;
    if (i < all->len)
        add_int(d, i);
    else
        add_text(d, hl_map_get(&d->unit->symbols, (uintptr_t)f));
}

static void add_error(Digest *d, const ErrorInfo *error) {
    add_text(d, error->class_name);
    add_text(d, error->message);
    add_int(d, error->nargs);
    for (uint32_t i = 0; i < error->nargs; i++)
        add_type(d, error->arg_types ? error->arg_types[i] : NULL);
}

static void add_aux(Digest *d, const Ins *ins) {
    switch ((enum OpAux)hl_op_info((Op)ins->op)->aux) {
    case AUX_INT:
    case AUX_RT:
    case AUX_MATH: add_int(d, ins->aux.i); return;
    case AUX_FLOAT: add_bytes(d, &ins->aux.f[0], sizeof ins->aux.f[0]); return;
    case AUX_FUNC: add_func(d, ins->aux.func); return;
    case AUX_ERROR: add_error(d, ins->aux.error); return;
    case AUX_DATA:
        add_int(d, ins->aux.data->align);
        add_bytes(d, ins->aux.data->bytes, ins->aux.data->nbytes);
        return;
    case AUX_NONE:
    case AUX_NAME:
    case AUX_UFUNC:
    case AUX_CONST:
    case AUX_CALL:
    case AUX_OBJECT:
    case AUX_FOREIGN: return;
    }
}

/* The text in the object has the address of a class. */
static bool names_address(const ErrorInfo *error) {
    Text text = {0};
    bool found = false;
    for (uint32_t i = 0; i < error->nargs && error->arg_types && !found; i++) {
        text.len = 0;
        hl_type_print_stable(&text, error->arg_types[i]);
        found = text.len != strlen(hl_type_text(error->arg_types[i]));
    }
    hl_text_free(&text);
    return found;
}

static bool is_of_one_compilation(const Ins *ins) {
    switch ((enum OpAux)hl_op_info((Op)ins->op)->aux) {
    case AUX_NONE:
    case AUX_FLOAT:
    case AUX_FUNC:
    case AUX_RT:
    case AUX_MATH:
    case AUX_DATA: return false;
    case AUX_INT: return ins->op == OP_OBJECT_CONST;
    case AUX_ERROR:
        return ins->op == OP_FOREIGN || ins->aux.error->class_object || names_address(ins->aux.error);
    case AUX_NAME:
    case AUX_UFUNC:
    case AUX_CONST:
    case AUX_CALL:
    case AUX_OBJECT:
    case AUX_FOREIGN: return true;
    }
    return true;
}

bool hl_lower_is_shareable(const Func *f) {
    if (!f->prelude || f->options.debug) return false;
    for (BlockId b = 1; b < f->blocks.len; b++) {
        const Block *block = hl_block(f, b);
        for (uint32_t i = 0; i < block->ins.len; i++)
            if (is_of_one_compilation(hl_ins(f, block->ins.data[i]))) return false;
    }
    return true;
}

/* ---- functions ------------------------------------------------------------------------------- */

static void add_ins(Digest *d, const Func *f, Ref r) {
    const Ins *ins = hl_ins(f, r);
    /* Columns are for debuggers, whose code is not shared. */
    int32_t head[] = {(int32_t)r, ins->op, ins->flags, (int32_t)ins->nargs, ins->loc.line};
    hl_sha256_add(&d->hash, head, sizeof head);
    add_bytes(d, ins->args, ins->nargs * sizeof *ins->args);
    add_type(d, ins->type);
    add_aux(d, ins);
}

static void add_block(Digest *d, const Func *f, const Block *block) {
    add_int(d, block->cold | block->brief << 1 | block->piece << 2 | block->parallel << 3);
    add_bytes(d, block->succs, block->nsuccs * sizeof *block->succs);
    add_bytes(d, block->preds.data, block->preds.len * sizeof *block->preds.data);
    add_int(d, block->ins.len);
    for (uint32_t i = 0; i < block->ins.len; i++)
        add_ins(d, f, block->ins.data[i]);
}

static void add_function(Digest *d, const Func *f) {
    add_text(d, f->qualname);
    add_text(d, hl_lower_file(f));
    add_int(d, f->first_line);
    add_int(d, f->recursive | f->external << 1 | f->cold << 2 | f->small << 3 | f->part << 4);
    add_int(d, hl_options_number(&f->options));
    add_int(d, f->nparams);
    for (uint32_t i = 0; i < f->nparams; i++)
        add_type(d, f->param_types[i]);
    add_type(d, f->result);
    add_int(d, f->blocks.len);
    for (BlockId b = 1; b < f->blocks.len; b++)
        add_block(d, f, hl_block(f, b));
}

const char *hl_lower_digest(Compile *c, const Unit *unit) {
    static const char digits[] = "0123456789abcdef";
    enum { KEPT = 16 };
    unsigned char digest[SHA256_NBYTES];
    char text[2 * KEPT + 1] = "";
    Digest d = {.unit = unit};
    hl_sha256_init(&d.hash);
    add_text(&d, LLVM_VERSION_STRING);
    add_text(&d, lowering_digest);
    for (uint32_t i = 0; i < unit->functions.len; i++)
        add_function(&d, unit->functions.data[i]);
    hl_sha256_end(&d.hash, digest);
    hl_text_free(&d.text);
    for (int i = 0; i < KEPT; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    return hl_arena_strdup(&c->arena, text);
}
