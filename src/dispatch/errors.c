/* What compiled code recorded, or a compilation ended with, as Python exceptions and warnings.
 *
 * The traceback gets one entry for each compiled frame, innermost last, as if the interpreter had run them: a
 * code object with the function's name, its file and the line that failed. Texts of diagnostics are made by
 * hotloop.diagnostics.
 */
#include "dispatch/internal.h"

#include <dlfcn.h>
#include <frameobject.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static PyObject *classes; /* name -> exception class of the package; NULL until set_exceptions */

bool error_set_classes(PyObject *given) {
    if (!PyDict_Check(given)) {
        PyErr_SetString(PyExc_TypeError, "set_exceptions() takes a dict");
        return false;
    }
    Py_XSETREF(classes, Py_NewRef(given));
    return true;
}

/* ---- classes ----------------------------------------------------------------------------------------- */

static PyObject *builtin(const char *name) {
    static const struct {
        const char *name;
        PyObject **class;
    } common[] = {{"ZeroDivisionError", &PyExc_ZeroDivisionError},
                  {"ValueError", &PyExc_ValueError},
                  {"IndexError", &PyExc_IndexError},
                  {"OverflowError", &PyExc_OverflowError},
                  {"TypeError", &PyExc_TypeError}};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (!strcmp(name, common[i].name)) return Py_NewRef(*common[i].class);
    PyObject *builtins = PyEval_GetBuiltins();
    return Py_XNewRef(builtins ? PyDict_GetItemString(builtins, name) : NULL);
}

/* "module.Class", the module loaded already or importable. */
static PyObject *from_module(const char *name, const char *dot) {
    PyObject *module_name = PyUnicode_FromStringAndSize(name, dot - name);
    PyObject *module = module_name ? PyImport_Import(module_name) : NULL;
    PyObject *cls = module ? PyObject_GetAttrString(module, dot + 1) : NULL;
    Py_XDECREF(module_name);
    Py_XDECREF(module);
    return cls;
}

PyObject *error_class(const HlErrorSite *site, const Spec *spec) {
    if (spec && site->class_index >= 0 && site->class_index < spec->nobjects)
        return Py_NewRef(spec->objects[site->class_index]);
    const char *name = site->class_name ? site->class_name : "RuntimeError";
    if (*name == '?') name++; /* the interpreter's answer was wanted and could not be asked for */
    const char *dot = strrchr(name, '.');
    PyObject *cls = dot ? from_module(name, dot) : builtin(name);
    if (!cls && !PyErr_Occurred()) PyErr_Format(PyExc_SystemError, "hotloop: no exception class %s", name);
    return cls;
}

/* ---- arguments --------------------------------------------------------------------------------------- */

/* The types of the payload's values, one after the other; NULL at the end of the text. */
const Type *error_next_type(const char **text) {
    while (*text && **text == ' ')
        ++*text;
    return *text && **text ? hl_type_parse(text) : NULL;
}

static PyObject *all_arguments(const HlErrorSite *site, const uint64_t *payload) {
    Boxing in = {.slot = payload};
    const char *text = site->arg_types;
    PyObject *args = PyTuple_New(site->nargs);
    for (int32_t i = 0; args && i < site->nargs; i++) {
        const Type *type = error_next_type(&text);
        PyObject *item = type ? box_next(type, &in) : Py_NewRef(Py_None);
        if (item)
            PyTuple_SET_ITEM(args, i, item);
        else
            Py_CLEAR(args);
    }
    box_forget_wholes(&in);
    return args;
}

/* The end of a printf conversion that starts at p. */
static const char *conversion_end(const char *p) {
    p++;
    while (*p && strchr("0123456789.-+ #lhz", *p))
        p++;
    return *p ? p + 1 : p;
}

/* One payload slot as the conversion that ends at `end` says. */
static PyObject *slot_value(const char *end, uint64_t slot) {
    double real;
    memcpy(&real, &slot, sizeof real);
    if (strchr("feg", end[-1])) return PyFloat_FromDouble(real);
    return end[-1] == 'u' ? PyLong_FromUnsignedLongLong(slot) : PyLong_FromLongLong((int64_t)slot);
}

static bool append(PyObject **text, PyObject *part) {
    PyObject *string = part ? PyObject_Str(part) : NULL;
    if (string)
        PyUnicode_Append(text, string);
    else
        Py_CLEAR(*text);
    Py_XDECREF(string);
    Py_XDECREF(part);
    return *text;
}

/* The message with each conversion replaced by the next payload slot. */
static PyObject *formatted(const char *format, const HlError *error) {
    PyObject *text = PyUnicode_FromString("");
    int32_t next = 0;
    for (const char *p = format, *end; text && *p; p = end) {
        end = *p == '%' ? conversion_end(p) : p + strcspn(p, "%");
        bool is_value = *p == '%' && end[-1] != '%' && next < error->npayload;
        if (is_value)
            append(&text, slot_value(end, error->payload[next++]));
        else
            append(&text, PyUnicode_FromStringAndSize(p, *p == '%' ? 1 : end - p));
    }
    return text;
}

static PyObject *exception_arguments(const HlErrorSite *site, const HlError *error) {
    if (!site->message) return all_arguments(site, error->payload);
    PyObject *text = error->npayload ? formatted(site->message, error) : PyUnicode_FromString(site->message);
    return text ? Py_BuildValue("(N)", text) : NULL;
}

/* ---- each kind of error ------------------------------------------------------------------------------ */

static void set_int_of_float(const HlError *error) {
    double x;
    memcpy(&x, error->payload, sizeof x);
    if (isnan(x))
        PyErr_SetString(PyExc_ValueError, "cannot convert float NaN to integer");
    else
        PyErr_SetString(PyExc_OverflowError, isinf(x) ? "cannot convert float infinity to integer"
                                                      : "the float is too large for a 64-bit integer");
}

static void set_raised(const HlError *error, const Spec *spec) {
    if (!strcmp(error->site->class_name, HL_INT_OF_FLOAT)) {
        set_int_of_float(error);
        return;
    }
    PyObject *cls = error_class(error->site, spec);
    PyObject *args = cls ? exception_arguments(error->site, error) : NULL;
    PyObject *exception = args ? PyObject_Call(cls, args, NULL) : NULL;
    if (exception) PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_XDECREF(exception);
    Py_XDECREF(args);
    Py_XDECREF(cls);
}

static void set_index(const HlError *error) {
    int64_t index = (int64_t)error->payload[0], axis = (int64_t)error->payload[1],
            size = (int64_t)error->payload[2];
    static const char *const sequences[] = {"tuple index", "list index", "list assignment index"};
    if (axis >= HL_TENSOR_AXES)
        PyErr_Format(PyExc_IndexError, "index %lld is out of bounds for dimension %lld with size %lld",
                     (long long)index, (long long)axis - HL_TENSOR_AXES, (long long)size);
    else if (axis < 0)
        PyErr_Format(PyExc_IndexError, "%s out of range", sequences[-1 - axis]);
    else
        PyErr_Format(PyExc_IndexError, "index %lld is out of bounds for axis %lld with size %lld",
                     (long long)index, (long long)axis, (long long)size);
}

/* NumPy's own exception, which words it. False: the shape is not known, or NumPy has it no longer. */
static bool set_array_memory(const HlError *error) {
    int ndim = error->npayload - 2;
    PyArray_Descr *descr =
        ndim >= 0 ? PyArray_DescrFromType(type_num_of_kind((TypeKind)error->payload[1])) : NULL;
    PyObject *shape = descr ? PyArray_IntTupleFromIntp(ndim, (const npy_intp *)error->payload + 2) : NULL;
    PyObject *module = shape ? PyImport_ImportModule("numpy._core._exceptions") : NULL;
    PyObject *cls = module ? PyObject_GetAttrString(module, "_ArrayMemoryError") : NULL;
    PyObject *args = cls ? PyTuple_Pack(2, shape, descr) : NULL;
    if (args) PyErr_SetObject(cls, args);
    Py_XDECREF(descr);
    Py_XDECREF(shape);
    Py_XDECREF(module);
    Py_XDECREF(cls);
    Py_XDECREF(args);
    if (!args) PyErr_Clear();
    return args != NULL;
}

static void set_memory(const HlError *error) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (set_array_memory(error)) return;
    double size = (double)(int64_t)error->payload[0];
    int unit = 0;
    for (; size >= 1024 && unit < 6; unit++)
        size /= 1024;
    char text[64];
    snprintf(text, sizeof text, "Unable to allocate %.*f %s for an array", unit ? 2 : 0, size, units[unit]);
    PyErr_SetString(PyExc_MemoryError, text);
}

static void set_exception(const HlError *error, const Spec *spec) {
    switch ((HlErrorKind)error->kind) {
    case HL_ERROR_RAISE: set_raised(error, spec); break;
    case HL_ERROR_INDEX: set_index(error); break;
    case HL_ERROR_MEMORY: set_memory(error); break;
    case HL_ERROR_RECURSION: PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded"); break;
    case HL_ERROR_OBJECT: handling_reraise((PyObject *)(uintptr_t)error->payload[0]); break;
    case HL_ERROR_PYTHON: break;
    case HL_ERROR_NONE: break;
    }
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_SystemError, "hotloop: compiled code failed without an error");
}

/* ---- traceback --------------------------------------------------------------------------------------- */

/* The last part of a qualified name: what CPython shows. */
static const char *short_name(const char *qualname) {
    const char *dot = strrchr(qualname, '.');
    return dot ? dot + 1 : qualname;
}

/* Code objects that stand for a line of a compiled function, the last that were needed: an exception that is caught at once
 * costs little else. */
enum { NLINES = 256 };
static struct Line {
    HlFrame at;
    PyCodeObject *code;
} lines[NLINES];

/* The package's folder is the extension module's. */
static PyCodeObject *new_code(const HlFuncInfo *func, int line) {
    static const char mark[] = HL_PRELUDE_FILES;
    Dl_info info;
    Text path = {0};
    bool is_ours = !strncmp(func->file, mark, strlen(mark)) && dladdr((void *)&error_forget_lines, &info) &&
                   info.dli_fname;
    const char *slash = is_ours ? strrchr(info.dli_fname, '/') : NULL;
    if (slash)
        hl_text_printf(&path, "%.*s/prelude/%s", (int)(slash - info.dli_fname), info.dli_fname,
                       func->file + strlen(mark));
    PyCodeObject *code = PyCode_NewEmpty(slash ? path.data : func->file, short_name(func->qualname), line);
    hl_text_free(&path);
    return code;
}

static PyCodeObject *code_of_line(const HlFrame *at) {
    struct Line *line = &lines[((uintptr_t)at->func / 8 + (uint32_t)at->line) % NLINES];
    if (!line->code || line->at.func != at->func || line->at.line != at->line) {
        line->at = *at;
        Py_XSETREF(line->code, new_code(at->func, at->line));
    }
    return (PyCodeObject *)Py_XNewRef((PyObject *)line->code);
}

void error_forget_lines(void) {
    for (int i = 0; i < NLINES; i++)
        Py_CLEAR(lines[i].code);
}

/* Puts one frame in front of the traceback of the exception that is set. */
static void add_frame(const HlFrame *at, PyObject *globals) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyCodeObject *code = code_of_line(at);
    PyFrameObject *frame = code ? PyFrame_New(PyThreadState_Get(), code, globals, NULL) : NULL;
    PyErr_Restore(type, value, traceback);
    if (frame) PyTraceBack_Here(frame);
    Py_XDECREF(frame);
    Py_XDECREF(code);
}

void error_raise(const HlContext *ctx, const Spec *spec, PyObject *globals) {
    const HlError *error = &ctx->error;
    set_exception(error, spec);
    int first = error->nframes > HL_MAX_TRACEBACK ? error->nframes - HL_MAX_TRACEBACK : 0;
    for (int i = first; i < error->nframes; i++)
        add_frame(&error->frames[i % HL_MAX_TRACEBACK], globals);
}

/* ---- diagnostics ------------------------------------------------------------------------------------- */

static PyObject *optional_column(int32_t col, bool known) {
    return known ? PyLong_FromLong(col) : Py_NewRef(Py_None);
}

static PyObject *end_column(Loc loc) {
    return optional_column(loc.end_col, loc.end_line <= loc.line);
}

static PyObject *notes_of(const Diagnostic *diag) {
    PyObject *notes = PyList_New(diag->notes.len);
    for (uint32_t i = 0; notes && i < diag->notes.len; i++) {
        const DiagNote *n = &diag->notes.data[i];
        PyObject *note =
            Py_BuildValue("(iiNss)", n->loc.line, n->loc.col, end_column(n->loc), n->text, n->file);
        if (note)
            PyList_SET_ITEM(notes, i, note);
        else
            Py_CLEAR(notes);
    }
    return notes;
}

/* A function of the package, called; NULL with an exception. Steals args. */
static PyObject *call_package(const char *module_name, const char *function, PyObject *args) {
    PyObject *module = args ? PyImport_ImportModule(module_name) : NULL;
    PyObject *callable = module ? PyObject_GetAttrString(module, function) : NULL;
    PyObject *result = callable ? PyObject_CallObject(callable, args) : NULL;
    Py_XDECREF(callable);
    Py_XDECREF(module);
    Py_XDECREF(args);
    return result;
}

PyObject *error_diagnostic_text(const Diagnostic *diag) {
    const DiagInfo *info = hl_diag_info(diag->id);
    Loc loc = diag->loc;
    PyObject *args = Py_BuildValue("(siiNsNss)", diag->file ? diag->file : "<unknown>", loc.line, loc.col,
                                   end_column(loc), diag->text ? diag->text : info->text, notes_of(diag),
                                   diag->hint ? diag->hint : info->hint, info->id);
    return call_package("hotloop.diagnostics", "format", args);
}

void error_raise_diagnostic(const Diagnostic *diag) {
    PyObject *text = error_diagnostic_text(diag);
    if (!text) return;
    const char *name = hl_diag_info(diag->id)->class_name;
    PyObject *error = call_package("hotloop.core.errors", "from_text", Py_BuildValue("(sN)", name, text));
    if (error) PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    Py_XDECREF(error);
}

bool error_warn(const Diagnostic *diag, const char *class_name) {
    PyObject *cls = classes ? PyDict_GetItemString(classes, class_name) : NULL;
    PyObject *text = error_diagnostic_text(diag);
    const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;
    bool good = utf8 && PyErr_WarnEx(cls ? cls : PyExc_RuntimeWarning, utf8, 1) == 0;
    Py_XDECREF(text);
    return good;
}
