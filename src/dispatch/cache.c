/* cache=True: a specialisation's object in one file, so that the next process loads it without compiling.
 *
 * The file's name holds the function's name and the key (key.c), so there is no index to keep right: what is
 * there under that name is right, what is not there is compiled. Its content: the texts of the result types,
 * the symbol of the shim, the objects by which the code refers to Python's (cacheobjects.c), the ELF object.
 * Nothing in it is executed before the checksum and the owner have been looked at, and nothing is unpickled.
 *
 * Folders, the first in which a file can be made: HOTLOOP_CACHE_DIR or NUMBA_CACHE_DIR (a subfolder per
 * source folder);
 * __pycache__ beside the source; the user's cache folder.
 */
#include "dispatch/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PER_FUNCTION = 64 };

/* ---- where ------------------------------------------------------------------------------------------- */

static const char *utf8(PyObject *text) {
    const char *data = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : NULL;
    if (!data) PyErr_Clear();
    return data;
}

/* The source file when there is one on disk, else NULL (a notebook, exec, the command line). */
static const char *source_file(const Dispatcher *d) {
    const char *file = utf8(((PyCodeObject *)PyFunction_GET_CODE(d->function))->co_filename);
    return file && access(file, F_OK) == 0 ? file : NULL;
}

static int folder_length(const char *file) {
    const char *slash = file ? strrchr(file, '/') : NULL;
    return slash ? (int)(slash - file) : 0;
}

/* The last part of the source's folder and a hash of its whole path, to tell folders of one name apart. */
static void add_subfolder(Text *path, const char *file) {
    unsigned char digest[SHA256_NBYTES];
    Sha256 hash;
    int len = folder_length(file), start = len;
    while (start > 0 && file[start - 1] != '/')
        start--;
    hl_sha256_init(&hash);
    hl_sha256_add(&hash, file ? file : "", (size_t)len);
    hl_sha256_end(&hash, digest);
    hl_text_printf(path, "/%.*s_%02x%02x%02x%02x", len - start, file ? file + start : "", digest[0],
                   digest[1], digest[2], digest[3]);
}

static const char *first_set(const char *a, const char *b) {
    const char *value = getenv(a);
    if (!value || !*value) value = getenv(b);
    return value && *value ? value : NULL;
}

static bool user_folder(Text *path, const char *file) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    bool has_cache = cache && *cache == '/';
    if (!has_cache && !(home && *home == '/')) return false;
    hl_text_printf(path, "%s%s", has_cache ? cache : home, has_cache ? "/hotloop" : "/.cache/hotloop");
    add_subfolder(path, file);
    return cachefile_make_folder(path->data);
}

/* The folder for this function's files, made if need be; false: nowhere. */
static bool choose_folder(const Dispatcher *d, Text *path) {
    const char *file = source_file(d), *asked = first_set("HOTLOOP_CACHE_DIR", "NUMBA_CACHE_DIR");
    if (asked) {
        hl_text_printf(path, "%s", asked);
        add_subfolder(path, file);
        return cachefile_make_folder(path->data);
    }
    if (file) {
        hl_text_printf(path, "%.*s%s__pycache__", folder_length(file), file, folder_length(file) ? "/" : "");
        if (cachefile_make_folder(path->data)) return true;
        path->len = 0;
    }
    return user_folder(path, file);
}

PyObject *cache_folder(const Dispatcher *d) {
    Text path = {0};
    PyObject *folder = choose_folder(d, &path) ? PyUnicode_DecodeFSDefault(path.data) : Py_NewRef(Py_None);
    hl_text_free(&path);
    return folder;
}

/* "module.function-" without what a file name cannot hold. */
static void add_prefix(const Dispatcher *d, Text *name) {
    const char *file = source_file(d), *qualname = utf8(((PyFunctionObject *)d->function)->func_qualname);
    const char *base = file ? file + folder_length(file) + (folder_length(file) > 0) : "code";
    hl_text_printf(name, "%.*s.%.80s-%d", (int)strcspn(base, "."), base, qualname ? qualname : "f",
                   ((PyCodeObject *)PyFunction_GET_CODE(d->function))->co_firstlineno);
    for (char *p = name->data; *p; p++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *p)) *p = '_';
    hl_text_printf(name, ".");
}

bool cache_place(const Dispatcher *d, const Type *const *types, uint32_t nargs, const Type *asked,
                 CachePlace *place) {
    unsigned char key[SHA256_NBYTES];
    *place = (CachePlace){0};
    if (!cache_key(d, types, nargs, asked, key, &place->arrays) || !choose_folder(d, &place->folder))
        return false;
    add_prefix(d, &place->name);
    place->prefix_len = place->name.len;
    for (int i = 0; i < 20; i++)
        hl_text_printf(&place->name, "%02x", key[i]);
    hl_text_printf(&place->name, ".hlc");
    memcpy(place->key, key, sizeof key);
    return true;
}

void cache_place_free(CachePlace *place) {
    hl_text_free(&place->folder);
    hl_text_free(&place->name);
    Py_CLEAR(place->arrays);
}

/* ---- storing and loading ----------------------------------------------------------------------------- */

void cache_store(const CachePlace *place, const Dispatcher *d, const Spec *spec, const Compile *c) {
    Text content = {0};
    bool good = !has_address(spec->native_result);
    put_field(&content, place->key, sizeof place->key);
    put_text(&content, hl_type_text(spec->result));
    put_text(&content, hl_type_text(spec->native_result));
    put_text(&content, c->entry_symbol);
    put_field(&content, &spec->nogil, sizeof spec->nogil);
    good = good && cache_put_objects(&content, d, spec);
    put_field(&content, c->object, c->object_nbytes);
    good = good &&
           cachefile_write(place->folder.data, place->name.data, (unsigned char *)content.data, content.len);
    hl_text_free(&content);
    if (!good) return;
    char *prefix = strndup(place->name.data, place->prefix_len);
    if (prefix) cachefile_prune(place->folder.data, prefix, MAX_PER_FUNCTION);
    free(prefix);
}

static bool fill(const CachePlace *place, Reader *in, Dispatcher *d, Spec *spec) {
    size_t nbytes;
    char error[128];
    const void *key = take_field(in, &nbytes);
    if (!key || nbytes != sizeof place->key || memcmp(key, place->key, nbytes)) return false;
    spec->result = take_type(in);
    spec->native_result = take_type(in);
    const char *symbol = take_text(in);
    if (!spec->result || !spec->native_result || !symbol) return false;
    if (!take_into(in, &spec->nogil, sizeof spec->nogil) || !cache_take_objects(in, d, spec)) return false;
    spec->nresult = hl_type_ncomponents(spec->native_result);
    spec->converts = spec->result != spec->native_result;
    const void *object = take_field(in, &nbytes);
    return object && spec_load(spec, object, nbytes, symbol, error, sizeof error);
}

bool cache_load(const CachePlace *place, Dispatcher *d, Spec *spec) {
    Text path = {0};
    CacheFile file;
    hl_text_printf(&path, "%s/%s", place->folder.data, place->name.data);
    bool good = cachefile_read(path.data, &file);
    if (good) {
        good = fill(place, &(Reader){file.data, file.data + file.nbytes}, d, spec);
        if (good) spec->keep = Py_XNewRef(place->arrays);
        free(file.data);
    }
    hl_text_free(&path);
    return good;
}
