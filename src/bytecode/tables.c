/* tables: the location table and the exception table of a code object, unpacked for every code unit at once.
 *
 * PyCode_Addr2Location walks the table from its start for each question; one walk for all is linear. The
 * formats are CPython's Objects/locations.md and exception_handling_notes.txt, the same from 3.11 to 3.13.
 */
#include "bytecode/internal.h"

typedef struct Bytes {
    const uint8_t *at, *end;
} Bytes;

static Bytes bytes_of(PyObject *object) {
    const uint8_t *data = (const uint8_t *)PyBytes_AS_STRING(object);
    return (Bytes){data, data + PyBytes_GET_SIZE(object)};
}

static uint32_t next_byte(Bytes *bytes) {
    return bytes->at < bytes->end ? *bytes->at++ : 0;
}

/* ---- locations: 6 bits a byte, lowest first ------------------------------------------------------------ */

static uint32_t location_varint(Bytes *bytes) {
    uint32_t byte = next_byte(bytes), value = byte & 63;
    for (uint32_t shift = 6; byte & 64 && shift < 32; shift += 6) {
        byte = next_byte(bytes);
        value |= (byte & 63) << shift;
    }
    return value;
}

static int32_t location_svarint(Bytes *bytes) {
    uint32_t value = location_varint(bytes);
    return value & 1 ? -(int32_t)(value >> 1) : (int32_t)(value >> 1);
}

enum { LOCATION_ONE_LINE = 10, LOCATION_NO_COLUMNS = 13, LOCATION_LONG = 14, LOCATION_NONE = 15 };

/* Reads one entry of the given kind; *line is the running line. Columns that are not known are 0. */
static Loc location_entry(Bytes *bytes, uint32_t kind, int32_t *line) {
    if (kind == LOCATION_NONE) return (Loc){0};
    if (kind == LOCATION_LONG || kind == LOCATION_NO_COLUMNS) *line += location_svarint(bytes);
    Loc loc = {.line = *line, .end_line = *line};
    if (kind == LOCATION_LONG) {
        loc.end_line += (int32_t)location_varint(bytes);
        loc.col = (int32_t)location_varint(bytes) - 1;
        loc.end_col = (int32_t)location_varint(bytes) - 1;
    } else if (kind >= LOCATION_ONE_LINE && kind < LOCATION_NO_COLUMNS) {
        *line += (int32_t)kind - LOCATION_ONE_LINE;
        loc.line = loc.end_line = *line;
        loc.col = (int32_t)next_byte(bytes);
        loc.end_col = (int32_t)next_byte(bytes);
    } else if (kind < LOCATION_ONE_LINE) {
        uint32_t byte = next_byte(bytes);
        loc.col = (int32_t)(kind << 3 | byte >> 4);
        loc.end_col = loc.col + (int32_t)(byte & 15);
    }
    return loc;
}

void hl_bc_locations(PyCodeObject *code, Loc *locs, uint32_t nunits) {
    Bytes bytes = bytes_of(code->co_linetable);
    int32_t line = code->co_firstlineno;
    for (uint32_t unit = 0; unit < nunits && bytes.at < bytes.end;) {
        uint32_t head = next_byte(&bytes);
        Loc loc = location_entry(&bytes, head >> 3 & 15, &line);
        for (uint32_t n = (head & 7) + 1; n > 0 && unit < nunits; n--)
            locs[unit++] = loc;
    }
}

/* ---- protected ranges: 6 bits a byte, highest first ---------------------------------------------------- */

static uint32_t exception_varint(Bytes *bytes) {
    uint32_t byte = next_byte(bytes), value = byte & 63;
    while (byte & 64 && bytes->at < bytes->end) {
        byte = next_byte(bytes);
        value = value << 6 | (byte & 63);
    }
    return value;
}

void hl_bc_protection(PyCodeObject *code, Protection *protections, uint32_t nunits) {
    for (uint32_t unit = 0; unit < nunits; unit++)
        protections[unit] = (Protection){.handler = BC_NONE};
    Bytes bytes = bytes_of(code->co_exceptiontable);
    while (bytes.at < bytes.end) {
        uint32_t first = exception_varint(&bytes), size = exception_varint(&bytes);
        uint32_t handler = exception_varint(&bytes), depth = exception_varint(&bytes);
        for (uint32_t unit = first; unit < first + size && unit < nunits; unit++)
            protections[unit] = (Protection){handler, depth >> 1, depth & 1};
    }
}
