/* LLVM's target, pass pipeline and object emission. C API only. */
#ifndef HL_MACHINE_H
#define HL_MACHINE_H

void hl_machine_init(void);

#endif
