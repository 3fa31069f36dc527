/* The handlers of known.def, declared from the table; and the selectors its rows use. */
#ifndef HL_INFER_KNOWN_H
#define HL_INFER_KNOWN_H

#include "runtime/runtime.h"

enum { CREATE_EMPTY, CREATE_ZEROS, CREATE_ONES };

#define KNOWN(name, handler, data) Val handler(Builder *b, const Args *args, int64_t selector);
#include "infer/known.def"
#undef KNOWN

#endif
