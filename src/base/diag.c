/* diag: the one error a compilation ends with, its place, and the reasons with places of their own. Later
 * errors are dropped: they are mostly consequences of the first. The texts are rows of diag.def. */
#include "base/base.h"

#include <string.h>

static const DiagInfo infos[DIAG_COUNT] = {
#define DIAG(name, id, class_name, text, hint) {#name, id, class_name, text, hint},
#include "base/diag.def"
#undef DIAG
};

const DiagInfo *hl_diag_info(DiagId id) {
    return &infos[id];
}

const char *hl_article(const char *noun) {
    return *noun && strchr("aeiouAEIOU", *noun) ? "an" : "a";
}

static const char *format_in(Arena *arena, const char *format, va_list args) {
    Text text = {0};
    hl_text_vprintf(&text, format, args);
    const char *copy = hl_arena_strdup(arena, text.data);
    hl_text_free(&text);
    return copy;
}

void hl_diag_vset(Arena *arena, Diagnostic *diag, DiagId id, const char *file, const char *function, Loc loc,
                  va_list args) {
    if (diag->set) return;
    *diag = (Diagnostic){.set = true, .id = id, .file = file, .function = function, .loc = loc};
    diag->text = format_in(arena, infos[id].text, args);
}

void hl_diag_set(Arena *arena, Diagnostic *diag, DiagId id, const char *file, const char *function, Loc loc,
                 ...) {
    va_list args;
    va_start(args, loc);
    hl_diag_vset(arena, diag, id, file, function, loc, args);
    va_end(args);
}

void hl_diag_note(Arena *arena, Diagnostic *diag, const char *file, Loc loc, const char *format, ...) {
    va_list args;
    va_start(args, format);
    DiagNote note = {loc, file, format_in(arena, format, args)};
    va_end(args);
    hl_push(arena, &diag->notes, note);
}
