/* lower: typed SSA to LLVM IR, one to one, and from there to the object through machine/.
 *
 * Needs every whole-array operation (`ew`, `ew.assign`) turned into loops by opt/; what opt/ leaves is
 * translated without any cleverness, because LLVM's passes follow.
 */
#ifndef HL_LOWER_H
#define HL_LOWER_H

#include "compile.h"

/* The backend of compile.h; found by this name when libhotloop-llvm.so is opened. */
HL_API const Backend *hl_llvm_backend(void);

#endif
