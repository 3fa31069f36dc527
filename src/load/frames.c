/* Unwind information: .eh_frame, so that debuggers, profilers and C++ exceptions of a library find their way
 * through compiled code.
 *
 * libgcc walks the records up to a zero length; an object file has no such end mark, place.c left room for it
 * and the mapping is zeroed. libgcc trusts the records, so their chain is checked here first: each record
 * ends inside the section, each FDE points back to a record that is a CIE.
 */
#include <string.h>

#include "load/internal.h"

extern void __register_frame(void *frames);
extern void __deregister_frame(void *frames);

static uint32_t read_32(const uint8_t *from) {
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

/* Is there a CIE at this offset? Its second word is zero. Offsets before `end` have been walked already. */
static bool is_cie_at(const uint8_t *frames, uint64_t wanted, uint64_t end) {
    for (uint64_t at = 0; at < end; at += 4 + (uint64_t)read_32(frames + at))
        if (at == wanted) return read_32(frames + at + 4) == 0;
    return false;
}

static bool check_frames(const uint8_t *frames, uint64_t nbytes) {
    uint64_t at = 0;
    while (at < nbytes) {
        if (nbytes - at < 4) return false;
        uint32_t length = read_32(frames + at);
        if (length == 0) return true;
        if (length < 8 || length == UINT32_MAX || length > nbytes - at - 4) return false;
        uint32_t back = read_32(frames + at + 4);
        if (back != 0 && (back > at + 4 || !is_cie_at(frames, at + 4 - back, at))) return false;
        at += 4 + (uint64_t)length;
    }
    return true;
}

bool hl_load_find_frames(Loading *l, void **frames) {
    *frames = NULL;
    for (uint32_t i = 0; i < l->object.nsections; i++) {
        if (!l->sections[i].is_loaded || strcmp(hl_load_section_name(&l->object, i), ".eh_frame") != 0)
            continue;
        uint8_t *start = l->base + l->sections[i].offset;
        if (*frames || !check_frames(start, l->object.sections[i].sh_size))
            return hl_load_fail(l, "damaged unwind information");
        if (l->object.sections[i].sh_size >= 4 && read_32(start) != 0) *frames = start;
    }
    return true;
}

void hl_load_register_frames(void *frames) {
    if (!frames) return;
    hl_fork_hold();
    __register_frame(frames);
    hl_fork_release();
}

void hl_load_deregister_frames(void *frames) {
    if (!frames) return;
    hl_fork_hold();
    __deregister_frame(frames);
    hl_fork_release();
}
