/* The streams of random numbers of one call: NumPy's global RandomState and the generator behind Python's `random`.
 *
 * Compiled code draws from their own memory (runtime/random.c). A stream is opened by a call's first draw and closed when
 * the call ends or runs Python code (a poll): NumPy's has its generator's lock held in between, Python's has the GIL held,
 * also in a nogil function. Where the state lies in the objects no interface says. It is looked for in a fresh object
 * whose state is known, once, and the place is believed only if what is written there can be seen from Python; else
 * the draw fails, and the interpreter runs the call.
 */
#include "dispatch/internal.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static PyObject *imported_attribute(const char *module, const char *name) {
    PyObject *imported = PyImport_ImportModule(module);
    PyObject *value = imported ? PyObject_GetAttrString(imported, name) : NULL;
    Py_XDECREF(imported);
    return value;
}

static size_t size_of(PyObject *object) {
    return (size_t)Py_TYPE(object)->tp_basicsize;
}

/* ---- where NumPy's RandomState keeps its state -------------------------------------------------------- */

/* The end of a RandomState: its bit generator and the normal number it keeps. */
typedef struct NumpyState {
    const HlBitgen *bitgen;
    HlGauss gauss;
} NumpyState;

typedef struct NumpyTwister {
    uint32_t words[HL_TWISTER_WORDS];
    int32_t next;
} NumpyTwister;

static struct {
    bool looked_for;
    PyObject *object; /* numpy.random.mtrand._rand; NULL: its memory is not understood */
    size_t offset;    /* of the NumpyState in it */
    uint32_t (*twister_next)(void *state);
    PyObject *generator, *acquire, *release; /* the bit generator seen last and its lock's methods */
} numpy;

static NumpyState *numpy_state(PyObject *object, size_t offset) {
    return (NumpyState *)((char *)object + offset);
}

/* The kept number and the index of the next word, as the object itself reports them. */
static bool reported(PyObject *object, HlGauss *gauss, NumpyTwister *twister) {
    PyObject *state = PyObject_CallMethod(object, "get_state", NULL), *words = NULL;
    int next, is_there;
    bool good =
        state && PyTuple_Check(state) &&
        PyArg_ParseTuple(state, "sOiid", &(const char *){NULL}, &words, &next, &is_there, &gauss->value);
    good = good && PyArray_Check(words) && PyArray_NBYTES((PyArrayObject *)words) == sizeof twister->words;
    if (good) {
        memcpy(twister->words, PyArray_DATA((PyArrayObject *)words), sizeof twister->words);
        twister->next = next;
        gauss->is_there = is_there;
    }
    Py_XDECREF(state);
    return good;
}

/* Is this what lies before the kept number, a pointer to a bit generator inside the object? */
static bool is_numpy_state(PyObject *object, size_t offset, const HlGauss *gauss) {
    const NumpyState *s = numpy_state(object, offset);
    uintptr_t at = (uintptr_t)s->bitgen - (uintptr_t)object;
    return s->gauss.is_there == gauss->is_there && s->gauss.value == gauss->value &&
           at + sizeof(HlBitgen) <= size_of(object);
}

/* Writes to the place found and asks the object. */
static bool numpy_is_understood(PyObject *object, NumpyState *s, const NumpyTwister *twister) {
    NumpyTwister *own = s->bitgen->state, now;
    HlGauss gauss;
    if (memcmp(own, twister, sizeof *own) != 0) return false;
    s->gauss = (HlGauss){0, 0};
    own->next = 17;
    own->words[17] ^= 1;
    return reported(object, &gauss, &now) && !gauss.is_there && gauss.value == 0 && now.next == 17 &&
           now.words[17] == (twister->words[17] ^ 1);
}

static bool look_into_numpy(PyObject *probe) {
    NumpyTwister twister;
    HlGauss gauss;
    PyObject *drawn = PyObject_CallMethod(probe, "standard_normal", NULL);
    Py_XDECREF(drawn);
    if (!drawn || !reported(probe, &gauss, &twister) || !gauss.is_there) return false;
    for (size_t at = sizeof(PyObject); at + sizeof(NumpyState) <= size_of(probe); at += sizeof(void *)) {
        if (!is_numpy_state(probe, at, &gauss)) continue;
        numpy.offset = at;
        numpy.twister_next = numpy_state(probe, at)->bitgen->next_uint32;
        return numpy_is_understood(probe, numpy_state(probe, at), &twister);
    }
    return false;
}

static void find_numpy(void) {
    numpy.looked_for = true;
    PyObject *global = imported_attribute("numpy.random.mtrand", "_rand");
    PyObject *probe = global ? PyObject_CallFunction((PyObject *)Py_TYPE(global), "i", 12345) : NULL;
    if (probe && look_into_numpy(probe)) numpy.object = Py_NewRef(global);
    Py_XDECREF(probe);
    Py_XDECREF(global);
    PyErr_Clear();
}

/* ---- where Python's Random keeps its state ------------------------------------------------------------ */

typedef struct PythonTwister {
    int32_t next;
    uint32_t words[HL_TWISTER_WORDS];
} PythonTwister;

static struct {
    bool looked_for;
    PyObject *object; /* random._inst; NULL: its memory is not understood */
    size_t offset;    /* of the PythonTwister in it */
} python;

static PythonTwister *python_state(PyObject *object, size_t offset) {
    return (PythonTwister *)((char *)object + offset);
}

/* getstate() of the C class: the words and the index of the next one, as one tuple. */
static bool python_reported(PyObject *object, PythonTwister *twister) {
    PyObject *state = PyObject_CallMethod(object, "getstate", NULL);
    bool good = state && PyTuple_Check(state) && PyTuple_GET_SIZE(state) == HL_TWISTER_WORDS + 1;
    for (Py_ssize_t i = 0; good && i < HL_TWISTER_WORDS; i++)
        twister->words[i] = (uint32_t)PyLong_AsUnsignedLong(PyTuple_GET_ITEM(state, i));
    if (good) twister->next = (int32_t)PyLong_AsLong(PyTuple_GET_ITEM(state, HL_TWISTER_WORDS));
    Py_XDECREF(state);
    return good && !PyErr_Occurred();
}

static bool python_is_understood(PyObject *object, PythonTwister *own) {
    PythonTwister now;
    own->next = 17;
    own->words[17] ^= 1;
    return python_reported(object, &now) && memcmp(own, &now, sizeof now) == 0;
}

static bool look_into_python(PyObject *probe) {
    PythonTwister twister;
    if (!python_reported(probe, &twister)) return false;
    for (size_t at = sizeof(PyObject); at + sizeof twister <= size_of(probe); at += sizeof twister.next) {
        if (memcmp(python_state(probe, at), &twister, sizeof twister) != 0) continue;
        python.offset = at;
        return python_is_understood(probe, python_state(probe, at));
    }
    return false;
}

static void find_python(void) {
    python.looked_for = true;
    PyObject *global = imported_attribute("random", "_inst"),
             *class = imported_attribute("_random", "Random");
    bool is_subclass = global && class && PyObject_TypeCheck(global, (PyTypeObject *)class);
    PyObject *probe = is_subclass ? PyObject_CallFunction(class, "i", 12345) : NULL;
    if (probe && look_into_python(probe)) python.object = Py_NewRef(global);
    Py_XDECREF(probe);
    Py_XDECREF(class);
    Py_XDECREF(global);
    PyErr_Clear();
}

/* ---- opening ------------------------------------------------------------------------------------------ */

/* The methods of the lock that the generator's own methods hold while they draw: new references. */
static bool lock_methods(PyObject *bit_generator, PyObject **acquire, PyObject **release) {
    PyObject *lock = PyObject_GetAttrString(bit_generator, "lock");
    *acquire = lock ? PyObject_GetAttrString(lock, "acquire") : NULL;
    *release = *acquire ? PyObject_GetAttrString(lock, "release") : NULL;
    Py_XDECREF(lock);
    if (*release) return true;
    Py_CLEAR(*acquire);
    return false;
}

static bool find_lock(PyObject *generator) {
    PyObject *acquire, *release;
    if (generator == numpy.generator) return true;
    if (!lock_methods(generator, &acquire, &release)) return false;
    Py_XSETREF(numpy.generator, Py_NewRef(generator));
    Py_XSETREF(numpy.acquire, acquire);
    Py_XSETREF(numpy.release, release);
    return true;
}

/* Gives a lock back. */
static void give_back(PyObject **generator, PyObject **release) {
    PyObject *released = PyObject_CallNoArgs(*release);
    if (!released) PyErr_WriteUnraisable(*release);
    Py_XDECREF(released);
    Py_CLEAR(*release);
    Py_CLEAR(*generator);
}

/* Takes the lock; the call holds the generator until it gives the lock back, whatever others make NumPy draw from. */
static bool lock_numpy(CallContext *call) {
    PyObject *generator = PyObject_GetAttrString(numpy.object, "_bit_generator");
    if (!generator || !find_lock(generator)) {
        Py_XDECREF(generator);
        return false;
    }
    PyObject *release = Py_NewRef(numpy.release), *taken = PyObject_CallNoArgs(numpy.acquire);
    Py_XDECREF(taken);
    if (taken) {
        call->numpy_generator = generator;
        call->numpy_release = release;
        return true;
    }
    Py_DECREF(generator);
    Py_DECREF(release);
    return false;
}

static bool open_numpy(CallContext *call, HlStream *stream) {
    if (!lock_numpy(call)) return false;
    NumpyState *s = numpy_state(numpy.object, numpy.offset);
    NumpyTwister *twister = s->bitgen->state;
    *stream = s->bitgen->next_uint32 == numpy.twister_next
                  ? (HlStream){twister->words, &twister->next, &s->gauss, NULL}
                  : (HlStream){NULL, &hlrt_no_words, &s->gauss, s->bitgen};
    return true;
}

/* random.gauss keeps its second number in an attribute, None when there is none: the stream has a copy. */
static bool open_python(CallContext *call, HlStream *stream) {
    PyObject *kept = PyObject_GetAttrString(python.object, "gauss_next");
    if (!kept) return false;
    call->python_gauss = (HlGauss){kept != Py_None, 0};
    if (kept != Py_None) call->python_gauss.value = PyFloat_AsDouble(kept);
    Py_DECREF(kept);
    if (PyErr_Occurred()) return false;
    call->python_gauss_before = call->python_gauss;
    PythonTwister *twister = python_state(python.object, python.offset);
    *stream = (HlStream){twister->words, &twister->next, &call->python_gauss, NULL};
    return true;
}

static bool is_understood(int which) {
    if (which == HL_STREAM_NUMPY && !numpy.looked_for) find_numpy();
    if (which == HL_STREAM_PYTHON && !python.looked_for) find_python();
    return (which == HL_STREAM_NUMPY ? numpy.object : python.object) != NULL;
}

static bool fail_unknown(CallContext *call) {
    static const HlErrorSite unknown = {
        "?RuntimeError", -1, "this version's random generator keeps its state in an unknown way", NULL, 0};
    hlrt_raise(&call->ctx, &unknown, NULL, 0);
    return false;
}

/* Something of Python's failed on the way. */
static bool fail_python(CallContext *call) {
    call->ctx.status = 1;
    call->ctx.error.kind = HL_ERROR_PYTHON;
    call->ctx.error.nframes = 0;
    return false;
}

static void begin_streams(CallContext *call) {
    if (call->ctx.streams != &hlrt_closed_streams) return;
    call->streams = hlrt_closed_streams;
    call->ctx.streams = &call->streams;
}

static bool open_with_gil(CallContext *call, int which) {
    if (!is_understood(which)) return fail_unknown(call);
    begin_streams(call);
    HlStream *stream = &call->streams.of[which];
    bool good = which == HL_STREAM_NUMPY ? open_numpy(call, stream) : open_python(call, stream);
    return good || fail_python(call);
}

/* Python's generator has no lock but the GIL: a nogil function keeps it from here on. */
static bool open_stream(HlContext *ctx, int which) {
    CallContext *call = (CallContext *)ctx;
    if (ctx->has_gil) return open_with_gil(call, which);
    PyEval_RestoreThread(call->thread);
    ctx->has_gil = 1;
    bool good = open_with_gil(call, which);
    if (good && which == HL_STREAM_PYTHON) return true;
    ctx->has_gil = 0;
    call->thread = PyEval_SaveThread();
    return good;
}

/* ---- generators that are arguments -------------------------------------------------------------------- */

static struct {
    bool looked_for;
    PyObject *class; /* np.random.Generator */
    void *library;   /* its module, which exports NumPy's functions; NULL: it does not */
} generators;

static void *numpy_function(const char *name) {
    char symbol[64];
    snprintf(symbol, sizeof symbol, "random_%s", name);
    return dlsym(generators.library, symbol);
}

static void find_functions(void) {
    PyObject *file = imported_attribute("numpy.random._generator", "__file__");
    const char *path = file ? PyUnicode_AsUTF8(file) : NULL;
    generators.library = path ? dlopen(path, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (generators.library && !hlrt_generator_set_functions(numpy_function)) generators.library = NULL;
    generators.looked_for = true;
    Py_XDECREF(file);
    PyErr_Clear();
}

/* The class as soon as its module has been imported: no object of it can come before. */
PyObject *random_generator_class(void) {
    if (generators.class) return generators.class;
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "numpy.random._generator");
    if (module) generators.class = PyObject_GetAttrString(module, "Generator");
    PyErr_Clear();
    return generators.class;
}

static bool take_lock(CallContext *call, PyObject *bit_generator) {
    PyObject *acquire, *release;
    if (!lock_methods(bit_generator, &acquire, &release)) return false;
    PyObject *taken = PyObject_CallNoArgs(acquire);
    Py_DECREF(acquire);
    Py_XDECREF(taken);
    if (!taken) {
        Py_DECREF(release);
        return false;
    }
    call->generator_bits = Py_NewRef(bit_generator);
    call->generator_release = release;
    return true;
}

static void close_generator(CallContext *call) {
    give_back(&call->generator_bits, &call->generator_release);
    call->streams.generator = NULL;
}

static bool open_generator_with_gil(CallContext *call, PyObject *generator) {
    if (!generators.looked_for) find_functions();
    if (!generators.library) return fail_unknown(call);
    begin_streams(call);
    if (call->streams.generator) close_generator(call);
    PyObject *bit_generator = PyObject_GetAttrString(generator, "bit_generator");
    PyObject *capsule = bit_generator ? PyObject_GetAttrString(bit_generator, "capsule") : NULL;
    HlBitgen *bits = capsule ? PyCapsule_GetPointer(capsule, "BitGenerator") : NULL;
    bool good = bits && take_lock(call, bit_generator);
    Py_XDECREF(capsule);
    Py_XDECREF(bit_generator);
    if (!good) return fail_python(call);
    call->streams.generator = generator;
    call->streams.generator_bits = bits;
    return true;
}

static bool open_generator(HlContext *ctx, void *generator) {
    CallContext *call = (CallContext *)ctx;
    if (ctx->has_gil) return open_generator_with_gil(call, generator);
    PyEval_RestoreThread(call->thread);
    bool good = open_generator_with_gil(call, generator);
    call->thread = PyEval_SaveThread();
    return good;
}

void random_init(void) {
    hlrt_set_open_stream(open_stream);
    hlrt_set_open_generator(open_generator);
}

/* ---- closing ------------------------------------------------------------------------------------------ */

static void close_python(const CallContext *call) {
    const HlGauss *now = &call->python_gauss, *before = &call->python_gauss_before;
    if (now->is_there == before->is_there && now->value == before->value) return;
    PyObject *kept = now->is_there ? PyFloat_FromDouble(now->value) : Py_NewRef(Py_None);
    if (!kept || PyObject_SetAttrString(python.object, "gauss_next", kept) < 0)
        PyErr_WriteUnraisable(python.object);
    Py_XDECREF(kept);
}

void random_close_opened(CallContext *call) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (call->streams.of[HL_STREAM_NUMPY].gauss) give_back(&call->numpy_generator, &call->numpy_release);
    if (call->streams.generator) close_generator(call);
    if (call->streams.of[HL_STREAM_PYTHON].gauss) close_python(call);
    call->streams = hlrt_closed_streams;
    PyErr_Restore(type, value, traceback);
}
