/* text: a string that grows by doubling; always NUL-terminated once something was written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static void reserve(Text *text, size_t more) {
    size_t wanted = text->len + more + 1;
    if (wanted <= text->cap) return;
    size_t cap = text->cap ? text->cap * 2 : 128;
    if (cap < wanted) cap = wanted;
    text->data = hl_memory_grow(text->data, text->len, cap);
    text->cap = cap;
}

void hl_text_append(Text *text, const char *data, size_t len) {
    reserve(text, len);
    if (len) memcpy(text->data + text->len, data, len);
    text->len += len;
    text->data[text->len] = 0;
}

void hl_text_vprintf(Text *text, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    reserve(text, 64);
    size_t room = text->cap - text->len;
    int len = vsnprintf(text->data + text->len, room, format, args);
    if (len >= 0 && (size_t)len >= room) {
        reserve(text, (size_t)len);
        vsnprintf(text->data + text->len, (size_t)len + 1, format, again);
    }
    va_end(again);
    if (len > 0) text->len += (size_t)len;
}

void hl_text_printf(Text *text, const char *format, ...) {
    va_list args;
    va_start(args, format);
    hl_text_vprintf(text, format, args);
    va_end(args);
}

void hl_text_free(Text *text) {
    hl_memory_free(text->data);
    *text = (Text){0};
}

void hl_text_quote(Text *text, const char *data, size_t len) {
    hl_text_append(text, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c < 0x20 || c >= 0x7f)
            hl_text_printf(text, "\\x%02x", c);
        else
            hl_text_printf(text, c == '"' || c == '\\' ? "\\%c" : "%c", c);
    }
    hl_text_append(text, "\"", 1);
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character behind a backslash at *p, which moves past it; -1 when it is none. */
static int unescape(const char **p) {
    const char *s = *p;
    *p = s + 1;
    if (s[0] == '"' || s[0] == '\\') return s[0];
    if (s[0] != 'x' || hex_digit(s[1]) < 0 || hex_digit(s[2]) < 0) return -1;
    *p = s + 3;
    return hex_digit(s[1]) * 16 + hex_digit(s[2]);
}

bool hl_text_unquote(Text *text, const char **source) {
    const char *p = *source;
    if (*p++ != '"') return false;
    hl_text_append(text, "", 0);
    while (*p && *p != '"') {
        int c = (unsigned char)*p++;
        if (c == '\\' && (c = unescape(&p)) < 0) return false;
        hl_text_append(text, &(char){(char)c}, 1);
    }
    if (*p != '"') return false;
    *source = p + 1;
    return true;
}
