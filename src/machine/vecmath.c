/* Elementary functions: one private name in the IR, SLEEF's vector functions where a loop vectorises, libm
 * elsewhere.
 *
 * lower/ calls `hl.math.tanh.f64`, of which LLVM knows only that it has no effects. Before the passes each
 * call gets the attribute "vector-function-abi-variant", which tells the vectorisers its vector forms on this
 * processor. After the passes the calls that stayed scalar get their real name:
 *   - in an LLVM function that also calls a vector form: SLEEF's scalar function of the same family, which
 * gives the same bits, so that a loop's remainder agrees with its body;
 *   - elsewhere libm's, which is faster than SLEEF's when called for one number.
 * Functions that call a vector form get an aligned frame.
 * Why not the intrinsics (llvm.sin) with a vector library: that table is built into LLVM for other libraries,
 * knows neither finz nor tanh for all widths, and the remainder would call libm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/internal.h"

typedef enum { LIBM, SLEEF } ScalarChoice;

typedef struct {
    const char *op;
    unsigned nargs;
    const char *libm;
    const char *precise, *fast; /* accuracy endings, NULL where no vector form may be used */
    ScalarChoice scalar;
} MathRow;

static const MathRow rows[] = {
#define VECMATH(op, nargs, libm, precise, fast, scalar) {#op, nargs, libm, precise, fast, scalar},
#include "machine/vecmath.def"
};
enum { NROWS = sizeof rows / sizeof *rows };

typedef struct {
    unsigned bits;
    const char *family, *ending;
} Form;

/* One math function of a module. */
typedef struct {
    const MathRow *row;
    bool is_f32;
    const char *accuracy;
    LLVMValueRef function;
    LLVMTypeRef type;
    LLVMValueRef vectors[MAX_VECTOR_FORMS];
    unsigned nvectors;
} MathFunction;

static const char prefix[] = "hl.math.";

/* ---- declarations ------------------------------------------------------------------------------- */

static LLVMAttributeRef enum_attribute(LLVMContextRef context, const char *name) {
    return LLVMCreateEnumAttribute(context, LLVMGetEnumAttributeKindForName(name, strlen(name)), 0);
}

/* Attributes of a function without effects; "memory" with value 0 is memory(none). */
static void mark_pure(LLVMValueRef function) {
    static const char *const names[] = {"memory", "nounwind", "willreturn", "nofree", "nosync", "nocallback"};
    LLVMContextRef context = LLVMGetModuleContext(LLVMGetGlobalParent(function));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex, enum_attribute(context, names[i]));
}

static LLVMValueRef declare(LLVMModuleRef module, const char *name, LLVMTypeRef value, unsigned nargs) {
    LLVMValueRef function = LLVMGetNamedFunction(module, name);
    if (function) return function;
    LLVMTypeRef args[2] = {value, value};
    function = LLVMAddFunction(module, name, LLVMFunctionType(value, args, nargs, 0));
    mark_pure(function);
    return function;
}

static LLVMTypeRef float_type(LLVMModuleRef module, bool is_f32) {
    LLVMContextRef context = LLVMGetModuleContext(module);
    return is_f32 ? LLVMFloatTypeInContext(context) : LLVMDoubleTypeInContext(context);
}

static const MathRow *find_row(const char *op, size_t length) {
    for (size_t i = 0; i < NROWS; i++)
        if (strlen(rows[i].op) == length && memcmp(rows[i].op, op, length) == 0) return &rows[i];
    return NULL;
}

LLVMValueRef hl_machine_math_callee(LLVMModuleRef module, const char *op, bool is_f32, bool fast,
                                    LLVMTypeRef *type) {
    char name[64];
    const MathRow *row = find_row(op, strlen(op));
    if (!row) return NULL;
    snprintf(name, sizeof name, "%s%s.%s%s", prefix, op, is_f32 ? "f32" : "f64", fast ? ".fast" : "");
    LLVMValueRef function = declare(module, name, float_type(module, is_f32), row->nargs);
    *type = LLVMGlobalGetValueType(function);
    return function;
}

/* hl.math.OP.f64[.fast] back into its parts. */
static bool parse_name(LLVMValueRef function, MathFunction *math) {
    size_t length;
    const char *name = LLVMGetValueName2(function, &length);
    if (strncmp(name, prefix, sizeof prefix - 1) != 0) return false;
    const char *op = name + sizeof prefix - 1, *kind = strchr(op, '.');
    *math = (MathFunction){.function = function, .type = LLVMGlobalGetValueType(function)};
    math->row = find_row(op, (size_t)(kind - op));
    math->is_f32 = strncmp(kind, ".f32", 4) == 0;
    math->accuracy = strcmp(kind + 4, ".fast") == 0 ? math->row->fast : math->row->precise;
    return true;
}

/* ---- the forms of a processor ------------------------------------------------------------------- */

static unsigned find_forms(const MachineCpu *cpu, Form forms[MAX_VECTOR_FORMS]) {
    const bool has_avx512 = cpu->has_avx512, has_avx = cpu->has_avx, has_sse2 = true;
    const bool has_fma = cpu->has_fma && cpu->has_avx2;
    unsigned n = 0;
#define VECFORM(needed, width, name, end)                                                                    \
    if (needed && (n == 0 || forms[n - 1].bits > width)) forms[n++] = (Form){width, name, end};
#include "machine/vecforms.def"
    return n;
}

static void sleef_name(char *name, size_t nbytes, const MathFunction *math, unsigned lanes,
                       const Form *form) {
    const char *ending = lanes > 1 ? form->ending : strcmp(form->family, "finz") == 0 ? "purecfma" : "purec";
    const char *accuracy = math->accuracy ? math->accuracy : math->row->precise;
    snprintf(name, nbytes, "Sleef_%s_%s%c%u_%s%s", form->family, math->row->op, math->is_f32 ? 'f' : 'd',
             lanes, accuracy, ending);
}

static void declare_vectors(LLVMModuleRef module, MathFunction *math, const Form *forms, unsigned nforms) {
    LLVMTypeRef scalar = float_type(module, math->is_f32);
    char name[96];
    for (unsigned i = 0; math->accuracy && i < nforms; i++) {
        unsigned lanes = forms[i].bits / (math->is_f32 ? 32 : 64);
        sleef_name(name, sizeof name, math, lanes, &forms[i]);
        math->vectors[math->nvectors++] =
            declare(module, name, LLVMVectorType(scalar, lanes), math->row->nargs);
    }
}

/* ---- before the passes -------------------------------------------------------------------------- */

/* "_ZGV_LLVM_N8v_hl.math.tanh.f64(Sleef_finz_tanhd8_u10avx512f),...": LLVM's vector function ABI, for each
 * form. */
static LLVMAttributeRef variants_attribute(LLVMContextRef context, const MathFunction *math) {
    Text text = {0};
    size_t length;
    const char *scalar = LLVMGetValueName2(math->function, &length);
    for (unsigned i = 0; i < math->nvectors; i++) {
        LLVMTypeRef vector = LLVMGetReturnType(LLVMGlobalGetValueType(math->vectors[i]));
        hl_text_printf(&text, "%s_ZGV_LLVM_N%u%s_%s(%s)", i ? "," : "", LLVMGetVectorSize(vector),
                       math->row->nargs == 2 ? "vv" : "v", scalar,
                       LLVMGetValueName2(math->vectors[i], &length));
    }
    static const char kind[] = "vector-function-abi-variant";
    LLVMAttributeRef attribute =
        LLVMCreateStringAttribute(context, kind, sizeof kind - 1, text.data, (unsigned)text.len);
    hl_text_free(&text);
    return attribute;
}

static bool is_call_of(LLVMValueRef user, LLVMValueRef function) {
    return LLVMIsACallInst(user) && LLVMGetCalledValue(user) == function;
}

static void mark_calls(const MathFunction *math, LLVMAttributeRef attribute) {
    for (LLVMUseRef use = LLVMGetFirstUse(math->function); use; use = LLVMGetNextUse(use)) {
        LLVMValueRef call = LLVMGetUser(use);
        if (is_call_of(call, math->function))
            LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, attribute);
    }
}

/* Keeps the vector forms, which nothing calls yet, from being removed as dead. */
static void keep_declarations(LLVMModuleRef module, LLVMValueRef *kept, unsigned n) {
    LLVMTypeRef pointer = LLVMPointerTypeInContext(LLVMGetModuleContext(module), 0);
    LLVMValueRef list = LLVMAddGlobal(module, LLVMArrayType2(pointer, n), "llvm.compiler.used");
    LLVMSetInitializer(list, LLVMConstArray2(pointer, kept, n));
    LLVMSetLinkage(list, LLVMAppendingLinkage);
    LLVMSetSection(list, "llvm.metadata");
}

void hl_machine_math_prepare(Machine *m, LLVMModuleRef module) {
    LLVMValueRef kept[NROWS * 4 * MAX_VECTOR_FORMS];
    Form forms[MAX_VECTOR_FORMS];
    unsigned nkept = 0, nforms = find_forms(m->cpu, forms);
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
        MathFunction math;
        if (!parse_name(f, &math)) continue;
        declare_vectors(module, &math, forms, nforms);
        if (math.nvectors == 0) continue;
        mark_calls(&math, variants_attribute(m->context, &math));
        for (unsigned i = 0; i < math.nvectors; i++)
            kept[nkept++] = math.vectors[i];
    }
    if (nkept) keep_declarations(module, kept, nkept);
}

static bool is_math_call(LLVMValueRef instruction) {
    if (!LLVMIsACallInst(instruction)) return false;
    LLVMValueRef callee = LLVMGetCalledValue(instruction);
    return LLVMIsAFunction(callee) && strncmp(LLVMGetValueName(callee), prefix, sizeof prefix - 1) == 0;
}

uint32_t hl_machine_math_calls_in_block(LLVMBasicBlockRef block) {
    uint32_t n = 0;
    for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i))
        n += is_math_call(i);
    return n;
}

bool hl_machine_math_is_called_in(LLVMValueRef function) {
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(function); b; b = LLVMGetNextBasicBlock(b))
        if (hl_machine_math_calls_in_block(b)) return true;
    return false;
}

/* ---- after the passes --------------------------------------------------------------------------- */

static LLVMValueRef function_of(LLVMValueRef instruction) {
    return LLVMGetBasicBlockParent(LLVMGetInstructionParent(instruction));
}

/* Does this function call one of the vector forms? */
static bool calls_vector_form(LLVMValueRef function, const MathFunction *math) {
    for (unsigned i = 0; i < math->nvectors; i++)
        for (LLVMUseRef use = LLVMGetFirstUse(math->vectors[i]); use; use = LLVMGetNextUse(use)) {
            LLVMValueRef user = LLVMGetUser(use);
            if (LLVMIsACallInst(user) && function_of(user) == function) return true;
        }
    return false;
}

/* Vectors are kept over such a call on the stack, and one that straddles two cache lines costs a third of the time of
 * exp(x) + sin(x) - cos(x). LLVM aligns no frame by itself: when it learns of these vectors, the frame pointer
 * has been given away. */
static void align_frames(Machine *m, const MathFunction *math) {
    static const char kind[] = "stackrealign";
    LLVMAttributeRef attribute = LLVMCreateStringAttribute(m->context, kind, sizeof kind - 1, "", 0);
    for (unsigned i = 0; i < math->nvectors; i++)
        for (LLVMUseRef use = LLVMGetFirstUse(math->vectors[i]); use; use = LLVMGetNextUse(use)) {
            LLVMValueRef user = LLVMGetUser(use);
            if (LLVMIsACallInst(user))
                LLVMAddAttributeAtIndex(function_of(user), LLVMAttributeFunctionIndex, attribute);
        }
}

static LLVMValueRef scalar_callee(LLVMModuleRef module, LLVMValueRef call, const MathFunction *math,
                                  const Form *form) {
    char name[96];
    bool is_sleef = math->row->scalar == SLEEF || calls_vector_form(function_of(call), math);
    if (is_sleef)
        sleef_name(name, sizeof name, math, 1, form);
    else
        snprintf(name, sizeof name, "%s%s", math->row->libm, math->is_f32 ? "f" : "");
    return declare(module, name, float_type(module, math->is_f32), math->row->nargs);
}

static void name_scalar_calls(LLVMModuleRef module, const MathFunction *math, const Form *form) {
    LLVMUseRef use = LLVMGetFirstUse(math->function);
    while (use) {
        LLVMValueRef call = LLVMGetUser(use);
        use = LLVMGetNextUse(use);
        if (!is_call_of(call, math->function)) continue;
        LLVMValueRef callee = scalar_callee(module, call, math, form);
        LLVMSetOperand(call, (unsigned)LLVMGetNumOperands(call) - 1, callee);
    }
}

static void delete_if_unused(LLVMValueRef function) {
    if (!LLVMGetFirstUse(function)) LLVMDeleteFunction(function);
}

void hl_machine_math_finish(Machine *m, LLVMModuleRef module) {
    Form forms[MAX_VECTOR_FORMS];
    unsigned nforms = find_forms(m->cpu, forms);
    LLVMValueRef list = LLVMGetNamedGlobal(module, "llvm.compiler.used");
    if (list) LLVMDeleteGlobal(list);
    for (LLVMValueRef f = LLVMGetFirstFunction(module), next; f; f = next) {
        MathFunction math;
        next = LLVMGetNextFunction(f);
        if (!parse_name(f, &math)) continue;
        declare_vectors(module, &math, forms, nforms);
        align_frames(m, &math);
        name_scalar_calls(module, &math, &forms[nforms - 1]);
        next = LLVMGetNextFunction(f);
        delete_if_unused(f);
    }
    for (LLVMValueRef f = LLVMGetFirstFunction(module), next; f; f = next) {
        next = LLVMGetNextFunction(f);
        if (LLVMIsDeclaration(f) && strncmp(LLVMGetValueName(f), "Sleef_", 6) == 0) delete_if_unused(f);
    }
}
