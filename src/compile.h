/* compile: the state of one compilation and the list of its stages.
 *
 * The middle of the compiler knows no Python: what it needs of it comes through Host, filled in by bytecode/
 * and dispatch/ (or by a plain program that reads IR as text). One Compile is used by one thread; several may
 * run at once.
 */
#ifndef HL_COMPILE_H
#define HL_COMPILE_H

#include "base/base.h"
#include "type/type.h"
#include "ir/ir.h"

typedef struct Compile Compile;

/* A value known when compiling. */
typedef struct HostValue {
    /* A type of class LIT, float, complex or an NP scalar (aux.i, aux.f), an array (aux.object, as
     * py.const_array), a tuple (aux.object: a HostValue for each part); NULL: no compiled form. */
    const Type *type;
    Aux aux;
} HostValue;

/* A class: the object, or its name and where it is. */
typedef struct HostClass {
    const char *module, *name;
    const void *object;
} HostClass;

/* How a Python function takes its arguments. */
typedef struct HostSignature {
    uint32_t nparams; /* *args included, at its place after the positional ones, and **kwargs, the last */
    const char **names;
    uint32_t npositional_only, npositional, nkeyword_only;
    bool has_varargs, has_varkw;
    const HostValue *defaults; /* by parameter; type NULL: required */
} HostSignature;

/* What takes all values of a generator expression: compiled into it, so that nothing is suspended. */
typedef enum GeneratorUse {
    GENERATOR_AS_LIST = 1,
    GENERATOR_FOLD, /* by two more arguments: a function of what there is and the next value, and the start */
    GENERATOR_ANY,
    GENERATOR_ALL,
    GENERATOR_USES
} GeneratorUse;

/* The values of a frame that stands at an offset, as py.observe has them: locals, then the operand stack. */
typedef struct HlFrameShape {
    uint32_t offset; /* of the instruction that runs next, in bytes */
    uint32_t nlocals, nvalues;
    uint32_t *locals; /* which ones may be bound */
    uint32_t depth;   /* of the stack: nvalues and the NULLs of the calling convention */
    bool *is_null;    /* by stack entry */
    /* The operation before gave this many values, on top of the stack; this one is asked for, 0 on top. */
    uint32_t nobserved, which;
} HlFrameShape;

/* A place where a function may be left unfinished, its frame handed to the dispatcher. */
typedef struct HlExit {
    const HlFrameShape *shape;
    const Type **types; /* of the frame's values; NULL: what the object says */
    uint32_t *made;     /* by value: 1 + the constant of an inner function that is made again, or 0 */
    uint32_t
        *nwords; /* by value: how many components are handed over as they are; 0: it comes as an object */
} HlExit;

/* Where a constant that has no value in compiled code was found: code that leaves it to Python looks there each time. */
typedef struct HlSource {
    const char *global;   /* a name among the globals, then the builtins; NULL: a free variable */
    uint32_t free;        /* its number among the free variables */
    const void *function; /* whose globals; NULL: those of the function asked for */
} HlSource;

/* What the middle asks of Python. Objects are PyObject pointers that the Compile keeps alive. */
typedef struct Host {
    int python; /* 313 for Python 3.13: some of its exceptions say it in other words than 3.12's */
    /* Untyped SSA of a Python function, fresh for each call; NULL with c->diag set. */
    Func *(*untyped)(Compile *c, const void *function);
    const HostSignature *(*signature)(Compile *c, const void *function);
    /* The Python function behind a callable (a plain function or one of our dispatchers; *options are the
     * callee's own), or NULL. */
    const void *(*callee)(Compile *c, const void *object, FuncOptions *options);
    /* The function that a user's overload() gives for a call of object with these types, positional ones first; NULL where
     * there is none, with *why where it refuses them. */
    const void *(*overload)(Compile *c, const void *object, const Type *const *types, uint32_t n,
                            const char *const *kwnames, uint32_t nkw, const char **why);
    /* The prelude function that implements "numpy.linspace" or "ndarray.sum", or NULL. */
    const void *(*prelude)(Compile *c, const char *name);
    /* object.name; type NULL when it does not exist or has no compiled form. */
    HostValue (*getattr)(Compile *c, const void *object, const char *name);
    /* The bytes of a frozen array, C contiguous and copied into the arena, and its shape. */
    const ConstData *(*array_data)(Compile *c, const void *array, int64_t *shape);
    /* Does a sequence pattern of match fit an array? */
    bool (*array_is_sequence)(void);
    /* May the variables that this inner function captures change behind its last use here? */
    bool (*is_passing)(Compile *c, const void *function);
    /* The function that a generator expression is when it is used so; NULL: `function` is no generator expression. */
    const void *(*generator)(Compile *c, const void *function, GeneratorUse use);
    /* What "float" or "str.upper" gives for values of these literal types; type NULL when it raises or gives an object that
     * could change. */
    HostValue (*fold)(Compile *c, const char *name, const Type *const *args, uint32_t n);
    /* Is this function part of the prelude? */
    bool (*is_prelude)(Compile *c, const void *function);
    /* Of a class of named tuples the function that its calls bind their arguments with, the class itself first; *name is
     * the type's (hl_type_named). NULL: another object. */
    const void *(*named_tuple)(Compile *c, const void *object, const char **name);
    bool (*is_exception_class)(Compile *c, const void *object);
    /* Are instances of a class instances of the object `of`? -1: only the object can tell. */
    int (*is_subclass)(Compile *c, const HostClass *own, const void *of);
    /* The class as a constant; type NULL: there is none of this name. */
    HostValue (*class_value)(Compile *c, const HostClass *own);
    /* The object of a literal or constant type; a tuple of names. NULL: an error. */
    const void *(*object_of)(Compile *c, const Type *type);
    const void *(*names_object)(Compile *c, const char *const *names, uint32_t n);
    /* What makes an inner function at run time, of the function asked for: an object for FOREIGN_FUNCTION. NULL: an error. */
    const void *(*function_parts)(Compile *c, const void *function);
    /* The constant of the function asked for that an inner function of it is. */
    uint32_t (*function_constant)(Compile *c, const void *function);
    /* The type of the object seen before the instruction at this offset of the function asked for, `which` from the top
     * of the stack: object when it stays one, NULL when nothing was seen. */
    const Type *(*observed)(Compile *c, uint32_t offset, uint32_t which);
    /* What a call of this object with so many arguments shows of the caller's own frame ("the local variables"), or NULL. */
    const char *(*reads_frame)(Compile *c, const void *object, uint32_t nargs);
    /* Text of the object for messages: "function f", "list". Interned. */
    const char *(*describe)(Compile *c, const void *object);
} Host;

typedef enum DumpStage {
    DUMP_BYTECODE,
    DUMP_CFG,
    DUMP_SSA,
    DUMP_TYPED,
    DUMP_PARALLEL, /* what became of each prange loop, in words */
    DUMP_OPT,
    DUMP_LLVM,
    DUMP_LLVM_OPT,
    DUMP_ASM,
    DUMP_COUNT
} DumpStage;

/* The type that the decorator's `locals` gives a variable. */
typedef struct HlDeclared {
    const char *name, *type; /* interned */
} HlDeclared;

struct Compile {
    Arena arena;
    const Host *host;
    void *host_data;
    Diagnostic diag;
    VEC(Diagnostic *) warnings;
    FuncList functions;       /* the module: typed functions, [0] the one asked for */
    const char *entry_symbol; /* symbol of its shim in the object */
    bool names_classes;       /* a type in it holds the address of a class: it is for this process only */
    bool binds;               /* a debugger wants the locals: py.bind for each assignment */
    uint32_t dump;            /* bit per DumpStage: keep this text in .dumps */
    Text dumps[DUMP_COUNT];
    bool explains; /* source lines go down to the assembly, and LLVM's remarks on loops into .remarks */
    Text remarks;  /* a line each: "LINE:COLUMN:FILE: TEXT" */
    VEC(const void *)
    objects;      /* PyObjects the result needs at run time (exception classes), by HlErrorSite.class_index */
    bool foreign; /* may the function asked for leave single operations to Python's objects? */
    bool has_objmode;  /* a block in it is left to Python's objects: `with objmode()` */
    bool only_objects; /* all of them, that is: nothing needs a type */
    const void *asker; /* that function as Python has it; NULL without Python */
    VEC(const HlExit *) exits;
    VEC(const Diagnostic *)
    reasons;                 /* why operations are foreign, each with its place; not set: only the place */
    VEC(const char *) types; /* semantic types that the code boxes or looks for, as text */
    struct Infer *infer;     /* state of infer/ */
    Map scopes, inner_functions; /* state of bytecode/: by Python function */
    Map declared;                /* by Python function: HlDeclared * that ends with a NULL name */
    const char *cpu;             /* NULL: this machine */
    uint64_t memory_failures;    /* hl_memory_failures() when it began */
    bool no_memory;              /* that is why it failed, whatever diag says */
    unsigned char *object;       /* the ELF object, malloc'd, after a successful compilation */
    size_t object_nbytes;
    uint32_t units_compiled, units_kept,
        units_shipped; /* of the prelude: for it, before it, with the package */
};

/* The stages (compile.c is the list). Each returns false with c->diag set. */

/* infer/: types for `function` called with these semantic types, and of all it calls; fills c->functions. */
HL_API bool hl_infer(Compile *c, const void *function, const Type *const *args, uint32_t nargs,
                     const FuncOptions *options);
/* opt/: every pass of passes.def over every function. */
HL_API bool hl_optimise(Compile *c);
/* lower/ and machine/ (in libhotloop-llvm.so, found by hl_backend): c->functions to c->object. */
typedef void (*UnitTaker)(void *user, const char *digest, const void *object, size_t nbytes);
typedef struct Backend {
    bool (*emit)(Compile *c);
    void *(*resolve)(const char *name); /* run-time symbols only the backend knows (vector math) */
    void (*describe)(Text *text);       /* "LLVM's version\nprocessor\nits features\n" */
    void (*list_units)(UnitTaker take, void *user); /* the prelude's that this process has compiled */
} Backend;
HL_API const Backend *
hl_backend(char **error); /* opens it at the first call; thread-safe; the text in error stays */
HL_API const char *hl_dump_word(DumpStage stage); /* "typed" */

/* The first half of hl_compile, which asks the host: inference and optimisation. */
HL_API bool hl_compile_front(Compile *c, const void *function, const Type *const *args, uint32_t nargs,
                             const FuncOptions *options);
/* The second half, which does not: machine code. Other Python threads may run meanwhile. */
HL_API bool hl_compile_back(Compile *c);
/* Everything above in order; c->diag on failure. */
HL_API bool hl_compile(Compile *c, const void *function, const Type *const *args, uint32_t nargs,
                       const FuncOptions *options);
/* The same from typed IR as text (its first function is the entry). */
HL_API bool hl_compile_text(Compile *c, const char *text);
HL_API void hl_compile_free(Compile *c);

/* Records an error; always returns false. */
HL_API bool hl_error(Compile *c, const Func *f, Loc loc, DiagId id, ...);
/* Something that does not end the compilation; the caller may add notes. */
HL_API Diagnostic *hl_warn(Compile *c, const Func *f, Loc loc, DiagId id, ...);

#endif
