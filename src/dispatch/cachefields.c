/* The content of a cache file: fields, each a length and bytes. What does not fit is no field: nothing is read beyond the end. */
#include "dispatch/cache.h"

#include <stdlib.h>
#include <string.h>

void put_field(Text *out, const void *data, size_t nbytes) {
    uint64_t len = nbytes;
    hl_text_append(out, (const char *)&len, sizeof len);
    hl_text_append(out, data, nbytes);
}

void put_text(Text *out, const char *text) {
    put_field(out, text, strlen(text) + 1);
}

const void *take_field(Reader *in, size_t *nbytes) {
    uint64_t len;
    if ((size_t)(in->end - in->p) < sizeof len) return NULL;
    memcpy(&len, in->p, sizeof len);
    const unsigned char *data = in->p + sizeof len;
    if (len > (size_t)(in->end - data)) return NULL;
    in->p = data + len;
    *nbytes = len;
    return data;
}

bool take_into(Reader *in, void *to, size_t nbytes) {
    size_t have;
    const void *data = take_field(in, &have);
    if (!data || have != nbytes) return false;
    memcpy(to, data, nbytes);
    return true;
}

void *take_array(Reader *in, uint32_t n, size_t item) {
    if (n > (size_t)(in->end - in->p)) return NULL;
    return calloc((size_t)n + 1, item);
}

const char *take_text(Reader *in) {
    size_t nbytes;
    const char *text = take_field(in, &nbytes);
    return text && nbytes && !text[nbytes - 1] ? text : NULL;
}

const Type *take_type(Reader *in) {
    const char *text = take_text(in);
    const Type *type = text ? hl_type_parse(&text) : NULL;
    return type && !*text ? type : NULL;
}

bool has_address(const Type *type) {
    bool has = type->kind == TY_OBJECT_CONST || (type->kind == TY_TUPLE && type->object);
    for (uint32_t i = 0; i < type->nargs; i++)
        has |= has_address(type->args[i]);
    return has;
}
